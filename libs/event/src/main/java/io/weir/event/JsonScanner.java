package io.weir.event;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Walks JSON (RFC 8259) in a byte array: strictly, in one pass, without recursion and without allocating.
 *
 * <p>The caller holds the place. Methods take the index of the next byte and return the index after what they took, or -1
 * once {@link #refusal} says what is wrong. Beyond RFC 8259 a name must be unique in its object, an escaped surrogate must
 * have its other half, and a number must lie within a double.
 */
final class JsonScanner {
    private static final byte[] NOTHING = new byte[0];
    private static final int MOST_EXACT_POWER = 22;
    private static final long MOST_EXACT_INTEGER = 1L << 53;
    private static final int MOST_DIGITS = 18;
    private static final double[] POWERS_OF_TEN = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private final int maxDepth;

    /** Per open level: the number of its object, or 0 for an array. */
    private final int[] levels;

    private final NameSet names = new NameSet();
    private int objects;

    byte[] buffer = NOTHING;
    private int start;
    int end;

    /** Names with escapes, unescaped; they stay until the next event. */
    private final ByteSink escapedNames = new ByteSink(256);

    /** The last string with escapes, unescaped. */
    private final ByteSink escapedText = new ByteSink(1024);

    /** The string that was read last: a slice of {@link #buffer} if it has no escapes. */
    byte[] text = NOTHING;

    int textOffset;
    int textLength;

    /** Whether the last string had escapes, so that {@link #text} is not {@link #buffer}. */
    boolean textEscaped;

    /** Whether the last number has neither fraction nor exponent and fits into {@link #longValue}. */
    boolean integer;

    long longValue;

    /** The last number if it is not {@link #integer}; finite. */
    double doubleValue;

    @Nullable
    Rejection refusal;

    JsonScanner(int maxDepth) {
        this.maxDepth = maxDepth;
        this.levels = new int[maxDepth + 1];
    }

    /** Begins with another text. */
    void begin(byte[] bytes, int offset, int length) {
        buffer = bytes;
        start = offset;
        end = offset + length;
        objects = 0;
        names.clear();
        escapedNames.reset();
        refusal = null;
    }

    /** Lets go of the text. */
    void release() {
        buffer = NOTHING;
        text = NOTHING;
    }

    /** A number for an object that has begun, for {@link #isNew}. */
    int newObject() {
        return ++objects;
    }

    /** Whether the object has no name yet like the one that was read last; it has then. */
    boolean isNew(int object) {
        return names.add(object, buffer, escapedNames, textEscaped, textOffset, textLength);
    }

    /** Where the bytes of a name are that was read before. */
    byte[] nameBuffer(boolean escaped) {
        return escaped ? escapedNames.array() : buffer;
    }

    int fail(Reason reason, @Nullable String field, String detail, int at) {
        refusal = new Rejection(reason, field, detail, at - start);
        return -1;
    }

    /** Refuses with what was found elsewhere, at that place. */
    int fail(Rejection why, int at) {
        refusal = new Rejection(why.reason(), why.field(), why.detail(), at - start);
        return -1;
    }

    int unexpected(int at, String wanted) {
        return fail(
                Reason.MALFORMED_JSON,
                null,
                at >= end ? "ends where " + wanted + " is due" : "expected " + wanted,
                Math.min(at, end));
    }

    int skipSpace(int from) {
        int at = from;
        byte[] b = buffer;
        int to = end;
        while (at < to) {
            byte c = b[at];
            if (c > ' ' || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) {
                break;
            }
            at++;
        }
        return at;
    }

    int colon(int from) {
        int at = skipSpace(from);
        if (at == end || buffer[at] != ':') {
            return unexpected(at, "a colon");
        }
        return skipSpace(at + 1);
    }

    /** Reads a member's name into {@link #text}. */
    int name(int at) {
        if (at == end || buffer[at] != '"') {
            return unexpected(at, "a name in quotes");
        }
        int after = string(at + 1, escapedNames);
        if (after >= 0 && textEscaped && Text.holdsEscapedControl(text, textOffset, textLength)) {
            return fail(Reason.CONTROL_CHARACTER, null, "a name holds a control character", at);
        }
        return after;
    }

    /** Reads a string, whose opening quote is at {@code at}, into {@link #text}. */
    int string(int at) {
        escapedText.reset();
        return string(at + 1, escapedText);
    }

    /** Reads a string from behind its opening quote; with escapes, it is appended to {@code unescaped}. */
    private int string(int from, ByteSink unescaped) {
        int at = plain(from);
        if (at < 0) {
            return -1;
        }
        if (buffer[at] == '"') {
            text = buffer;
            textOffset = from;
            textLength = at - from;
            textEscaped = false;
            return at + 1;
        }
        int offset = unescaped.size();
        int piece = from;
        while (buffer[at] == '\\') {
            unescaped.write(buffer, piece, at - piece);
            at = unescape(at, unescaped);
            if (at < 0) {
                return -1;
            }
            piece = at;
            at = plain(at);
            if (at < 0) {
                return -1;
            }
        }
        unescaped.write(buffer, piece, at - piece);
        text = unescaped.array();
        textOffset = offset;
        textLength = unescaped.size() - offset;
        textEscaped = true;
        return at + 1;
    }

    /** Index of the next quote or backslash, with all before it checked; or -1. */
    private int plain(int from) {
        byte[] b = buffer;
        int to = end;
        int at = from;
        for (; ; ) {
            int last = to - 8;
            while (at <= last) {
                long word = Words.at(b, at);
                // Below 0x80, byte for byte: zero minus one, or a control character minus a space, sets the high bit.
                // A borrow can only come from a byte that is marked itself, so the first mark is exact.
                long hits = (((word ^ Words.QUOTES) - Words.ONES)
                                | ((word ^ Words.BACKSLASHES) - Words.ONES)
                                | (word - Words.SPACES)
                                | word)
                        & Words.HIGHS;
                if (hits != 0) {
                    at += Words.first(hits);
                    break;
                }
                at += 8;
            }
            if (at >= to) {
                return unexpected(to, "the end of a string");
            }
            byte c = b[at];
            if (c == '"' || c == '\\') {
                return at;
            }
            if (c < 0) {
                int next = utf8(b, at, to);
                if (next < 0) {
                    return fail(Reason.INVALID_UTF8, null, "a string holds bytes that are not UTF-8", at);
                }
                at = next;
            } else if (c < ' ') {
                return fail(Reason.MALFORMED_JSON, null, "a control character in a string must be escaped", at);
            } else {
                at++;
            }
        }
    }

    /** Index after the character that starts with a byte of 0x80 or more, or -1 if it is not UTF-8. */
    private static int utf8(byte[] b, int at, int to) {
        int lead = b[at] & 0xff;
        if (lead < 0xC2 || lead > 0xF4) {
            return -1;
        }
        int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (at + length > to) {
            return -1;
        }
        int second = b[at + 1] & 0xff;
        int least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (second < least || second > most) {
            return -1;
        }
        for (int i = 2; i < length; i++) {
            if ((b[at + i] & 0xC0) != 0x80) {
                return -1;
            }
        }
        return at + length;
    }

    /** Appends what the escape at {@code at} stands for. @return index after it, or -1 */
    private int unescape(int at, ByteSink into) {
        if (at + 1 >= end) {
            return unexpected(end, "the end of a string");
        }
        byte c = buffer[at + 1];
        switch (c) {
            case '"', '\\', '/' -> into.write(c);
            case 'b' -> into.write('\b');
            case 'f' -> into.write('\f');
            case 'n' -> into.write('\n');
            case 'r' -> into.write('\r');
            case 't' -> into.write('\t');
            case 'u' -> {
                return unescapeUnicode(at, into);
            }
            default -> {
                return fail(Reason.MALFORMED_JSON, null, "no such escape", at);
            }
        }
        return at + 2;
    }

    private int unescapeUnicode(int at, ByteSink into) {
        int unit = hex(at + 2);
        if (unit < 0) {
            return fail(Reason.MALFORMED_JSON, null, "\\u must be followed by four hexadecimal digits", at);
        }
        if (unit < 0xD800 || unit > 0xDFFF) {
            into.codePoint(unit);
            return at + 6;
        }
        boolean paired = unit < 0xDC00 && at + 7 < end && buffer[at + 6] == '\\' && buffer[at + 7] == 'u';
        int low = paired ? hex(at + 8) : -1;
        if (low < 0xDC00 || low > 0xDFFF) {
            return fail(Reason.INVALID_UTF8, null, "an escape is half of a surrogate pair", at);
        }
        into.codePoint(Character.toCodePoint((char) unit, (char) low));
        return at + 12;
    }

    /** Four hexadecimal digits, or -1. */
    private int hex(int at) {
        if (at + 4 > end) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(buffer[at + i], 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** {@code true}, {@code false} or {@code null}. @return index after it, or -1 */
    int literal(int at) {
        String word = buffer[at] == 't' ? "true" : buffer[at] == 'f' ? "false" : "null";
        for (int i = 0; i < word.length(); i++) {
            if (at + i >= end || buffer[at + i] != word.charAt(i)) {
                return unexpected(at, "a value");
            }
        }
        return at + word.length();
    }

    /**
     * Reads a number into {@link #longValue} (if it has neither fraction nor exponent and fits) or {@link #doubleValue}.
     *
     * @return index after it, or -1
     */
    int number(String field, int from) {
        byte[] b = buffer;
        int to = end;
        int at = from;
        boolean negative = at < to && b[at] == '-';
        if (negative) {
            at++;
        }
        long digits = 0;
        int count = 0; // significant digits in `digits`; beyond MOST_DIGITS they are not taken
        int power = 0;
        boolean exact = true;
        int first = at;
        for (; at < to && Text.isDigit(b[at]); at++) {
            if (count < MOST_DIGITS) {
                digits = digits * 10 + (b[at] - '0');
                count += digits == 0 ? 0 : 1;
            } else {
                exact = false;
            }
        }
        if (at == first || (b[first] == '0' && at - first > 1)) {
            return at == first
                    ? unexpected(at, "a digit")
                    : fail(Reason.MALFORMED_JSON, null, "a number must not start with 0", first);
        }
        boolean whole = true;
        if (at < to && b[at] == '.') {
            whole = false;
            int fraction = ++at;
            for (; at < to && Text.isDigit(b[at]); at++) {
                if (count < MOST_DIGITS) {
                    digits = digits * 10 + (b[at] - '0');
                    count += digits == 0 ? 0 : 1;
                    power--;
                } else {
                    exact = false;
                }
            }
            if (at == fraction) {
                return unexpected(at, "a digit");
            }
        }
        if (at < to && (b[at] | 0x20) == 'e') {
            whole = false;
            at++;
            boolean down = at < to && b[at] == '-';
            if (at < to && (b[at] == '-' || b[at] == '+')) {
                at++;
            }
            int exponentAt = at;
            int exponent = 0;
            for (; at < to && Text.isDigit(b[at]); at++) {
                exponent = Math.min(exponent * 10 + (b[at] - '0'), 100_000_000);
            }
            if (at == exponentAt) {
                return unexpected(at, "a digit");
            }
            power += down ? -exponent : exponent;
        }
        integer = whole && exact && !(negative && digits == 0);
        if (integer) {
            longValue = negative ? -digits : digits;
            return at;
        }
        if (exact && digits <= MOST_EXACT_INTEGER && power >= -MOST_EXACT_POWER && power <= MOST_EXACT_POWER) {
            // Both are exact as doubles, so the one operation rounds once.
            double value = power < 0 ? digits / POWERS_OF_TEN[-power] : digits * POWERS_OF_TEN[power];
            doubleValue = negative ? -value : value;
            return at;
        }
        String text = new String(b, from, at - from, StandardCharsets.ISO_8859_1);
        if (whole && at - first <= 19) {
            try {
                longValue = Long.parseLong(text);
                integer = true;
                return at;
            } catch (NumberFormatException beyond64Bits) {
                // a double then
            }
        }
        doubleValue = Double.parseDouble(text);
        if (Double.isInfinite(doubleValue)) {
            return fail(Reason.OUT_OF_RANGE, field, "the number is beyond the range of a double", from);
        }
        return at;
    }

    /**
     * Checks any JSON value without handing it over.
     *
     * @param depth open levels around it
     * @return index after it, or -1
     */
    int skipValue(int from, int depth) {
        int level = depth;
        int at = from;
        for (; ; ) {
            if (at >= end) {
                return unexpected(at, "a value");
            }
            byte c = buffer[at];
            if (c == '{' || c == '[') {
                if (++level > maxDepth) {
                    return fail(Reason.TOO_DEEP, null, "more than " + maxDepth + " levels", at);
                }
                int object = c == '{' ? newObject() : 0;
                levels[level] = object;
                at = skipSpace(at + 1);
                if (at < end && buffer[at] == (object != 0 ? '}' : ']')) {
                    at++;
                    level--;
                } else {
                    if (object != 0) {
                        at = nestedName(at, object);
                        if (at < 0) {
                            return -1;
                        }
                    }
                    continue;
                }
            } else {
                at = skipScalar(at, c);
                if (at < 0) {
                    return -1;
                }
            }
            // A value has ended, and with it perhaps those around it.
            for (; ; ) {
                if (level == depth) {
                    return at;
                }
                at = skipSpace(at);
                int object = levels[level];
                if (at < end && buffer[at] == ',') {
                    at = skipSpace(at + 1);
                    if (object != 0) {
                        at = nestedName(at, object);
                        if (at < 0) {
                            return -1;
                        }
                    }
                    break;
                }
                if (at >= end || buffer[at] != (object != 0 ? '}' : ']')) {
                    return unexpected(at, object != 0 ? "a comma or a closing brace" : "a comma or a closing bracket");
                }
                at++;
                level--;
            }
        }
    }

    private int nestedName(int nameAt, int object) {
        int at = name(nameAt);
        if (at < 0) {
            return -1;
        }
        if (!isNew(object)) {
            return fail(
                    Reason.DUPLICATE_FIELD, Field.ATTRIBUTES.json(), "a name stands twice in a nested object", nameAt);
        }
        return colon(at);
    }

    private int skipScalar(int at, byte c) {
        if (c == '"') {
            return string(at);
        }
        if (c == '-' || Text.isDigit(c)) {
            return number(Field.ATTRIBUTES.json(), at);
        }
        if (c == 't' || c == 'f' || c == 'n') {
            return literal(at);
        }
        return unexpected(at, "a value");
    }
}
