package io.weir.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads JSON (RFC 8259) tokens from a byte array, strictly, in one pass and without allocating. It accepts exactly what the
 * grammar says, in valid UTF-8, and no lone surrogate escapes, which UTF-8 cannot hold.
 */
final class JsonScanner {

    /** Carries a rejection from where it is noticed to {@link EventReader#read}; has no stack trace and is thrown rarely. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final transient Rejection rejection;

        Refused(Rejection rejection) {
            super(rejection.detail(), null, false, false);
            this.rejection = rejection;
        }
    }

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final double[] POWERS_OF_TEN = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private byte[] buffer = new byte[0];
    private int start;
    private int end;
    private int position;

    /** The last string, unescaped: in the input where it has no escapes, in scratch space otherwise. */
    byte[] text = buffer;

    int textOffset;
    int textLength;

    /** Whether the last string holds a character below U+0020 or U+007F. */
    boolean textHasControl;

    private byte[] scratch = new byte[256];

    /** The last number: exact if it is integral and fits. */
    boolean integral;

    long longValue;
    double doubleValue;

    void reset(byte[] input, int offset, int length) {
        buffer = input;
        start = offset;
        position = offset;
        end = offset + length;
    }

    int position() {
        return position;
    }

    byte[] buffer() {
        return buffer;
    }

    Refused refused(Reason reason, String detail) {
        return new Refused(new Rejection(reason, null, detail, position - start));
    }

    Refused refused(Reason reason, String field, String detail) {
        return new Refused(new Rejection(reason, field, detail, position - start));
    }

    private Refused unexpected(String wanted) {
        if (position >= end) {
            return refused(Reason.MALFORMED_JSON, "the JSON ends where " + wanted + " should stand");
        }
        return refused(Reason.MALFORMED_JSON, "expected " + wanted);
    }

    /** The next byte that is not white space, without taking it; -1 at the end. */
    int peek() {
        while (position < end) {
            byte b = buffer[position];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return b & 0xff;
            }
            position++;
        }
        return -1;
    }

    boolean take(char wanted) {
        if (peek() == wanted) {
            position++;
            return true;
        }
        return false;
    }

    void expect(char wanted) {
        if (!take(wanted)) {
            throw unexpected("'" + wanted + "'");
        }
    }

    void expectEnd() {
        if (peek() >= 0) {
            throw refused(Reason.MALFORMED_JSON, "bytes after the end of the event");
        }
    }

    /** Takes {@code null} if it is next. */
    boolean takeNull() {
        if (peek() != 'n') {
            return false;
        }
        literal("null");
        return true;
    }

    boolean takeBoolean() {
        if (peek() == 't') {
            literal("true");
            return true;
        }
        literal("false");
        return false;
    }

    private void literal(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (position + i >= end || buffer[position + i] != word.charAt(i)) {
                throw refused(Reason.MALFORMED_JSON, "expected a value");
            }
        }
        position += word.length();
    }

    /** Reads a string into {@link #text}. */
    void string() {
        expect('"');
        int from = position;
        int i = from;
        boolean control = false;
        byte[] bytes = buffer;
        while (true) {
            // Eight bytes at a time while there is nothing but plain ASCII.
            while (i + 8 <= end) {
                long word = (long) WORD.get(bytes, i);
                long quote = word ^ (ONES * '"');
                long backslash = word ^ (ONES * '\\');
                long special = (word - ONES * 0x20) | (quote - ONES) | (backslash - ONES) | word | (word + ONES);
                if ((special & HIGHS) != 0) {
                    break;
                }
                i += 8;
            }
            if (i >= end) {
                position = i;
                throw refused(Reason.MALFORMED_JSON, "a string does not end");
            }
            byte b = bytes[i];
            if (b == '"') {
                text = bytes;
                textOffset = from;
                textLength = i - from;
                textHasControl = control;
                position = i + 1;
                return;
            }
            if (b == '\\') {
                escaped(from, i, control);
                return;
            }
            if (b < 0) {
                i += multibyte(i);
            } else if (b < 0x20) {
                position = i;
                throw refused(Reason.MALFORMED_JSON, "a control character in a string is not escaped");
            } else {
                control |= b == 0x7f;
                i++;
            }
        }
    }

    /** The length of the valid UTF-8 sequence of two bytes or more at that place. */
    private int multibyte(int at) {
        int first = buffer[at] & 0xff;
        int second = at + 1 < end ? buffer[at + 1] & 0xff : 0;
        int length;
        boolean valid;
        if (first >= 0xc2 && first <= 0xdf) {
            length = 2;
            valid = (second & 0xc0) == 0x80;
        } else if (first >= 0xe0 && first <= 0xef) {
            length = 3;
            valid = (second & 0xc0) == 0x80
                    && (first != 0xe0 || second >= 0xa0)
                    && (first != 0xed || second < 0xa0)
                    && continues(at + 2);
        } else if (first >= 0xf0 && first <= 0xf4) {
            length = 4;
            valid = (second & 0xc0) == 0x80
                    && (first != 0xf0 || second >= 0x90)
                    && (first != 0xf4 || second < 0x90)
                    && continues(at + 2)
                    && continues(at + 3);
        } else {
            length = 1;
            valid = false;
        }
        if (!valid) {
            position = at;
            throw refused(Reason.INVALID_UTF8, "the bytes are not UTF-8");
        }
        return length;
    }

    private boolean continues(int at) {
        return at < end && (buffer[at] & 0xc0) == 0x80;
    }

    private void escaped(int from, int firstBackslash, boolean controlBefore) {
        int most = end - from;
        if (scratch.length < most) {
            scratch = new byte[Math.max(most, 2 * scratch.length)];
        }
        byte[] out = scratch;
        int length = firstBackslash - from;
        System.arraycopy(buffer, from, out, 0, length);
        boolean control = controlBefore;
        int i = firstBackslash;
        while (true) {
            if (i >= end) {
                position = i;
                throw refused(Reason.MALFORMED_JSON, "a string does not end");
            }
            byte b = buffer[i];
            if (b == '"') {
                text = out;
                textOffset = 0;
                textLength = length;
                textHasControl = control;
                position = i + 1;
                return;
            }
            if (b == '\\') {
                int escape = i + 1 < end ? buffer[i + 1] : -1;
                int code =
                        switch (escape) {
                            case '"', '\\', '/' -> escape;
                            case 'b' -> '\b';
                            case 'f' -> '\f';
                            case 'n' -> '\n';
                            case 'r' -> '\r';
                            case 't' -> '\t';
                            case 'u' -> hex(i + 2);
                            default -> {
                                position = i;
                                throw refused(Reason.MALFORMED_JSON, "an escape that JSON does not have");
                            }
                        };
                i += escape == 'u' ? 6 : 2;
                if (code >= 0xd800 && code <= 0xdfff) {
                    int low = code <= 0xdbff && i + 1 < end && buffer[i] == '\\' && buffer[i + 1] == 'u'
                            ? hex(i + 2)
                            : -1;
                    if (low < 0xdc00 || low > 0xdfff) {
                        position = i;
                        throw refused(Reason.INVALID_UTF8, "an escape is half of a surrogate pair");
                    }
                    code = Character.toCodePoint((char) code, (char) low);
                    i += 6;
                }
                control |= code < 0x20 || code == 0x7f;
                length = Utf8.encode(code, out, length);
            } else if (b < 0) {
                int sequence = multibyte(i);
                System.arraycopy(buffer, i, out, length, sequence);
                length += sequence;
                i += sequence;
            } else if (b < 0x20) {
                position = i;
                throw refused(Reason.MALFORMED_JSON, "a control character in a string is not escaped");
            } else {
                control |= b == 0x7f;
                out[length++] = b;
                i++;
            }
        }
    }

    private int hex(int at) {
        int value = 0;
        for (int i = at; i < at + 4; i++) {
            int digit = i < end ? Character.digit(buffer[i], 16) : -1;
            if (digit < 0) {
                position = Math.min(at, end);
                throw refused(Reason.MALFORMED_JSON, "\\u is not followed by four hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** Reads a number into {@link #doubleValue} and, if it is integral and fits, {@link #longValue}. */
    void number() {
        peek();
        int from = position;
        int i = from;
        boolean negative = i < end && buffer[i] == '-';
        if (negative) {
            i++;
        }
        int digitsFrom = i;
        long mantissa = 0;
        int digits = 0;
        while (i < end && isDigit(buffer[i])) {
            if (digits < 18) {
                mantissa = mantissa * 10 + (buffer[i] - '0');
            }
            if (mantissa > 0 || digits > 0) {
                digits++;
            }
            i++;
        }
        int wholeDigits = i - digitsFrom;
        if (wholeDigits == 0 || wholeDigits > 1 && buffer[digitsFrom] == '0') {
            position = i;
            throw unexpected(wholeDigits == 0 ? "a value" : "a number without leading zeros");
        }
        boolean whole = true;
        int scale = 0;
        if (i < end && buffer[i] == '.') {
            whole = false;
            int fractionFrom = ++i;
            while (i < end && isDigit(buffer[i])) {
                if (digits < 18) {
                    mantissa = mantissa * 10 + (buffer[i] - '0');
                    scale--;
                }
                if (mantissa > 0) {
                    digits++;
                }
                i++;
            }
            if (i == fractionFrom) {
                position = i;
                throw unexpected("a digit");
            }
        }
        int exponent = 0;
        if (i < end && (buffer[i] == 'e' || buffer[i] == 'E')) {
            whole = false;
            i++;
            boolean minus = i < end && buffer[i] == '-';
            if (i < end && (buffer[i] == '-' || buffer[i] == '+')) {
                i++;
            }
            int exponentFrom = i;
            while (i < end && isDigit(buffer[i])) {
                exponent = Math.min(100_000, exponent * 10 + (buffer[i] - '0'));
                i++;
            }
            if (i == exponentFrom) {
                position = i;
                throw unexpected("a digit");
            }
            exponent = minus ? -exponent : exponent;
        }
        position = i;
        int power = scale + exponent;
        if (digits <= 18 && mantissa < 1L << 53 && power >= -22 && power <= 22) {
            // Both are exact as doubles, so one operation rounds correctly (Clinger 1990).
            doubleValue = power < 0 ? mantissa / POWERS_OF_TEN[-power] : mantissa * POWERS_OF_TEN[power];
            doubleValue = negative ? -doubleValue : doubleValue;
        } else {
            doubleValue = Double.parseDouble(new String(buffer, from, i - from, StandardCharsets.US_ASCII));
        }
        integral = whole && digits <= 18;
        if (integral) {
            longValue = negative ? -mantissa : mantissa;
        } else if (doubleValue == Math.rint(doubleValue) && Math.abs(doubleValue) < 1L << 53) {
            integral = true;
            longValue = (long) doubleValue;
        }
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Takes any value; the containers around it are counted in depth. */
    void skip(int depth, int maxDepth) {
        long objects = 0; // one bit for each open container: whether it is an object
        int open = 0;
        while (true) {
            int next = peek();
            if (next == '{' || next == '[') {
                if (depth + open + 1 > maxDepth) {
                    throw refused(Reason.TOO_DEEP, "containers are nested more than " + maxDepth + " deep");
                }
                position++;
                open++;
                boolean object = next == '{';
                objects = objects << 1 | (object ? 1 : 0);
                if (!take(object ? '}' : ']')) {
                    if (object) {
                        string();
                        expect(':');
                    }
                    continue;
                }
                open--;
                objects >>>= 1;
            } else if (next == '"') {
                string();
            } else if (next == 't' || next == 'f') {
                takeBoolean();
            } else if (next == 'n') {
                literal("null");
            } else if (next == '-' || next >= '0' && next <= '9') {
                number();
            } else {
                throw unexpected("a value");
            }
            // A value has ended: close what ends with it, then go to the next member or element.
            while (open > 0) {
                boolean object = (objects & 1) == 1;
                if (take(',')) {
                    if (object) {
                        string();
                        expect(':');
                    }
                    break;
                }
                expect(object ? '}' : ']');
                open--;
                objects >>>= 1;
            }
            if (open == 0) {
                return;
            }
        }
    }

    String textAsString() {
        return new String(text, textOffset, textLength, StandardCharsets.UTF_8);
    }

    byte[] copyOfText() {
        return Arrays.copyOfRange(text, textOffset, textOffset + textLength);
    }
}
