package io.weir.console.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.weir.console.warehouse.PatientClient.AbandonedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that goes away and comes back as it is told, which a real one does in its own time. */
class PatientClientTest {

    private static final String BREAK = "break";
    private static final String UNKNOWN = "unknown";
    private static final String SAY_NOTHING = "nothing";
    private static final BooleanSupplier WAITS = () -> false;

    /** What the server does with the next requests; it answers those after. */
    private final Queue<String> next = new ConcurrentLinkedQueue<>();

    private final AtomicInteger asked = new AtomicInteger();
    private int port;
    private @Nullable HttpServer server;
    private boolean hasComeBack;

    @BeforeEach
    void findPort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    @Test
    void aServerThatIsJustBeingStartedIsWaitedFor() throws Exception {
        assertThat(ask(false, () -> {
                    if (server == null) {
                        start();
                    }
                    return false;
                }))
                .isEqualTo(200);
    }

    @Test
    void nobodyWaitsForAServerOnceTheClientHasGone() {
        assertThatExceptionOfType(AbandonedException.class).isThrownBy(() -> ask(false, () -> true));
        start();
        next.add(SAY_NOTHING);
        assertThatExceptionOfType(AbandonedException.class).isThrownBy(() -> ask(false, () -> asked.get() > 0));
    }

    @Test
    void aServerThatWillLearnOfTheUserIsAskedAgain() throws Exception {
        start();
        next.addAll(List.of(UNKNOWN, BREAK, BREAK, UNKNOWN));
        assertThat(ask(true, WAITS)).isEqualTo(200);
        assertThat(asked).hasValue(5);
    }

    @Test
    void whereUsersAreNotNewAnUnknownOneIsTheAnswer() throws Exception {
        start();
        next.add(UNKNOWN);
        assertThat(ask(false, WAITS)).isEqualTo(403);
        assertThat(asked).hasValue(1);
    }

    @Test
    void aServerThatBreaksConnectionsAsItEndsIsAskedAgainWhenItIsBack() throws Exception {
        start();
        next.addAll(List.of(BREAK, BREAK));
        assertThat(ask(false, () -> endsAfter(2))).isEqualTo(200);
        assertThat(asked).hasValue(3);
    }

    @Test
    void aStatementThatEndsTheNextServerTooIsNotSentAgain() {
        start();
        next.addAll(List.of(BREAK, BREAK));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> ask(false, () -> endsAfter(1)));
        assertThat(asked).hasValue(2);
    }

    @Test
    void anAnswerThatDoesNotComeIsNotWaitedForLongerThanIsSaid() {
        start();
        next.add(SAY_NOTHING);
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> ask(false, WAITS, Duration.ofMillis(1)));
    }

    /** Once it has had so many requests, it is away at one look and back at the next. The client is still there. */
    private boolean endsAfter(int requests) {
        if (server == null) {
            start();
            hasComeBack = true;
        } else if (asked.get() == requests && !hasComeBack) {
            stop();
            server = null;
        }
        return false;
    }

    private int ask(boolean usersMayBeNew, BooleanSupplier abandoned) throws IOException, TimeoutException {
        return ask(usersMayBeNew, abandoned, Duration.ofMinutes(1));
    }

    private int ask(boolean usersMayBeNew, BooleanSupplier abandoned, Duration patience)
            throws IOException, TimeoutException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                .POST(HttpRequest.BodyPublishers.ofString("SELECT 1"))
                .build();
        return new PatientClient(Duration.ofSeconds(3), usersMayBeNew)
                .send(request, HttpResponse.BodyHandlers.ofString(), patience, abandoned)
                .statusCode();
    }

    private void start() {
        try {
            HttpServer created = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 16);
            created.createContext("/", this::handle);
            created.start();
            server = created;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        asked.incrementAndGet();
        String what = next.poll();
        if (SAY_NOTHING.equals(what)) {
            return;
        }
        try (exchange) {
            if (BREAK.equals(what)) {
                return;
            }
            if (UNKNOWN.equals(what)) {
                exchange.getResponseHeaders().set("X-ClickHouse-Exception-Code", "516");
            }
            byte[] body = "1".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(what == null ? 200 : 403, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
