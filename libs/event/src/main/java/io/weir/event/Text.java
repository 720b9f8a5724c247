package io.weir.event;

/** What the contract asks of UTF-8 text. */
final class Text {

    private Text() {}

    static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    /** Unicode's control characters: U+0000 to U+001F and U+007F to U+009F. */
    static boolean holdsControl(byte[] buffer, int offset, int length) {
        for (int at = offset, to = offset + length; at < to; at++) {
            byte c = buffer[at];
            if ((c >= 0 && c < ' ') || c == 0x7F || (c == (byte) 0xC2 && buffer[at + 1] < (byte) 0xA0)) {
                return true;
            }
        }
        return false;
    }

    static boolean isSlug(byte[] buffer, int offset, int length) {
        if (length == 0 || buffer[offset] < 'a' || buffer[offset] > 'z') {
            return false;
        }
        for (int at = offset + 1, to = offset + length; at < to; at++) {
            byte c = buffer[at];
            if (!(c >= 'a' && c <= 'z') && !isDigit(c) && c != '_' && c != '.' && c != '-') {
                return false;
            }
        }
        return true;
    }

    /** U+0000 to U+001F, which stand in a JSON string only as escapes. */
    static boolean holdsEscapedControl(byte[] buffer, int offset, int length) {
        for (int at = offset, to = offset + length; at < to; at++) {
            if (buffer[at] >= 0 && buffer[at] < ' ') {
                return true;
            }
        }
        return false;
    }
}
