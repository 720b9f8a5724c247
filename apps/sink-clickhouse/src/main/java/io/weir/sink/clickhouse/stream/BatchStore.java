package io.weir.sink.clickhouse.stream;

import io.weir.sink.clickhouse.store.StoreMeters;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;

/**
 * The stream function: stores a poll, then commits.
 *
 * <p>It commits by itself, and only partitions that are assigned. The container would commit the whole poll, including
 * records of a partition that moved away while the batch was being retried: they were left to its new owner, and a commit
 * behind them would lose them if that one died.
 */
final class BatchStore implements Consumer<Message<List<ConsumerRecord<ByteBuffer, ByteBuffer>>>> {

    private static final Logger log = LoggerFactory.getLogger(BatchStore.class);

    private final Stores stores;
    private final Readiness readiness;
    private final StoreMeters meters;

    BatchStore(Stores stores, Readiness readiness, StoreMeters meters) {
        this.stores = stores;
        this.readiness = readiness;
        this.meters = meters;
    }

    @Override
    public void accept(Message<List<ConsumerRecord<ByteBuffer, ByteBuffer>>> poll) {
        org.apache.kafka.clients.consumer.Consumer<?, ?> consumer = Objects.requireNonNull(
                poll.getHeaders().get(KafkaHeaders.CONSUMER, org.apache.kafka.clients.consumer.Consumer.class));
        Map<TopicPartition, Long> stored;
        try {
            readiness.requireTables();
            stored = stores.current().store(byPartition(poll.getPayload()));
        } catch (RuntimeException e) {
            readiness.failed(e);
            meters.retried();
            throw e;
        }
        readiness.stored();
        commit(stored, consumer);
    }

    private static Map<TopicPartition, List<ConsumerRecord<ByteBuffer, ByteBuffer>>> byPartition(
            List<ConsumerRecord<ByteBuffer, ByteBuffer>> records) {
        Map<TopicPartition, List<ConsumerRecord<ByteBuffer, ByteBuffer>>> byPartition = new LinkedHashMap<>();
        List<ConsumerRecord<ByteBuffer, ByteBuffer>> current = List.of();
        int partition = -1;
        String topic = "";
        for (ConsumerRecord<ByteBuffer, ByteBuffer> record : records) {
            if (record.partition() != partition || !record.topic().equals(topic)) {
                partition = record.partition();
                topic = record.topic();
                current = byPartition.computeIfAbsent(new TopicPartition(topic, partition), key -> new ArrayList<>());
            }
            current.add(record);
        }
        return byPartition;
    }

    private void commit(Map<TopicPartition, Long> stored, org.apache.kafka.clients.consumer.Consumer<?, ?> consumer) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new LinkedHashMap<>();
        stored.forEach((partition, last) -> {
            offsets.put(partition, new OffsetAndMetadata(next(partition, last, consumer)));
            consumer.currentLag(partition).ifPresent(lag -> meters.lag(partition, lag));
        });
        if (offsets.isEmpty()) {
            return;
        }
        // Not waited for: what is stored is skipped by whoever reads it again, and the next commit covers this one.
        consumer.commitAsync(offsets, (committed, failure) -> {
            if (failure != null) {
                log.info("{} could not be committed, which does no harm: {}", committed, failure.getMessage());
            }
        });
    }

    /** Where to go on: behind the last record, and behind what a transaction leaves after it. */
    private static long next(
            TopicPartition partition, long last, org.apache.kafka.clients.consumer.Consumer<?, ?> consumer) {
        try {
            return Math.max(last + 1, consumer.position(partition));
        } catch (IllegalStateException | KafkaException e) {
            return last + 1;
        }
    }
}
