package io.weir.console.account;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.weir.console.account.ReaderLogins.Login;
import io.weir.console.warehouse.ServerProperties;
import io.weir.metadata.account.WarehouseAccount;
import io.weir.metadata.account.WarehouseAccounts;
import io.weir.warehouse.account.RefusedFunctions;
import io.weir.warehouse.account.ReaderAccount;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * ClickHouse's HTTP interface for BI tools where ClickHouse is the embedded engine, which lets every user read the machine's files by
 * a function. Statements that may call it are refused here, and only from here can a program's account be used: ClickHouse
 * knows it by another password than the program does.
 *
 * <p>What a program may do besides is ClickHouse's to decide: everything else passes as it is.
 */
@Component
@ConditionalOnProperty(name = "weir.accounts.users", havingValue = "file")
public class Gate implements SmartLifecycle {

    private static final int LARGEST_STATEMENT = 1 << 20;
    private static final int MAX_AT_ONCE = 32;
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
    private static final Set<String> CREDENTIALS = Set.of("user", "password");

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
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(3))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private @Nullable HttpServer listening;
    private @Nullable ExecutorService threads;

    Gate(WarehouseAccounts accounts, ReaderLogins logins, ServerProperties server, AccountProperties properties) {
        this.accounts = accounts;
        this.logins = logins;
        this.server = server;
        this.properties = properties;
    }

    @Override
    public synchronized void start() {
        if (properties.gatePort() < 0) {
            return;
        }
        try {
            HttpServer created =
                    HttpServer.create(new InetSocketAddress(properties.gateAddress(), properties.gatePort()), 128);
            ExecutorService pool = Executors.newFixedThreadPool(MAX_AT_ONCE);
            created.setExecutor(pool);
            created.createContext("/", this::handle);
            created.start();
            listening = created;
            threads = pool;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the gate for BI tools cannot listen on " + properties.gateAddress() + ":" + properties.gatePort(),
                    e);
        }
    }

    @Override
    public synchronized void stop() {
        if (listening != null) {
            listening.stop(0);
            listening = null;
        }
        if (threads != null) {
            threads.shutdownNow();
            threads = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return listening != null;
    }

    /** The port that it listens on; -1 if it does not. */
    public synchronized int port() {
        return listening == null ? -1 : listening.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try {
            pass(exchange);
        } catch (RefusedException e) {
            byte[] body =
                    ("Code: " + e.code + ". DB::Exception: " + e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=UTF-8");
            exchange.getResponseHeaders().set("X-ClickHouse-Exception-Code", Integer.toString(e.code));
            if (e.status == 401) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"ClickHouse\"");
            }
            exchange.sendResponseHeaders(e.status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.close();
        } finally {
            // After an answer that was not sent to its end this breaks the connection, and the program sees it.
            exchange.close();
        }
    }

    private void pass(HttpExchange exchange) throws IOException, InterruptedException {
        String method = exchange.getRequestMethod();
        if (!Set.of("GET", "POST", "HEAD").contains(method)) {
            throw new RefusedException(405, 344, "method " + method + " is not passed on");
        }
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/ping")) {
            answer(
                    exchange,
                    send(HttpRequest.newBuilder(URI.create(server.url() + "/ping"))
                            .build()));
            return;
        }
        if (!path.equals("/")) {
            throw new RefusedException(404, 344, "there is no " + path);
        }
        List<Parameter> parameters = parameters(exchange.getRequestURI().getRawQuery());
        Login login = login(exchange, parameters);
        byte[] body = body(exchange, parameters);
        // Whichever way ClickHouse puts the two together.
        String query = parameters.stream()
                .filter(parameter -> parameter.name().equals("query"))
                .map(Parameter::value)
                .findFirst()
                .orElse("");
        String text = new String(body, StandardCharsets.UTF_8);
        if (RefusedFunctions.mayBeIn(query + text) || RefusedFunctions.mayBeIn(query + "\n" + text)) {
            throw new RefusedException(403, 497, RefusedFunctions.WHY + ". (ACCESS_DENIED)");
        }
        StringBuilder address = new StringBuilder(server.url()).append('/');
        char separator = '?';
        for (Parameter parameter : parameters) {
            if (!CREDENTIALS.contains(parameter.name())) {
                address.append(separator)
                        .append(encoded(parameter.name()))
                        .append('=')
                        .append(encoded(parameter.value()));
                separator = '&';
            }
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address.toString()))
                .method(
                        method,
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        request.header("X-ClickHouse-User", login.username()).header("X-ClickHouse-Key", login.password());
        answer(exchange, send(request.build()));
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new RefusedException(503, 210, "ClickHouse cannot be reached. (NETWORK_ERROR)");
        }
    }

    private static void answer(HttpExchange exchange, HttpResponse<InputStream> response) throws IOException {
        response.headers().map().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("x-clickhouse-")
                    || lower.startsWith("content-type")
                    || lower.equals("content-encoding")
                    || lower.equals("access-control-expose-headers")) {
                values.forEach(value -> exchange.getResponseHeaders().add(name, value));
            }
        });
        try (InputStream in = response.body()) {
            exchange.sendResponseHeaders(
                    response.statusCode(), exchange.getRequestMethod().equals("HEAD") ? -1 : 0);
            OutputStream out = exchange.getResponseBody();
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = in.read(buffer)) >= 0; ) {
                out.write(buffer, 0, read);
                if (in.available() == 0) {
                    out.flush();
                }
            }
            // Only now: closed on the way here it would look like the end of a whole answer.
            out.close();
        }
    }

    /** A body that is packed or in parts could not be looked into. */
    private static byte[] body(HttpExchange exchange, List<Parameter> parameters) throws IOException {
        String type = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Type"))
                .orElse("");
        boolean packed = exchange.getRequestHeaders().containsKey("Content-Encoding")
                || parameters.stream().anyMatch(parameter -> parameter.name().equals("decompress"));
        if (packed || type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
            throw new RefusedException(415, 344, "send statements unpacked and in one part. (SUPPORT_IS_DISABLED)");
        }
        byte[] body = exchange.getRequestBody().readNBytes(LARGEST_STATEMENT + 1);
        if (body.length > LARGEST_STATEMENT) {
            throw new RefusedException(413, 62, "statements are at most 1 MiB long. (SYNTAX_ERROR)");
        }
        return body;
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

    private Login login(HttpExchange exchange, List<Parameter> parameters) {
        String user = exchange.getRequestHeaders().getFirst("X-ClickHouse-User");
        String password = exchange.getRequestHeaders().getFirst("X-ClickHouse-Key");
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
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
            throw new RefusedException(
                    401,
                    516,
                    "Authentication failed: password is incorrect, or there is no user with such name."
                            + " (AUTHENTICATION_FAILED)");
        }
        return logins.derived(
                ReaderAccount.username(account.get().label(), account.get().tenant()));
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
}
