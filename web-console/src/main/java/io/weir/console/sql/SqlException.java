package io.weir.console.sql;

import io.weir.console.api.ApiProblems;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatus;

/** A query that cannot be answered, with what the person is told. */
final class SqlException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private static final Pattern CLICKHOUSE = Pattern.compile(
            "(?s)Code: (\\d+)\\. DB::Exception: (.*?)(?:\\. )?(?:\\(([A-Z_0-9]+)\\))?\\s*(?:\\(version [^)]*\\))?\\s*");
    private static final Pattern POSITION = Pattern.compile("failed at position (\\d+)");

    private static final Pattern TABLE = Pattern.compile("(?i)grant SELECT.* ON \\w+\\.\\w+");
    private static final int ACCESS_DENIED = 497;
    private static final String OF_ONES_OWN = ". What you may read is named without a database: SELECT ... FROM events";

    private final HttpStatus status;
    private final Map<String, Object> properties;

    SqlException(HttpStatus status, String detail, Map<String, Object> properties) {
        super(detail);
        this.status = status;
        this.properties = properties;
    }

    SqlException(HttpStatus status, String detail) {
        this(status, detail, Map.of());
    }

    HttpStatus status() {
        return status;
    }

    Map<String, Object> properties() {
        return properties;
    }

    /** The same, of the statement that is on record under that id. */
    SqlException of(String queryId) {
        Map<String, Object> all = new LinkedHashMap<>(properties);
        all.put(ApiProblems.QUERY_ID, queryId);
        return new SqlException(status, String.valueOf(getMessage()), all);
    }

    /** In a word: ClickHouse's name for it, or the status. */
    String reason() {
        return String.valueOf(properties.getOrDefault("error", status.name()));
    }

    /** ClickHouse's own reason, with the place in the statement if it names one. */
    static SqlException of(String body, int headerCode, String sql) {
        Map<String, Object> properties = new LinkedHashMap<>();
        Matcher said = CLICKHOUSE.matcher(body.strip());
        if (!said.matches()) {
            return new SqlException(
                    HttpStatus.BAD_GATEWAY, "ClickHouse refused the query without saying why", properties);
        }
        int code = headerCode == 0 ? Integer.parseInt(said.group(1)) : headerCode;
        properties.put("code", code);
        String name = said.group(3);
        if (name != null) {
            properties.put("error", name);
        }
        Matcher position = POSITION.matcher(said.group(2));
        if (position.find()) {
            place(sql, Integer.parseInt(position.group(1)), properties);
        }
        String why = said.group(2).strip();
        return new SqlException(
                status(code), code == ACCESS_DENIED && TABLE.matcher(why).find() ? why + OF_ONES_OWN : why, properties);
    }

    /** @param position counted in bytes from 1 */
    private static void place(String sql, int position, Map<String, Object> properties) {
        byte[] bytes = sql.getBytes(StandardCharsets.UTF_8);
        String before = new String(bytes, 0, Math.min(Math.max(position - 1, 0), bytes.length), StandardCharsets.UTF_8);
        properties.put("line", (int) before.chars().filter(c -> c == '\n').count() + 1);
        properties.put("column", before.length() - before.lastIndexOf('\n'));
    }

    private static HttpStatus status(int code) {
        return switch (code) {
            case 164, ACCESS_DENIED -> HttpStatus.FORBIDDEN; // READONLY
            case 201 -> HttpStatus.TOO_MANY_REQUESTS; // QUOTA_EXCEEDED
            case 202, 210, 279, 516 -> HttpStatus.SERVICE_UNAVAILABLE; // busy, network, the account is not there yet
            case 216, 394 -> HttpStatus.CONFLICT; // the id is in use; cancelled
            case 158, 159, 160, 241, 307, 396 -> HttpStatus.UNPROCESSABLE_CONTENT; // rows, time, memory, bytes
            default -> HttpStatus.BAD_REQUEST;
        };
    }
}
