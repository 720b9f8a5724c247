package io.weir.sink.clickhouse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.testing.ClickHouseServer;
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
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The sink between a real Kafka and a real ClickHouse. */
class SinkClickHouseIT {

    private static final long NOW = System.currentTimeMillis();
    private static final int PARTITIONS = 2;

    private static KafkaServer kafka;
    private static ClickHouseServer clickHouse;
    private static KafkaProducer<byte[], byte[]> producer;

    private final String topic = "sink-" + UUID.randomUUID();
    private final String database = clickHouse.freshDatabase();
    private final List<ConfigurableApplicationContext> apps = new ArrayList<>();

    @BeforeAll
    static void start() {
        kafka = KafkaServer.fresh();
        clickHouse = ClickHouseServer.fresh();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.address(), "acks", "all", "linger.ms", "5"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stop() {
        producer.close();
        kafka.close();
        clickHouse.close();
    }

    @AfterEach
    void stopApps() {
        apps.forEach(ConfigurableApplicationContext::close);
    }

    private ConfigurableApplicationContext sink(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--spring.cloud.stream.kafka.binder.brokers=" + kafka.address(),
                "--spring.cloud.stream.bindings.input.destination=" + topic,
                "--spring.cloud.stream.bindings.input.group=it",
                "--weir.clickhouse.url=" + clickHouse.url(),
                "--weir.clickhouse.username=" + clickHouse.username(),
                "--weir.clickhouse.password=" + clickHouse.password(),
                "--weir.clickhouse.database=" + database,
                "--spring.cloud.stream.kafka.bindings.input.consumer.configuration.fetch.max.wait.ms=50",
                "--spring.cloud.stream.kafka.bindings.input.consumer.configuration.session.timeout.ms=6000"));
        arguments.addAll(List.of(more));
        ConfigurableApplicationContext app =
                new SpringApplicationBuilder(SinkClickHouseApplication.class).run(arguments.toArray(String[]::new));
        apps.add(app);
        return app;
    }

    private static String event(int i) {
        return """
                {"id":"e%d","tenant":"acme","timestamp":%d,"received_at":%d,"type":"request","source":"web",\
                "endpoint":"/users/%d","endpoint_template":"/users/{id}","status_code":200,"status_class":"2xx",\
                "latency_ms":%d.5,"bytes":%d,"message":"grüße \\"%d\\"","measurements":{"a":%d,"b":0.5},\
                "attributes":{"n":%d,"deep":{"x":[1,2]},"we\\"ird":"ja"}}""".formatted(i, NOW - i * 60_000L, NOW, i, i, i * 10L, i, i, i);
    }

    private void send(List<String> values) throws Exception {
        List<Future<?>> sent = new ArrayList<>();
        for (String value : values) {
            sent.add(producer.send(new ProducerRecord<>(topic, value.getBytes(UTF_8))));
        }
        producer.flush();
        for (Future<?> future : sent) {
            future.get();
        }
    }

    private static List<String> events(int from, int to) {
        List<String> events = new ArrayList<>();
        for (int i = from; i < to; i++) {
            events.add(event(i));
        }
        return events;
    }

    private static void forgetOffsets() {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
            // A member that has gone may be counted for a while.
            await().ignoreExceptions().until(() -> {
                admin.deleteConsumerGroups(List.of("it")).all().get();
                return true;
            });
        }
    }

    private String query(String sql) {
        return clickHouse.query(sql.replace("weir.", database + ".")).strip();
    }

    private void awaitRows(String table, int rows) {
        await().ignoreExceptions()
                .until(() -> query("SELECT count() FROM weir." + table), Integer.toString(rows)::equals);
    }

    /** 0 while there is no answer. */
    private static int readiness(ConfigurableApplicationContext app) throws InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + app.getEnvironment().getProperty("local.server.port") + "/readyz");
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
        try {
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException notNow) {
            return 0;
        }
    }

    @Test
    void everyFieldOfAnEventCanBeQueried() throws Exception {
        kafka.createTopic(topic, PARTITIONS);
        sink();
        send(events(7, 8));
        awaitRows("events", 1);

        assertThat(query(
                        "SELECT id, tenant, toUnixTimestamp64Milli(timestamp), type, source, endpoint, endpoint_template,"
                                + " status_code, status_class, latency_ms, bytes, message, measurements['a'], measurements['b'],"
                                + " attributes.n, attributes.deep.x, attributes.`we\"ird`, user_id, toUnixTimestamp64Milli(received_at),"
                                + " _topic, _offset, ingested_at > now() - 60 FROM weir.events"))
                .isEqualTo(String.join(
                        "\t",
                        "e7",
                        "acme",
                        Long.toString(NOW - 7 * 60_000L),
                        "request",
                        "web",
                        "/users/7",
                        "/users/{id}",
                        "200",
                        "2xx",
                        "7.5",
                        "70",
                        "grüße \"7\"",
                        "7",
                        "0.5",
                        "7",
                        "[1,2]",
                        "ja",
                        "",
                        Long.toString(NOW),
                        topic,
                        "0",
                        "1"));
        assertThat(query("SELECT count() FROM weir.events WHERE latency_ms IS NULL"))
                .isEqualTo("0");
    }

    @Test
    void aRestartStoresNothingTwice() throws Exception {
        kafka.createTopic(topic, PARTITIONS);
        ConfigurableApplicationContext first = sink();
        send(events(0, 3000));
        awaitRows("events", 3000);
        first.close();
        send(events(3000, 3500));

        sink();

        awaitRows("events", 3500);
        assertBooksClose(3500);
    }

    @Test
    void recordsThatWereStoredButNotCommittedAreSkipped() throws Exception {
        kafka.createTopic(topic, PARTITIONS);
        ConfigurableApplicationContext first = sink();
        send(events(0, 3000));
        awaitRows("events", 3000);
        first.close();
        // As after a crash between insert and commit: the group knows nothing of what is in the table.
        forgetOffsets();
        send(events(3000, 3100));

        sink();

        awaitRows("events", 3100);
        assertBooksClose(3100);
    }

    @Test
    void partOfABlockThatWasStoredIsNotStoredAgain() throws Exception {
        kafka.createTopic(topic, PARTITIONS);
        ConfigurableApplicationContext first = sink();
        send(events(0, 3000));
        awaitRows("events", 3000);
        first.close();
        // As after a crash in the middle of a block that spans days: one day's part is there, the other is not.
        String lost = query("SELECT max(toYYYYMMDD(timestamp)) FROM weir.events");
        query("ALTER TABLE weir.events DROP PARTITION " + lost);
        forgetOffsets();

        sink();

        awaitRows("events", 3000);
        assertBooksClose(3000);
    }

    @Test
    void whileClickHouseIsDownTheSinkWaitsAndGoesOnByItself() throws Exception {
        kafka.createTopic(topic, PARTITIONS);
        ConfigurableApplicationContext app = sink();
        send(events(0, 500));
        awaitRows("events", 500);
        await().until(() -> readiness(app) == 200);

        clickHouse.kill();
        try {
            send(events(500, 1000));
            await().until(() -> readiness(app) == 503);
        } finally {
            clickHouse.start();
        }

        awaitRows("events", 1000);
        assertBooksClose(1000);
        await().until(() -> readiness(app) == 200);
    }

    @Test
    void aSinkThatStartsBeforeClickHouseWaitsForIt() throws Exception {
        kafka.createTopic(topic, PARTITIONS);
        clickHouse.stop();
        ConfigurableApplicationContext app;
        try {
            app = sink("--weir.sink.longest-retry=500ms");
            send(events(0, 100));
            assertThat(readiness(app)).isEqualTo(503);
        } finally {
            clickHouse.start();
        }
        awaitRows("events", 100);
        await().until(() -> readiness(app) == 200);
    }

    @Test
    void whatCannotBeStoredIsBuriedAloneAndTheRestIsStored() throws Exception {
        kafka.createTopic(topic, PARTITIONS);
        sink();
        List<String> values = new ArrayList<>(events(0, 1000));
        values.set(100, "this is not JSON");
        values.set(200, "{\"id\":\"no-tenant\",\"timestamp\":" + NOW + ",\"received_at\":" + NOW + "}");
        awaitRows("events", 0);
        query("ALTER TABLE weir.events ADD CONSTRAINT no_poison CHECK id != 'e300'");

        send(values);

        awaitRows("events", 997);
        awaitRows("dead_letters", 3);
        assertThat(query("SELECT count() FROM weir.events WHERE id = 'e300'")).isEqualTo("0");
        assertThat(query("SELECT stage, reason, field, tenant, id = '' FROM weir.dead_letters ORDER BY reason"))
                .isEqualTo("""
                        sink	malformed_json		 0
                        sink	missing_field	tenant	 0
                        sink	unstorable		acme	0""".replace(" ", "\t"));
        assertThat(query("SELECT original FROM weir.dead_letters WHERE reason = 'malformed_json'"))
                .isEqualTo("this is not JSON");
        assertThat(query("SELECT id FROM weir.dead_letters WHERE reason = 'unstorable'"))
                .isEqualTo("e300");
    }

    @Test
    void deadLettersKeepTheirBytesAndTheirReason() throws Exception {
        kafka.createTopic(topic, PARTITIONS);
        sink("--weir.sink.table=dead_letters");
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, "acme".getBytes(UTF_8), new byte[] {1, 0, (byte) 0xff, 'x'});
        Map.of(
                        "weir-id", "d-1",
                        "weir-tenant", "acme",
                        "weir-received-at", Long.toString(NOW),
                        "weir-request-id", "r-1",
                        "weir-stage", "processor",
                        "weir-reason", "unreadable_line",
                        "weir-detail", "no closing quote",
                        "weir-origin", "events.source-http-0@17",
                        "content-type", "text/plain; format=combined")
                .forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
        producer.send(record).get();

        awaitRows("dead_letters", 1);
        assertThat(query(
                        "SELECT id, tenant, stage, reason, field, detail, hex(original), content_type, origin, request_id,"
                                + " toUnixTimestamp64Milli(received_at), _offset FROM weir.dead_letters"))
                .isEqualTo(
                        "d-1\tacme\tprocessor\tunreadable_line\t\tno closing quote\t0100FF78\ttext/plain; format=combined"
                                + "\tevents.source-http-0@17\tr-1\t" + NOW + "\t0");
    }

    @Test
    void twoSinksShareTheWorkAndOneTakesOverFromTheOther() throws Exception {
        kafka.createTopic(topic, PARTITIONS);
        ConfigurableApplicationContext first = sink("--spring.cloud.stream.bindings.input.consumer.concurrency=1");
        send(events(0, 1000));
        sink("--spring.cloud.stream.bindings.input.consumer.concurrency=1");
        send(events(1000, 2000));
        awaitRows("events", 2000);
        first.close();
        send(events(2000, 3000));

        awaitRows("events", 3000);
        assertBooksClose(3000);
    }

    private void assertBooksClose(int records) {
        assertThat(query("SELECT count(), uniqExact(id), uniqExact(_partition, _offset) FROM weir.events"))
                .isEqualTo(records + "\t" + records + "\t" + records);
        assertThat(query("SELECT count() FROM weir.events FINAL")).isEqualTo(Integer.toString(records));
    }
}
