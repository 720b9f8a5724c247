package io.weir.processor.enrich.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.listener.ContainerProperties.EOSMode;

class ReadAgainFromCommittedTest {

    private static final TopicPartition PARTITION = new TopicPartition("input", 0);

    /** Whatever left the processor, the container would go on after the batch, and its records would be lost. */
    @Test
    void whateverFailsOnTheWayBackIsTriedAgain() {
        Queue<RuntimeException> failures = new ArrayDeque<>(List.of(
                new KafkaException("initTransactions() failed", new TimeoutException()),
                new TimeoutException(),
                new IllegalStateException("anything else")));
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
        consumer.assign(List.of(PARTITION));
        consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(40)));
        consumer.seek(PARTITION, 90);
        ReadAgainFromCommitted readAgain = new ReadAgainFromCommitted(
                new BatchProgress(new SimpleMeterRegistry()),
                () -> {
                    RuntimeException failure = failures.poll();
                    if (failure != null) {
                        throw failure;
                    }
                },
                Duration.ofMillis(1),
                Duration.ofMillis(1));

        readAgain.process(
                List.of(new ConsumerRecord<>("input", 0, 50, new byte[0], new byte[0])),
                consumer,
                null,
                new IllegalStateException("the commit failed"),
                true,
                EOSMode.V2);

        assertThat(failures).isEmpty();
        assertThat(consumer.position(PARTITION)).isEqualTo(40);
    }
}
