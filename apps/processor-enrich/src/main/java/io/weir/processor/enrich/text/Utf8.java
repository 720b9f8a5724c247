package io.weir.processor.enrich.text;

/**
 * Checks and repairs UTF-8 that comes from outside.
 *
 * <p>Well-formedness is that of Unicode 15, table 3-7 (no overlong forms, no surrogates, nothing above U+10FFFF). Each
 * maximal ill-formed part is replaced by one U+FFFD, as the Unicode standard recommends.
 */
public final class Utf8 {
    private Utf8() {}

    /** Whether every byte is below 0x80. */
    public static boolean isAscii(byte[] bytes, int offset, int length) {
        for (int i = offset, end = offset + length; i < end; i++) {
            if (bytes[i] < 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether the bytes are well-formed UTF-8. */
    public static boolean isWellFormed(byte[] bytes, int offset, int length) {
        int end = offset + length;
        int i = offset;
        while (i < end) {
            if (bytes[i] >= 0) {
                i++;
                continue;
            }
            int step = sequence(bytes, i, end);
            if (step < 0) {
                return false;
            }
            i += step;
        }
        return true;
    }

    /** Whether the bytes are well-formed UTF-8 without control characters (C0, DEL, C1). */
    public static boolean isPrintable(byte[] bytes, int offset, int length) {
        int end = offset + length;
        int i = offset;
        while (i < end) {
            int step = printable(bytes, i, end);
            if (step < 0) {
                return false;
            }
            i += step;
        }
        return true;
    }

    /** Appends the bytes to {@code out} with every ill-formed part replaced by U+FFFD. */
    public static void repair(byte[] bytes, int offset, int length, ByteBuilder out) {
        repair(bytes, offset, length, false, out);
    }

    /** Like {@link #repair}, and with every control character replaced too. */
    public static void makePrintable(byte[] bytes, int offset, int length, ByteBuilder out) {
        repair(bytes, offset, length, true, out);
    }

    private static void repair(byte[] bytes, int offset, int length, boolean printable, ByteBuilder out) {
        int end = offset + length;
        int from = offset;
        int i = offset;
        while (i < end) {
            int step = printable ? printable(bytes, i, end) : bytes[i] >= 0 ? 1 : sequence(bytes, i, end);
            if (step < 0) {
                out.append(bytes, from, i - from);
                out.append(0xEF).append(0xBF).append(0xBD);
                i -= step;
                from = i;
            } else {
                i += step;
            }
        }
        out.append(bytes, from, end - from);
    }

    /** The largest length not above {@code limit} at which well-formed text can be cut without splitting a character. */
    public static int cut(byte[] bytes, int offset, int length, int limit) {
        if (length <= limit) {
            return length;
        }
        int cut = limit;
        while (cut > 0 && (bytes[offset + cut] & 0xC0) == 0x80) {
            cut--;
        }
        return cut;
    }

    /**
     * Appends well-formed UTF-8 as a JSON string with its quotes (RFC 8259, section 7); only what must be escaped is
     * escaped.
     */
    public static void appendJsonString(byte[] bytes, int offset, int length, ByteBuilder out) {
        out.append('"');
        int from = offset;
        int end = offset + length;
        for (int i = offset; i < end; i++) {
            byte b = bytes[i];
            if (b == '"' || b == '\\' || (b >= 0 && b < 0x20)) {
                out.append(bytes, from, i - from);
                from = i + 1;
                out.append('\\');
                switch (b) {
                    case '"', '\\' -> out.append(b);
                    case '\n' -> out.append('n');
                    case '\r' -> out.append('r');
                    case '\t' -> out.append('t');
                    default ->
                        out.append('u')
                                .append('0')
                                .append('0')
                                .append('0' + (b >> 4))
                                .append(hex(b & 15));
                }
            }
        }
        out.append(bytes, from, end - from);
        out.append('"');
    }

    private static int hex(int nibble) {
        return nibble < 10 ? '0' + nibble : 'a' + nibble - 10;
    }

    /** Like {@link #sequence} for any character, with controls counted as ill-formed. */
    private static int printable(byte[] bytes, int i, int end) {
        byte lead = bytes[i];
        if (lead >= 0) {
            return lead < 0x20 || lead == 0x7F ? -1 : 1;
        }
        int step = sequence(bytes, i, end);
        boolean c1 = step == 2 && lead == (byte) 0xC2 && (bytes[i + 1] & 0xFF) < 0xA0;
        return c1 ? -2 : step;
    }

    /**
     * The length of the multi-byte sequence at {@code i}; negative: the length of the ill-formed part that stands there.
     */
    private static int sequence(byte[] bytes, int i, int end) {
        int lead = bytes[i] & 0xFF;
        int length;
        int lowest = 0x80;
        int highest = 0xBF;
        if (lead >= 0xC2 && lead <= 0xDF) {
            length = 2;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            length = 3;
            if (lead == 0xE0) {
                lowest = 0xA0;
            } else if (lead == 0xED) {
                highest = 0x9F;
            }
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            length = 4;
            if (lead == 0xF0) {
                lowest = 0x90;
            } else if (lead == 0xF4) {
                highest = 0x8F;
            }
        } else {
            return -1;
        }
        for (int k = 1; k < length; k++) {
            if (i + k >= end) {
                return -k;
            }
            int next = bytes[i + k] & 0xFF;
            if (next < lowest || next > highest) {
                return -k;
            }
            lowest = 0x80;
            highest = 0xBF;
        }
        return length;
    }
}
