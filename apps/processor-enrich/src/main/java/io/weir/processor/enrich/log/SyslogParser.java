package io.weir.processor.enrich.log;

import io.weir.event.EventHandler;
import io.weir.event.Field;
import io.weir.event.Rejection;
import io.weir.processor.enrich.text.ByteBuilder;
import io.weir.processor.enrich.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Syslog lines: RFC 5424 where a version follows the priority, otherwise RFC 3164 and what is sent under its name (RFC 3339
 * times, a year after the day, no host, no priority as in files below {@code /var/log}).
 *
 * <p>RFC 3164 times have neither year nor zone: the zone is a setting, the year is the latest
 * that does not put the time ahead of the reception. {@code message} is the text after the header; facility, application, process and message id and the
 * structured data (one object per element) become attributes.
 */
final class SyslogParser implements LineParser {
    private static final byte[] TYPE = ascii("log");
    private static final byte[] FACILITY = ascii("facility");
    private static final byte[] APPLICATION = ascii("app");
    private static final byte[] PROCESS = ascii("pid");
    private static final byte[] MESSAGE_ID = ascii("msgid");

    /** In one element: what events of the contract may have at a time, and what keeps names of parameters cheap to compare. */
    private static final int MOST_PARAMETERS = 256;

    /** RFC 5424, table 1, by the names of syslog.conf(5). */
    private static final String[] FACILITIES = {
        "kern",
        "user",
        "mail",
        "daemon",
        "auth",
        "syslog",
        "lpr",
        "news",
        "uucp",
        "cron",
        "authpriv",
        "ftp",
        "ntp",
        "audit",
        "alert",
        "clock",
        "local0",
        "local1",
        "local2",
        "local3",
        "local4",
        "local5",
        "local6",
        "local7"
    };

    private static final byte[][] QUOTED_FACILITIES = new byte[FACILITIES.length][];

    static {
        for (int i = 0; i < FACILITIES.length; i++) {
            QUOTED_FACILITIES[i] = ascii("\"" + FACILITIES[i] + "\"");
        }
    }

    private final TimestampLimits limits;
    private final ZoneId zone;
    private final LineText text = new LineText();
    private final ByteBuilder element = new ByteBuilder(512);
    private final ByteBuilder name = new ByteBuilder(128);
    private final ByteBuilder value = new ByteBuilder(128);

    /** Where the quoted names of the parameters begin in {@link #element}, and how long they are. */
    private final int[] nameStarts = new int[MOST_PARAMETERS];

    private final int[] nameLengths = new int[MOST_PARAMETERS];

    /** Where the part after the time begins, as {@link #readTime} found it. */
    private int afterTime;

    SyslogParser(TimestampLimits limits, ZoneId zone) {
        this.limits = limits;
        this.zone = zone;
    }

    @Override
    public @Nullable Rejection parse(byte[] line, int offset, int length, long receivedAt, EventHandler out) {
        int end = offset + length;
        while (end > offset && (line[end - 1] == '\r' || line[end - 1] == '\n' || line[end - 1] == 0)) {
            end--;
        }
        int at = afterOctetCount(line, offset, end);
        int priority = -1;
        if (at < end && line[at] == '<') {
            int close = at + 1;
            while (close < end && line[close] != '>' && close - at < 5) {
                close++;
            }
            int digits = close - at - 1;
            priority = close < end && line[close] == '>' && digits >= 1 && digits <= 3
                    ? Timestamps.digits(line, at + 1, digits)
                    : -1;
            if (priority < 0 || priority > 191) {
                return Unreadable.line("the priority is not like <0> to <191>", at - offset);
            }
            at = close + 1;
            byte[] severity = Severities.ofSyslog(priority & 7);
            out.text(Field.SEVERITY, severity, 0, severity.length);
            byte[] facility = QUOTED_FACILITIES[priority >> 3];
            out.attribute(FACILITY, 0, FACILITY.length, facility, 0, facility.length);
            if (at + 1 < end && line[at] == '1' && line[at + 1] == ' ') {
                out.text(Field.TYPE, TYPE, 0, TYPE.length);
                return parseRfc5424(line, offset, at + 2, end, receivedAt, out);
            }
        }
        out.text(Field.TYPE, TYPE, 0, TYPE.length);
        return parseRfc3164(line, offset, at, end, receivedAt, priority >= 0, out);
    }

    private @Nullable Rejection parseRfc5424(
            byte[] line, int offset, int from, int end, long receivedAt, EventHandler out) {
        int timeEnd = endOfToken(line, from, end);
        if (!isNil(line, from, timeEnd)) {
            long timestamp = Timestamps.rfc3339(line, from, timeEnd);
            if (timestamp == Timestamps.UNREADABLE) {
                return Unreadable.field(
                        "timestamp",
                        "the time " + Unreadable.shown(line, from, timeEnd - from) + " is not RFC 3339 and not '-'",
                        from - offset);
            }
            @Nullable Rejection rejection = limits.check(timestamp, receivedAt, from - offset);
            if (rejection != null) {
                return rejection;
            }
            out.number(Field.TIMESTAMP, timestamp);
        }
        int host = next(timeEnd, end);
        int hostEnd = endOfToken(line, host, end);
        int application = next(hostEnd, end);
        int applicationEnd = endOfToken(line, application, end);
        int process = next(applicationEnd, end);
        int processEnd = endOfToken(line, process, end);
        int messageId = next(processEnd, end);
        int messageIdEnd = endOfToken(line, messageId, end);
        int data = next(messageIdEnd, end);
        if (messageId >= end || messageIdEnd == messageId || data >= end) {
            return Unreadable.line(
                    "the RFC 5424 header is cut off: time, host, application, process, message id and structured data"
                            + " must follow the version",
                    end - offset);
        }
        source(line, host, hostEnd, out);
        attribute(APPLICATION, line, application, applicationEnd, out);
        attribute(PROCESS, line, process, processEnd, out);
        attribute(MESSAGE_ID, line, messageId, messageIdEnd, out);

        int at = data;
        if (line[at] == '-') {
            at++;
        } else if (line[at] == '[') {
            while (at < end && line[at] == '[') {
                int close = parseElement(line, at, end, out);
                if (close < 0) {
                    return Unreadable.line(
                            "the structured data is not like [id name=\"value\"], with at most " + MOST_PARAMETERS
                                    + " names",
                            -close - 1 - offset);
                }
                at = close;
            }
        } else {
            return Unreadable.line("structured data is neither '-' nor '['", at - offset);
        }
        if (at < end && line[at] != ' ') {
            return Unreadable.line("no space after the structured data", at - offset);
        }
        message(line, Math.min(at + 1, end), end, out);
        return null;
    }

    /**
     * Hands one element of structured data on as an attribute. A parameter that comes again, as RFC 5424 allows, gets a
     * number behind its name.
     *
     * @return where the element ends; negative: {@code -1 - position} of what is wrong
     */
    private int parseElement(byte[] line, int from, int end, EventHandler out) {
        int idFrom = from + 1;
        int at = idFrom;
        while (at < end && line[at] != ' ' && line[at] != ']' && line[at] != '=' && line[at] != '"') {
            at++;
        }
        int idEnd = at;
        if (idEnd == idFrom || at >= end || line[at] == '=' || line[at] == '"') {
            return -1 - at;
        }
        element.clear().append('{');
        int parameters = 0;
        while (at < end && line[at] == ' ') {
            int nameFrom = at + 1;
            at = nameFrom;
            while (at < end && line[at] != '=' && line[at] != ' ' && line[at] != ']' && line[at] != '"') {
                at++;
            }
            int nameEnd = at;
            if (nameEnd == nameFrom) {
                if (at < end && (line[at] == ']' || line[at] == ' ')) {
                    continue; // a stray space before the bracket
                }
                return -1 - at;
            }
            if (at + 1 >= end || line[at] != '=' || line[at + 1] != '"') {
                return -1 - at;
            }
            at += 2;
            value.clear();
            while (at < end && line[at] != '"') {
                if (line[at] == '\\'
                        && at + 1 < end
                        && (line[at + 1] == '"' || line[at + 1] == '\\' || line[at + 1] == ']')) {
                    at++;
                }
                value.append(line[at++]);
            }
            if (at >= end) {
                return -1 - at;
            }
            at++;
            if (parameters == MOST_PARAMETERS) {
                return -1 - nameFrom;
            }
            if (parameters > 0) {
                element.append(',');
            }
            appendName(line, nameFrom, nameEnd, parameters);
            text.appendJsonString(value.array(), 0, value.size(), element);
            parameters++;
        }
        if (at >= end || line[at] != ']') {
            return -1 - at;
        }
        element.append('}');
        name.clear();
        Utf8.makePrintable(line, idFrom, idEnd - idFrom, name);
        out.attribute(name.array(), 0, name.size(), element.array(), 0, element.size());
        return at + 1;
    }

    /** Names, unlike values, hold no control characters in the event contract. */
    private void appendName(byte[] line, int from, int to, int parameters) {
        int start = element.size();
        name.clear();
        Utf8.makePrintable(line, from, to - from, name);
        Utf8.appendJsonString(name.array(), 0, name.size(), element);
        int same = 1;
        while (occursBefore(start, element.size() - start, parameters)) {
            same++;
            element.truncate(start);
            Utf8.appendJsonString(name.array(), 0, name.size(), element);
            element.truncate(element.size() - 1);
            element.append('_').appendNumber(same).append('"');
        }
        nameStarts[parameters] = start;
        nameLengths[parameters] = element.size() - start;
        element.append(':');
    }

    private boolean occursBefore(int start, int length, int parameters) {
        byte[] b = element.array();
        for (int i = 0; i < parameters; i++) {
            if (nameLengths[i] == length
                    && Arrays.equals(b, nameStarts[i], nameStarts[i] + length, b, start, start + length)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Rejection parseRfc3164(
            byte[] line, int offset, int from, int end, long receivedAt, boolean hasPriority, EventHandler out) {
        int start = from;
        while (start < end && (line[start] == ' ' || line[start] == '*' || line[start] == '.')) {
            start++; // Cisco marks an unsynchronised clock so
        }
        long timestamp = readTime(line, start, end, receivedAt);
        if (timestamp == Timestamps.UNREADABLE) {
            if (!hasPriority) {
                return Unreadable.line("neither a priority <n> nor a time such as 'Oct 11 22:14:15' at the start", 0);
            }
            message(line, from, end, out); // RFC 3164, section 4.3.3: all of it is content
            return null;
        }
        @Nullable Rejection rejection = limits.check(timestamp, receivedAt, start - offset);
        if (rejection != null) {
            return rejection;
        }
        out.number(Field.TIMESTAMP, timestamp);
        int at = afterTime;
        if (at < end && line[at] == ':') {
            at++;
        }
        at = afterSpaces(line, at, end);
        int hostEnd = endOfToken(line, at, end);
        if (hostEnd < end && !isTag(line, at, hostEnd)) {
            source(line, at, hostEnd, out);
            at = afterSpaces(line, hostEnd, end);
        }
        int tag = at;
        while (at < end && line[at] != '[' && line[at] != ':' && line[at] != ' ' && at - tag < 64) {
            at++;
        }
        int tagEnd = at;
        int processFrom = 0;
        int processEnd = 0;
        if (at < end && line[at] == '[') {
            processFrom = at + 1;
            at = processFrom;
            while (at < end && line[at] != ']' && line[at] != ' ') {
                at++;
            }
            processEnd = at;
            at = at < end && line[at] == ']' ? at + 1 : end;
        }
        if (at < end && line[at] == ':' && tagEnd > tag) {
            attribute(APPLICATION, line, tag, tagEnd, out);
            attribute(PROCESS, line, processFrom, processEnd, out);
            at++;
            message(line, at < end && line[at] == ' ' ? at + 1 : at, end, out);
        } else {
            message(line, tag, end, out); // no tag: all of it is content
        }
        return null;
    }

    /** A tag ends with a colon or names a process; a host does neither, but may be an IPv6 address. */
    private static boolean isTag(byte[] line, int from, int to) {
        if (line[to - 1] == ':') {
            return !IpAddress.matches(line, from, to);
        }
        return line[to - 1] == ']' && line[from] != '[';
    }

    private long readTime(byte[] line, int from, int end, long receivedAt) {
        int tokenEnd = endOfToken(line, from, end);
        if (tokenEnd - from >= 19 && line[from] >= '0' && line[from] <= '9') {
            afterTime = tokenEnd;
            int to = line[tokenEnd - 1] == ':' ? tokenEnd - 1 : tokenEnd;
            return Timestamps.rfc3339(line, from, to);
        }
        if (end - from < 15 || line[from + 3] != ' ') {
            return Timestamps.UNREADABLE;
        }
        int month = Timestamps.month(line, from);
        int at = afterSpaces(line, from + 3, end);
        int dayEnd = Timestamps.afterDigits(line, at, end);
        if (month < 0 || dayEnd == at || dayEnd - at > 2 || dayEnd >= end || line[dayEnd] != ' ') {
            return Timestamps.UNREADABLE;
        }
        int day = Timestamps.digits(line, at, dayEnd - at);
        at = afterSpaces(line, dayEnd, end);
        int year = -1;
        if (Timestamps.afterDigits(line, at, end) == at + 4 && at + 4 < end && line[at + 4] == ' ') {
            year = Timestamps.digits(line, at, 4);
            at += 5;
        }
        if (end - at < 8 || line[at + 2] != ':' || line[at + 5] != ':') {
            return Timestamps.UNREADABLE;
        }
        int hour = Timestamps.digits(line, at, 2);
        int minute = Timestamps.digits(line, at + 3, 2);
        int second = Timestamps.digits(line, at + 6, 2);
        at += 8;
        int fraction = 0;
        if (at + 1 < end && line[at] == '.' && line[at + 1] >= '0' && line[at + 1] <= '9') {
            fraction = Timestamps.milliseconds(line, at + 1, end);
            at = Timestamps.afterDigits(line, at + 1, end);
        }
        if (at + 5 < end && line[at] == ' ' && Timestamps.digits(line, at + 1, 4) > 1969 && line[at + 5] == ' ') {
            year = Timestamps.digits(line, at + 1, 4); // asctime puts it last
            at += 5;
        }
        if (at < end && line[at] != ' ' && line[at] != ':') {
            return Timestamps.UNREADABLE;
        }
        afterTime = at;
        return year >= 0
                ? inZone(year, month, day, hour, minute, second, fraction)
                : inLatestYear(month, day, hour, minute, second, fraction, receivedAt);
    }

    /** In the latest year that does not bring the time further ahead than the limits allow. */
    private long inLatestYear(int month, int day, int hour, int minute, int second, int fraction, long receivedAt) {
        int year = Instant.ofEpochMilli(receivedAt).atZone(ZoneOffset.UTC).getYear() + 1;
        for (int i = 0; i < 10; i++) { // 29 February may be eight years away: 1896 to 1904
            long timestamp = inZone(year - i, month, day, hour, minute, second, fraction);
            if (timestamp != Timestamps.UNREADABLE && !limits.isAhead(timestamp, receivedAt)) {
                return timestamp;
            }
        }
        return Timestamps.UNREADABLE;
    }

    private long inZone(int year, int month, int day, int hour, int minute, int second, int fraction) {
        long utc = Timestamps.millis(year, month, day, hour, minute, second, fraction, 0);
        if (utc == Timestamps.UNREADABLE || zone.equals(ZoneOffset.UTC)) {
            return utc;
        }
        LocalDateTime local = LocalDateTime.ofEpochSecond(Math.floorDiv(utc, 1000L), 0, ZoneOffset.UTC);
        return utc - zone.getRules().getOffset(local).getTotalSeconds() * 1000L;
    }

    private void source(byte[] line, int from, int to, EventHandler out) {
        if (to > from && !isNil(line, from, to)) {
            text.text(out, Field.SOURCE, line, from, to);
        }
    }

    private void attribute(byte[] name, byte[] line, int from, int to, EventHandler out) {
        if (to > from && !isNil(line, from, to)) {
            text.attribute(out, name, line, from, to);
        }
    }

    private void message(byte[] line, int from, int end, EventHandler out) {
        int start = from;
        if (end - start >= 3
                && line[start] == (byte) 0xEF
                && line[start + 1] == (byte) 0xBB
                && line[start + 2] == (byte) 0xBF) {
            start += 3; // RFC 5424's mark of a UTF-8 message
        }
        text.text(out, Field.MESSAGE, line, start, end);
    }

    /** Skips the length that RFC 6587 puts in front of a message on a stream. */
    private static int afterOctetCount(byte[] line, int from, int end) {
        int at = Timestamps.afterDigits(line, from, end);
        boolean counted = at > from && at - from < 7 && at + 1 < end && line[at] == ' ' && line[at + 1] == '<';
        return counted ? at + 1 : from;
    }

    private static boolean isNil(byte[] b, int from, int to) {
        return to - from == 1 && b[from] == '-';
    }

    private static int next(int end, int limit) {
        return Math.min(end + 1, limit);
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
