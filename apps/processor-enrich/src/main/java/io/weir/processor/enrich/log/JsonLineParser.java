package io.weir.processor.enrich.log;

import io.weir.event.EventHandler;
import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Field;
import io.weir.event.Rejection;
import io.weir.event.Stage;
import io.weir.processor.enrich.text.ByteBuilder;
import io.weir.processor.enrich.text.Utf8;
import io.weir.processor.enrich.text.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object a line, as structured loggers write them. The usual names for time, severity, message, source and the
 * parts of a request give the fields of the event; all else becomes attributes.
 *
 * <p>A logger knows nothing of the event contract, so a member whose value does not fit the field of its name is no error:
 * it stays an attribute. The same holds for a second member for the same field. Only the time must be readable, because
 * a line that stands at the wrong time misleads.
 */
final class JsonLineParser implements LineParser {
    /** Makes the reader check the line as it would check attributes: strictly as JSON, without types. */
    private static final byte[] BEFORE = ascii("{\"attributes\":");

    private static final byte[] LOG = ascii("log");
    private static final byte[] REQUEST = ascii("request");

    private enum Member {
        TIME,
        MESSAGE,
        SEVERITY,
        TYPE,
        SOURCE,
        USER,
        DEVICE,
        SESSION,
        TRACE,
        METHOD,
        ENDPOINT,
        REQUEST_LINE,
        STATUS,
        SIZE,
        MILLISECONDS,
        SECONDS,
        REFERRER,
        USER_AGENT,
        CLIENT
    }

    private static final Vocabulary<Member> NAMES = new Vocabulary<>(names());

    private final EventReader reader;
    private final TimestampLimits limits;
    private final LineText text = new LineText();
    private final RequestLine request = new RequestLine(text);
    private final ByteBuilder wrapped = new ByteBuilder(4096);
    private final ByteBuilder value = new ByteBuilder(512);
    private final Members members = new Members();

    /** @param reserved attributes that are added to the event afterwards, and so not left for the line's own */
    JsonLineParser(EventLimits limits, int reserved) {
        // The line is measured before it gets here; the frame around it must not make it too large.
        reader = new EventReader(
                new EventLimits(
                        Integer.MAX_VALUE,
                        limits.maxAttributes() - reserved,
                        limits.maxMeasurements(),
                        limits.maxDepth(),
                        limits.maxAge(),
                        limits.maxAhead()),
                Stage.INGEST);
        this.limits = new TimestampLimits(limits);
    }

    @Override
    public @Nullable Rejection parse(byte[] line, int offset, int length, long receivedAt, EventHandler out) {
        int after = endOfObject(line, offset, offset + length);
        if (after >= 0 && after < offset + length) {
            return Unreadable.line("the line goes on after its JSON object", after - offset);
        }
        wrapped.clear().append(BEFORE);
        if (Utf8.isWellFormed(line, offset, length)) {
            wrapped.append(line, offset, length);
        } else {
            Utf8.repair(line, offset, length, wrapped);
        }
        wrapped.append('}');
        members.begin(out, receivedAt);
        @Nullable Rejection rejection = reader.read(wrapped.array(), 0, wrapped.size(), receivedAt, members);
        if (rejection != null) {
            return ofLine(rejection, line, offset, length);
        }
        return members.end();
    }

    /**
     * Where the line goes on after its object and white space; its end if it does not, -1 if there is no whole object.
     * The frame needs this check: a line must not be able to close it.
     */
    private static int endOfObject(byte[] b, int from, int to) {
        int depth = 0;
        boolean string = false;
        for (int i = from; i < to; i++) {
            byte c = b[i];
            if (string) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    string = false;
                }
            } else if (c == '"') {
                string = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if ((c == '}' || c == ']') && --depth <= 0) {
                int end = i + 1;
                while (end < to && (b[end] == ' ' || b[end] == '\t' || b[end] == '\r' || b[end] == '\n')) {
                    end++;
                }
                return end;
            } else if (depth == 0 && c == ',') {
                return i;
            }
        }
        return -1;
    }

    private static Rejection ofLine(Rejection rejection, byte[] line, int offset, int length) {
        int position = rejection.offset() < 0 ? -1 : Math.min(Math.max(rejection.offset() - BEFORE.length, 0), length);
        return switch (rejection.reason()) {
            case "wrong_type" -> Unreadable.line("the line is JSON, but not an object", 0);
            case "malformed_json", "invalid_utf8" ->
                Unreadable.line("the line is not a JSON object: " + rejection.detail(), position);
            default -> new Rejection(rejection.reason(), null, rejection.detail(), position);
        };
    }

    /** Sorts the members of one line into fields and attributes. */
    private final class Members implements EventHandler {
        private final Set<Field> seen = EnumSet.noneOf(Field.class);
        private EventHandler out = this;
        private long receivedAt;
        private @Nullable Rejection rejection;

        void begin(EventHandler handler, long received) {
            out = handler;
            receivedAt = received;
            rejection = null;
            seen.clear();
        }

        @Nullable
        Rejection end() {
            if (!seen.contains(Field.TYPE)) {
                boolean isRequest = seen.contains(Field.METHOD)
                        && (seen.contains(Field.ENDPOINT) || seen.contains(Field.STATUS_CODE));
                byte[] type = isRequest ? REQUEST : LOG;
                out.text(Field.TYPE, type, 0, type.length);
            }
            return rejection;
        }

        @Override
        public void attribute(byte[] n, int nameFrom, int nameLength, byte[] b, int from, int length) {
            @Nullable Member member = NAMES.find(n, nameFrom, nameLength);
            if (member == null || length == 0 || !accept(member, b, from, from + length)) {
                out.attribute(n, nameFrom, nameLength, b, from, length);
            }
        }

        /** Whether the value went into the member's field. */
        private boolean accept(Member member, byte[] b, int from, int to) {
            boolean string = JsonText.isString(b, from);
            if (!string && !JsonText.isNumber(b, from)) {
                return b[from] == 'n'; // null says nothing
            }
            value.clear();
            if (string) {
                JsonText.appendText(b, from, to, value);
            } else {
                value.append(b, from, to - from);
            }
            if (value.size() == 0) {
                return false;
            }
            return switch (member) {
                case TIME -> time(from);
                case MESSAGE -> string && message();
                case SEVERITY -> Severities.normalise(value.array(), 0, value.size()) != null && text(Field.SEVERITY);
                case TYPE -> isSlug() && text(Field.TYPE);
                case SOURCE -> string && text(Field.SOURCE);
                case USER -> text(Field.USER_ID);
                case DEVICE -> text(Field.DEVICE_ID);
                case SESSION -> text(Field.SESSION_ID);
                case TRACE -> text(Field.TRACE_ID);
                case METHOD -> string && text(Field.METHOD);
                case ENDPOINT -> string && text(Field.ENDPOINT);
                case REQUEST_LINE -> string && requestLine();
                case STATUS -> number(Field.STATUS_CODE, 100, 599);
                case SIZE -> number(Field.BYTES, 0, Long.MAX_VALUE);
                case MILLISECONDS -> latency(1);
                case SECONDS -> latency(1000);
                case REFERRER -> string && text(Field.REFERRER);
                case USER_AGENT -> string && text(Field.USER_AGENT);
                case CLIENT -> IpAddress.matches(value.array(), 0, value.size()) && text(Field.CLIENT_IP);
            };
        }

        private boolean time(int position) {
            if (seen.contains(Field.TIMESTAMP)) {
                return false;
            }
            long timestamp = readTime(value.array(), value.size());
            if (timestamp == Timestamps.UNREADABLE) {
                if (rejection == null) {
                    rejection = Unreadable.field(
                            "timestamp",
                            "the time " + Unreadable.shown(value.array(), 0, value.size())
                                    + " is neither RFC 3339 nor a number of seconds, milliseconds, microseconds or"
                                    + " nanoseconds since 1970",
                            position - BEFORE.length);
                }
                return true;
            }
            seen.add(Field.TIMESTAMP);
            if (rejection == null) {
                rejection = limits.check(timestamp, receivedAt, position - BEFORE.length);
            }
            out.number(Field.TIMESTAMP, timestamp);
            return true;
        }

        private boolean message() {
            int size = value.size();
            while (size > 0 && (value.array()[size - 1] == '\n' || value.array()[size - 1] == '\r')) {
                size--; // Docker keeps the end of the line
            }
            if (size == 0 || !seen.add(Field.MESSAGE)) {
                return false;
            }
            text.text(out, Field.MESSAGE, value.array(), 0, size);
            return true;
        }

        private boolean text(Field field) {
            if (!seen.add(field)) {
                return false;
            }
            text.text(out, field, value.array(), 0, value.size());
            return true;
        }

        private boolean requestLine() {
            if (seen.contains(Field.METHOD) || seen.contains(Field.ENDPOINT)) {
                return false;
            }
            if (request.parse(value.array(), 0, value.size(), false, out)) {
                seen.add(Field.METHOD);
                seen.add(Field.ENDPOINT);
            }
            return true;
        }

        private boolean number(Field field, long lowest, long highest) {
            if (seen.contains(field) || value.size() > 18 || !areDigits()) {
                return false;
            }
            long number = Long.parseLong(value.toString());
            if (number < lowest || number > highest) {
                return false;
            }
            seen.add(field);
            out.number(field, number);
            return true;
        }

        private boolean latency(int millisecondsPerUnit) {
            if (seen.contains(Field.LATENCY_MS) || value.size() > 24) {
                return false;
            }
            double number;
            try {
                number = Double.parseDouble(value.toString()) * millisecondsPerUnit;
            } catch (NumberFormatException e) {
                return false;
            }
            if (!Double.isFinite(number) || number < 0) {
                return false;
            }
            seen.add(Field.LATENCY_MS);
            out.number(Field.LATENCY_MS, number);
            return true;
        }

        private boolean areDigits() {
            return Timestamps.afterDigits(value.array(), 0, value.size()) == value.size();
        }

        private boolean isSlug() {
            byte[] b = value.array();
            if (value.size() > 64 || b[0] < 'a' || b[0] > 'z') {
                return false;
            }
            for (int i = 1; i < value.size(); i++) {
                boolean word = (b[i] >= 'a' && b[i] <= 'z') || (b[i] >= '0' && b[i] <= '9');
                if (!word && b[i] != '_' && b[i] != '.' && b[i] != '-') {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void text(Field field, byte[] buffer, int offset, int length) {
            throw new IllegalStateException("a line within attributes has no field " + field);
        }

        @Override
        public void number(Field field, long number) {
            // The reader's default for a missing time; it is not the line's.
        }

        @Override
        public void number(Field field, double number) {
            throw new IllegalStateException("a line within attributes has no field " + field);
        }

        @Override
        public void flag(Field field, boolean flag) {
            throw new IllegalStateException("a line within attributes has no field " + field);
        }

        @Override
        public void measurement(byte[] name, int offset, int length, double number) {
            throw new IllegalStateException("a line within attributes has no measurements");
        }
    }

    /** The unit of a number follows from its size: each reading that lies between 1973 and 5138 is the only such one. */
    private static long readTime(byte[] b, int size) {
        int whole = Timestamps.afterDigits(b, 0, size);
        if (whole == 0 || whole > 19 || (whole < size && b[whole] != '.')) {
            return Timestamps.accessLog(b, 0, size);
        }
        if (whole < size && Timestamps.afterDigits(b, whole + 1, size) != size) {
            return Timestamps.UNREADABLE;
        }
        long number = 0;
        for (int i = 0; i < whole; i++) {
            number = number * 10 + (b[i] - '0');
        }
        if (number < 0) {
            return Timestamps.UNREADABLE;
        }
        if (number < 100_000_000_000L) {
            int fraction = whole < size ? Timestamps.milliseconds(b, whole + 1, size) : 0;
            return fraction < 0 ? Timestamps.UNREADABLE : number * 1000 + fraction;
        }
        if (number < 100_000_000_000_000L) {
            return number;
        }
        return number < 100_000_000_000_000_000L ? number / 1000 : number / 1_000_000;
    }

    private static Map<String, Member> names() {
        Map<String, Member> names = new HashMap<>();
        put(names, Member.TIME, "timestamp", "@timestamp", "time", "ts", "datetime", "@t", "event_time", "eventTime");
        put(names, Member.TIME, "time_iso8601", "time_local", "timestamp_ms", "asctime");
        put(names, Member.MESSAGE, "message", "msg", "log", "@m", "short_message");
        put(names, Member.SEVERITY, "severity", "level", "lvl", "loglevel", "log_level", "levelname", "@l");
        put(names, Member.SEVERITY, "log.level", "severity_text", "severityText");
        put(names, Member.TYPE, "type");
        put(names, Member.SOURCE, "source", "host", "hostname", "service", "service_name", "service.name", "host.name");
        put(names, Member.USER, "user_id", "userId", "remote_user");
        put(names, Member.DEVICE, "device_id", "deviceId");
        put(names, Member.SESSION, "session_id", "sessionId");
        put(names, Member.TRACE, "trace_id", "traceId", "trace.id");
        put(names, Member.METHOD, "method", "request_method", "http_method", "http.method", "http.request.method");
        put(names, Member.ENDPOINT, "endpoint", "uri", "url", "request_uri", "url.path", "http.target");
        put(names, Member.REQUEST_LINE, "request");
        put(names, Member.STATUS, "status_code", "status", "statusCode", "http_status", "response_code");
        put(names, Member.STATUS, "http.status_code", "http.response.status_code");
        put(names, Member.SIZE, "bytes", "body_bytes_sent", "bytes_sent", "response_size");
        put(names, Member.MILLISECONDS, "latency_ms", "duration_ms", "elapsed_ms", "response_time_ms", "responseTime");
        put(names, Member.SECONDS, "request_time", "duration_s", "latency_s");
        put(names, Member.REFERRER, "referrer", "referer", "http_referrer", "http_referer");
        put(names, Member.USER_AGENT, "user_agent", "http_user_agent", "userAgent", "user_agent.original", "agent");
        put(names, Member.CLIENT, "client_ip", "remote_addr", "remote_ip", "clientip", "client.ip", "remoteAddress");
        return names;
    }

    private static void put(Map<String, Member> names, Member member, String... aliases) {
        for (String alias : aliases) {
            names.put(alias, member);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
