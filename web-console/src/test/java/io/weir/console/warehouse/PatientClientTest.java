package io.weir.console.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.weir.console.warehouse.PatientClient.AbandonedException;
import io.weir.console.warehouse.PatientClient.Restarts;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
    private static final String END = "end";
    private static final String UNKNOWN = "unknown";
    private static final String SAY_NOTHING = "nothing";
    private static final BooleanSupplier WAITS = () -> false;
    private static final Duration SOON = Duration.ofSeconds(1);

    /** What the server does with the next requests; it answers those after. */
    private final Queue<String> next = new ConcurrentLinkedQueue<>();

    private final AtomicInteger asked = new AtomicInteger();
    private final List<Integer> attempts = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private int port;
    private volatile @Nullable HttpServer server;
    private int busyWith;
    private long busySince;
    private int ended;

    @BeforeEach
    void findPort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void stop() {
        HttpServer last = server;
        if (last != null) {
            last.stop(0);
        }
    }

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    @Test
    void aServerThatHasGoneIsWaitedForSoLongAndNoLonger() throws Exception {
        assertThat(ask(Restarts.NONE, this::startIfGone)).isEqualTo(200);
        stop();
        assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> ask(Restarts.NONE, WAITS));
    }

    @Test
    void nobodyWaitsOnceTheClientHasGone() {
        assertThatExceptionOfType(AbandonedException.class).isThrownBy(() -> ask(Restarts.NONE, () -> true));
        start();
        next.add(SAY_NOTHING);
        assertThatExceptionOfType(AbandonedException.class).isThrownBy(() -> ask(Restarts.NONE, () -> asked.get() > 0));
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(AbandonedException.class).isThrownBy(() -> ask(Restarts.NONE, WAITS));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aServerThatWillLearnOfTheUserIsAskedAgainAndTheFirstAnswerIsClosed() throws Exception {
        start();
        next.addAll(List.of(UNKNOWN, END));
        assertThat(ask(Restarts.SENDS_AGAIN_AND_LEARNS_USERS, this::startIfGone))
                .isEqualTo(200);
        assertThat(asked).hasValue(3);
    }

    @Test
    void whereUsersAreNotNewAnUnknownOneIsTheAnswer() throws Exception {
        start();
        next.add(UNKNOWN);
        assertThat(ask(Restarts.SENDS_AGAIN, WAITS)).isEqualTo(403);
        assertThat(asked).hasValue(1);
    }

    @Test
    void aServerThatBreaksConnectionsAsItEndsIsAskedAgainWhenItIsBack() throws Exception {
        start();
        next.addAll(List.of(BREAK, END));
        assertThat(ask(Restarts.SENDS_AGAIN, this::startIfGone)).isEqualTo(200);
        assertThat(attempts).startsWith(0, 1, 2);
        assertThat(asked).hasValue(3);
    }

    @Test
    void aStatementThatRanForLongIsRunAgainAllTheSame() throws Exception {
        start();
        next.add(SAY_NOTHING);
        assertThat(ask(Restarts.SENDS_AGAIN, () -> endsAfterAWhile(1))).isEqualTo(200);
        assertThat(asked).hasValue(2);
    }

    @Test
    void whatIsBrokenOffAfterAWhileTwiceIsNotRunAThirdTime() {
        start();
        next.addAll(List.of(SAY_NOTHING, SAY_NOTHING));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> ask(Restarts.SENDS_AGAIN, () -> endsAfterAWhile(2)));
        assertThat(asked).hasValue(2);
    }

    @Test
    void whatEndsEachServerIsNotSentForEver() {
        start();
        next.addAll(List.of(END, END, END, END, END, END));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> ask(Restarts.SENDS_AGAIN, this::startIfGone));
        assertThat(asked).hasValue(5);
    }

    @Test
    void whatMayNotBeSentAgainIsNot() {
        start();
        next.add(BREAK);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> ask(Restarts.NONE, WAITS));
        assertThat(asked).hasValue(1);
    }

    @Test
    void anAnswerThatDoesNotComeIsNotWaitedForLongerThanIsSaid() {
        start();
        next.add(SAY_NOTHING);
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> ask(Restarts.SENDS_AGAIN, WAITS, Duration.ofMillis(1)));
    }

    /** So many servers end while they are busy with a request for longer than one is waited for. The client is still there. */
    private boolean endsAfterAWhile(int servers) {
        if (asked.get() > busyWith) {
            busyWith = asked.get();
            busySince = System.nanoTime();
        } else if (server != null
                && busyWith > ended
                && ended < servers
                && System.nanoTime() - busySince > 2 * SOON.toNanos()) {
            ended++;
            stop();
            server = null;
        } else {
            startIfGone();
        }
        return false;
    }

    /** The client is still there. */
    private boolean startIfGone() {
        if (server == null) {
            start();
        }
        return false;
    }

    private int ask(Restarts restarts, BooleanSupplier abandoned) throws IOException, TimeoutException {
        return ask(restarts, abandoned, Duration.ofMinutes(1));
    }

    private int ask(Restarts restarts, BooleanSupplier abandoned, Duration patience)
            throws IOException, TimeoutException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                .POST(HttpRequest.BodyPublishers.ofString("SELECT 1"))
                .build();
        HttpResponse<InputStream> answer = new PatientClient(Duration.ofSeconds(3), restarts, SOON)
                .send(
                        broken -> {
                            attempts.add(broken);
                            return request;
                        },
                        HttpResponse.BodyHandlers.ofInputStream(),
                        patience,
                        abandoned);
        answer.body().close();
        return answer.statusCode();
    }

    private void start() {
        try {
            HttpServer created = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 16);
            created.setExecutor(threads);
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
            if (END.equals(what)) {
                stop();
                server = null;
            }
            if (END.equals(what) || BREAK.equals(what)) {
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
