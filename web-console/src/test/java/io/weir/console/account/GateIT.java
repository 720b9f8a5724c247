package io.weir.console.account;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.console.ConsoleUnderTest;
import io.weir.console.query.Store;
import io.weir.metadata.audit.AuditEntry;
import io.weir.metadata.audit.AuditLog;
import io.weir.testing.ClickHouseServer;
import io.weir.testing.PostgresServer;
import io.weir.warehouse.account.AccountSql;
import io.weir.warehouse.account.AccountsXml;
import io.weir.warehouse.account.Limits;
import io.weir.warehouse.account.ReaderAccount;
import io.weir.warehouse.account.ReaderViews;
import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The gate before ClickHouse, and programs that leave, send slowly, come all at once or have no business there. */
class GateIT {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String USERNAME = "gated_acme";
    private static final String SLOW =
            "SELECT count() FROM numbers(1900000000) WHERE NOT ignore(SHA256(toString(number)))";

    private static final int RATE = 200;

    private static ClickHouseServer server;
    private static ConsoleUnderTest console;
    private static String password;

    @BeforeAll
    static void start() throws Exception {
        Store store = new Store();
        server = store.server;
        console = new ConsoleUnderTest(
                store,
                PostgresServer.shared().freshDatabase(),
                "--weir.accounts.users=file",
                "--weir.accounts.gate-port=0",
                "--weir.accounts.gate-rate=" + RATE);
        password = console.post("root.ADMIN", "/api/v1/accounts", "{\"name\":\"gated\",\"tenant\":\"acme\"}")
                .json()
                .at("/data/password")
                .asString();
        AccountSql sql = new AccountSql(store.warehouse.settings());
        ReaderAccount account = account("gated");
        tellClickHouse(
                Stream.of(sql.owner(), sql.create(account))
                        .flatMap(List::stream)
                        .toList(),
                account);
        new ReaderViews(store.warehouse.settings()).statements().forEach(server::query);
    }

    private static ReaderAccount account(String name) {
        return new ReaderAccount(
                name,
                "acme",
                true,
                ReaderAccount.Use.PROGRAM,
                ReaderAccount.sha256(ReaderAccount.derivedPassword(server.password(), name + "_acme")),
                Limits.DEFAULT);
    }

    /** As the launcher does. */
    private static void tellClickHouse(List<String> statements, ReaderAccount... accounts) {
        server.defineUsers(
                "gate", statements, AccountsXml.render(console.store.warehouse.settings(), List.of(accounts)));
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static int port() {
        return console.bean(Gate.class).port();
    }

    private static HttpRequest request(String path, String secret, String sql) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .header("Authorization", authorization(secret))
                .POST(HttpRequest.BodyPublishers.ofString(sql))
                .build();
    }

    private static String authorization(String secret) {
        return authorization(USERNAME, secret);
    }

    private static String authorization(String username, String secret) {
        return "Basic "
                + Base64.getEncoder().encodeToString((username + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    private static HttpResponse<String> ask(String path, String sql) throws Exception {
        return HTTP.send(request(path, password, sql), HttpResponse.BodyHandlers.ofString());
    }

    /** A request of which the body has not come. */
    private static Socket unfinished(String secret, int length) throws IOException {
        Socket socket = new Socket("127.0.0.1", port());
        socket.getOutputStream()
                .write(("POST / HTTP/1.1\r\nHost: x\r\nAuthorization: " + authorization(secret) + "\r\nContent-Length: "
                                + length + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static boolean isRunning() {
        return !server.query("SELECT count() FROM system.processes WHERE user = '" + USERNAME + "'")
                .equals("0");
    }

    @Test
    void whoAsksBeforeClickHouseKnowsTheAccountIsAnsweredWhenItDoes() throws Exception {
        String secret = console.post("root.ADMIN", "/api/v1/accounts", "{\"name\":\"late\",\"tenant\":\"acme\"}")
                .json()
                .at("/data/password")
                .asString();
        CompletableFuture<HttpResponse<String>> early = HTTP.sendAsync(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/"))
                        .header("Authorization", authorization("late_acme", secret))
                        .POST(HttpRequest.BodyPublishers.ofString("SELECT 1"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        ReaderAccount late = account("late");
        tellClickHouse(new AccountSql(console.store.warehouse.settings()).create(late), account("gated"), late);
        assertThat(early.get().body()).isEqualTo("1\n");
    }

    @Test
    void aQueryWhoseProgramLeavesIsEnded() throws Exception {
        Socket socket = unfinished(password, SLOW.length());
        socket.getOutputStream().write(SLOW.getBytes(StandardCharsets.US_ASCII));
        await().until(GateIT::isRunning);
        socket.close();

        // By itself it would run for a minute.
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !isRunning());

        await().untilAsserted(() -> {
            List<AuditEntry> now = entries();
            assertThat(now.get(now.size() - 1).detail()).contains("abandoned");
        });
    }

    @Test
    void whoSendsSlowlyKeepsNobodyElseOutAndIsCutOff() throws Exception {
        List<Closeable> senders = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                senders.add(unfinished(password, 100));
            }
            assertThat(ask("/", "SELECT 1").body()).isEqualTo("1\n");

            // The end of the connection, after an answer or without one.
            assertThat(new String(((Socket) senders.get(0)).getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .doesNotContain("200 OK");
        } finally {
            for (Closeable sender : senders) {
                sender.close();
            }
        }
    }

    @Test
    void whoHasNoPasswordIsAnsweredBeforeTheBodyHasCome() throws Exception {
        try (Socket socket = unfinished("wrong", 100)) {
            socket.setSoTimeout(60_000);
            byte[] head = socket.getInputStream().readNBytes(12);
            assertThat(new String(head, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 401");
        }
        assertThat(console.bean(AuditLog.class).entries(0, 100_000))
                .filteredOn(entry -> entry.action().equals("account.refused"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.subject()).isEqualTo(USERNAME));
    }

    @Test
    void whoIsOneTooManyIsToldSoAtOnce() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> many = new ArrayList<>();
        server.suspend();
        try {
            for (int i = 0; i < 40; i++) {
                many.add(HTTP.sendAsync(request("/", password, "SELECT 1"), HttpResponse.BodyHandlers.ofString()));
            }
            await().until(() -> many.stream().filter(CompletableFuture::isDone).count() == 8);
            for (CompletableFuture<HttpResponse<String>> one : many) {
                if (one.isDone()) {
                    assertThat(one.join().statusCode()).isEqualTo(503);
                    assertThat(one.join().body()).contains("TOO_MANY_SIMULTANEOUS_QUERIES");
                    assertThat(one.join().headers().firstValue("Retry-After")).isPresent();
                }
            }
        } finally {
            server.resume();
        }
        // ClickHouse itself runs ten of an account at once, and refuses more if they meet.
        assertThat(many.stream().map(one -> what(one.join())).collect(groupingBy(what -> what, counting())))
                .isEqualTo(Map.of("answered", 32L, "refused here", 8L));
        assertThat(ask("/", "SELECT 1").body()).isEqualTo("1\n");
    }

    @Test
    void pingsForWhichNobodyNeedsAPasswordTakeFewPlaces() throws Exception {
        HttpRequest ping = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/ping"))
                .build();
        List<CompletableFuture<HttpResponse<String>>> many = new ArrayList<>();
        server.suspend();
        try {
            for (int i = 0; i < 64; i++) {
                many.add(HTTP.sendAsync(ping, HttpResponse.BodyHandlers.ofString()));
            }
            await().until(() -> many.stream()
                    .filter(CompletableFuture::isDone)
                    .map(CompletableFuture::join)
                    .anyMatch(answer -> answer.statusCode() == 503
                            && answer.body().contains("more than 16 pings wait. (TOO_MANY_SIMULTANEOUS_QUERIES)")));
        } finally {
            server.resume();
        }
        many.forEach(CompletableFuture::join);
        assertThat(HTTP.send(ping, HttpResponse.BodyHandlers.ofString()).body()).isEqualTo("Ok.\n");
    }

    private static String what(HttpResponse<String> answer) {
        String code = answer.headers().firstValue("X-ClickHouse-Exception-Code").orElse("");
        if (answer.statusCode() == 503) {
            return "refused here";
        }
        return answer.statusCode() == 200 || code.equals("202") ? "answered" : answer.statusCode() + " " + code;
    }

    @Test
    void whoAsksTooOftenIsToldSoAndLeavesLittleBehind() throws Exception {
        String secret = console.post("root.ADMIN", "/api/v1/accounts", "{\"name\":\"eager\",\"tenant\":\"acme\"}")
                .json()
                .at("/data/password")
                .asString();
        String sql = "SELECT file('/etc/passwd') -- " + "x".repeat(20_000);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/"))
                .header("Authorization", authorization("eager_acme", secret))
                .POST(HttpRequest.BodyPublishers.ofString(sql))
                .build();
        int refused = 0;
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        for (;
                answer.statusCode() == 403 && refused < 10 * RATE;
                answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString())) {
            refused++;
        }

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.body()).startsWith("Code: 201. DB::Exception: ").contains("QUOTA_EXCEEDED");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(refused).isGreaterThanOrEqualTo(RATE);
        List<AuditEntry> entries = entries().stream()
                .filter(entry -> entry.actor().equals("eager_acme"))
                .toList();
        assertThat(entries).hasSize(2 * refused);
        assertThat(entries).allSatisfy(entry -> assertThat(entry.detail()).hasSizeLessThan(5000));
        JsonNode first = MAPPER.readTree(entries.get(0).detail());
        assertThat(sql).startsWith(first.get("sql_begins").asString());
        assertThat(first.get("length").asString()).isEqualTo(Integer.toString(sql.length()));
        assertThat(first.get("sha256").asString()).isEqualTo(ReaderAccount.sha256(sql));
        assertThat(ask("/", "SELECT 1").body()).isEqualTo("1\n");
    }

    @Test
    void whatTomcatRefusesTellsNothingOfIt() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write("GET /{ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer)
                    .startsWith("HTTP/1.1 400")
                    .doesNotContain("Tomcat")
                    .doesNotContain("org.apache");
        }
    }

    /** A server that sends less of a small result than it said. */
    @Test
    void aSmallAnswerThatBreaksIsAnErrorInClickHousesForm() throws Exception {
        try (UnwillingServer broken = new UnwillingServer();
                ConsoleUnderTest other = new ConsoleUnderTest(
                        console.store,
                        PostgresServer.shared().freshDatabase(),
                        "--weir.clickhouse.url=" + broken.url(),
                        "--weir.accounts.users=file",
                        "--weir.accounts.gate-port=0")) {
            String secret = other.post("root.ADMIN", "/api/v1/accounts", "{\"name\":\"gated\",\"tenant\":\"acme\"}")
                    .json()
                    .at("/data/password")
                    .asString();
            HttpResponse<String> answer = HTTP.send(
                    HttpRequest.newBuilder(URI.create(
                                    "http://127.0.0.1:" + other.bean(Gate.class).port() + "/"))
                            .header("Authorization", authorization(secret))
                            .POST(HttpRequest.BodyPublishers.ofString("SELECT broken"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).startsWith("Code: 1001. DB::Exception: ").doesNotContain("io.weir");
            assertThat(other.bean(AuditLog.class).entries(0, 100))
                    .extracting(AuditEntry::action)
                    .containsOnlyOnce("account.query", "account.end");
        }
    }

    @Test
    void everyStatementIsOnRecordWithWhatCameOfIt() throws Exception {
        int before = entries().size();
        HttpResponse<String> answer = ask("/?param_n=3&query=" + "SELECT%20number", " FROM numbers({n:UInt64})");
        assertThat(answer.body()).isEqualTo("0\n1\n2\n");
        ask("/", "SELECT file('/etc/passwd')");
        ask("/", "SELECT nothing");

        List<AuditEntry> entries = entries().subList(before, entries().size());
        assertThat(entries)
                .extracting(AuditEntry::action)
                .containsExactly(
                        "account.query", "account.end", "account.query", "account.end", "account.query", "account.end");
        assertThat(entries).allSatisfy(entry -> {
            assertThat(entry.actor()).isEqualTo(USERNAME);
            assertThat(entry.tenant()).isEqualTo("acme");
        });
        assertThat(entries.get(0).subject())
                .isEqualTo(answer.headers().firstValue("X-ClickHouse-Query-Id").orElseThrow());
        JsonNode first = MAPPER.readTree(entries.get(0).detail());
        assertThat(first.get("sql").asString()).isEqualTo("SELECT number\n FROM numbers({n:UInt64})");
        assertThat(first.get("parameters").asString()).isEqualTo("param_n=3");
        assertThat(MAPPER.readTree(entries.get(1).detail()).get("rows").asString())
                .isEqualTo("3");
        assertThat(MAPPER.readTree(entries.get(3).detail()).get("outcome").asString())
                .isEqualTo("refused");
        assertThat(MAPPER.readTree(entries.get(5).detail()).get("why").asString())
                .isEqualTo("47");
    }

    private static List<AuditEntry> entries() {
        return console.bean(AuditLog.class).entries(0, 100_000).stream()
                .filter(entry ->
                        entry.action().equals("account.query") || entry.action().equals("account.end"))
                .toList();
    }
}
