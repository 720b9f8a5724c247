package io.weir.event;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * UUIDs of version 7 (RFC 9562).
 *
 * <p>Ids of one process ascend strictly, across all its threads, also when the clock is set back: 48 bits of milliseconds
 * and 12 bits of counter are one number that only grows. Under more than 4096 ids a millisecond the time part runs ahead
 * of the clock. The other 62 bits are random from a seed that {@link SecureRandom} gave at start, so ids of two
 * processes do not meet. They are no secrets: who has seen one may guess others.
 */
public final class Ids {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    /** Milliseconds shifted by 12, plus the counter. */
    private static final AtomicLong LAST = new AtomicLong();

    private static final SplittableRandom SEEDS = new SplittableRandom(new SecureRandom().nextLong());

    private static final ThreadLocal<SplittableRandom> RANDOM = ThreadLocal.withInitial(() -> {
        synchronized (SEEDS) {
            return SEEDS.split();
        }
    });

    private Ids() {}

    /** A new id: 36 lower-case characters. */
    @SuppressWarnings("deprecation") // Latin-1 without a decoder: the bytes are ASCII
    public static String uuid7() {
        byte[] text = new byte[36];
        uuid7(text, 0);
        return new String(text, 0, 0, 36);
    }

    /**
     * Writes the 36 ASCII characters of a new id.
     *
     * @throws IndexOutOfBoundsException if {@code into} has fewer than 36 bytes from {@code offset}
     */
    public static void uuid7(byte[] into, int offset) {
        long ticket = next(System.currentTimeMillis());
        long high = (ticket >>> 12) << 16 | 0x7000 | (ticket & 0xfff);
        long low = RANDOM.get().nextLong() >>> 2 | 0x8000000000000000L;
        hex(high >>> 32, 8, into, offset);
        into[offset + 8] = '-';
        hex(high >>> 16, 4, into, offset + 9);
        into[offset + 13] = '-';
        hex(high, 4, into, offset + 14);
        into[offset + 18] = '-';
        hex(low >>> 48, 4, into, offset + 19);
        into[offset + 23] = '-';
        hex(low, 12, into, offset + 24);
    }

    private static long next(long nowMillis) {
        long least = nowMillis << 12;
        for (; ; ) {
            long last = LAST.get();
            long next = Math.max(last + 1, least);
            if (LAST.compareAndSet(last, next)) {
                return next;
            }
        }
    }

    private static void hex(long value, int digits, byte[] into, int offset) {
        for (int i = 0, shift = (digits - 1) * 4; i < digits; i++, shift -= 4) {
            into[offset + i] = HEX[(int) (value >>> shift) & 0xf];
        }
    }
}
