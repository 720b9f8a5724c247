package io.weir.processor.enrich.log;

import io.weir.event.EventHandler;
import io.weir.event.Field;
import io.weir.processor.enrich.text.ByteBuilder;
import io.weir.processor.enrich.text.Utf8;

/**
 * Hands parts of a line on as well-formed text: broken UTF-8 becomes U+FFFD, escapes of the server are undone, and what is
 * longer than the field allows is cut (the whole line is kept elsewhere).
 */
final class LineText {
    private final ByteBuilder decoded = new ByteBuilder(512);
    private final ByteBuilder repaired = new ByteBuilder(512);
    private final ByteBuilder quoted = new ByteBuilder(512);

    /** The bytes as the text of a field. Control characters become U+FFFD, but in a message. */
    void text(EventHandler out, Field field, byte[] b, int from, int to) {
        boolean withoutControls = field != Field.MESSAGE;
        byte[] bytes = b;
        int offset = from;
        int length = to - from;
        boolean clean = withoutControls ? Utf8.isPrintable(b, from, length) : Utf8.isWellFormed(b, from, length);
        if (!clean) {
            repaired.clear();
            if (withoutControls) {
                Utf8.makePrintable(b, from, length, repaired);
            } else {
                Utf8.repair(b, from, length, repaired);
            }
            bytes = repaired.array();
            offset = 0;
            length = repaired.size();
        }
        out.text(field, bytes, offset, Utf8.cut(bytes, offset, length, field.maxBytes()));
    }

    /** Like {@link #text}, after the escapes of Apache and nginx are undone. */
    void escaped(EventHandler out, Field field, byte[] b, int from, int to) {
        if (hasBackslash(b, from, to)) {
            decode(b, from, to);
            text(out, field, decoded.array(), 0, decoded.size());
        } else {
            text(out, field, b, from, to);
        }
    }

    /** The bytes as an attribute whose value is a JSON string. */
    void attribute(EventHandler out, byte[] name, byte[] b, int from, int to) {
        quoted.clear();
        appendJsonString(b, from, to, quoted);
        out.attribute(name, 0, name.length, quoted.array(), 0, quoted.size());
    }

    /** Like {@link #attribute}, after the escapes of Apache and nginx are undone. */
    void escapedAttribute(EventHandler out, byte[] name, byte[] b, int from, int to) {
        if (hasBackslash(b, from, to)) {
            decode(b, from, to);
            attribute(out, name, decoded.array(), 0, decoded.size());
        } else {
            attribute(out, name, b, from, to);
        }
    }

    /** Undoes the escapes of Apache and nginx; the result is valid until the next call. */
    ByteBuilder decode(byte[] b, int from, int to) {
        decoded.clear();
        int i = from;
        while (i < to) {
            byte c = b[i];
            if (c != '\\' || i + 1 == to) {
                decoded.append(c);
                i++;
                continue;
            }
            byte next = b[i + 1];
            if (next == 'x' && i + 3 < to && hex(b[i + 2]) >= 0 && hex(b[i + 3]) >= 0) {
                decoded.append(hex(b[i + 2]) << 4 | hex(b[i + 3]));
                i += 4;
                continue;
            }
            int plain =
                    switch (next) {
                        case '"', '\\' -> next;
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        case 't' -> '\t';
                        case 'b' -> '\b';
                        case 'v' -> 0x0B;
                        default -> -1;
                    };
            if (plain < 0) {
                decoded.append(c);
                i++;
            } else {
                decoded.append(plain);
                i += 2;
            }
        }
        return decoded;
    }

    static boolean hasBackslash(byte[] b, int from, int to) {
        for (int i = from; i < to; i++) {
            if (b[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    void appendJsonString(byte[] b, int from, int to, ByteBuilder json) {
        if (Utf8.isWellFormed(b, from, to - from)) {
            Utf8.appendJsonString(b, from, to - from, json);
        } else {
            repaired.clear();
            Utf8.repair(b, from, to - from, repaired);
            Utf8.appendJsonString(repaired.array(), 0, repaired.size(), json);
        }
    }

    private static int hex(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        int lower = b | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }
}
