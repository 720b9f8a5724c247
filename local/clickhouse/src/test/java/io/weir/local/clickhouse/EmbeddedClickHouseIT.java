package io.weir.local.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedClickHouseIT {

    private static final Account ADMIN = Account.admin("someone", "let me & in");
    private static final Account WRITER = Account.owner("writer", "w", "weir");

    @TempDir
    Path home;

    private int port = ThreadLocalRandom.current().nextInt(20_000, 20_900);
    private EmbeddedClickHouse server;
    private EmbeddedClickHouse.Builder builder;

    @BeforeEach
    void start() throws IOException {
        builder = EmbeddedClickHouse.builder(ClickHouseEngine.fetch(), home)
                .httpPort(freePort())
                .tcpPort(freePort())
                .account(ADMIN)
                .account(WRITER);
        server = builder.build();
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void whatWasAcknowledgedOutlivesAKill() {
        ask(WRITER, "CREATE DATABASE weir");
        ask(WRITER, "CREATE TABLE weir.t (x UInt64) ENGINE = MergeTree ORDER BY x");
        ask(WRITER, "INSERT INTO weir.t SELECT number FROM numbers(1000)");

        server.kill();
        assertThat(server.isRunning()).isFalse();
        server.start();

        assertThat(ask(WRITER, "SELECT count() FROM weir.t")).isEqualTo("1000");
    }

    @Test
    void systemLogsWorkAfterARestartToo() {
        server.restart();
        ask(ADMIN, "SELECT 'look me up'");
        ask(ADMIN, "SYSTEM FLUSH LOGS");

        assertThat(ask(ADMIN, "SELECT count() > 0 FROM system.query_log WHERE query LIKE '%look me up%'"))
                .isEqualTo("1");
    }

    @Test
    void nobodyGetsInWithoutHisPassword() {
        Account impostor = new Account(ADMIN.name(), "wrong", List.of(), Map.of());

        assertThat(refusal(impostor, "SELECT 1")).contains("AUTHENTICATION_FAILED");
    }

    @Test
    void anOwnerOfADatabaseGetsNoFurther() {
        assertThat(refusal(WRITER, "SELECT * FROM system.users")).contains("ACCESS_DENIED");
        assertThat(refusal(WRITER, "CREATE DATABASE other")).contains("ACCESS_DENIED");
        assertThat(refusal(WRITER, "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'x String')"))
                .contains("ACCESS_DENIED");
    }

    @Test
    void theAccountThatTheEngineBootsWithReadsNothing() {
        for (String sql : List.of("SELECT * FROM system.databases", "SELECT sum(number) FROM numbers(10)")) {
            HttpResponse<String> answer = send(HttpRequest.newBuilder(server.url()), sql);
            assertThat(answer.body()).as(sql).contains("QUOTA_EXCEEDED");
        }
    }

    @Test
    void passwordsAreNotWrittenDown() throws IOException {
        assertThat(Files.readString(home.resolve("users.xml"))).doesNotContain("let me");
        assertThat(builder.command(0)).noneMatch(argument -> argument.contains("let me"));
    }

    @Test
    void malformedConnectionsDoNotEndIt() throws IOException {
        for (String rubbish :
                List.of("\u0016\u0003\u0001\u0002\u0000\u0001", "GET / HT", "POST / HTTP/1.1\r\nContent-Le")) {
            try (Socket socket =
                    new Socket(InetAddress.getLoopbackAddress(), server.url().getPort())) {
                socket.getOutputStream().write(rubbish.getBytes(StandardCharsets.ISO_8859_1));
            }
        }

        assertThat(ask(ADMIN, "SELECT 1")).isEqualTo("1");
        assertThat(server.isRunning()).isTrue();
    }

    @Test
    void aTakenPortIsReportedAtOnce() {
        assertThatThrownBy(() -> builder.build().start())
                .isInstanceOf(ClickHouseUnavailableException.class)
                .hasMessageContaining("port " + server.url().getPort() + " is taken");
    }

    private String ask(Account account, String sql) {
        HttpResponse<String> answer = send(account, sql);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body().strip();
    }

    private String refusal(Account account, String sql) {
        HttpResponse<String> answer = send(account, sql);
        assertThat(answer.statusCode()).as(answer.body()).isGreaterThanOrEqualTo(400);
        return answer.body();
    }

    private HttpResponse<String> send(Account account, String sql) {
        return send(
                HttpRequest.newBuilder(server.url())
                        .header("X-ClickHouse-User", account.name())
                        .header("X-ClickHouse-Key", account.password()),
                sql);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, String sql) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            request.POST(HttpRequest.BodyPublishers.ofString(sql))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Below those that a kernel gives to whoever asks for any, and beside those of other modules' tests, whose helper depends on this module. */
    private int freePort() {
        while (true) {
            try (ServerSocket free = new ServerSocket(port++, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (IOException taken) {
                continue;
            }
        }
    }
}
