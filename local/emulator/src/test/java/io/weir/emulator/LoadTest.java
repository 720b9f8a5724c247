package io.weir.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class LoadTest {

    @Test
    void everyEventOfTheScheduleIsSentOnceAndInOrderOfItsNumbers() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer::accepts)) {
            Totals totals = run(server, lane(1000, 50, Lane.Repeat.UNTIL_ANSWERED), Duration.ofMillis(1000), false);

            assertThat(totals.sent()).isEqualTo(1000);
            assertThat(totals.accepted()).isEqualTo(1000);
            assertThat(totals.unknown()).isZero();
            assertThat(totals.latency().count()).isEqualTo(20);
            assertThat(idsOf(server)).hasSize(1000).contains("t-000000000000", "t-000000000999");
        }
    }

    @Test
    void aPostThatWasToldToComeLaterComesLaterWithTheSameBytesAndTheSameKey() throws IOException {
        String busy = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
        try (ScriptedServer server =
                new ScriptedServer(request -> request.number() == 0 ? busy : ScriptedServer.accepts(request))) {
            Totals totals = run(server, lane(100, 100, Lane.Repeat.UNTIL_ANSWERED), Duration.ofMillis(1000), false);

            assertThat(server.requests).hasSize(2);
            ScriptedServer.Request first = server.requests.get(0);
            ScriptedServer.Request second = server.requests.get(1);
            assertThat(second.body()).isEqualTo(first.body());
            assertThat(second.header("Idempotency-Key"))
                    .isEqualTo(first.header("Idempotency-Key"))
                    .isEqualTo("run-t-0");
            assertThat(totals.retried()).isEqualTo(1);
            assertThat(totals.accepted()).isEqualTo(100);
            assertThat(totals.latency().quantileMillis(0.5)).isGreaterThan(1000);
        }
    }

    @Test
    void aPostWithoutAnAnswerIsRepeatedUntilThereIsOne() throws IOException {
        try (ScriptedServer server =
                new ScriptedServer(request -> request.number() < 3 ? null : ScriptedServer.accepts(request))) {
            Totals totals = run(server, lane(100, 100, Lane.Repeat.UNTIL_ANSWERED), Duration.ofMillis(1000), false);

            assertThat(server.requests).hasSize(4);
            assertThat(totals.unanswered()).isEqualTo(3);
            assertThat(totals.accepted()).isEqualTo(100);
            assertThat(totals.unknown()).isZero();
        }
    }

    @Test
    void aLaneThatNeverRepeatsSendsEveryEventAtMostOnce() throws IOException {
        try (ScriptedServer server =
                new ScriptedServer(request -> request.number() % 2 == 0 ? null : ScriptedServer.accepts(request))) {
            Totals totals = run(server, lane(1000, 100, Lane.Repeat.NEVER), Duration.ofMillis(1000), false);

            List<String> sent = server.requests.stream()
                    .flatMap(request -> request.lines().stream())
                    .map(LoadTest::idOf)
                    .toList();
            assertThat(sent).doesNotHaveDuplicates().hasSize(1000);
            assertThat(totals.retried()).isZero();
            assertThat(totals.accepted()).isEqualTo(500);
            assertThat(totals.unknown()).isEqualTo(500);
        }
    }

    @Test
    void aServerThatIsAwayIsWaitedForUntilTheDrainEnds() throws IOException {
        URI nobody = URI.create("http://127.0.0.1:1");
        Load load = new Load(
                settings(nobody, Duration.ofMillis(500), false, Duration.ofSeconds(5)),
                List.of(lane(100, 100, Lane.Repeat.UNTIL_ANSWERED), lane(200, 100, Lane.Repeat.UNTIL_ANSWERED)),
                new Load.Observer() {});
        Totals totals = load.run();
        assertThat(totals.sent()).isPositive();
        assertThat(totals.unknown()).isEqualTo(totals.sent());
        assertThat(totals.troubles()).isNotEmpty();
    }

    @Test
    void aRefusedKeyEndsTheLoadAtOnce() throws IOException {
        String refusal = "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"title\":\r\n"
                + "6\r\n\"who?\"\r\n1\r\n}\r\n0\r\n\r\n";
        try (ScriptedServer server = new ScriptedServer(request -> refusal)) {
            Totals totals = run(server, lane(100, 10, Lane.Repeat.UNTIL_ANSWERED), Duration.ofMinutes(5), false);

            assertThat(totals.refusal()).isEqualTo("HTTP 401: {\"title\":\"who?\"}");
            assertThat(totals.accepted()).isZero();
            assertThat(totals.rejected()).isEqualTo(totals.sent());
        }
    }

    @Test
    void latencyCountsFromTheMomentWhenAPostWasDue() throws IOException {
        Object oneAtATime = new Object();
        try (ScriptedServer server = new ScriptedServer(request -> {
            synchronized (oneAtATime) {
                if (request.number() == 0) {
                    stall(800);
                }
                return ScriptedServer.accepts(request);
            }
        })) {
            Totals totals = run(server, lane(1000, 10, Lane.Repeat.UNTIL_ANSWERED), Duration.ofMillis(1000), false);

            // One answer was slow, but all that were due in the meantime waited: 80 of 100.
            assertThat(totals.latency().quantileMillis(0.5)).isGreaterThan(200);
            assertThat(totals.accepted()).isEqualTo(1000);
        }
    }

    @Test
    void compressedBodiesHoldTheSameEvents() throws IOException {
        try (ScriptedServer server = new ScriptedServer(
                request -> "HTTP/1.1 202 Accepted\r\nConnection: close\r\n\r\n{\"accepted\": 100, \"rejected\": 0}")) {
            Totals totals = run(server, lane(100, 100, Lane.Repeat.UNTIL_ANSWERED), Duration.ofMillis(1000), true);

            assertThat(totals.accepted()).isEqualTo(100);
            ScriptedServer.Request request = server.requests.get(0);
            assertThat(request.header("Content-Encoding")).isEqualTo("gzip");
            byte[] plain = new GZIPInputStream(new ByteArrayInputStream(request.body())).readAllBytes();
            assertThat(new String(plain, java.nio.charset.StandardCharsets.UTF_8).lines())
                    .hasSize(100);
        }
    }

    @Test
    void brokenEventsAreCountedByTheBatchThatHoldsThem() throws IOException {
        Set<Integer> valid = new TreeSet<>();
        RequestEvents.Mix mix = new RequestEvents.Mix(0, 0.5, 0, new EventIds("t"), null);
        Lane lane = new Lane("t", new RequestEvents(mix, 1), 1000, 1000, Lane.Repeat.UNTIL_ANSWERED);
        try (ScriptedServer server = new ScriptedServer(ScriptedServer::accepts)) {
            new Load(
                            settings(server.address(), Duration.ofMillis(1000), false, Duration.ofSeconds(60)),
                            List.of(lane),
                            new Load.Observer() {
                                @Override
                                public void answered(Batch batch, long accepted, long rejected) {
                                    valid.add(batch.validEvents());
                                }
                            })
                    .run();
            long broken = server.requests.get(0).lines().stream()
                    .filter(line -> line.contains("\"status_code\":999"))
                    .count();
            assertThat(valid).containsExactly((int) (1000 - broken));
            assertThat(broken).isBetween(400L, 600L);
        }
    }

    private static void stall(long millis) {
        try {
            new java.util.concurrent.CountDownLatch(1).await(millis, java.util.concurrent.TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Totals run(ScriptedServer server, Lane lane, Duration duration, boolean gzip) throws IOException {
        return new Load(
                        settings(server.address(), duration, gzip, Duration.ofSeconds(60)),
                        List.of(lane),
                        new Load.Observer() {})
                .run();
    }

    private static Load.Settings settings(URI address, Duration duration, boolean gzip, Duration drain) {
        return new Load.Settings(address, "secret", "run", 4, 64, Duration.ofSeconds(30), duration, drain, gzip, 1);
    }

    private static Lane lane(double rate, int batch, Lane.Repeat repeat) {
        RequestEvents.Mix mix = new RequestEvents.Mix(0.01, 0, 0, new EventIds("t"), null);
        return new Lane("t", new RequestEvents(mix, 1), rate, batch, repeat);
    }

    private static Set<String> idsOf(ScriptedServer server) {
        Set<String> ids = new HashSet<>();
        for (ScriptedServer.Request request : server.requests) {
            request.lines().forEach(line -> ids.add(idOf(line)));
        }
        return ids;
    }

    private static String idOf(String line) {
        return line.substring("{\"id\":\"".length(), line.indexOf("\",\"timestamp\""));
    }
}
