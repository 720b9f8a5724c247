package io.weir.sink.clickhouse.store;

import io.weir.sink.clickhouse.SinkProperties;
import io.weir.warehouse.Warehouse;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Stores what one consumer polls, partition by partition, for the partitions that are assigned to it. One for each consumer
 * thread: a partition that moves from one thread to another is a partition that moves.
 */
public final class RecordStore {

    private final Warehouse warehouse;
    private final SinkProperties properties;
    private final StoreMeters meters;
    private final Blocks blocks = new Blocks();
    private final Map<TopicPartition, PartitionStore> partitions = new HashMap<>();

    public RecordStore(Warehouse warehouse, SinkProperties properties, StoreMeters meters) {
        this.warehouse = warehouse;
        this.properties = properties;
        this.meters = meters;
    }

    /** Takes partitions as its own: what is known of them from an earlier time counts no longer. */
    public void assigned(Collection<TopicPartition> assigned) {
        for (TopicPartition partition : assigned) {
            partitions.put(
                    partition,
                    new PartitionStore(
                            warehouse,
                            meters,
                            properties.compression(),
                            partition,
                            properties.table() == SinkProperties.Table.EVENTS));
        }
    }

    /** Lets go of partitions: records of theirs that are still at hand are another's to store. */
    public void revoked(Collection<TopicPartition> revoked) {
        revoked.forEach(partitions::remove);
        revoked.forEach(meters::released);
    }

    /**
     * Stores the records; returns when all of them, of partitions that are still assigned, are stored.
     *
     * @param records the records of each partition, in the order of their offsets
     * @return for each partition that is assigned, the last offset that is stored with all before it
     * @throws io.weir.warehouse.WarehouseException if ClickHouse cannot store now; calling again with the same records is safe
     */
    public Map<TopicPartition, Long> store(Map<TopicPartition, List<ConsumerRecord<ByteBuffer, ByteBuffer>>> records) {
        Map<TopicPartition, Long> stored = new LinkedHashMap<>();
        records.forEach((partition, own) -> {
            PartitionStore store = partitions.get(partition);
            if (store != null) {
                store.store(own, blocks);
                stored.put(partition, store.storedUpTo());
            }
        });
        return stored;
    }
}
