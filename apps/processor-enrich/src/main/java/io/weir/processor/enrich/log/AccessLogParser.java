package io.weir.processor.enrich.log;

import io.weir.event.EventHandler;
import io.weir.event.Field;
import io.weir.event.Rejection;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The access log formats of Apache and nginx: {@code common} ({@code %h %l %u %t "%r" %>s %b}) and {@code combined}, which
 * adds referrer and user agent. The whole line is kept as {@code message}.
 *
 * <p>A client can put anything into its request, and a server writes what it got; so a request line that makes no sense
 * is no reason to refuse the line: it then has no method and no endpoint. What the server itself writes (time, status,
 * size) must make sense.
 *
 * <p>Lenient: a virtual host in front ({@code vhost_combined}), a user name with spaces, ISO times, an unescaped quote
 * within a quoted field, a last quoted field that is cut off, further fields at the end (attributes {@code extra_1} and so
 * on).
 */
final class AccessLogParser implements LineParser {
    private static final byte[] TYPE = ascii("request");
    private static final byte[] CLIENT_HOST = ascii("client_host");
    private static final byte[] IDENT = ascii("ident");
    private static final byte[] VIRTUAL_HOST = ascii("virtual_host");
    private static final int MAXIMUM_EXTRAS = 32;
    private static final byte[][] EXTRAS = new byte[MAXIMUM_EXTRAS][];

    static {
        for (int i = 0; i < MAXIMUM_EXTRAS; i++) {
            EXTRAS[i] = ascii("extra_" + (i + 1));
        }
    }

    private final boolean combined;
    private final TimestampLimits limits;
    private final LineText text = new LineText();
    private final RequestLine request = new RequestLine(text);

    /** The quoted field that {@link #quoted} found, without its quotes, and where to read on. */
    private int quotedFrom;

    private int quotedTo;
    private int next;

    AccessLogParser(boolean combined, TimestampLimits limits) {
        this.combined = combined;
        this.limits = limits;
    }

    @Override
    public @Nullable Rejection parse(byte[] line, int offset, int length, long receivedAt, EventHandler out) {
        int end = offset + length;
        while (end > offset && (line[end - 1] == ' ' || line[end - 1] == '\r' || line[end - 1] == '\n')) {
            end--;
        }
        int bracket = indexOfTime(line, offset, end);
        if (bracket < 0) {
            return Unreadable.line("no [time] after host, ident and user", 0);
        }
        @Nullable Rejection rejection = parseClient(line, offset, bracket - 1, out);
        if (rejection != null) {
            return rejection;
        }
        int bracketEnd = indexOf(line, bracket, end, ']');
        if (bracketEnd < 0) {
            return Unreadable.field("timestamp", "the time is cut off: no ']'", bracket - offset);
        }
        long timestamp = Timestamps.accessLog(line, bracket + 1, bracketEnd);
        if (timestamp == Timestamps.UNREADABLE) {
            return Unreadable.field(
                    "timestamp",
                    "the time " + Unreadable.shown(line, bracket + 1, bracketEnd - bracket - 1)
                            + " is not like [17/May/2015:10:05:03 +0000]",
                    bracket + 1 - offset);
        }
        rejection = limits.check(timestamp, receivedAt, bracket + 1 - offset);
        if (rejection != null) {
            return rejection;
        }
        out.number(Field.TIMESTAMP, timestamp);
        out.text(Field.TYPE, TYPE, 0, TYPE.length);

        int at = afterSpaces(line, bracketEnd + 1, end);
        if (at >= end || line[at] != '"') {
            return Unreadable.line("no quoted request after the time", at - offset);
        }
        int close = endOfRequest(line, at + 1, end);
        if (close < 0) {
            return Unreadable.line("the line is cut off within the request: no status follows it", at - offset);
        }
        if (!isAbsent(line, at + 1, close)) {
            request.parse(line, at + 1, close, true, out);
        }

        int from = afterSpaces(line, close + 1, end);
        int to = endOfToken(line, from, end);
        rejection = parseStatus(line, offset, from, to, out);
        if (rejection != null) {
            return rejection;
        }
        from = afterSpaces(line, to, end);
        to = endOfToken(line, from, end);
        rejection = parseSize(line, offset, from, to, out);
        if (rejection != null) {
            return rejection;
        }
        parseRest(line, to, end, out);
        text.text(out, Field.MESSAGE, line, offset, offset + length);
        return null;
    }

    private @Nullable Rejection parseClient(byte[] line, int from, int to, EventHandler out) {
        int hostEnd = endOfToken(line, from, to);
        int second = afterSpaces(line, hostEnd, to);
        int secondEnd = endOfToken(line, second, to);
        int third = afterSpaces(line, secondEnd, to);
        int thirdEnd = endOfToken(line, third, to);
        int fourth = afterSpaces(line, thirdEnd, to);
        if (hostEnd == from || third >= to) {
            return Unreadable.line("fewer than three fields (host, ident, user) before the time", 0);
        }
        int hostFrom = from;
        if (fourth < to && IpAddress.hasPort(line, from, hostEnd) && !IpAddress.matches(line, from, hostEnd)) {
            text.attribute(out, VIRTUAL_HOST, line, from, hostEnd);
            hostFrom = second;
            hostEnd = secondEnd;
            second = third;
            secondEnd = thirdEnd;
            third = fourth;
        }
        if (line[hostFrom] == '[' && line[hostEnd - 1] == ']') {
            hostFrom++;
            hostEnd--;
        }
        if (IpAddress.matches(line, hostFrom, hostEnd)) {
            text.text(out, Field.CLIENT_IP, line, hostFrom, hostEnd);
        } else if (!isAbsent(line, hostFrom, hostEnd)) {
            text.attribute(out, CLIENT_HOST, line, hostFrom, hostEnd);
        }
        if (!isAbsent(line, second, secondEnd)) {
            text.attribute(out, IDENT, line, second, secondEnd);
        }
        int userEnd = to;
        while (userEnd > third && line[userEnd - 1] == ' ') {
            userEnd--;
        }
        if (!isAbsent(line, third, userEnd)) {
            text.escaped(out, Field.USER_ID, line, third, userEnd);
        }
        return null;
    }

    private @Nullable Rejection parseStatus(byte[] line, int offset, int from, int to, EventHandler out) {
        if (isAbsent(line, from, to) && to > from) {
            return null;
        }
        int status = to - from == 3 ? Timestamps.digits(line, from, 3) : -1;
        if (status == 0) { // nginx: the client went away before there was an answer
            return null;
        }
        if (status < 100 || status > 599) {
            return Unreadable.field(
                    "status_code",
                    from == to
                            ? "the line ends before the status"
                            : "the status " + Unreadable.shown(line, from, to - from) + " is not within 100..599",
                    from - offset);
        }
        out.number(Field.STATUS_CODE, status);
        return null;
    }

    private static @Nullable Rejection parseSize(byte[] line, int offset, int from, int to, EventHandler out) {
        if (from == to) {
            return Unreadable.field("bytes", "the line ends before the size", from - offset);
        }
        if (to - from == 1 && line[from] == '-') { // Apache's %b for nothing sent
            out.number(Field.BYTES, 0L);
            return null;
        }
        long size = 0;
        for (int i = from; i < to; i++) {
            int digit = line[i] - '0';
            if (digit < 0 || digit > 9 || to - from > 18) {
                return Unreadable.field(
                        "bytes",
                        "the size " + Unreadable.shown(line, from, to - from) + " is not a whole number",
                        from - offset);
            }
            size = size * 10 + digit;
        }
        out.number(Field.BYTES, size);
        return null;
    }

    private void parseRest(byte[] line, int from, int end, EventHandler out) {
        int at = afterSpaces(line, from, end);
        int position = combined ? 0 : 2;
        int extras = 0;
        while (at < end) {
            boolean inQuotes = line[at] == '"';
            if (inQuotes) {
                quoted(line, at + 1, end);
            } else {
                quotedFrom = at;
                quotedTo = endOfToken(line, at, end);
                next = quotedTo;
            }
            boolean absent = isAbsent(line, quotedFrom, quotedTo);
            if (position < 2 && inQuotes) {
                Field field = position == 0 ? Field.REFERRER : Field.USER_AGENT;
                if (!absent) {
                    text.escaped(out, field, line, quotedFrom, quotedTo);
                }
                position++;
            } else {
                position = 2;
                if (!absent && extras < MAXIMUM_EXTRAS) {
                    text.escapedAttribute(out, EXTRAS[extras], line, quotedFrom, quotedTo);
                }
                extras++;
            }
            at = afterSpaces(line, next, end);
        }
    }

    /** Finds the quote that ends a field: unescaped, and followed by a space or the end; or else the end of the line. */
    private void quoted(byte[] line, int from, int end) {
        quotedFrom = from;
        for (int i = from; i < end; i++) {
            if (line[i] == '\\') {
                i++;
            } else if (line[i] == '"' && (i + 1 == end || line[i + 1] == ' ')) {
                quotedTo = i;
                next = i + 1;
                return;
            }
        }
        quotedTo = end > from && line[end - 1] == '"' ? end - 1 : end;
        next = end;
    }

    /** The quote that ends the request: what follows is a status, or {@code -}. Unescaped if there is such a one. */
    private static int endOfRequest(byte[] line, int from, int end) {
        int escaped = -1;
        for (int i = from; i < end; i++) {
            if (line[i] == '\\' && i + 1 < end) {
                i++;
                if (line[i] == '"' && escaped < 0 && isBeforeStatus(line, i + 1, end)) {
                    escaped = i;
                }
            } else if (line[i] == '"' && isBeforeStatus(line, i + 1, end)) {
                return i;
            }
        }
        return escaped;
    }

    private static boolean isBeforeStatus(byte[] line, int from, int end) {
        int at = afterSpaces(line, from, end);
        if (at == from || at >= end) {
            return false;
        }
        int to = endOfToken(line, at, end);
        return (to - at == 1 && line[at] == '-') || Timestamps.afterDigits(line, at, to) == to;
    }

    /** The bracket that opens the time: after at least a space, and with a digit behind. */
    private static int indexOfTime(byte[] line, int from, int end) {
        for (int i = from + 1; i + 1 < end; i++) {
            if (line[i] == '[' && line[i - 1] == ' ') {
                return i;
            }
            if (line[i] == '"') {
                return -1;
            }
        }
        return -1;
    }

    private static boolean isAbsent(byte[] b, int from, int to) {
        return to <= from
                || (to - from == 1 && b[from] == '-')
                || (to - from == 2 && b[from] == '"' && b[from + 1] == '"');
    }

    private static int indexOf(byte[] b, int from, int to, char wanted) {
        for (int i = from; i < to; i++) {
            if (b[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static int afterSpaces(byte[] b, int from, int to) {
        int i = from;
        while (i < to && b[i] == ' ') {
            i++;
        }
        return i;
    }

    private static int endOfToken(byte[] b, int from, int to) {
        int i = from;
        while (i < to && b[i] != ' ') {
            i++;
        }
        return i;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
