package io.weir.event;

import java.util.Arrays;

/** The part of an event or line that came with earlier chunks. */
final class HeldBytes {
    private byte[] array = new byte[0];
    private int size;

    byte[] array() {
        return array;
    }

    int size() {
        return size;
    }

    void add(byte[] bytes, int from, int length) {
        if (array.length - size < length) {
            array = Arrays.copyOf(array, Math.max(size + length, Math.max(1024, array.length * 2)));
        }
        System.arraycopy(bytes, from, array, size, length);
        size += length;
    }

    void clear() {
        size = 0;
    }
}
