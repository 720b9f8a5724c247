package io.weir.console.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.weir.console.access.AccessLog;
import io.weir.console.account.ReaderLogins.Login;
import io.weir.console.api.ClientConnection;
import io.weir.console.api.WatchedProtocol;
import io.weir.console.warehouse.PatientClient;
import io.weir.console.warehouse.PatientClient.AbandonedException;
import io.weir.console.warehouse.PatientClient.Reply;
import io.weir.console.warehouse.PatientClient.Restarts;
import io.weir.console.warehouse.ServerProperties;
import io.weir.metadata.account.WarehouseAccount;
import io.weir.metadata.account.WarehouseAccounts;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseException;
import io.weir.warehouse.account.Limits;
import io.weir.warehouse.account.ReaderAccount;
import io.weir.warehouse.account.RefusedFunctions;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import tools.jackson.databind.json.JsonMapper;

/** Answers what comes to the {@link Gate}: looks who asks and what, and passes it on. */
@Component
@ConditionalOnProperty(name = "weir.accounts.users", havingValue = "file")
class GateRequests implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(GateRequests.class);
    /** ClickHouse reads no longer ones. */
    private static final int LARGEST_STATEMENT = 256 * 1024;

    static final int MOST_AT_ONCE = 32;
    private static final int MOST_PINGS = 16;
    private static final Duration PING_PATIENCE = Duration.ofSeconds(5);
    /** Of a statement. */
    private static final Duration LONGEST_SENDING = Duration.ofSeconds(30);

    private static final Duration LONGEST_QUERY = Limits.DEFAULT.executionTime().plusSeconds(20);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Pattern SAFE_ID = Pattern.compile("[A-Za-z0-9_.:-]{1,100}");
    private static final Set<String> NOT_PASSED_ON = Set.of(
            "host",
            "connection",
            "content-length",
            "authorization",
            "x-clickhouse-user",
            "x-clickhouse-key",
            "transfer-encoding",
            "expect",
            "upgrade",
            "http2-settings",
            "te",
            "trailer",
            "keep-alive");
    /** An answer whose headers come bit by bit has begun: nobody looks any more whether its reader is still there. */
    private static final Set<String> SET_HERE =
            Set.of("user", "password", "query_id", "wait_end_of_query", "buffer_size", "send_progress_in_http_headers");

    private record Parameter(String name, String value) {}

    private static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int status;
        private final int code;

        RefusedException(int status, int code, String message) {
            super(message, null, false, false);
            this.status = status;
            this.code = code;
        }
    }

    private final WarehouseAccounts accounts;
    private final ReaderLogins logins;
    private final ServerProperties server;
    private final AccountProperties properties;
    private final StatementLog statements;
    private final AccessLog log;
    private final JsonMapper mapper;
    private final Warehouse warehouse;
    private final Semaphore places = new Semaphore(MOST_AT_ONCE);
    private final Semaphore pings = new Semaphore(MOST_PINGS);
    private final PatientClient http;
    private final Cache<UUID, Bucket> rates = Caffeine.newBuilder()
            // After that a bucket is full again.
            .expireAfterAccess(MINUTE.plusSeconds(1))
            .build();

    GateRequests(
            WarehouseAccounts accounts,
            ReaderLogins logins,
            ServerProperties server,
            AccountProperties properties,
            StatementLog statements,
            AccessLog log,
            JsonMapper mapper) {
        this.accounts = accounts;
        this.logins = logins;
        this.server = server;
        this.properties = properties;
        this.statements = statements;
        this.log = log;
        this.mapper = mapper;
        this.warehouse = new Warehouse(server.settings());
        this.http = new PatientClient(server.settings().connectTimeout(), Restarts.SENDS_AGAIN_AND_LEARNS_USERS);
    }

    void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            pass(request, response);
        } catch (RefusedException e) {
            refuse(e, response);
        } catch (AbandonedException e) {
            // There is nobody to answer.
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("PostgreSQL does not answer the gate: {}", e.getMessage());
            refuse(
                    new RefusedException(503, 210, "the metadata do not answer; ask again in a while. (NETWORK_ERROR)"),
                    response);
        } catch (RuntimeException e) {
            LOG.error("the gate failed", e);
            if (response.isCommitted()) {
                // Breaks the connection: an answer that ends in good order looks complete.
                throw e;
            }
            response.reset();
            refuse(new RefusedException(500, 1001, "the gate could not answer. (STD_EXCEPTION)"), response);
        }
    }

    private static void refuse(RefusedException e, HttpServletResponse response) throws IOException {
        byte[] body =
                ("Code: " + e.code + ". DB::Exception: " + e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
        response.setStatus(e.status);
        response.setHeader("Content-Type", "text/plain; charset=UTF-8");
        response.setHeader("X-ClickHouse-Exception-Code", Integer.toString(e.code));
        if (e.status == 401) {
            response.setHeader("WWW-Authenticate", "Basic realm=\"ClickHouse\"");
        }
        if (e.status == 503 || e.status == 429) {
            response.setHeader("Retry-After", "1");
        }
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    private void pass(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String method = request.getMethod();
        if (!Set.of("GET", "POST", "HEAD").contains(method)) {
            throw new RefusedException(405, 344, "method " + method + " is not passed on");
        }
        String path = request.getRequestURI();
        if (!path.equals("/") && !path.equals("/ping")) {
            throw new RefusedException(404, 344, "there is no such path");
        }
        ClientConnection client = WatchedProtocol.connection(request);
        if (path.equals("/ping")) {
            ping(response, client);
            return;
        }
        List<Parameter> parameters = parameters(request.getQueryString());
        // Before any of the body is read.
        WarehouseAccount account = account(request, parameters);
        if (!rates.get(account.id(), any -> bucket()).tryConsume(1)) {
            throw new RefusedException(
                    429,
                    201,
                    "the " + properties.gateRate() + " requests of this minute are used up. (QUOTA_EXCEEDED)");
        }
        byte[] body = body(request, parameters);
        if (!places.tryAcquire()) {
            throw new RefusedException(
                    503, 202, "more than " + MOST_AT_ONCE + " queries run. (TOO_MANY_SIMULTANEOUS_QUERIES)");
        }
        try {
            run(request, response, account, parameters, body, client);
        } finally {
            places.release();
        }
    }

    /** Whoever it is may ask; so that it takes nothing from those who have an account, few at once do. */
    private void ping(HttpServletResponse response, ClientConnection client) throws IOException {
        if (!pings.tryAcquire()) {
            throw new RefusedException(
                    503, 202, "more than " + MOST_PINGS + " pings wait. (TOO_MANY_SIMULTANEOUS_QUERIES)");
        }
        try (Reply reply = send(new HttpGet(server.url() + "/ping"), PING_PATIENCE, client)) {
            answer(response, reply);
        } finally {
            pings.release();
        }
    }

    private Bucket bucket() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(properties.gateRate()).refillGreedy(properties.gateRate(), MINUTE))
                .build();
    }

    private void run(
            HttpServletRequest request,
            HttpServletResponse response,
            WarehouseAccount account,
            List<Parameter> parameters,
            byte[] body,
            ClientConnection client)
            throws IOException {
        Login login = logins.derived(ReaderAccount.username(account.label(), account.tenant()));
        String query = value(parameters, "query");
        String text = new String(body, StandardCharsets.UTF_8);
        String id = SAFE_ID.matcher(value(parameters, "query_id")).matches()
                ? value(parameters, "query_id")
                : "weir-gate-" + UUID.randomUUID();
        String sql = query.isEmpty() || text.isEmpty() ? query + text : query + "\n" + text;
        String values = parameters.stream()
                .filter(parameter -> parameter.name().startsWith("param_"))
                .map(parameter -> parameter.name() + "=" + parameter.value())
                .collect(Collectors.joining("\n"));
        // Whichever way ClickHouse puts the two together.
        if (RefusedFunctions.mayBeIn(query + text) || RefusedFunctions.mayBeIn(query + "\n" + text)) {
            statements.refused(login.username(), account.tenant(), "account", id, sql, values, "ACCESS_DENIED");
            throw new RefusedException(403, 497, RefusedFunctions.WHY + ". (ACCESS_DENIED)");
        }
        StatementLog.Statement statement =
                statements.begin(login.username(), account.tenant(), "account", id, sql, values);
        try {
            answer(request, response, parameters, body, client, login, id, statement);
        } catch (RuntimeException e) {
            if (!statement.isOver()) {
                statement.ended("failed", e.getClass().getSimpleName());
            }
            throw e;
        }
    }

    private void answer(
            HttpServletRequest request,
            HttpServletResponse response,
            List<Parameter> parameters,
            byte[] body,
            ClientConnection client,
            Login login,
            String id,
            StatementLog.Statement statement)
            throws IOException {
        Reply reply;
        try {
            reply = send(question(request, parameters, body, id, login), LONGEST_QUERY, client);
        } catch (RefusedException e) {
            kill(id, login);
            statement.ended("failed", Integer.toString(e.code));
            throw e;
        } catch (AbandonedException e) {
            // The closed connection ends the query too, but only when it next reports its progress.
            kill(id, login);
            statement.ended("abandoned", "the client has gone");
            throw e;
        }
        try (reply) {
            if (reply.status() == 200) {
                statement.answered(rows(reply));
            } else {
                statement.ended("failed", reply.header(PatientClient.EXCEPTION_CODE));
            }
            answer(response, reply);
        }
    }

    private HttpUriRequestBase question(
            HttpServletRequest request, List<Parameter> parameters, byte[] body, String id, Login login) {
        // A result is held back until it is whole, as that of SQL over REST: what came of it is known before it begins.
        StringBuilder address = new StringBuilder(server.url())
                .append("/?wait_end_of_query=1&buffer_size=")
                .append(1 << 20)
                .append("&query_id=")
                .append(encoded(id));
        for (Parameter parameter : parameters) {
            if (!SET_HERE.contains(parameter.name())) {
                address.append('&')
                        .append(encoded(parameter.name()))
                        .append('=')
                        .append(encoded(parameter.value()));
            }
        }
        HttpUriRequestBase question = new HttpUriRequestBase(request.getMethod(), URI.create(address.toString()));
        if (body.length > 0 || request.getMethod().equals("POST")) {
            question.setEntity(new ByteArrayEntity(body, null));
        }
        for (String name : Collections.list(request.getHeaderNames())) {
            if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
                Collections.list(request.getHeaders(name)).forEach(value -> question.addHeader(name, value));
            }
        }
        question.setHeader("X-ClickHouse-User", login.username());
        question.setHeader("X-ClickHouse-Key", login.password());
        return question;
    }

    private Reply send(HttpUriRequestBase request, Duration patience, ClientConnection client) {
        Reply reply;
        try {
            reply = http.send(broken -> request, patience, client::isClosed);
        } catch (TimeoutException e) {
            throw new RefusedException(503, 159, "no answer in time. (TIMEOUT_EXCEEDED)");
        } catch (IOException e) {
            throw new RefusedException(503, 210, "ClickHouse cannot be reached. (NETWORK_ERROR)");
        }
        if (!reply.isOfAnUnknownUser()) {
            return reply;
        }
        // Its password was right here.
        reply.close();
        throw new RefusedException(
                503, 516, "ClickHouse does not know the account yet: ask again. (AUTHENTICATION_FAILED)");
    }

    private void kill(String id, Login login) {
        try {
            warehouse.query("KILL QUERY WHERE query_id = '" + id + "' AND user = '" + login.username() + "' ASYNC");
        } catch (WarehouseException e) {
            LOG.warn("query {} was not ended, which its time limit does: {}", id, e.getMessage());
        }
    }

    private long rows(Reply reply) {
        return mapper.readTree(reply.header("X-ClickHouse-Summary"))
                .path("result_rows")
                .asLong(0);
    }

    private static void answer(HttpServletResponse response, Reply reply) throws IOException {
        response.setStatus(reply.status());
        for (Header header : reply.headers()) {
            String lower = header.getName().toLowerCase(Locale.ROOT);
            if (lower.startsWith("x-clickhouse-")
                    || lower.startsWith("content-type")
                    || lower.equals("content-encoding")
                    || lower.equals("access-control-expose-headers")) {
                response.addHeader(header.getName(), header.getValue());
            }
        }
        InputStream in = reply.body();
        OutputStream out = response.getOutputStream();
        byte[] buffer = new byte[1 << 16];
        for (int length; (length = read(in, buffer)) >= 0; ) {
            out.write(buffer, 0, length);
        }
    }

    /**
     * Once an answer has begun, Tomcat breaks the connection at an exception that nobody catches, and the program sees it; one that says or holds that a connection
     * broke would be taken for the client's own, and end in good order.
     */
    private static int read(InputStream in, byte[] buffer) {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw new IllegalStateException("ClickHouse did not send a result to its end");
        }
    }

    /** A body that is packed or in parts could not be looked into. One that comes slowly has an end too. */
    private static byte[] body(HttpServletRequest request, List<Parameter> parameters) throws IOException {
        String type = Optional.ofNullable(request.getHeader("Content-Type")).orElse("");
        boolean packed = request.getHeader("Content-Encoding") != null
                || parameters.stream().anyMatch(parameter -> parameter.name().equals("decompress"));
        if (packed || type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
            throw new RefusedException(415, 344, "send statements unpacked and in one part. (SUPPORT_IS_DISABLED)");
        }
        long deadline = System.nanoTime() + LONGEST_SENDING.toNanos();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 13];
        try {
            InputStream in = request.getInputStream();
            for (int length; (length = in.read(buffer)) >= 0; ) {
                body.write(buffer, 0, length);
                if (body.size() > LARGEST_STATEMENT) {
                    throw new RefusedException(
                            413, 62, "statements are at most " + LARGEST_STATEMENT + " bytes long. (SYNTAX_ERROR)");
                }
                if (System.nanoTime() > deadline) {
                    throw new SocketTimeoutException();
                }
            }
        } catch (IOException e) {
            if (!(e instanceof SocketTimeoutException) && !(e.getCause() instanceof SocketTimeoutException)) {
                throw e;
            }
            throw new RefusedException(408, 209, "the statement did not come in time. (SOCKET_TIMEOUT)");
        }
        return body.toByteArray();
    }

    private static String value(List<Parameter> parameters, String name) {
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(name))
                .map(Parameter::value)
                .findFirst()
                .orElse("");
    }

    private static List<Parameter> parameters(@Nullable String query) {
        List<Parameter> parameters = new ArrayList<>();
        if (query == null) {
            return parameters;
        }
        for (String one : query.split("&")) {
            int at = one.indexOf('=');
            String name = decoded(at < 0 ? one : one.substring(0, at));
            if (parameters.stream().anyMatch(known -> known.name().equals(name))) {
                throw new RefusedException(400, 36, "parameter '" + name + "' is given twice. (BAD_ARGUMENTS)");
            }
            parameters.add(new Parameter(name, at < 0 ? "" : decoded(one.substring(at + 1))));
        }
        return parameters;
    }

    private WarehouseAccount account(HttpServletRequest request, List<Parameter> parameters) {
        String user = request.getHeader("X-ClickHouse-User");
        String password = request.getHeader("X-ClickHouse-Key");
        String authorization = request.getHeader("Authorization");
        if (user == null && authorization != null && authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            String[] basic = basic(authorization.substring(6).strip());
            user = basic[0];
            password = basic[1];
        }
        for (Parameter parameter : parameters) {
            if (user == null && parameter.name().equals("user")) {
                user = parameter.value();
            }
            if (password == null && parameter.name().equals("password")) {
                password = parameter.value();
            }
        }
        String name = user;
        String hash = ReaderAccount.sha256(password == null ? "" : password);
        Optional<WarehouseAccount> account = accounts.active().stream()
                .filter(one -> !one.forPeople()
                        && ReaderAccount.username(one.label(), one.tenant()).equals(name))
                .findFirst();
        if (account.isEmpty()
                || !MessageDigest.isEqual(
                        account.get().passwordSha256().getBytes(StandardCharsets.US_ASCII),
                        hash.getBytes(StandardCharsets.US_ASCII))) {
            log.accountRefused(account.isEmpty() ? null : name, request);
            throw new RefusedException(
                    401,
                    516,
                    "Authentication failed: password is incorrect, or there is no user with such name."
                            + " (AUTHENTICATION_FAILED)");
        }
        return account.get();
    }

    private static String[] basic(String encoded) {
        try {
            String[] parts = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8).split(":", 2);
            return parts.length == 2 ? parts : new String[] {parts[0], ""};
        } catch (IllegalArgumentException e) {
            return new String[] {"", ""};
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(400, 36, "the address is not well encoded. (BAD_ARGUMENTS)");
        }
    }

    @Override
    public void close() throws IOException {
        http.close();
    }
}
