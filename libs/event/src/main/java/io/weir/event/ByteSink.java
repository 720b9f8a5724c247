package io.weir.event;

import java.util.Arrays;

/** A growing array of bytes that is used again and again. */
public final class ByteSink {

    private byte[] bytes = new byte[4096];
    private int size;

    /** The bytes written so far stand at its start; the array changes as it grows. */
    public byte[] array() {
        return bytes;
    }

    public int size() {
        return size;
    }

    /** Forgets what was written. */
    public void reset() {
        size = 0;
    }

    /** What was written, as an array of its own. */
    public byte[] copy() {
        return Arrays.copyOf(bytes, size);
    }

    public void write(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    public void write(byte[] from, int offset, int length) {
        room(length);
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
    }

    void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
        }
    }

    void size(int newSize) {
        size = newSize;
    }
}
