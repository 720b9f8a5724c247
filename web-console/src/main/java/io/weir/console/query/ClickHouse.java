package io.weir.console.query;

import io.weir.warehouse.WarehouseSettings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks ClickHouse, and never changes anything there. Safe to use from several threads.
 *
 * <p>When whoever waits for the answer is gone, or the time is up, the connection is closed, at which ClickHouse ends the statement.
 */
public final class ClickHouse {

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
    private static final long LOOK_EVERY_MILLIS = 100;
    private static final Duration RESTART = Duration.ofSeconds(10);

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

    /** Whoever asked is gone; nobody reads this. */
    public static final class AbandonedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        AbandonedException() {
            super("the client has gone", null, false, false);
        }
    }

    private final WarehouseSettings settings;
    private final Map<String, String> limits;
    private final HttpClient http;

    /** @param limits settings of ClickHouse for every statement */
    public ClickHouse(WarehouseSettings settings, Map<String, String> limits) {
        this.settings = settings;
        this.limits = Map.copyOf(limits);
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.connectTimeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    String database() {
        return settings.database();
    }

    /**
     * Runs a SELECT; where nothing listens, after waiting some seconds for a server that is just being started.
     *
     * @throws Failure if ClickHouse refuses, is away, or the time is up
     * @throws AbandonedException if nobody waits for the answer any more
     */
    public Result query(String sql, Map<String, String> parameters, Wait wait) {
        String queryId = "weir-console-" + UUID.randomUUID();
        long patience = System.nanoTime() + RESTART.toNanos();
        boolean isFirst = true;
        while (true) {
            try {
                return once(isFirst ? queryId : queryId + "-2", sql, parameters, wait);
            } catch (IOException e) {
                boolean nobodyListens = e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
                if (nobodyListens ? System.nanoTime() > patience : !isFirst) {
                    throw new Failure(UNREACHABLE, "ClickHouse cannot be reached: " + e.getMessage(), e);
                }
                if (nobodyListens) {
                    pause(wait);
                } else {
                    // A connection that was kept may have been closed by the other side meanwhile. A SELECT may be sent
                    // again.
                    isFirst = false;
                }
            }
        }
    }

    /** The embedded server is started anew to learn of an account, and whatever dies is. */
    private static void pause(Wait wait) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MILLIS));
        if (wait.abandoned().getAsBoolean() || Thread.currentThread().isInterrupted()) {
            throw new AbandonedException();
        }
    }

    private Result once(String queryId, String sql, Map<String, String> parameters, Wait wait) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(address(queryId, parameters, wait.timeout()))
                .header("X-ClickHouse-User", settings.username())
                .header("X-ClickHouse-Key", settings.password())
                .POST(HttpRequest.BodyPublishers.ofString(sql + "\nFORMAT JSONCompact"))
                .build();
        HttpResponse<byte[]> response = send(request, wait);
        if (response.statusCode() != 200) {
            int code = response.headers()
                    .firstValue("X-ClickHouse-Exception-Code")
                    .map(Integer::parseInt)
                    .orElse(0);
            throw new Failure(code, new String(response.body(), StandardCharsets.UTF_8).strip(), null);
        }
        try {
            JsonNode answer = MAPPER.readTree(response.body());
            JsonNode statistics = answer.get("statistics");
            List<JsonNode> rows = new ArrayList<>();
            answer.get("data").forEach(rows::add);
            return new Result(queryId, rows, statistics.get("rows_read").longValue(), Duration.ofNanos((long)
                    (statistics.get("elapsed").doubleValue() * 1e9)));
        } catch (JacksonException e) {
            throw new IOException("the answer broke off", e);
        }
    }

    private HttpResponse<byte[]> send(HttpRequest request, Wait wait) throws IOException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
        long deadline = System.nanoTime() + wait.timeout().plus(GRACE).toNanos();
        try {
            while (true) {
                try {
                    return answer.get(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (wait.abandoned().getAsBoolean()) {
                        throw new AbandonedException();
                    }
                    if (System.nanoTime() > deadline) {
                        throw new Failure(UNREACHABLE, "ClickHouse has not answered in " + wait.timeout(), e);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AbandonedException();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            // Closes the connection if there is no answer yet.
            answer.cancel(true);
        }
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
}
