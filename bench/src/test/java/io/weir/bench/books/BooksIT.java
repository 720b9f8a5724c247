package io.weir.bench.books;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.bench.platform.ClickHouse;
import io.weir.testing.ClickHouseServer;
import io.weir.testing.KafkaServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The books of a small pipeline that is written by hand, on a real Kafka and a real ClickHouse. */
@SuppressWarnings("NullAway.Init")
class BooksIT {

    private static final Lanes LANES = new Lanes(List.of(
            new Lanes.Lane("once", "o-", ""), new Lanes.Lane("again", "a-", ""), new Lanes.Lane("keyed", "", "keyed")));

    private static KafkaServer kafka;
    private static ClickHouseServer server;
    private static ClickHouse clickhouse;
    private static int number;

    private String ingest;
    private String enriched;
    private KafkaProducer<byte[], byte[]> producer;
    private final Map<String, IdHashes> accepted = Map.of("once", new IdHashes(), "again", new IdHashes());

    @BeforeAll
    static void start() throws IOException {
        kafka = KafkaServer.fresh();
        server = ClickHouseServer.fresh();
        clickhouse = new ClickHouse(server.url(), server.username(), server.password());
        clickhouse.query("CREATE DATABASE weir");
        for (String table : List.of("events", "dead_letters")) {
            clickhouse.query("CREATE TABLE weir." + table + " (id String, source LowCardinality(String), _topic"
                    + " LowCardinality(String), _partition Int32, _offset Int64) ENGINE = ReplacingMergeTree ORDER BY id"
                    + " SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1");
        }
    }

    @AfterEach
    void closeProducer() {
        producer.close();
    }

    @AfterAll
    static void stop() {
        server.close();
        kafka.close();
    }

    /** Three lanes of events went through the pipeline, and all is well. */
    @BeforeEach
    void aPipelineAtRest() throws Exception {
        number++;
        ingest = "ingest-" + number;
        enriched = "enriched-" + number;
        kafka.createTopic(ingest, 2);
        kafka.createTopic(enriched, 2);
        clickhouse.query("TRUNCATE TABLE weir.events");
        clickhouse.query("TRUNCATE TABLE weir.dead_letters");
        producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka.address(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        "books-" + number),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            lines.addAll(List.of("o-" + i + " web", "a-" + i + " web", "k" + i + " keyed"));
            accept("once", "o-" + i);
            accept("again", "a-" + i);
        }
        events(lines);
        // A processor that died in the middle of a batch leaves records that nobody may read.
        producer.beginTransaction();
        producer.send(record(enriched, "a-0", "web"));
        producer.abortTransaction();
    }

    @Test
    void theBooksOfAPipelineThatLostAndDoubledNothingClose() throws IOException {
        assertThat(failed(close())).isEmpty();
    }

    @Test
    void aRepeatIsNoFaultWhereClientsRepeat() throws Exception {
        event("a-7", "web");
        event("k7", "keyed");
        assertThat(failed(close())).isEmpty();
    }

    @Test
    void aRepeatIsAFaultWhereClientsNeverRepeat() throws Exception {
        event("o-7", "web");
        assertThat(failed(close())).singleElement().satisfies(line -> assertThat(line.rule())
                .contains("no client repeated itself"));
    }

    @Test
    void aRowThatWasStoredTwiceIsNamed() throws IOException {
        clickhouse.query("INSERT INTO weir.events SELECT * FROM weir.events WHERE id = 'a-3'");
        List<Line> failed = failed(close());
        assertThat(failed).extracting(Line::rule).anyMatch(rule -> rule.contains("stands twice"));
        assertThat(failed.get(0).offenders())
                .singleElement()
                .asString()
                .startsWith(enriched)
                .endsWith("id a-3");
    }

    @Test
    void aRowThatIsMissingIsNamedWithItsPlaceOnTheTopic() throws IOException {
        clickhouse.query("DELETE FROM weir.events WHERE id = 'a-4'");
        List<Line> failed = failed(close());
        assertThat(failed)
                .extracting(Line::rule)
                .anyMatch(rule -> rule.startsWith("Every id on the ingest topic"))
                .anyMatch(rule -> rule.startsWith("Every id that a producer was told is accepted"))
                .anyMatch(rule -> rule.contains("plain count() equals the records"))
                .anyMatch(rule -> rule.startsWith("The stored offsets of " + enriched));
        assertThat(failed.get(0).offenders()).singleElement().asString().startsWith("a-4 at " + ingest);
    }

    @Test
    void aRowThatNobodySentIsNamed() throws IOException {
        clickhouse.query("INSERT INTO weir.dead_letters VALUES ('x-1', '', 'elsewhere', 0, 5)");
        assertThat(failed(close())).anySatisfy(line -> {
            assertThat(line.rule()).startsWith("Every id in the tables is on the ingest topic");
            assertThat(line.offenders()).containsExactly("x-1 at elsewhere-0@5");
        });
    }

    @Test
    void aRowOfARecordThatWasNeverCommittedIsNamed() throws IOException {
        // The record of the aborted transaction is the last of its partition.
        clickhouse.query(
                "INSERT INTO weir.events SELECT id, source, _topic, _partition, _offset + 1000 FROM weir.events WHERE"
                        + " id = 'a-0'");
        assertThat(failed(close())).anySatisfy(line -> {
            assertThat(line.rule()).startsWith("The stored offsets of " + enriched);
            assertThat(line.offenders()).singleElement().asString().endsWith("(a row without a record)");
        });
    }

    @Test
    void anAcceptedEventThatNeverReachedTheTopicIsFound() throws IOException {
        accept("again", "a-999");
        assertThat(failed(close())).singleElement().satisfies(line -> {
            assertThat(line.rule()).contains("was told is accepted").contains("again");
            assertThat(line.numbers()).contains("51 accepted, 1 of them missing");
            assertThat(line.offenders()).containsExactly("none of them is on the ingest topic either");
        });
    }

    @Test
    void aRepeatWithTheSameKeyThatGotAnotherIdIsFound() throws Exception {
        event("k-7-again", "keyed");
        assertThat(failed(close())).singleElement().satisfies(line -> {
            assertThat(line.rule()).contains("Idempotency-Key");
            assertThat(line.numbers()).contains("50 events accepted").contains("51 distinct ids on the topic");
        });
    }

    @Test
    void aDeadLetterCountsLikeAnEvent() throws Exception {
        event("a-dead", "web");
        clickhouse.query("INSERT INTO weir.dead_letters SELECT * FROM weir.events WHERE id = 'a-dead'");
        clickhouse.query("DELETE FROM weir.events WHERE id = 'a-dead'");
        assertThat(failed(close())).isEmpty();
    }

    @Test
    void aWrongAnswerOfTheSourceIsCounted() throws IOException {
        assertThat(failed(close(3))).singleElement().satisfies(line -> assertThat(line.numbers())
                .contains("3 answers"));
    }

    private List<Line> close() throws IOException {
        return close(0);
    }

    private List<Line> close(long miscounted) throws IOException {
        Books.Scope scope = new Books.Scope(kafka.address(), clickhouse, ingest, List.of(enriched), false);
        return new Books(scope, LANES, new Claims(accepted, Map.of("keyed", 50L), Set.of("once"), miscounted)).close();
    }

    private static List<Line> failed(List<Line> lines) {
        return new ArrayList<>(lines.stream().filter(line -> !line.holds()).toList());
    }

    private void accept(String lane, String id) {
        byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
        IdHashes hashes = accepted.get(lane);
        if (hashes != null) {
            hashes.add(IdHashes.hash(bytes, 0, bytes.length));
        }
    }

    private void event(String id, String source) throws Exception {
        events(List.of(id + " " + source));
    }

    /** Events, as id and source, that go the whole way: ingest topic, enriched topic, table. */
    private void events(List<String> lines) throws Exception {
        List<Future<RecordMetadata>> places = new ArrayList<>();
        producer.beginTransaction();
        for (String line : lines) {
            String[] event = line.split(" ");
            producer.send(record(ingest, event[0], event[1]));
            places.add(producer.send(record(enriched, event[0], event[1])));
        }
        producer.commitTransaction();
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String[] event = lines.get(i).split(" ");
            RecordMetadata place = places.get(i).get();
            rows.add("('" + event[0] + "', '" + event[1] + "', '" + place.topic() + "', " + place.partition() + ", "
                    + place.offset() + ")");
        }
        clickhouse.query("INSERT INTO weir.events VALUES " + String.join(", ", rows));
        awaitReadable(places);
    }

    /** Readers of what is committed see a transaction some time after its commit was answered. */
    private static void awaitReadable(List<Future<RecordMetadata>> places) throws Exception {
        Map<TopicPartition, Long> last = new HashMap<>();
        for (Future<RecordMetadata> one : places) {
            RecordMetadata place = one.get();
            last.merge(new TopicPartition(place.topic(), place.partition()), place.offset(), Math::max);
        }
        Map<String, Object> committed = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                kafka.address(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed");
        try (KafkaConsumer<byte[], byte[]> reader =
                new KafkaConsumer<>(committed, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            await().until(() -> reader.endOffsets(last.keySet()).entrySet().stream()
                    .allMatch(end -> end.getValue() > last.get(end.getKey())));
        }
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String id, String source) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, null, id.getBytes(StandardCharsets.UTF_8), new byte[0]);
        record.headers().add("weir-id", id.getBytes(StandardCharsets.UTF_8));
        record.headers().add("weir-source", source.getBytes(StandardCharsets.UTF_8));
        return record;
    }
}
