package io.weir.warehouse.block;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing array of bytes, that columns keep their texts in. */
final class Bytes {

    private static final int KEEP = 1 << 22;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long QUOTES = 0x2222222222222222L;
    private static final long BACKSLASHES = 0x5c5c5c5c5c5c5c5cL;

    byte[] array = new byte[256];
    int size;

    /** Appends, and gives where. */
    int append(byte[] bytes, int offset, int length) {
        room(length);
        int start = size;
        System.arraycopy(bytes, offset, array, start, length);
        size = start + length;
        return start;
    }

    void append(int value) {
        room(1);
        array[size++] = (byte) value;
    }

    void room(int more) {
        if (array.length - size < more) {
            array = Arrays.copyOf(array, Math.max(Math.addExact(size, more), array.length + (array.length >> 1)));
        }
    }

    /** Forgets all; what one large batch has needed is not kept for ever. */
    void clear() {
        if (array.length > KEEP && size < array.length / 4) {
            array = new byte[Math.max(256, size)];
        }
        size = 0;
    }

    /** Where the next quote or backslash is, eight bytes at a time: there must be one. */
    static int quoteOrBackslash(byte[] bytes, int from) {
        int at = from;
        for (; at + 8 <= bytes.length; at += 8) {
            long word = (long) LONG.get(bytes, at);
            long found = zeroBytes(word ^ QUOTES) | zeroBytes(word ^ BACKSLASHES);
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        return at;
    }

    /** The highest bit of the lowest byte that is zero is set; those above it may be wrong. */
    private static long zeroBytes(long word) {
        return word - 0x0101010101010101L & ~word & 0x8080808080808080L;
    }

    static int hash(byte[] bytes, int offset, int length) {
        long hash = length * 0x9e3779b97f4a7c15L;
        int at = offset;
        int end = offset + length;
        for (; at + 8 <= end; at += 8) {
            hash = (hash ^ (long) LONG.get(bytes, at)) * 0x9e3779b97f4a7c15L;
            hash ^= hash >>> 32;
        }
        long tail = 0;
        for (; at < end; at++) {
            tail = tail << 8 | bytes[at] & 0xff;
        }
        hash = (hash ^ tail) * 0x9e3779b97f4a7c15L;
        return (int) (hash ^ hash >>> 32);
    }

    static boolean same(byte[] a, int aOffset, int aLength, byte[] b, int bOffset, int bLength) {
        return Arrays.equals(a, aOffset, aOffset + aLength, b, bOffset, bOffset + bLength);
    }
}
