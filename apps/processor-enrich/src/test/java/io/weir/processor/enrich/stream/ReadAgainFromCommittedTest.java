package io.weir.processor.enrich.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.ContainerProperties.EOSMode;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.kafka.listener.MessageListenerContainer;

class ReadAgainFromCommittedTest {

    private static final TopicPartition PARTITION = new TopicPartition("input", 0);

    private static final TopicPartition NEVER_COMMITTED = new TopicPartition("input", 1);
    private static final TopicPartition LOST = new TopicPartition("input", 2);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final BatchProgress progress = new BatchProgress(new SimpleMeterRegistry());
    private final Queue<RuntimeException> failures = new ArrayDeque<>();
    private final ReadAgainFromCommitted readAgain = new ReadAgainFromCommitted(
            progress,
            () -> {
                RuntimeException failure = failures.poll();
                if (failure != null) {
                    throw failure;
                }
            },
            Duration.ofMillis(1),
            Duration.ofMillis(1));

    @BeforeEach
    void readABatch() {
        consumer.assign(List.of(PARTITION, NEVER_COMMITTED));
        consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(40)));
        consumer.seek(PARTITION, 90);
        consumer.seek(NEVER_COMMITTED, 90);
    }

    /** Whatever left the processor, the container would go on after the batch, and its records would be lost. */
    @Test
    void whateverFailsOnTheWayBackIsTriedAgainAndShows() {
        failures.addAll(List.of(
                new KafkaException("initTransactions() failed", new TimeoutException()),
                new TimeoutException(),
                new IllegalStateException("anything else")));

        process(null);

        assertThat(failures).isEmpty();
        assertThat(consumer.position(PARTITION)).isEqualTo(40);
        assertThat(progress.trouble(Duration.ofHours(1)))
                .startsWith("a batch failed 4 times in ")
                .endsWith("IllegalStateException: anything else");
    }

    @Test
    void whereNothingIsCommittedTheBatchItselfIsReadAgain() {
        process(null);

        assertThat(consumer.position(NEVER_COMMITTED)).isEqualTo(50);
        assertThat(progress.trouble(Duration.ofHours(1)))
                .as("once is no trouble")
                .isNull();
    }

    @Test
    void aContainerThatStopsReadsNothingMore() {
        ContainerProperties properties = new ContainerProperties("input");
        properties.setMessageListener((MessageListener<byte[], byte[]>) ingested -> {});
        MessageListenerContainer stopped =
                new KafkaMessageListenerContainer<>(new DefaultKafkaConsumerFactory<>(Map.of()), properties);

        process(stopped);

        assertThat(consumer.position(PARTITION)).isEqualTo(90);
        assertThat(consumer.paused()).containsExactlyInAnyOrder(PARTITION, NEVER_COMMITTED);
    }

    private void process(@Nullable MessageListenerContainer container) {
        readAgain.process(
                Stream.of(PARTITION, NEVER_COMMITTED, LOST)
                        .map(from -> new ConsumerRecord<>(from.topic(), from.partition(), 50, new byte[0], new byte[0]))
                        .toList(),
                consumer,
                container,
                new IllegalStateException("the commit failed"),
                true,
                EOSMode.V2);
    }
}
