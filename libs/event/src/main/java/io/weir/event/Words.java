package io.weir.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight bytes at a time: the searches that the readers share. */
final class Words {
    static final long ONES = 0x0101010101010101L;
    static final long HIGHS = 0x8080808080808080L;
    static final long QUOTES = ONES * '"';
    static final long BACKSLASHES = ONES * '\\';
    static final long SPACES = ONES * ' ';
    static final long NEWLINES = ONES * '\n';

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Words() {}

    /** The eight bytes from {@code at}, the first one lowest. */
    static long at(byte[] buffer, int at) {
        return (long) LONGS.get(buffer, at);
    }

    /** Marks the high bit of each zero byte; exact up to and including the first one. */
    static long zeros(long word) {
        return (word - ONES) & ~word & HIGHS;
    }

    /** Index of the first marked byte of a mask that {@link #zeros} or the like gave. */
    static int first(long mask) {
        return Long.numberOfTrailingZeros(mask) >>> 3;
    }

    /** Index of the first {@code wanted} in {@code [from, to)}, or -1. */
    static int indexOf(byte[] buffer, int from, int to, byte wanted) {
        long pattern = wanted * ONES;
        int at = from;
        for (int last = to - 8; at <= last; at += 8) {
            long hits = zeros(at(buffer, at) ^ pattern);
            if (hits != 0) {
                return at + first(hits);
            }
        }
        for (; at < to; at++) {
            if (buffer[at] == wanted) {
                return at;
            }
        }
        return -1;
    }
}
