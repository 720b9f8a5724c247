package io.weir.processor.enrich.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growable byte buffer that is used again and again, so that the text of one field needs no object of its own.
 *
 * <p>Not thread-safe. {@link #array()} is valid until the next append.
 */
public final class ByteBuilder {
    private byte[] bytes;
    private int size;

    /** @param capacity bytes that fit before the buffer grows for the first time */
    public ByteBuilder(int capacity) {
        bytes = new byte[capacity];
    }

    /** Empties the buffer and keeps its memory. */
    public ByteBuilder clear() {
        size = 0;
        return this;
    }

    public ByteBuilder append(int value) {
        ensureRoomFor(1);
        bytes[size++] = (byte) value;
        return this;
    }

    public ByteBuilder append(byte[] source, int offset, int length) {
        ensureRoomFor(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
        return this;
    }

    public ByteBuilder append(byte[] source) {
        return append(source, 0, source.length);
    }

    /** Appends text that is known to be ASCII, a character a byte. */
    public ByteBuilder appendAscii(String text) {
        int length = text.length();
        ensureRoomFor(length);
        for (int i = 0; i < length; i++) {
            bytes[size++] = (byte) text.charAt(i);
        }
        return this;
    }

    /** Appends a number in decimal. */
    public ByteBuilder appendNumber(long value) {
        return appendAscii(Long.toString(value));
    }

    /** Cuts the buffer back to its first {@code newSize} bytes. */
    public ByteBuilder truncate(int newSize) {
        if (newSize < 0 || newSize > size) {
            throw new IndexOutOfBoundsException(newSize + " is outside 0.." + size);
        }
        size = newSize;
        return this;
    }

    /** The memory behind the buffer; only its first {@link #size()} bytes mean something. */
    public byte[] array() {
        return bytes;
    }

    public int size() {
        return size;
    }

    /** A copy of exactly what was appended. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, size, StandardCharsets.UTF_8);
    }

    private void ensureRoomFor(int more) {
        int needed = Math.addExact(size, more);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length * 2));
        }
    }
}
