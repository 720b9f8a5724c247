package io.weir.event;

/**
 * Takes the parts of one event as {@link EventReader} comes by them, in the order of the event. The bytes that are handed
 * over are valid during the call only.
 */
public interface EventHandler {

    /** A text field; unescaped UTF-8. */
    void text(Field field, byte[] buffer, int offset, int length);

    /** {@code timestamp} and {@code received_at} in milliseconds since the epoch, {@code status_code}, {@code bytes}. */
    void number(Field field, long value);

    /** {@code latency_ms}. */
    void number(Field field, double value);

    /** {@code is_bot}. */
    void flag(Field field, boolean value);

    /** One member of {@code measurements}; the name is unescaped UTF-8, the value finite. */
    void measurement(byte[] nameBuffer, int nameOffset, int nameLength, double value);

    /** One member of {@code attributes}, or an unknown top-level field: unescaped name, value as it stands in the JSON. */
    void attribute(
            byte[] nameBuffer, int nameOffset, int nameLength, byte[] valueBuffer, int valueOffset, int valueLength);
}
