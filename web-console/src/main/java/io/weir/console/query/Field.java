package io.weir.console.query;

import io.weir.warehouse.account.ReaderViews;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a query may filter and group by: a column of events, a path of their attributes, or the name of a measurement.
 *
 * @param name as a query says it
 * @param personal whether callers from whom personal data is hidden may not use it
 */
public record Field(String name, Kind kind, boolean personal) {

    /** What its values are, and so how they are compared. */
    public enum Kind {
        /** Empty where absent. */
        TEXT,
        /** Null where absent. */
        NUMBER,
        FLAG,
        /** Text or a number, as the query compares it; empty or null where absent. */
        ATTRIBUTE,
        MEASUREMENT
    }

    public static final String TENANT = "tenant";
    static final String DEVICE = "device_id";
    static final String MEASUREMENT = "measurement";
    private static final String ATTRIBUTES = "attributes.";
    private static final int LONGEST_PATH = 256;

    // Other characters are ClickHouse's own language of types in paths: attributes.:`Array(JSON)` ends its process.
    private static final Pattern PATH = Pattern.compile("attributes(\\.[\\p{L}\\p{N}_@$/ -]+)+");

    private static final Map<String, Field> COLUMNS = columns();

    /** The field of that name, or null if there is none. */
    static @Nullable Field named(String name) {
        if (name.startsWith(ATTRIBUTES)
                && name.length() <= LONGEST_PATH
                && PATH.matcher(name).matches()) {
            return new Field(name, Kind.ATTRIBUTE, isPersonal("attributes"));
        }
        return COLUMNS.get(name);
    }

    /** Those that have a name of their own. */
    static Iterable<Field> all() {
        return COLUMNS.values();
    }

    /** The column, or the path among the attributes. */
    String column() {
        return switch (kind) {
            case TEXT, NUMBER, FLAG -> name;
            case ATTRIBUTE -> name.substring(ATTRIBUTES.length());
            case MEASUREMENT -> "name";
        };
    }

    private static boolean isPersonal(String column) {
        return ReaderViews.PERSONAL_COLUMNS.contains(column);
    }

    private static Map<String, Field> columns() {
        Map<String, Field> columns = new LinkedHashMap<>();
        for (String name : List.of(
                TENANT,
                "type",
                "source",
                "endpoint_template",
                "endpoint",
                "method",
                "status_class",
                "severity",
                "country",
                "network",
                "device_class",
                "device_group",
                DEVICE,
                "browser",
                "os",
                "user_id",
                "session_id",
                "client_ip",
                "referrer",
                "user_agent",
                "message",
                "trace_id",
                "id")) {
            columns.put(name, new Field(name, Kind.TEXT, isPersonal(name)));
        }
        for (String name : List.of("status_code", "latency_ms", "bytes")) {
            columns.put(name, new Field(name, Kind.NUMBER, false));
        }
        columns.put("is_bot", new Field("is_bot", Kind.FLAG, false));
        columns.put(MEASUREMENT, new Field(MEASUREMENT, Kind.MEASUREMENT, false));
        return columns;
    }
}
