package io.weir.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of bytes that is filled again and again. Not thread-safe. */
public final class ByteSink {

    private byte[] bytes;
    private int size;

    public ByteSink() {
        this(4096);
    }

    ByteSink(int capacity) {
        bytes = new byte[capacity];
    }

    /** The bytes written so far stand at its start; the array changes as it grows. */
    public byte[] array() {
        return bytes;
    }

    public int size() {
        return size;
    }

    /** Forgets what was written and keeps the memory. */
    public void reset() {
        size = 0;
    }

    /** What was written, as an array of its own. */
    public byte[] copy() {
        return Arrays.copyOf(bytes, size);
    }

    /** What was written, as UTF-8 text. */
    @Override
    public String toString() {
        return new String(bytes, 0, size, StandardCharsets.UTF_8);
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

    void write(byte[] from) {
        write(from, 0, from.length);
    }

    /** Appends text as UTF-8; half of a surrogate pair becomes U+FFFD. */
    void text(String text) {
        int length = text.length();
        room(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                encode(text, i);
                return;
            }
            bytes[size++] = (byte) c;
        }
    }

    private void encode(String text, int from) {
        int length = text.length();
        room(3 * (length - from));
        for (int i = from; i < length; i++) {
            char c = text.charAt(i);
            int code = c;
            if (Character.isSurrogate(c)) {
                boolean pair =
                        Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1));
                code = pair ? Character.toCodePoint(c, text.charAt(++i)) : 0xFFFD;
            }
            codePoint(code);
        }
    }

    /** Appends a code point, which is no surrogate, as UTF-8. */
    void codePoint(int code) {
        room(4);
        if (code < 0x80) {
            bytes[size++] = (byte) code;
        } else if (code < 0x800) {
            bytes[size++] = (byte) (0xC0 | code >> 6);
            bytes[size++] = (byte) (0x80 | code & 0x3F);
        } else if (code < 0x10000) {
            bytes[size++] = (byte) (0xE0 | code >> 12);
            bytes[size++] = (byte) (0x80 | code >> 6 & 0x3F);
            bytes[size++] = (byte) (0x80 | code & 0x3F);
        } else {
            bytes[size++] = (byte) (0xF0 | code >> 18);
            bytes[size++] = (byte) (0x80 | code >> 12 & 0x3F);
            bytes[size++] = (byte) (0x80 | code >> 6 & 0x3F);
            bytes[size++] = (byte) (0x80 | code & 0x3F);
        }
    }

    /** Appends the number in decimal. */
    void decimal(long value) {
        if (value == Long.MIN_VALUE) {
            text("-9223372036854775808");
            return;
        }
        if (value < 0) {
            write('-');
        }
        long rest = Math.abs(value);
        int digits = 1;
        for (long more = rest / 10; more != 0; more /= 10) {
            digits++;
        }
        room(digits);
        size += digits;
        int at = size;
        do {
            bytes[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest != 0);
    }

    void room(int more) {
        if (bytes.length - size < more) {
            int wanted = Math.addExact(size, more);
            bytes = Arrays.copyOf(bytes, (int) Math.max(wanted, Math.min(2L * bytes.length, Integer.MAX_VALUE - 8)));
        }
    }
}
