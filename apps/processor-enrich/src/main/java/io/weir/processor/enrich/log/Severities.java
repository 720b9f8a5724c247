package io.weir.processor.enrich.log;

import io.weir.processor.enrich.text.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One scale for all severities: {@code trace}, {@code debug}, {@code info}, {@code warn}, {@code error}, {@code fatal}.
 *
 * <p>Understood are the names of syslog (RFC 5424, also as a digit), log4j, java.util.logging, Python, Go's loggers and
 * Windows, their usual abbreviations, and the tens of bunyan and pino (10 trace to 60 fatal).
 */
public final class Severities {
    private static final byte[][] OF_SYSLOG = {
        ascii("fatal"),
        ascii("fatal"),
        ascii("fatal"),
        ascii("error"),
        ascii("warn"),
        ascii("info"),
        ascii("info"),
        ascii("debug")
    };

    private static final Vocabulary<byte[]> NAMES = new Vocabulary<>(names());

    private Severities() {}

    /** The severity on the fixed scale; null where the name means nothing here. The array is shared: read only. */
    public static byte @Nullable [] normalise(byte[] bytes, int offset, int length) {
        return NAMES.find(bytes, offset, length);
    }

    /** @param code RFC 5424's severity, 0 (emergency) to 7 (debug) */
    static byte[] ofSyslog(int code) {
        return OF_SYSLOG[code];
    }

    private static Map<String, byte[]> names() {
        Map<String, byte[]> names = new LinkedHashMap<>();
        put(names, "trace", "trace", "trc", "t", "verbose", "v", "finest", "finer", "all", "silly", "10");
        put(names, "debug", "debug", "dbg", "d", "fine", "7", "20");
        put(
                names,
                "info",
                "info",
                "inf",
                "i",
                "information",
                "informational",
                "notice",
                "note",
                "n",
                "config",
                "log",
                "success",
                "5",
                "6",
                "30");
        put(names, "warn", "warn", "warning", "wrn", "w", "4", "40");
        put(names, "error", "error", "err", "e", "severe", "eror", "failure", "3", "50");
        put(
                names,
                "fatal",
                "fatal",
                "ftl",
                "f",
                "critical",
                "crit",
                "c",
                "alert",
                "a",
                "emerg",
                "emergency",
                "panic",
                "dpanic",
                "0",
                "1",
                "2",
                "60");
        return names;
    }

    private static void put(Map<String, byte[]> names, String severity, String... aliases) {
        byte[] meaning = ascii(severity);
        for (String alias : aliases) {
            names.put(alias, meaning);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
