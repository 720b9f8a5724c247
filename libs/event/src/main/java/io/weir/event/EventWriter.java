package io.weir.event;

import java.nio.charset.StandardCharsets;

/**
 * Writes events as JSON in one fixed form: the fields in the order of {@link Field}, absent ones left out, measurements and
 * attributes in their own order, no white space but inside attribute values. The same event always gives the same bytes.
 *
 * <p>Reading what was written at {@link Stage#ENRICHED} gives the same event, if the event keeps to the contract: the
 * strings, the numbers to the last bit, the attributes' raw bytes. Strings are escaped only where JSON demands it. Numbers
 * are not always in the shortest form.
 */
public final class EventWriter {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final Field[] FIELDS = Field.values();
    private static final double[] POWERS_OF_TEN = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    private static final double MOST_EXACT_INTEGER = 0x1p53;

    private EventWriter() {}

    /**
     * Appends the event to the sink.
     *
     * @throws IllegalArgumentException if one of its numbers is NaN or infinite, which JSON cannot say
     */
    public static void write(Event event, ByteSink out) {
        char separator = '{';
        for (Field field : FIELDS) {
            if (!isThere(event, field)) {
                continue;
            }
            out.write(separator);
            out.write('"');
            out.write(field.utf8());
            out.write('"');
            out.write(':');
            separator = ',';
            switch (field.kind) {
                case IDENTIFIER, SLUG, TEXT -> string(event.array(), event.offset(field), event.length(field), out);
                case TIMESTAMP, STATUS_CODE, SIZE -> out.decimal(event.number(field));
                case DURATION -> number(event.latencyMillis(), out);
                case FLAG -> out.write(event.flag(field) ? TRUE : FALSE);
                case MEASUREMENTS -> measurements(event, out);
                case ATTRIBUTES -> attributes(event, out);
            }
        }
        if (separator == '{') {
            out.write('{');
        }
        out.write('}');
    }

    private static boolean isThere(Event event, Field field) {
        return switch (field.kind) {
            case MEASUREMENTS -> event.measurements() > 0;
            case ATTRIBUTES -> event.attributes() > 0;
            default -> event.has(field);
        };
    }

    private static void measurements(Event event, ByteSink out) {
        for (int i = 0; i < event.measurements(); i++) {
            out.write(i == 0 ? '{' : ',');
            string(event.array(), event.measurementNameOffset(i), event.measurementNameLength(i), out);
            out.write(':');
            number(event.measurementValue(i), out);
        }
        out.write('}');
    }

    private static void attributes(Event event, ByteSink out) {
        for (int i = 0; i < event.attributes(); i++) {
            out.write(i == 0 ? '{' : ',');
            string(event.array(), event.attributeNameOffset(i), event.attributeNameLength(i), out);
            out.write(':');
            out.write(event.array(), event.attributeValueOffset(i), event.attributeValueLength(i));
        }
        out.write('}');
    }

    /**
     * Appends a finite number so that a reader makes the same double of it.
     *
     * @throws IllegalArgumentException if it is NaN or infinite
     */
    public static void number(double value, ByteSink out) {
        double size = Math.abs(value);
        if (size < MOST_EXACT_INTEGER && (value != 0 || 1 / value > 0)) {
            // A whole number over a power of ten, both exact as doubles: just how the reader makes the double again.
            for (int scale = 0; scale < POWERS_OF_TEN.length; scale++) {
                double digits = Math.rint(size * POWERS_OF_TEN[scale]);
                if (digits >= MOST_EXACT_INTEGER) {
                    break;
                }
                if (digits / POWERS_OF_TEN[scale] == size) {
                    decimal(value < 0, (long) digits, scale, out);
                    return;
                }
            }
        }
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("JSON has no " + value);
        }
        out.text(Double.toString(value));
    }

    private static void decimal(boolean negative, long digits, int scale, ByteSink out) {
        if (negative) {
            out.write('-');
        }
        long unit = (long) POWERS_OF_TEN[scale];
        out.decimal(digits / unit);
        if (scale > 0) {
            out.write('.');
            long fraction = digits % unit;
            for (long place = unit / 10; place > 0; place /= 10) {
                out.write((int) ('0' + fraction / place % 10));
            }
        }
    }

    /** Appends the text as a JSON string; a lone surrogate becomes U+FFFD. */
    public static void string(String text, ByteSink out) {
        out.write('"');
        int length = text.length();
        int piece = 0;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c < ' ') {
                out.text(text.substring(piece, i));
                escape((byte) c, out);
                piece = i + 1;
            }
        }
        out.text(piece == 0 ? text : text.substring(piece));
        out.write('"');
    }

    /** Appends the text, given as valid UTF-8, as a JSON string. */
    public static void string(byte[] text, int offset, int length, ByteSink out) {
        out.write('"');
        int end = offset + length;
        int piece = offset;
        for (int at = nextToEscape(text, offset, end); at < end; at = nextToEscape(text, at + 1, end)) {
            out.write(text, piece, at - piece);
            escape(text[at], out);
            piece = at + 1;
        }
        out.write(text, piece, end - piece);
        out.write('"');
    }

    /** Index of the next quote, backslash or control character, or {@code end}. */
    private static int nextToEscape(byte[] text, int from, int end) {
        int at = from;
        for (int last = end - 8; at <= last; at += 8) {
            long word = Words.at(text, at);
            // A borrow may mark a byte behind a true hit, but none before it.
            long hits = Words.zeros(word ^ Words.QUOTES)
                    | Words.zeros(word ^ Words.BACKSLASHES)
                    | (word - Words.SPACES & ~word & Words.HIGHS);
            if (hits != 0) {
                return at + Words.first(hits);
            }
        }
        while (at < end && text[at] != '"' && text[at] != '\\' && (text[at] < 0 || text[at] >= ' ')) {
            at++;
        }
        return at;
    }

    private static void escape(byte c, ByteSink out) {
        out.write('\\');
        switch (c) {
            case '"', '\\' -> out.write(c);
            case '\b' -> out.write('b');
            case '\f' -> out.write('f');
            case '\n' -> out.write('n');
            case '\r' -> out.write('r');
            case '\t' -> out.write('t');
            default -> {
                out.write('u');
                out.write('0');
                out.write('0');
                out.write(HEX[c >> 4]);
                out.write(HEX[c & 0xF]);
            }
        }
    }
}
