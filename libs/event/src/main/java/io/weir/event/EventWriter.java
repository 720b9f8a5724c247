package io.weir.event;

import java.nio.charset.StandardCharsets;

/**
 * Writes events as JSON in one fixed form: the fields in the order of {@link Field}, absent ones left out, no white space
 * but inside attribute values. Reading what was written gives the same event.
 */
public final class EventWriter {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final Field[] FIELDS = Field.values();

    private EventWriter() {}

    /** Appends the event to the sink. */
    public static void write(Event event, ByteSink out) {
        char separator = '{';
        for (Field field : FIELDS) {
            switch (field.kind) {
                case IDENTIFIER, SLUG, TEXT -> {
                    String text = event.text(field);
                    if (text != null) {
                        name(separator, field, out);
                        string(text, out);
                        separator = ',';
                    }
                }
                case TIMESTAMP, STATUS_CODE, SIZE -> {
                    if (event.has(field)) {
                        name(separator, field, out);
                        ascii(Long.toString(event.number(field)), out);
                        separator = ',';
                    }
                }
                case DURATION -> {
                    if (event.has(field)) {
                        name(separator, field, out);
                        number(event.latencyMillis(), out);
                        separator = ',';
                    }
                }
                case FLAG -> {
                    if (event.has(field)) {
                        name(separator, field, out);
                        ascii(event.flag(field) ? "true" : "false", out);
                        separator = ',';
                    }
                }
                case MEASUREMENTS -> {
                    if (event.measurements() > 0) {
                        name(separator, field, out);
                        for (int i = 0; i < event.measurements(); i++) {
                            out.write(i == 0 ? '{' : ',');
                            string(event.measurementName(i), out);
                            out.write(':');
                            number(event.measurementValue(i), out);
                        }
                        out.write('}');
                        separator = ',';
                    }
                }
                case ATTRIBUTES -> {
                    if (event.attributes() > 0) {
                        name(separator, field, out);
                        for (int i = 0; i < event.attributes(); i++) {
                            out.write(i == 0 ? '{' : ',');
                            string(event.attributeName(i), out);
                            out.write(':');
                            byte[] value = event.attributeValue(i);
                            out.write(value, 0, value.length);
                        }
                        out.write('}');
                        separator = ',';
                    }
                }
            }
        }
        if (separator == '{') {
            out.write('{');
        }
        out.write('}');
    }

    private static void name(char separator, Field field, ByteSink out) {
        out.write(separator);
        out.write('"');
        byte[] name = field.utf8();
        out.write(name, 0, name.length);
        out.write('"');
        out.write(':');
    }

    private static void number(double value, ByteSink out) {
        if (value == (long) value && Math.abs(value) < 1L << 53) {
            ascii(Long.toString((long) value), out);
        } else {
            ascii(Double.toString(value), out);
        }
    }

    @SuppressWarnings("deprecation") // the one way to get at the bytes of an ASCII string without a copy of its own
    private static void ascii(String text, ByteSink out) {
        int length = text.length();
        out.room(length);
        text.getBytes(0, length, out.array(), out.size());
        out.size(out.size() + length);
    }

    /** Appends the text as a JSON string; a lone surrogate becomes U+FFFD. */
    public static void string(String text, ByteSink out) {
        int length = text.length();
        out.room(6 * length + 2);
        byte[] bytes = out.array();
        int at = out.size();
        bytes[at++] = '"';
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                int code = c;
                if (Character.isSurrogate(c)) {
                    boolean pair = Character.isHighSurrogate(c)
                            && i + 1 < length
                            && Character.isLowSurrogate(text.charAt(i + 1));
                    code = pair ? Character.toCodePoint(c, text.charAt(++i)) : 0xfffd;
                }
                at = Utf8.encode(code, bytes, at);
            } else if (c == '"' || c == '\\') {
                bytes[at++] = '\\';
                bytes[at++] = (byte) c;
            } else if (c < 0x20) {
                bytes[at++] = '\\';
                bytes[at++] = 'u';
                bytes[at++] = '0';
                bytes[at++] = '0';
                bytes[at++] = HEX[c >> 4];
                bytes[at++] = HEX[c & 0xf];
            } else {
                bytes[at++] = (byte) c;
            }
        }
        bytes[at++] = '"';
        out.size(at);
    }
}
