package io.weir.processor.enrich.log;

import io.weir.processor.enrich.text.ByteBuilder;

/** Reads single JSON values that are known to be well-formed. */
final class JsonText {
    private JsonText() {}

    static boolean isString(byte[] b, int from) {
        return b[from] == '"';
    }

    static boolean isNumber(byte[] b, int from) {
        return b[from] == '-' || (b[from] >= '0' && b[from] <= '9');
    }

    /** Appends the text of a string, without its quotes and escapes, as UTF-8; a lone surrogate becomes U+FFFD. */
    static void appendText(byte[] b, int from, int to, ByteBuilder out) {
        int i = from + 1;
        int end = to - 1;
        while (i < end) {
            byte c = b[i++];
            if (c != '\\') {
                out.append(c);
                continue;
            }
            byte escape = b[i++];
            switch (escape) {
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'u' -> {
                    int unit = hex(b, i);
                    i += 4;
                    if (Character.isHighSurrogate((char) unit)
                            && i + 6 <= end
                            && b[i] == '\\'
                            && b[i + 1] == 'u'
                            && Character.isLowSurrogate((char) hex(b, i + 2))) {
                        appendCodePoint(Character.toCodePoint((char) unit, (char) hex(b, i + 2)), out);
                        i += 6;
                    } else {
                        appendCodePoint(Character.isSurrogate((char) unit) ? 0xFFFD : unit, out);
                    }
                }
                default -> out.append(escape);
            }
        }
    }

    private static void appendCodePoint(int codePoint, ByteBuilder out) {
        if (codePoint < 0x80) {
            out.append(codePoint);
        } else if (codePoint < 0x800) {
            out.append(0xC0 | codePoint >> 6).append(0x80 | codePoint & 0x3F);
        } else if (codePoint < 0x10000) {
            out.append(0xE0 | codePoint >> 12)
                    .append(0x80 | codePoint >> 6 & 0x3F)
                    .append(0x80 | codePoint & 0x3F);
        } else {
            out.append(0xF0 | codePoint >> 18)
                    .append(0x80 | codePoint >> 12 & 0x3F)
                    .append(0x80 | codePoint >> 6 & 0x3F)
                    .append(0x80 | codePoint & 0x3F);
        }
    }

    private static int hex(byte[] b, int from) {
        int value = 0;
        for (int i = from; i < from + 4; i++) {
            value = value << 4 | Character.digit(b[i], 16);
        }
        return value;
    }
}
