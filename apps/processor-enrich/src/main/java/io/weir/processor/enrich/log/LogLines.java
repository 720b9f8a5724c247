package io.weir.processor.enrich.log;

import io.weir.event.EventHandler;
import io.weir.event.EventLimits;
import io.weir.event.Reason;
import io.weir.event.Rejection;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads log lines of every {@link LogFormat} into the fields of an event.
 *
 * <p>The line itself is kept: as {@code message} where the format has no message of its own, else as the attribute {@code
 * raw_line} (if asked for). Not thread-safe.
 */
public final class LogLines {
    private static final byte[] RAW_LINE = "raw_line".getBytes(StandardCharsets.US_ASCII);

    private final Map<LogFormat, LineParser> parsers;
    private final EventLimits limits;
    private final boolean keepRawLine;
    private final LineText text = new LineText();

    /** @param parsers one for each format */
    public LogLines(Map<LogFormat, LineParser> parsers, EventLimits limits, boolean keepRawLine) {
        this.parsers = new EnumMap<>(parsers);
        this.limits = limits;
        this.keepRawLine = keepRawLine;
    }

    /**
     * @param syslogZone the zone of syslog times that name none
     * @param keepRawLine whether JSON and syslog lines, whose parts all become fields, are also kept as they came
     */
    public static LogLines of(EventLimits limits, ZoneId syslogZone, boolean keepRawLine) {
        TimestampLimits timestamps = new TimestampLimits(limits);
        Map<LogFormat, LineParser> parsers = new EnumMap<>(LogFormat.class);
        parsers.put(LogFormat.COMBINED, new AccessLogParser(true, timestamps));
        parsers.put(LogFormat.COMMON, new AccessLogParser(false, timestamps));
        parsers.put(LogFormat.JSON, new JsonLineParser(limits, 1));
        parsers.put(LogFormat.SYSLOG, new SyslogParser(timestamps, syslogZone.normalized()));
        parsers.put(LogFormat.RAW, new RawLineParser());
        return new LogLines(parsers, limits, keepRawLine);
    }

    /**
     * @param receivedAt epoch milliseconds
     * @return null if the line was read and handed to {@code out} whole; otherwise why not
     */
    public @Nullable Rejection read(
            LogFormat format, byte[] line, int offset, int length, long receivedAt, EventHandler out) {
        if (length > limits.maxEventBytes()) {
            return new Rejection(
                    Reason.TOO_LARGE,
                    null,
                    "the line has " + length + " bytes; at most " + limits.maxEventBytes() + " are allowed",
                    -1);
        }
        LineParser parser = parsers.get(format);
        if (parser == null) {
            throw new IllegalStateException("no parser for " + format);
        }
        @Nullable Rejection rejection = parser.parse(line, offset, length, receivedAt, out);
        if (rejection == null && keepRawLine && (format == LogFormat.JSON || format == LogFormat.SYSLOG)) {
            text.attribute(out, RAW_LINE, line, offset, offset + length);
        }
        return rejection;
    }
}
