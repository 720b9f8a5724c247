package io.weir.sink.clickhouse.store;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.sink.clickhouse.SinkProperties;
import io.weir.sink.clickhouse.block.DeadLetterBlock;
import io.weir.sink.clickhouse.block.EventBlock;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Stores polled records, partition by partition, for the partitions that are assigned to this process. */
@Component
public class RecordStore implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(RecordStore.class);

    /** Blocks keep their columns' memory: one pair for each consumer thread. */
    private static final ThreadLocal<EventBlock> EVENTS = ThreadLocal.withInitial(EventBlock::new);

    private static final ThreadLocal<DeadLetterBlock> DEAD_LETTERS = ThreadLocal.withInitial(DeadLetterBlock::new);

    private final Warehouse warehouse;
    private final SinkProperties properties;
    private final StoreMeters meters;
    private final Map<TopicPartition, PartitionStore> partitions = new ConcurrentHashMap<>();
    private volatile boolean migrated;
    private volatile boolean failing;
    private volatile boolean running;

    RecordStore(Warehouse warehouse, SinkProperties properties, MeterRegistry registry) {
        this.warehouse = warehouse;
        this.properties = properties;
        this.meters = new StoreMeters(registry);
    }

    /** Takes partitions as its own: what is known of them from an earlier time counts no longer. */
    public void assigned(Collection<TopicPartition> assigned) {
        for (TopicPartition partition : assigned) {
            partitions.put(
                    partition,
                    new PartitionStore(
                            warehouse,
                            meters,
                            partition,
                            UUID.randomUUID().toString(),
                            properties.table() == SinkProperties.Table.EVENTS));
        }
    }

    /** Lets go of partitions: records of theirs that are still at hand are another process's to store. */
    public void revoked(Collection<TopicPartition> revoked) {
        revoked.forEach(partitions::remove);
    }

    /**
     * Stores the records; returns when all of them, of partitions that are still assigned, are stored.
     *
     * @throws RuntimeException if ClickHouse cannot store now; calling again with the same records is safe
     */
    public void store(List<ConsumerRecord<byte[], byte[]>> records) {
        try {
            if (!migrated) {
                migrate();
            }
            Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> byPartition = new LinkedHashMap<>();
            for (ConsumerRecord<byte[], byte[]> record : records) {
                byPartition
                        .computeIfAbsent(
                                new TopicPartition(record.topic(), record.partition()),
                                partition -> new ArrayList<>(records.size()))
                        .add(record);
            }
            byPartition.forEach((partition, own) -> {
                PartitionStore store = partitions.get(partition);
                if (store != null) {
                    store.store(own, EVENTS.get(), DEAD_LETTERS.get());
                }
            });
            failing = false;
        } catch (RuntimeException e) {
            failing = true;
            throw e;
        }
    }

    /** Whether the schema is there and the last records could be stored. */
    public boolean isHealthy() {
        return migrated && !failing && warehouse.client().ping(2_000);
    }

    private synchronized void migrate() {
        if (migrated) {
            return;
        }
        try {
            new Migrations(warehouse).apply();
            migrated = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The schema is wanted even while there is nothing to store: queries come as soon as the platform stands. */
    @Override
    public void start() {
        running = true;
        Thread thread = new Thread(
                () -> {
                    while (running && !migrated) {
                        try {
                            migrate();
                        } catch (RuntimeException e) {
                            log.warn("The warehouse cannot be migrated yet: {}", e.getMessage());
                            try {
                                Thread.sleep(properties.longestRetry().toMillis());
                            } catch (InterruptedException interrupted) {
                                return;
                            }
                        }
                    }
                },
                "migrate");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
