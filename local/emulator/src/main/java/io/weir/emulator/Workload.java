package io.weir.emulator;

/** Makes the events of one kind, one after the other. Not thread-safe; the same seed makes the same events. */
public interface Workload {

    /** The path to which a batch goes, with its query. */
    String path();

    /** The content type of a batch. */
    String contentType();

    /** Upper limit of the bytes of one event, its closing newline included. */
    int maxBytes();

    /**
     * Writes event number {@code sequence}, closed by a newline.
     *
     * @param into has room for {@link #maxBytes()} from {@code at} on
     * @param sequence counts from 0
     * @param epochMillis when the event happens
     * @return its bytes
     */
    int render(byte[] into, int at, long sequence, long epochMillis);

    /** Whether the event that was rendered last is well-formed, as opposed to one that was broken on purpose. */
    default boolean lastWasValid() {
        return true;
    }
}
