package io.weir.processor.enrich.log;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The formats of log lines, by the names that the {@code content-type} header carries ({@code text/plain; format=NAME}). */
public enum LogFormat {
    COMBINED,
    COMMON,
    JSON,
    SYSLOG,
    RAW;

    private static final String TEXT = "text/plain";
    private static final String PARAMETER = "format=";

    /**
     * The format of a record with this content type; null if it is no log line but an event. Text without a format, or
     * with an unknown one, is {@link #RAW}: its lines are kept, whatever they are.
     */
    public static @Nullable LogFormat ofContentType(byte[] header) {
        String contentType = new String(header, StandardCharsets.UTF_8)
                .toLowerCase(Locale.ROOT)
                .strip();
        if (!contentType.startsWith(TEXT)) {
            return null;
        }
        for (String part : contentType.substring(TEXT.length()).split(";", -1)) {
            String parameter = part.strip();
            if (parameter.startsWith(PARAMETER)) {
                String name = parameter.substring(PARAMETER.length()).replace("\"", "");
                for (LogFormat format : values()) {
                    if (format.name().equalsIgnoreCase(name)) {
                        return format;
                    }
                }
            }
        }
        return RAW;
    }
}
