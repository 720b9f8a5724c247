package io.weir.console.sql;

import io.weir.console.access.Caller;
import io.weir.console.account.ReaderLogins;
import io.weir.console.account.ReaderLogins.Login;
import io.weir.console.account.StatementLog;
import io.weir.console.warehouse.PatientClient;
import io.weir.console.warehouse.PatientClient.AbandonedException;
import io.weir.console.warehouse.PatientClient.Reply;
import io.weir.console.warehouse.PatientClient.Restarts;
import io.weir.console.warehouse.ServerProperties;
import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.user.Role;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseException;
import io.weir.warehouse.account.Limits;
import io.weir.warehouse.account.ReaderAccount;
import io.weir.warehouse.account.RefusedFunctions;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
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
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs people's SQL as the ClickHouse account of their tenant.
 *
 * <p>ClickHouse keeps a result until it is whole, beyond a mebibyte on its disk, and only then sends it: so what arrives here is known to be
 * good, how many rows it has and whether it was cut off, before the first byte goes to the client; and nothing is held here.
 */
@Component
class SqlQueries implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(SqlQueries.class);
    private static final String PREFIX = "weir-sql-";
    private static final int LONGEST_STATEMENT = 256 * 1024;
    private static final int LONGEST_PARAMETERS = 64 * 1024;
    private static final Duration GRACE = Duration.ofSeconds(20);

    /** A query that is running. */
    @JsonNaming(SnakeCaseStrategy.class)
    record Running(String id, double seconds, long rowsRead, String sql) {}

    /**
     * A result that is ready to be read to its end, and to be closed then.
     *
     * @param rows as ClickHouse counted them
     * @param truncated whether a limit cut rows off
     */
    record Result(String id, ResultFormat format, long rows, boolean truncated, Reply reply) implements AutoCloseable {
        @Override
        public void close() {
            reply.close();
        }
    }

    private final ReaderLogins logins;
    private final ServerProperties server;
    private final StatementLog statements;
    private final AuditLog audit;
    private final JsonMapper mapper;
    private final Limits limits;
    private final Warehouse warehouse;
    private final PatientClient http;
    private final Duration patience;

    SqlQueries(
            ReaderLogins logins, ServerProperties server, StatementLog statements, AuditLog audit, JsonMapper mapper) {
        this.logins = logins;
        this.server = server;
        this.statements = statements;
        this.audit = audit;
        this.mapper = mapper;
        this.limits = Limits.DEFAULT;
        this.warehouse = new Warehouse(server.settings());
        this.http = new PatientClient(
                server.settings().connectTimeout(),
                // Elsewhere a connection can break while the query goes on.
                logins.isEmbedded() ? Restarts.SENDS_AGAIN_AND_LEARNS_USERS : Restarts.NONE);
        this.patience = limits.executionTime().plus(GRACE);
    }

    /**
     * Runs a statement.
     *
     * @param abandoned whether nobody waits any more; asked several times a second, by this thread
     * @throws SqlException if it cannot be answered
     * @throws AbandonedException if nobody waits; the query is ended then
     */
    Result run(Caller caller, SqlRequest request, ResultFormat format, BooleanSupplier abandoned) {
        String sql = request.sql();
        if (sql == null || sql.isBlank()) {
            throw new SqlException(HttpStatus.BAD_REQUEST, "sql is missing");
        }
        if (sql.getBytes(StandardCharsets.UTF_8).length > LONGEST_STATEMENT) {
            throw new SqlException(HttpStatus.CONTENT_TOO_LARGE, "sql is longer than " + LONGEST_STATEMENT + " bytes");
        }
        String id = id(request.id());
        String parameters = request.parameters() == null ? "" : mapper.writeValueAsString(request.parameters());
        if (parameters.getBytes(StandardCharsets.UTF_8).length > LONGEST_PARAMETERS) {
            throw new SqlException(
                    HttpStatus.CONTENT_TOO_LARGE, "parameters are longer than " + LONGEST_PARAMETERS + " bytes");
        }
        if (logins.isEmbedded() && RefusedFunctions.mayBeIn(sql)) {
            SqlException refused = new SqlException(HttpStatus.FORBIDDEN, RefusedFunctions.WHY);
            statements.refused(caller.name(), caller.tenant(), "sql", id, sql, parameters, refused.reason());
            throw refused.of(id);
        }
        StatementLog.Statement statement = statements.begin(caller.name(), caller.tenant(), "sql", id, sql, parameters);
        Result result;
        try {
            result = run(caller, request, sql, id, format, abandoned);
        } catch (SqlException e) {
            statement.ended(e.status() == HttpStatus.FORBIDDEN ? "refused" : "failed", e.reason());
            throw e.of(id);
        } catch (AbandonedException e) {
            statement.ended("abandoned", "the client has gone");
            throw e;
        } catch (RuntimeException e) {
            statement.ended("failed", e.getClass().getSimpleName());
            throw e;
        }
        try {
            statement.answered(result.rows());
        } catch (RuntimeException e) {
            result.close();
            throw e;
        }
        return result;
    }

    private Result run(
            Caller caller, SqlRequest request, String sql, String id, ResultFormat format, BooleanSupplier abandoned) {
        if (server.password().isEmpty()) {
            throw new SqlException(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "the console has no account of ClickHouse: weir.clickhouse.password");
        }
        Login login = logins.forPeople(caller.tenant());
        Reply reply = ask(id, sql, request, format, caller, login, abandoned);
        if (!reply.header("X-ClickHouse-Format").equals(format.clickHouse)) {
            reply.close();
            throw new SqlException(
                    HttpStatus.BAD_REQUEST, "leave FORMAT out of the statement, and name the format beside it");
        }
        JsonNode summary = summary(reply);
        long rows = summary.path("result_rows").asLong(0);
        long bytes = summary.path("result_bytes").asLong(0);
        // ClickHouse stops after the block with which a limit was passed.
        boolean truncated = rows > limits.resultRows() || bytes > limits.resultBytes();
        return new Result(id, format, rows, truncated, reply);
    }

    private JsonNode summary(Reply reply) {
        try {
            return mapper.readTree(reply.header("X-ClickHouse-Summary"));
        } catch (JacksonException e) {
            reply.close();
            throw e;
        }
    }

    private static String id(@Nullable String wanted) {
        if (wanted == null) {
            return UUID.randomUUID().toString();
        }
        try {
            return UUID.fromString(wanted).toString();
        } catch (IllegalArgumentException e) {
            throw new SqlException(HttpStatus.BAD_REQUEST, "id is not a UUID");
        }
    }

    private Reply ask(
            String id,
            String sql,
            SqlRequest request,
            ResultFormat format,
            Caller caller,
            Login login,
            BooleanSupplier abandoned) {
        HttpPost question = new HttpPost(address(id, request, format));
        question.setHeader("X-ClickHouse-User", login.username());
        question.setHeader("X-ClickHouse-Key", login.password());
        question.setHeader("X-ClickHouse-Quota", quotaKey(caller));
        question.setEntity(new ByteArrayEntity(sql.getBytes(StandardCharsets.UTF_8), null));
        Reply reply;
        try {
            reply = send(question, id, login, abandoned);
        } catch (ConnectException e) {
            throw new SqlException(HttpStatus.SERVICE_UNAVAILABLE, "ClickHouse cannot be reached");
        } catch (TimeoutException e) {
            throw new SqlException(
                    HttpStatus.BAD_GATEWAY,
                    "ClickHouse has not answered in " + patience.toSeconds() + " s; the query is being ended");
        } catch (IOException e) {
            throw new SqlException(
                    HttpStatus.BAD_GATEWAY,
                    "the connection to ClickHouse broke; whether the query ran to its end is not known");
        }
        if (reply.status() == 200) {
            return reply;
        }
        String body = text(reply);
        if (reply.isOfAnUnknownUser()) {
            throw new SqlException(
                    HttpStatus.SERVICE_UNAVAILABLE, "the account with which ClickHouse is read is not there yet");
        }
        throw SqlException.of(body, reply.exceptionCode(), sql);
    }

    private Reply send(HttpPost request, String id, Login login, BooleanSupplier abandoned)
            throws IOException, TimeoutException {
        try {
            return http.send(broken -> request, patience, abandoned);
        } catch (ConnectException e) {
            throw e;
        } catch (AbandonedException | TimeoutException | IOException e) {
            // The closed connection ends the query too, but only when it next reports its progress.
            killIfPossible(id, login.username());
            throw e;
        }
    }

    /** What runs of the caller's queries; of an administrator's tenant, of all its people. */
    List<Running> running(Caller caller) {
        List<Running> running = new ArrayList<>();
        for (JsonNode row : processes()) {
            if (isOf(caller, row)) {
                running.add(new Running(
                        row.get("query_id").asString().substring(PREFIX.length()),
                        row.get("elapsed").asDouble(),
                        row.get("read_rows").asLong(),
                        row.get("query").asString()));
            }
        }
        return running;
    }

    /** Ends a query. Returns false if none of that id runs that the caller may end. */
    boolean cancel(Caller caller, UUID id) {
        for (JsonNode row : processes()) {
            if (row.get("query_id").asString().equals(PREFIX + id) && isOf(caller, row)) {
                kill(id.toString(), row.get("user").asString());
                audit.append(new AuditEvent(
                        caller.name(),
                        "sql.cancel",
                        caller.tenant() == null ? "" : caller.tenant(),
                        id.toString(),
                        Map.of()));
                return true;
            }
        }
        return false;
    }

    private List<JsonNode> processes() {
        List<JsonNode> rows = new ArrayList<>();
        warehouse
                .query("SELECT query_id, user, quota_key, elapsed, read_rows, query FROM system.processes"
                        + " WHERE startsWith(query_id, '" + PREFIX + "') FORMAT JSONEachRow")
                .lines()
                .filter(line -> !line.isBlank())
                .forEach(line -> rows.add(mapper.readTree(line)));
        return rows;
    }

    private static boolean isOf(Caller caller, JsonNode process) {
        boolean sameTenant =
                process.get("user").asString().equals(ReaderAccount.username(ReaderLogins.PEOPLE, caller.tenant()));
        if (caller.role().includes(Role.ADMIN)) {
            return caller.tenant() == null || sameTenant;
        }
        return sameTenant && process.get("quota_key").asString().equals(quotaKey(caller));
    }

    /** The user as well: the id may be one that a caller chose, and another's. */
    private void kill(String id, String user) {
        warehouse.query(
                "KILL QUERY WHERE query_id = '" + PREFIX + UUID.fromString(id) + "' AND user = '" + user + "' ASYNC");
    }

    /** For whoever is about to give up anyway. */
    private void killIfPossible(String id, String user) {
        try {
            kill(id, user);
        } catch (WarehouseException e) {
            LOG.warn("query {} was not ended, which its time limit does: {}", id, e.getMessage());
        }
    }

    /** Names can hold what a header cannot. */
    private static String quotaKey(Caller caller) {
        return URLEncoder.encode(caller.name(), StandardCharsets.UTF_8);
    }

    private URI address(String id, SqlRequest request, ResultFormat format) {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("query_id", PREFIX + id);
        query.put("default_format", format.clickHouse);
        if (format == ResultFormat.ARROW) {
            // Not every library for Arrow can unpack.
            query.put("output_format_arrow_compression_method", "none");
        }
        query.put("wait_end_of_query", "1");
        query.put("buffer_size", Integer.toString(1 << 20));
        if (request.parameters() != null) {
            request.parameters().forEach((name, value) -> {
                if (!name.matches("[A-Za-z_][A-Za-z0-9_]{0,63}")) {
                    throw new SqlException(HttpStatus.BAD_REQUEST, "parameters: '" + name + "' is not a name");
                }
                query.put("param_" + name, Parameters.text(name, value));
            });
        }
        StringBuilder address = new StringBuilder(server.url());
        if (URI.create(server.url()).getPath().isEmpty()) {
            address.append('/');
        }
        char separator = '?';
        for (Map.Entry<String, String> one : query.entrySet()) {
            address.append(separator)
                    .append(one.getKey())
                    .append('=')
                    .append(URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8));
            separator = '&';
        }
        return URI.create(address.toString());
    }

    private static String text(Reply reply) {
        try (reply) {
            return new String(reply.body().readNBytes(1 << 16), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() throws IOException {
        http.close();
    }
}
