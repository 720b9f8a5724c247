package io.weir.console.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.weir.console.warehouse.PatientClient.AbandonedException;
import io.weir.console.warehouse.PatientClient.Reply;
import io.weir.console.warehouse.PatientClient.Restarts;
import io.weir.testing.FreePorts;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.io.entity.StringEntity;
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
    private static final String GO_ON = "go on";
    private static final String STOP_IN_THE_MIDDLE = "stop in the middle";
    private static final String BREAK_IN_THE_MIDDLE = "break in the middle";
    private static final BooleanSupplier WAITS = () -> false;
    private static final Duration SOON = Duration.ofSeconds(1);
    /** However slow the machine is. */
    private static final Duration LONG = Duration.ofMinutes(1);

    /** What the server does with the next requests; it answers those after. */
    private final Queue<String> next = new ConcurrentLinkedQueue<>();

    private final AtomicInteger asked = new AtomicInteger();
    private final List<Integer> attempts = new ArrayList<>();
    private final List<Integer> ports = new CopyOnWriteArrayList<>();
    private final CountDownLatch cutOff = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private int port;
    private volatile @Nullable HttpServer server;
    private int busyWith;
    private long busySince;
    private int ended;

    @BeforeEach
    void findPort() {
        port = FreePorts.next();
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
        assertThat(ask(Restarts.SENDS_AGAIN_AND_LEARNS_USERS, this::startIfGone, LONG, LONG))
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
        assertThat(ask(Restarts.SENDS_AGAIN, this::startIfGone, LONG, LONG)).isEqualTo(200);
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
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> ask(Restarts.SENDS_AGAIN, this::startIfGone, LONG, LONG));
        // A connection may still have been taken by one that was ending, and broken before the request was read.
        assertThat(attempts).endsWith(4);
        assertThat(asked.get()).isBetween(1, 5);
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
                .isThrownBy(() -> ask(Restarts.SENDS_AGAIN, WAITS, Duration.ofMillis(1), SOON));
    }

    @Test
    void anAnswerThatStopsInTheMiddleIsNotAskedForAgain() throws Exception {
        start();
        next.add(STOP_IN_THE_MIDDLE);
        try (PatientClient client = new PatientClient(Duration.ofSeconds(3), Restarts.SENDS_AGAIN, LONG)) {
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> client.read(broken -> request(), Duration.ofSeconds(5), WAITS));
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void anInterruptIsHeardWhileNothingComes() {
        start();
        next.add(SAY_NOTHING);
        assertThatExceptionOfType(AbandonedException.class)
                .isThrownBy(() -> ask(Restarts.NONE, () -> {
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                    Thread.currentThread().interrupt();
                    return false;
                }));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void whatBreaksInTheMiddleIsSentAgainIfAllOfItIsWanted() throws Exception {
        start();
        next.add(BREAK_IN_THE_MIDDLE);
        try (PatientClient client = new PatientClient(Duration.ofSeconds(3), Restarts.SENDS_AGAIN, SOON)) {
            try (Reply reply = client.read(broken -> request(), LONG, WAITS)) {
                assertThat(reply.body().readAllBytes()).asString().isEqualTo("1");
            }
        }
        assertThat(asked).hasValue(2);
    }

    @Test
    void aServerThatWasStartedAnewIsNotAskedOverTheOldConnections() throws Exception {
        try (PatientClient client = new PatientClient(Duration.ofSeconds(3), Restarts.NONE, SOON)) {
            for (int i = 0; i < 3; i++) {
                start();
                try (Reply reply = client.read(broken -> request(), LONG, WAITS)) {
                    assertThat(reply.status()).isEqualTo(200);
                }
                stop();
            }
        }
        assertThat(asked).hasValue(3);
    }

    @Test
    void whatIsSaidBeforeTheReplyIsNotTakenForIt() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                PatientClient client = new PatientClient(Duration.ofSeconds(3), Restarts.NONE, SOON)) {
            port = listening.getLocalPort();
            Future<?> served = threads.submit(() -> {
                try (Socket socket = listening.accept()) {
                    socket.getInputStream().read();
                    socket.getOutputStream()
                            .write("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
                                    .getBytes(StandardCharsets.US_ASCII));
                    // Until the client has closed it.
                    socket.getInputStream().readAllBytes();
                }
                return null;
            });
            Reply reply = client.send(broken -> request(), LONG, WAITS);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body().readAllBytes()).asString().isEqualTo("1");
            client.close();
            served.get(1, TimeUnit.MINUTES);
        }
    }

    @Test
    void whatHasBeenReadToItsEndLeavesItsConnectionToTheNext() throws Exception {
        start();
        try (PatientClient client = new PatientClient(Duration.ofSeconds(3), Restarts.NONE, SOON)) {
            for (int i = 0; i < 3; i++) {
                try (Reply reply = client.send(broken -> request(), LONG, WAITS)) {
                    assertThat(reply.body().readAllBytes()).asString().isEqualTo("1");
                }
            }
        }
        assertThat(ports).hasSize(3).containsOnly(ports.get(0));
    }

    @Test
    void whatIsClosedBeforeItsEndIsCutOff() throws Exception {
        start();
        next.add(GO_ON);
        try (PatientClient client = new PatientClient(Duration.ofSeconds(3), Restarts.NONE, SOON)) {
            try (Reply reply = client.send(broken -> request(), LONG, WAITS)) {
                assertThat(reply.body().read()).isEqualTo('1');
            }
            assertThat(cutOff.await(1, TimeUnit.MINUTES)).isTrue();
            try (Reply reply = client.send(broken -> request(), LONG, WAITS)) {
                assertThat(reply.status()).isEqualTo(200);
            }
        }
        assertThat(ports).hasSize(2).doesNotHaveDuplicates();
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
        return ask(restarts, abandoned, LONG, SOON);
    }

    private int ask(Restarts restarts, BooleanSupplier abandoned, Duration patience, Duration restart)
            throws IOException, TimeoutException {
        HttpPost request = request();
        try (PatientClient client = new PatientClient(Duration.ofSeconds(3), restarts, restart);
                Reply reply = client.send(
                        broken -> {
                            attempts.add(broken);
                            return request;
                        },
                        patience,
                        abandoned)) {
            return reply.status();
        }
    }

    private HttpPost request() {
        HttpPost request = new HttpPost("http://127.0.0.1:" + port + "/");
        request.setEntity(new StringEntity("SELECT 1"));
        return request;
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
        ports.add(exchange.getRemoteAddress().getPort());
        asked.incrementAndGet();
        String what = next.poll();
        if (SAY_NOTHING.equals(what)) {
            return;
        }
        if (STOP_IN_THE_MIDDLE.equals(what)) {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write('1');
            exchange.getResponseBody().flush();
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
            if (BREAK_IN_THE_MIDDLE.equals(what)) {
                exchange.sendResponseHeaders(200, 2 * body.length);
                exchange.getResponseBody().write(body);
                return;
            }
            if (GO_ON.equals(what)) {
                exchange.sendResponseHeaders(200, 0);
                goOn(exchange.getResponseBody(), body);
                return;
            }
            exchange.sendResponseHeaders(what == null ? 200 : 403, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Until nobody reads any more. */
    private void goOn(OutputStream out, byte[] body) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                out.write(body);
            }
        } catch (IOException e) {
            cutOff.countDown();
        }
    }
}
