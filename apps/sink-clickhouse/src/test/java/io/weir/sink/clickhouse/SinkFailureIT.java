package io.weir.sink.clickhouse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.sink.clickhouse.Gate.At;
import io.weir.testing.ClickHouseServer;
import io.weir.testing.FreePorts;
import io.weir.testing.KafkaServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The failure table of the README, row by row: real processes, killed and suspended where it hurts. */
class SinkFailureIT {

    private static final int PARTITIONS = 2;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final String SESSION_TIMEOUT =
            "--spring.cloud.stream.kafka.bindings.input.consumer.configuration.session.timeout.ms=";

    private static KafkaServer kafka;
    private static ClickHouseServer clickHouse;
    private static KafkaProducer<byte[], byte[]> producer;

    private final String topic = "sink-" + UUID.randomUUID();
    private final String database = clickHouse.freshDatabase();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private int sent;

    @BeforeAll
    static void start() {
        kafka = KafkaServer.fresh();
        clickHouse = ClickHouseServer.fresh();
        producer = producer();
    }

    private static KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                // One request at a time: a topic that has just been made may refuse the first and take the second.
                Map.of(
                        "bootstrap.servers", kafka.address(),
                        "acks", "all",
                        "linger.ms", "5",
                        "max.in.flight.requests.per.connection", "1"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stop() {
        producer.close(Duration.ofSeconds(1));
        kafka.close();
        clickHouse.close();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    @Test
    void killedBeforeItsInsertHasReachedClickHouse() throws Exception {
        Gate gate = gate(At.BEFORE_CLICKHOUSE);
        SinkProcess first = sink(gate.url());
        send(2000);
        gate.awaitReached();

        first.kill();
        sink(clickHouse.url());

        awaitBooks();
    }

    @Test
    void killedInTheMiddleOfItsInsert() throws Exception {
        Gate gate = gate(At.HALF_WAY);
        SinkProcess first = sink(gate.url());
        send(2000);
        gate.awaitReached();

        first.kill();
        sink(clickHouse.url());

        awaitBooks();
    }

    @Test
    void killedAfterClickHouseHasStoredAndBeforeItWasHeard() throws Exception {
        Gate gate = gate(At.AFTER_CLICKHOUSE);
        SinkProcess first = sink(gate.url());
        send(2000);
        gate.awaitReached();
        await().atMost(PATIENCE).until(() -> count("events") > 0);

        first.kill();
        sink(clickHouse.url());

        awaitBooks();
    }

    @Test
    void killedAfterItHasHeardAndBeforeKafkaHasTheOffsets() throws Exception {
        SinkProcess first = sink(clickHouse.url());
        send(2000);
        await().atMost(PATIENCE).until(() -> count("events") == 2000);
        first.kill();
        // Whatever was committed: none is what the group knows now.
        forgetOffsets();

        sink(clickHouse.url());

        send(100);
        awaitBooks();
    }

    @Test
    void clickHouseKilledInTheMiddleOfAnInsert() throws Exception {
        Gate gate = gate(At.HALF_WAY);
        sink(gate.url(), "--weir.clickhouse.read-timeout=3s");
        send(2000);
        gate.awaitReached();

        clickHouse.kill();
        gate.release();
        clickHouse.start();

        awaitBooks();
    }

    @Test
    void clickHouseKilledAfterItHasStoredAndBeforeItWasHeard() throws Exception {
        Gate gate = gate(At.AFTER_CLICKHOUSE);
        sink(gate.url(), "--weir.clickhouse.read-timeout=3s");
        send(2000);
        gate.awaitReached();
        await().atMost(PATIENCE).until(() -> count("events") > 0);

        clickHouse.kill();
        gate.release();
        clickHouse.start();

        awaitBooks();
    }

    @Test
    void clickHouseThatDoesNotAnswerIsAskedWhatItHasStored() throws Exception {
        int port = FreePorts.next();
        sink(clickHouse.url(), "--weir.clickhouse.read-timeout=2s", "--server.port=" + port);
        send(500);
        awaitBooks();

        clickHouse.suspend();
        try {
            send(500);
            await().atMost(PATIENCE).until(() -> readiness(port) == 503);
        } finally {
            clickHouse.resume();
        }

        awaitBooks();
        await().atMost(PATIENCE).until(() -> readiness(port) == 200);
    }

    @Test
    void aFullDiskIsWaitedFor() throws Exception {
        whileTheTableHas("min_free_disk_bytes_to_perform_insert = 1000000000000000000");
    }

    @Test
    void aTableThatIsReadOnlyIsWaitedFor() throws Exception {
        whileTheTableHas("table_readonly = 1");
    }

    private void whileTheTableHas(String setting) throws Exception {
        int port = FreePorts.next();
        sink(clickHouse.url(), "--server.port=" + port);
        send(500);
        awaitBooks();

        query("ALTER TABLE weir.events MODIFY SETTING " + setting);
        send(500);
        await().atMost(PATIENCE).until(() -> readiness(port) == 503);
        assertThat(count("dead_letters")).isZero();
        query("ALTER TABLE weir.events RESET SETTING " + setting.substring(0, setting.indexOf(' ')));

        awaitBooks();
        await().atMost(PATIENCE).until(() -> readiness(port) == 200);
        assertThat(count("dead_letters")).isZero();
    }

    @Test
    void kafkaKilledWhileTheSinkWorks() throws Exception {
        sink(clickHouse.url());
        send(2000);
        await().atMost(PATIENCE).until(() -> count("events") > 0);

        kafka.kill();
        kafka.start();
        // What the broker kept of the numbers of the producer before is not what is tested here.
        producer.close(Duration.ZERO);
        producer = producer();

        send(500);
        awaitBooks();
    }

    @Test
    void anInsertThatComesLateFromASuspendedPredecessorStoresNothing() throws Exception {
        Gate gate = gate(At.BEFORE_CLICKHOUSE);
        SinkProcess first = sink(gate.url());
        send(2000);
        gate.awaitReached();

        first.suspend();
        sink(clickHouse.url());
        awaitBooks();
        gate.release();
        await().atMost(PATIENCE).until(() -> !gate.lateAnswers().isEmpty());
        first.resume();

        assertThat(gate.lateAnswers()).allSatisfy(status -> assertThat(status).isNotEqualTo(200));
        send(500);
        awaitBooks();
        assertThat(first.isAlive()).isTrue();
    }

    @Test
    void aPredecessorThatIsSuspendedAndWakesUpDoesNoHarm() throws Exception {
        SinkProcess first = sink(clickHouse.url());
        send(300);
        awaitBooks();
        for (int round = 0; round < 3; round++) {
            first.suspend();
            send(700);
            SinkProcess second = sink(clickHouse.url());
            awaitBooks();
            first.resume();
            send(700);
            second.kill();
            awaitBooks();
        }
        assertThat(first.isAlive()).isTrue();
    }

    @Test
    void whatMovedAwayWhileItWasRetriedIsNotCommittedByItsOldOwner() throws Exception {
        Gate shut = gate(At.SHUT);
        Gate slow = gate(At.BEFORE_CLICKHOUSE);
        SinkProcess first = sink(shut.url(), "--spring.cloud.stream.bindings.input.consumer.concurrency=1");
        send(2000);
        shut.awaitReached();
        // Takes one of the partitions over, and hangs before it has stored anything of it.
        SinkProcess second = sink(
                slow.url(),
                "--spring.cloud.stream.bindings.input.consumer.concurrency=1",
                // It is not to be taken for dead, however slow the machine is.
                SESSION_TIMEOUT + "60000");
        slow.awaitReached();
        // The first one stores and commits what is left to it.
        shut.release();
        await().atMost(PATIENCE).until(() -> count("events") > 0);
        await().during(Duration.ofSeconds(3)).atMost(PATIENCE).until(() -> count("events") < 2000);

        second.kill();
        first.kill();
        sink(clickHouse.url());

        awaitBooks();
    }

    private Gate gate(At at) {
        Gate gate = new Gate(clickHouse.url());
        gate.set(at);
        opened.add(gate);
        return gate;
    }

    private SinkProcess sink(String clickHouseUrl, String... more) {
        if (sent == 0 && opened.stream().noneMatch(SinkProcess.class::isInstance)) {
            kafka.createTopic(topic, PARTITIONS);
        }
        List<String> arguments = new ArrayList<>(List.of(
                "--server.address=127.0.0.1",
                "--spring.cloud.stream.kafka.binder.brokers=" + kafka.address(),
                "--spring.cloud.stream.bindings.input.destination=" + topic,
                "--spring.cloud.stream.bindings.input.group=it",
                "--weir.clickhouse.url=" + clickHouseUrl,
                "--weir.clickhouse.username=" + clickHouse.username(),
                "--weir.clickhouse.password=" + clickHouse.password(),
                "--weir.clickhouse.database=" + database,
                "--weir.sink.batch-wait=50ms",
                "--spring.cloud.stream.kafka.bindings.input.consumer.configuration.heartbeat.interval.ms=1000"));
        arguments.addAll(List.of(more));
        // An option that stands twice is a list of both.
        if (arguments.stream().noneMatch(argument -> argument.startsWith("--server.port="))) {
            arguments.add("--server.port=0");
        }
        if (arguments.stream().noneMatch(argument -> argument.startsWith(SESSION_TIMEOUT))) {
            arguments.add(SESSION_TIMEOUT + "6000");
        }
        SinkProcess sink = SinkProcess.start(arguments);
        opened.add(sink);
        return sink;
    }

    /** Events of three days, on all partitions. */
    private void send(int count) throws Exception {
        long now = System.currentTimeMillis();
        List<Future<?>> acknowledged = new ArrayList<>();
        for (int i = 0; i < count; i++, sent++) {
            String event = """
                    {"id":"e%d","tenant":"acme","timestamp":%d,"received_at":%d,"type":"request","source":"web",\
                    "message":"number %d","attributes":{"n":%d}}""".formatted(sent, now - (sent % 3) * 86_400_000L, now, sent, sent);
            acknowledged.add(
                    producer.send(new ProducerRecord<>(topic, sent % PARTITIONS, null, event.getBytes(UTF_8))));
        }
        producer.flush();
        for (Future<?> one : acknowledged) {
            one.get();
        }
    }

    private void forgetOffsets() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                admin.deleteConsumerGroups(List.of("it")).all().get();
                return true;
            });
        }
    }

    private String query(String sql) {
        return clickHouse.query(sql.replace("weir.", database + ".")).strip();
    }

    private long count(String table) {
        try {
            return Long.parseLong(query("SELECT count() FROM weir." + table));
        } catch (IllegalStateException notThereYet) {
            return 0;
        }
    }

    /** Every record that was sent stands in the table once. */
    private void awaitBooks() {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> count("events") >= sent);
        assertThat(query("SELECT count(), uniqExact(id), uniqExact(_partition, _offset) FROM weir.events"))
                .isEqualTo(sent + "\t" + sent + "\t" + sent);
    }

    /** 0 while there is no answer. */
    private static int readiness(int port) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz"))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException notNow) {
            return 0;
        }
    }
}
