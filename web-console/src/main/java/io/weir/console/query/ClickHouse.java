package io.weir.console.query;

import io.weir.console.warehouse.PatientClient;
import io.weir.console.warehouse.PatientClient.AbandonedException;
import io.weir.console.warehouse.PatientClient.Reply;
import io.weir.console.warehouse.PatientClient.Restarts;
import io.weir.warehouse.WarehouseSettings;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks ClickHouse, and never changes anything there. Safe to use from several threads.
 *
 * <p>When whoever waits for the answer is gone, or the time is up, the connection is closed, at which ClickHouse ends the statement.
 */
public final class ClickHouse implements Closeable {

    /** @param rowsRead by ClickHouse @param elapsed by its own clock */
    public record Result(String queryId, List<JsonNode> rows, long rowsRead, Duration elapsed) {}

    /**
     * How long to wait.
     *
     * @param timeout of the statement
     * @param abandoned whether nobody waits for the answer any more; asked several times a second, by the thread that waits
     */
    public record Wait(Duration timeout, BooleanSupplier abandoned) {}

    private static final int UNREACHABLE = -1;
    private static final int TIMEOUT_EXCEEDED = 159;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** ClickHouse refused a statement or could not be asked. */
    public static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int code;

        Failure(int code, String message, @Nullable Throwable cause) {
            super(message, cause);
            this.code = code;
        }

        /** Whether it is away; to ask again later may help. */
        public boolean isAway() {
            // TOO_MANY_SIMULTANEOUS_QUERIES
            return code == UNREACHABLE || code == 202;
        }

        /** Whether the statement needs more than one may use: time, memory, rows or bytes. */
        public boolean isTooMuch() {
            // TOO_MANY_ROWS, TOO_MANY_BYTES, TOO_SLOW, MEMORY_LIMIT_EXCEEDED, TOO_MANY_ROWS_OR_BYTES
            return List.of(158, 307, TIMEOUT_EXCEEDED, 160, 241, 396).contains(code);
        }
    }

    private final WarehouseSettings settings;
    private final Map<String, String> limits;
    private final PatientClient http;

    /** @param limits settings of ClickHouse for every statement */
    public ClickHouse(WarehouseSettings settings, Map<String, String> limits) {
        this.settings = settings;
        this.limits = Map.copyOf(limits);
        this.http = new PatientClient(settings.connectTimeout(), Restarts.SENDS_AGAIN);
    }

    String database() {
        return settings.database();
    }

    /**
     * Runs a SELECT; again where the connection breaks, and after waiting {@link PatientClient#RESTART} for a server that has gone.
     *
     * @throws Failure if ClickHouse refuses, is away, or the time is up
     * @throws AbandonedException if nobody waits for the answer any more
     */
    public Result query(String sql, Map<String, String> parameters, Wait wait) {
        List<String> queryIds = new ArrayList<>();
        IntFunction<HttpUriRequestBase> request = broken -> {
            String queryId = "weir-console-" + UUID.randomUUID();
            queryIds.add(queryId);
            HttpPost post = new HttpPost(address(queryId, parameters, wait.timeout()));
            post.setHeader("X-ClickHouse-User", settings.username());
            post.setHeader("X-ClickHouse-Key", settings.password());
            post.setEntity(new ByteArrayEntity((sql + "\nFORMAT JSONCompact").getBytes(StandardCharsets.UTF_8), null));
            return post;
        };
        int status;
        int code;
        byte[] body;
        try (Reply reply = http.read(request, wait.timeout().plus(GRACE), wait.abandoned())) {
            status = reply.status();
            code = reply.exceptionCode();
            body = reply.body().readAllBytes();
        } catch (TimeoutException e) {
            throw new Failure(UNREACHABLE, "ClickHouse has not answered in " + wait.timeout(), e);
        } catch (IOException e) {
            throw new Failure(UNREACHABLE, "ClickHouse cannot be reached: " + e.getMessage(), e);
        }
        if (status != 200) {
            throw new Failure(code, new String(body, StandardCharsets.UTF_8).strip(), null);
        }
        JsonNode answer;
        try {
            answer = MAPPER.readTree(body);
        } catch (JacksonException e) {
            throw new Failure(UNREACHABLE, "what answers at ClickHouse's address is not ClickHouse", e);
        }
        JsonNode statistics = answer.path("statistics");
        if (!answer.path("data").isArray() || !statistics.isObject()) {
            throw new Failure(UNREACHABLE, "what answers at ClickHouse's address is not ClickHouse", null);
        }
        List<JsonNode> rows = new ArrayList<>();
        answer.get("data").forEach(rows::add);
        return new Result(
                queryIds.get(queryIds.size() - 1),
                rows,
                statistics.path("rows_read").asLong(0),
                Duration.ofNanos((long) (statistics.path("elapsed").asDouble(0) * 1e9)));
    }

    private URI address(String queryId, Map<String, String> parameters, Duration timeout) {
        Map<String, String> query = new LinkedHashMap<>(limits);
        query.put("query_id", queryId);
        query.put("max_execution_time", Double.toString(timeout.toMillis() / 1000.0));
        query.put("timeout_overflow_mode", "throw");
        query.put("readonly", "1");
        query.put("cancel_http_readonly_queries_on_client_close", "1");
        // A failure after the first byte of an answer would come as success otherwise.
        query.put("wait_end_of_query", "1");
        query.put("send_progress_in_http_headers", "0");
        query.put("output_format_json_quote_64bit_integers", "0");
        query.put("output_format_json_quote_denormals", "0");
        query.put("prefer_column_name_to_alias", "1");
        query.put("join_use_nulls", "0");
        // The two copies of an event have the same day.
        query.put("do_not_merge_across_partitions_select_final", "1");
        query.put("log_comment", "weir-console");
        StringBuilder address = new StringBuilder(settings.url());
        if (URI.create(settings.url()).getPath().isEmpty()) {
            address.append('/');
        }
        char separator = '?';
        for (Map.Entry<String, String> one : query.entrySet()) {
            separator = append(address, separator, one.getKey(), one.getValue());
        }
        for (Map.Entry<String, String> one : parameters.entrySet()) {
            separator = append(address, separator, "param_" + one.getKey(), escaped(one.getValue()));
        }
        return URI.create(address.toString());
    }

    private static char append(StringBuilder address, char separator, String name, String value) {
        address.append(separator).append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        return '&';
    }

    /** A parameter's value is read as a field of a tab-separated line. */
    private static String escaped(String value) {
        return value.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    @Override
    public void close() throws IOException {
        http.close();
    }
}
