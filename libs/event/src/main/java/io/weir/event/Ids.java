package io.weir.event;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * UUIDs of version 7 (RFC 9562): 48 bits of milliseconds, then a counter that rises within the process, then random bits.
 * They sort by time of creation within a process. They are unique, not secret.
 */
public final class Ids {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int LENGTH = 36;

    private static final SplittableRandom RANDOM = new SplittableRandom();
    private static long lastMillis;
    private static int counter;

    private Ids() {}

    /** A new id in its 36-character form. */
    public static String uuid7() {
        byte[] text = new byte[LENGTH];
        uuid7(text, 0);
        return new String(text, StandardCharsets.US_ASCII);
    }

    /** Writes a new id as 36 ASCII characters at that place. */
    public static void uuid7(byte[] into, int offset) {
        long millis = System.currentTimeMillis();
        long low;
        int count;
        synchronized (RANDOM) {
            if (millis > lastMillis) {
                lastMillis = millis;
                counter = RANDOM.nextInt(0x800);
            } else if (++counter > 0xfff) {
                // More than the counter holds within a millisecond, or the clock went back: borrow from the next one.
                lastMillis++;
                counter = 0;
            }
            millis = lastMillis;
            count = counter;
            low = RANDOM.nextLong();
        }
        long high = millis << 16 | 0x7000 | count;
        low = low & 0x3fffffffffffffffL | 0x8000000000000000L;
        int at = hex(high, 60, 8, into, offset);
        into[at++] = '-';
        at = hex(high, 28, 4, into, at);
        into[at++] = '-';
        at = hex(high, 12, 4, into, at);
        into[at++] = '-';
        at = hex(low, 60, 4, into, at);
        into[at++] = '-';
        hex(low, 44, 12, into, at);
    }

    private static int hex(long value, int firstShift, int count, byte[] into, int offset) {
        for (int i = 0; i < count; i++) {
            into[offset + i] = HEX[(int) (value >>> firstShift - 4 * i) & 0xf];
        }
        return offset + count;
    }
}
