package io.weir.sink.clickhouse.stream;

import io.weir.sink.clickhouse.store.RecordStore;
import java.util.Collection;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.springframework.cloud.stream.binder.kafka.KafkaBindingRebalanceListener;
import org.springframework.stereotype.Component;

/** Tells the store which partitions are its own. */
@Component
class Assignments implements KafkaBindingRebalanceListener {

    private final RecordStore store;

    Assignments(RecordStore store) {
        this.store = store;
    }

    @Override
    public void onPartitionsAssigned(
            String bindingName, Consumer<?, ?> consumer, Collection<TopicPartition> partitions, boolean initial) {
        store.assigned(partitions);
    }

    @Override
    public void onPartitionsRevokedAfterCommit(
            String bindingName, Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        store.revoked(partitions);
    }
}
