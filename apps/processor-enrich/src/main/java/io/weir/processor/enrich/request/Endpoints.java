package io.weir.processor.enrich.request;

import io.weir.processor.enrich.text.ByteBuilder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reduces what a client asked for to a path, and the path to a template under which requests can be counted.
 *
 * <p>The path is the text up to the first {@code ?} or {@code #}; of an absolute URL only what follows the authority. In
 * the template, segments that look like the name of one thing become {@code {id}} ({@code {date}} for dates); what reads
 * like a word stays. It is a guess from the text of one request alone, so that the same path always gives the same
 * template; where it guesses wrong, an operator's own templates come first.
 *
 * <p>Not thread-safe: one object serves one thread and is used again for each request.
 */
public final class Endpoints {
    /** Segments that a template keeps; what follows becomes {@code **}. */
    static final int MAXIMUM_SEGMENTS = 12;

    /** Bytes at which a template ends with {@code **}. */
    static final int MAXIMUM_TEMPLATE = 192;

    private static final byte[] ROOT = {'/'};
    private static final byte[] ID = "{id}".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATE = "{date}".getBytes(StandardCharsets.US_ASCII);

    private final EndpointPattern[] patterns;
    private final ByteBuilder template = new ByteBuilder(256);

    private byte[] array = ROOT;
    private int offset;
    private int length = 1;

    /**
     * @param templates templates that are tried first, in order, such as {@code /users/{name}/repos/**}
     * @throws IllegalArgumentException if one of them is malformed
     */
    public Endpoints(List<String> templates) {
        patterns = templates.stream().map(EndpointPattern::parse).toArray(EndpointPattern[]::new);
    }

    /** Finds the path within {@code bytes} and its template; the getters then tell. */
    public void read(byte[] bytes, int start, int size) {
        findPath(bytes, start, size);
        template.clear();
        for (EndpointPattern pattern : patterns) {
            if (pattern.matches(array, offset, length)) {
                template.append(pattern.text());
                return;
            }
        }
        appendTemplate();
    }

    /** The bytes that hold the path: those that were read, or a constant. */
    public byte[] array() {
        return array;
    }

    public int offset() {
        return offset;
    }

    public int length() {
        return length;
    }

    /** The template of the path that was read last; valid until the next one is read. */
    public ByteBuilder template() {
        return template;
    }

    private void findPath(byte[] bytes, int start, int size) {
        int end = start + size;
        int from = start;
        int afterScheme = afterScheme(bytes, start, end);
        if (afterScheme > 0) {
            from = afterScheme;
            while (from < end && bytes[from] != '/' && bytes[from] != '?' && bytes[from] != '#') {
                from++;
            }
        }
        int to = from;
        while (to < end && bytes[to] != '?' && bytes[to] != '#') {
            to++;
        }
        if (to == from) {
            array = ROOT;
            offset = 0;
            length = 1;
        } else {
            array = bytes;
            offset = from;
            length = to - from;
        }
    }

    /** Where the authority of an absolute URL begins; -1 where there is no scheme. */
    private static int afterScheme(byte[] bytes, int start, int end) {
        if (start >= end || !isLetter(bytes[start])) {
            return -1;
        }
        int i = start + 1;
        while (i < end
                && (isLetter(bytes[i]) || isDigit(bytes[i]) || bytes[i] == '+' || bytes[i] == '-' || bytes[i] == '.')) {
            i++;
        }
        boolean found = i + 2 < end && bytes[i] == ':' && bytes[i + 1] == '/' && bytes[i + 2] == '/';
        return found ? i + 3 : -1;
    }

    private void appendTemplate() {
        int end = offset + length;
        int at = offset;
        int segments = 0;
        while (at < end) {
            boolean slash = array[at] == '/';
            if (slash) {
                while (at < end && array[at] == '/') {
                    at++;
                }
                template.append('/');
                if (at == end) {
                    return;
                }
            }
            int to = at;
            while (to < end && array[to] != '/') {
                to++;
            }
            if (segments == MAXIMUM_SEGMENTS || template.size() > MAXIMUM_TEMPLATE) {
                template.append('*').append('*');
                return;
            }
            appendSegment(at, endBeforeParameters(at, to), to == end);
            segments++;
            at = to;
        }
    }

    /** Path parameters ({@code ;jsessionid=...}) name a session, not an endpoint. */
    private int endBeforeParameters(int from, int to) {
        for (int i = from + 1; i < to; i++) {
            if (array[i] == ';') {
                return i;
            }
        }
        return to;
    }

    private void appendSegment(int from, int to, boolean last) {
        if (last && appendFileName(from, to)) {
            return;
        }
        switch (kind(from, to)) {
            case ID -> template.append(ID);
            case DATE -> template.append(DATE);
            case WORD -> {
                if (!appendNumbered(from, to)) {
                    template.append(array, from, to - from);
                }
            }
        }
    }

    private enum Kind {
        WORD,
        ID,
        DATE
    }

    private Kind kind(int from, int to) {
        int size = to - from;
        int digits = 0;
        int lower = 0;
        int upper = 0;
        int hexLetters = 0;
        int dashes = 0;
        int marks = 0;
        int others = 0;
        int changes = 0;
        int previous = 0;
        for (int i = from; i < to; i++) {
            byte b = array[i];
            int now;
            if (b >= '0' && b <= '9') {
                digits++;
                now = 1;
            } else if (b >= 'a' && b <= 'z') {
                lower++;
                now = 2;
                if (b <= 'f') {
                    hexLetters++;
                }
            } else if (b >= 'A' && b <= 'Z') {
                upper++;
                now = 3;
                if (b <= 'F') {
                    hexLetters++;
                }
            } else {
                now = 0;
                if (b == '-') {
                    dashes++;
                } else if (b == '_' || b == '.' || b == '=' || b == '~' || b == '+' || b == ':') {
                    marks++;
                } else {
                    others++;
                }
            }
            if (now != 0 && previous != 0 && now != previous) {
                changes++;
            }
            previous = now;
        }
        if (digits == size) {
            return isCompactDate(from, size) ? Kind.DATE : Kind.ID;
        }
        if (digits + hexLetters == size && size >= 16) {
            return Kind.ID;
        }
        if (isDate(from, to)) {
            return Kind.DATE;
        }
        if (isUuid(from, to) || (digits > 0 && isNumber(from, to))) {
            return Kind.ID;
        }
        if (others > 0 && isAddress(from, to)) {
            return Kind.ID;
        }
        if (array[from] == '{' && array[to - 1] == '}') {
            return Kind.WORD;
        }
        if (size > 64) {
            return Kind.ID;
        }
        boolean token = size >= 20 && others == 0 && digits > 0 && looksRandom(size, digits, lower, upper, changes);
        return token && dashes + marks <= size / 4 ? Kind.ID : Kind.WORD;
    }

    /**
     * Random text changes between lower case, upper case and digits at about six of ten steps (base64), words and
     * camel case at less than four of ten. With one case only (base32, base36) digits make up more than a quarter.
     */
    private static boolean looksRandom(int size, int digits, int lower, int upper, int changes) {
        if (lower > 0 && upper > 0) {
            return changes * 5 >= size * 2;
        }
        return digits * 4 >= digits + lower + upper && changes * 5 >= size;
    }

    private boolean isCompactDate(int from, int size) {
        return size == 8 && isCalendarDay(number(from, 4), number(from + 4, 2), number(from + 6, 2));
    }

    /** {@code 2024-05}, {@code 2024-05-17}, and the latter with a time after {@code T}. */
    private boolean isDate(int from, int to) {
        int size = to - from;
        if (size < 7 || array[from + 4] != '-' || !areDigits(from, 4) || !areDigits(from + 5, 2)) {
            return false;
        }
        int year = number(from, 4);
        int month = number(from + 5, 2);
        if (size == 7) {
            return isCalendarDay(year, month, 1);
        }
        return size >= 10
                && array[from + 7] == '-'
                && areDigits(from + 8, 2)
                && isCalendarDay(year, month, number(from + 8, 2))
                && (size == 10 || array[from + 10] == 'T' || array[from + 10] == 't');
    }

    private static boolean isCalendarDay(int year, int month, int day) {
        return year >= 1900 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
    }

    private boolean isUuid(int from, int to) {
        if (to - from != 36) {
            return false;
        }
        for (int i = 0; i < 36; i++) {
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            byte b = array[from + i];
            if (dash ? b != '-' : !isHex(b)) {
                return false;
            }
        }
        return true;
    }

    /** A signed number, or a decimal that is too long to be a version such as {@code 2.0}. */
    private boolean isNumber(int from, int to) {
        int i = from;
        boolean signed = array[i] == '-' || array[i] == '+';
        if (signed) {
            i++;
        }
        int whole = digitsFrom(i, to);
        if (whole == 0) {
            return false;
        }
        i += whole;
        if (i == to) {
            return true;
        }
        if (array[i] != '.') {
            return false;
        }
        int fraction = digitsFrom(i + 1, to);
        return i + 1 + fraction == to && fraction > 0 && (signed || whole > 2 || fraction > 2);
    }

    /** Something, then {@code @} or {@code %40}, then a name with a dot within. */
    private boolean isAddress(int from, int to) {
        int host = -1;
        for (int i = from + 1; i < to - 1; i++) {
            if (array[i] == '@') {
                host = i + 1;
            } else if (array[i] == '%' && i + 2 < to && array[i + 1] == '4' && array[i + 2] == '0') {
                host = i + 3;
            } else if (array[i] == '.' && host > 0 && i > host) {
                return true;
            }
        }
        return false;
    }

    /** {@code main.8f3e2b1c.js}, {@code app-8f3e2b1c.css}, {@code 42.json}: the name of a file whose build or number changes. */
    private boolean appendFileName(int from, int to) {
        int dot = to - 1;
        while (dot > from && array[dot] != '.') {
            dot--;
        }
        int extension = to - dot - 1;
        if (dot <= from || extension < 1 || extension > 5 || !isLetter(array[dot + 1]) || isAddress(from, to)) {
            return false;
        }
        switch (kind(from, dot)) {
            case ID -> template.append(ID);
            case DATE -> template.append(DATE);
            case WORD -> {
                int part = from;
                for (int i = from; i <= dot; i++) {
                    byte b = array[i];
                    if (b == '.' || b == '-' || b == '_') {
                        if (part > from && isBuildHash(part, i)) {
                            template.append(ID);
                        } else {
                            template.append(array, part, i - part);
                        }
                        if (i < dot) {
                            template.append(b);
                        }
                        part = i + 1;
                    }
                }
            }
        }
        template.append(array, dot, to - dot);
        return true;
    }

    private boolean isBuildHash(int from, int to) {
        int digits = 0;
        for (int i = from; i < to; i++) {
            if (!isHex(array[i])) {
                return false;
            }
            if (isDigit(array[i])) {
                digits++;
            }
        }
        return to - from >= 8 && digits > 0 && digits < to - from;
    }

    /** {@code order-12345}: letters, at most one mark, and five digits or more. */
    private boolean appendNumbered(int from, int to) {
        int i = from;
        while (i < to && isLetter(array[i])) {
            i++;
        }
        if (i == from) {
            return false;
        }
        if (i < to && (array[i] == '-' || array[i] == '_' || array[i] == ':' || array[i] == '.')) {
            i++;
        }
        if (to - i < 5 || digitsFrom(i, to) != to - i) {
            return false;
        }
        template.append(array, from, i - from).append(ID);
        return true;
    }

    private int digitsFrom(int from, int to) {
        int i = from;
        while (i < to && isDigit(array[i])) {
            i++;
        }
        return i - from;
    }

    private boolean areDigits(int from, int count) {
        return digitsFrom(from, from + count) == count;
    }

    private int number(int from, int count) {
        int number = 0;
        for (int i = from; i < from + count; i++) {
            number = number * 10 + (array[i] - '0');
        }
        return number;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean isLetter(byte b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
    }

    private static boolean isHex(byte b) {
        return isDigit(b) || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F');
    }
}
