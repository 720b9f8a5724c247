package io.weir.processor.enrich.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.event.Headers;
import io.weir.processor.enrich.IngestRecords;
import io.weir.processor.enrich.stream.FaultyCommits.Fault;
import io.weir.testing.KafkaServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class EnrichStreamIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static KafkaServer kafka;

    @Configuration(proxyBeanMethods = false)
    static class WithFaultyCommits {
        @Bean
        FaultyCommits faultyCommits() {
            return new FaultyCommits();
        }
    }

    @BeforeAll
    static void startKafka() {
        kafka = KafkaServer.fresh();
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
    }

    @Test
    void everyRecordBecomesAnEventOrADeadLetterAndIsCounted() {
        Topics topics = new Topics(kafka, 4);
        topics.ingest(Ingested.records(topics, 0, 1000));
        try (RunningProcessor processor = RunningProcessor.start(topics, Map.of())) {
            awaitAllRead(topics);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(processor.body("prometheus"))
                    .contains(
                            "weir_enrich_events_total{type=\"request\"} 800.0",
                            "weir_enrich_dead_letters_total{reason=\"malformed_json\"} 100.0",
                            "weir_enrich_dead_letters_total{reason=\"truncated\"} 100.0",
                            "weir_enrich_transaction_seconds_count"));
            await().atMost(PATIENCE).until(() -> processor.status("health/readiness") == 200);
            assertThat(processor.status("health/liveness")).isEqualTo(200);
        }

        Ingested.assertExactlyOnce(topics, 1000);
        for (ConsumerRecord<byte[], byte[]> event : topics.committed(topics.output)) {
            assertThat(event.headers()).isEmpty();
        }
    }

    @Test
    void anEventStaysInItsPartition() {
        Topics topics = new Topics(kafka, 4);
        topics.ingest(Ingested.records(topics, 0, 500));
        try (RunningProcessor processor = RunningProcessor.start(topics, Map.of())) {
            awaitAllRead(topics);
        }

        Ingested.assertExactlyOnce(topics, 500);
        Map<String, Integer> partitions = new java.util.HashMap<>();
        for (ConsumerRecord<byte[], byte[]> one : topics.committed(topics.input)) {
            partitions.put(new String(one.key(), UTF_8), one.partition());
        }
        for (ConsumerRecord<byte[], byte[]> one : topics.committed(topics.output)) {
            assertThat(one.partition()).isEqualTo(partitions.get(new String(one.key(), UTF_8)));
        }
    }

    @Test
    void aDeadLetterHasTheOriginalBytesAndHeaders() {
        Topics topics = new Topics(kafka, 1);
        byte[] original = "{\"status_code\":\"\u00ff\"}".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        topics.ingest(List.of(
                IngestRecords.toSend(topics.input, "web", original, IngestRecords.headers("e-1", "application/json"))));
        try (RunningProcessor processor = RunningProcessor.start(topics, Map.of())) {
            awaitAllRead(topics);
        }

        // A transaction's offsets can be seen as committed before its records can.
        await().atMost(PATIENCE)
                .until(() -> !topics.committed(topics.deadLetters).isEmpty());
        List<ConsumerRecord<byte[], byte[]>> deadLetters = topics.committed(topics.deadLetters);
        assertThat(deadLetters).hasSize(1);
        ConsumerRecord<byte[], byte[]> deadLetter = deadLetters.get(0);
        assertThat(deadLetter.value()).isEqualTo(original);
        assertThat(deadLetter.key()).isEqualTo("acme".getBytes(UTF_8));
        assertThat(IngestRecords.text(deadLetter.headers()))
                .containsAllEntriesOf(IngestRecords.headers("e-1", "application/json"))
                .containsEntry(Headers.STAGE, "processor")
                .containsEntry(Headers.REASON, "invalid_utf8")
                .containsEntry(Headers.ORIGIN, topics.input + "-0@0");
    }

    @Test
    void resultsDoNotDependOnTheBatchSize() {
        Topics single = new Topics(kafka, 2);
        Topics batched = new Topics(kafka, 2);
        single.ingest(Ingested.records(single, 0, 200));
        batched.ingest(Ingested.records(batched, 0, 200));
        String pollSize = "spring.cloud.stream.kafka.bindings.input.consumer.configuration.max.poll.records";
        try (RunningProcessor processor = RunningProcessor.start(single, Map.of(pollSize, "1"))) {
            awaitAllRead(single);
        }
        try (RunningProcessor processor = RunningProcessor.start(batched, Map.of(pollSize, "500"))) {
            awaitAllRead(batched);
        }

        Ingested.assertExactlyOnce(single, 200);
        Ingested.assertExactlyOnce(batched, 200);
        assertThat(described(single, single.output)).isEqualTo(described(batched, batched.output));
        assertThat(described(single, single.deadLetters)).isEqualTo(described(batched, batched.deadLetters));
    }

    @Test
    void nothingOfABatchIsVisibleBeforeItIsCommittedWhole() {
        Topics topics = new Topics(kafka, 2);
        try (RunningProcessor processor = RunningProcessor.start(topics, Map.of(), WithFaultyCommits.class)) {
            FaultyCommits commits = processor.bean(FaultyCommits.class);
            CountDownLatch reached = new CountDownLatch(1);
            CountDownLatch checked = new CountDownLatch(1);
            commits.add(commit -> {
                reached.countDown();
                awaitLatch(checked);
                Fault.lostRequest().run(commit);
            });
            topics.ingest(Ingested.records(topics, 0, 300));
            awaitLatch(reached);
            assertThat(topics.committed(topics.output)).isEmpty();
            assertThat(topics.committed(topics.deadLetters)).isEmpty();
            assertThat(topics.lag()).isEqualTo(300);
            checked.countDown();
            awaitAllRead(topics);
        }

        Ingested.assertExactlyOnce(topics, 300);
    }

    @Test
    void aBatchIsTriedAgainUntilItIsCommitted() {
        Topics topics = new Topics(kafka, 2);
        try (RunningProcessor processor = RunningProcessor.start(
                topics, Map.of("weir.enrich.maximum-retry-interval", "200ms"), WithFaultyCommits.class)) {
            FaultyCommits commits = processor.bean(FaultyCommits.class);
            for (int i = 0; i < 10_000; i++) {
                commits.add(Fault.lostRequest());
            }
            topics.ingest(Ingested.records(topics, 0, 100));
            await().atMost(PATIENCE).until(() -> processor.status("health/readiness") == 503);
            commits.clear();
            awaitAllRead(topics);
            await().atMost(PATIENCE).until(() -> processor.status("health/readiness") == 200);
        }

        Ingested.assertExactlyOnce(topics, 100);
    }

    @Test
    void aCommitWhoseAnswerIsLostCountsOnce() {
        Topics topics = new Topics(kafka, 2);
        try (RunningProcessor processor = RunningProcessor.start(topics, Map.of(), WithFaultyCommits.class)) {
            FaultyCommits commits = processor.bean(FaultyCommits.class);
            commits.add(Fault.lostAnswer());
            commits.add(Fault.lostAnswer());
            topics.ingest(Ingested.records(topics, 0, 200));
            awaitAllRead(topics);
            topics.ingest(Ingested.records(topics, 200, 400));
            awaitAllRead(topics);
            topics.ingest(Ingested.records(topics, 400, 500));
            awaitAllRead(topics);
            assertThat(commits.isExhausted()).isTrue();
        }

        Ingested.assertExactlyOnce(topics, 500);
    }

    @Test
    void aProducerThatIsFencedLosesNothing() {
        Topics topics = new Topics(kafka, 2);
        try (RunningProcessor processor = RunningProcessor.start(topics, Map.of(), WithFaultyCommits.class)) {
            FaultyCommits commits = processor.bean(FaultyCommits.class);
            for (int i = 0; i < 3; i++) {
                commits.add(commit -> {
                    fence(topics);
                    commit.run();
                });
                topics.ingest(Ingested.records(topics, i * 100, i * 100 + 100));
                awaitAllRead(topics);
            }
            assertThat(commits.isExhausted()).isTrue();
        }

        Ingested.assertExactlyOnce(topics, 300);
    }

    /** What the transaction coordinator does with a transaction that was open for too long. */
    private static void fence(Topics topics) {
        String id = "weir." + topics.group + ".processor-enrich.1-0";
        try (Producer<byte[], byte[]> other = topics.producer(Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id))) {
            other.initTransactions();
        }
    }

    private static void awaitAllRead(Topics topics) {
        await().atMost(PATIENCE).until(() -> topics.lag() == 0);
    }

    private static void awaitLatch(CountDownLatch latch) {
        await().atMost(PATIENCE).until(() -> latch.getCount() == 0);
    }

    private static List<String> described(Topics topics, String topic) {
        return topics.committed(topic).stream()
                .map(one -> one.partition()
                        + new String(one.key(), UTF_8)
                        + new String(one.value(), UTF_8)
                        + IngestRecords.text(one.headers()).toString().replace(topics.input, "input"))
                .sorted()
                .toList();
    }
}
