package io.weir.sink.clickhouse.stream;

import io.weir.sink.clickhouse.SinkProperties;
import io.weir.sink.clickhouse.store.RecordStore;
import io.weir.sink.clickhouse.store.StoreMeters;
import io.weir.warehouse.Warehouse;
import java.util.Collection;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.springframework.cloud.stream.binder.kafka.KafkaBindingRebalanceListener;
import org.springframework.stereotype.Component;

/**
 * Each consumer thread's store. Kafka tells of assignments on the thread that polls, and that is the thread that stores.
 *
 * <p>Nothing is asked of ClickHouse here: a rebalance must not wait for it.
 */
@Component
class Stores implements KafkaBindingRebalanceListener {

    private final ThreadLocal<RecordStore> ofThread;

    Stores(Warehouse warehouse, SinkProperties properties, StoreMeters meters) {
        this.ofThread = ThreadLocal.withInitial(() -> new RecordStore(warehouse, properties, meters));
    }

    RecordStore current() {
        return ofThread.get();
    }

    @Override
    public void onPartitionsAssigned(
            String bindingName, Consumer<?, ?> consumer, Collection<TopicPartition> partitions, boolean initial) {
        current().assigned(partitions);
    }

    /** Called for partitions that were lost too. */
    @Override
    public void onPartitionsRevokedAfterCommit(
            String bindingName, Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        current().revoked(partitions);
    }
}
