package io.weir.emulator;

import java.nio.charset.StandardCharsets;

/**
 * Ids that the producer gives its events: {@code <prefix>-<twelve digits>}, the digits being the event's number. So what
 * was sent can be compared with what was stored.
 */
public final class EventIds {

    private static final int DIGITS = 12;
    private static final int LONGEST = 64;

    private final byte[] prefix;

    /** @throws IllegalArgumentException if an id would be longer than the 64 characters of the event contract */
    public EventIds(String prefix) {
        if (!prefix.matches("[A-Za-z0-9_.-]+") || prefix.length() + 1 + DIGITS > LONGEST) {
            throw new IllegalArgumentException(
                    "An id prefix has 1 to 51 letters, digits, '_', '.' or '-', but this is: " + prefix);
        }
        this.prefix = (prefix + '-').getBytes(StandardCharsets.US_ASCII);
    }

    /** The bytes of every id. */
    public int width() {
        return prefix.length + DIGITS;
    }

    /** Writes the id of event number {@code sequence}. */
    public void write(byte[] into, int at, long sequence) {
        System.arraycopy(prefix, 0, into, at, prefix.length);
        Slots.digits(into, at + prefix.length, DIGITS, sequence);
    }
}
