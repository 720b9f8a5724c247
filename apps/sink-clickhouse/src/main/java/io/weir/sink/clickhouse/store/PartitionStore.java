package io.weir.sink.clickhouse.store;

import com.clickhouse.client.api.insert.InsertResponse;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.client.api.query.GenericRecord;
import com.clickhouse.data.ClickHouseFormat;
import io.weir.event.Reason;
import io.weir.event.Rejection;
import io.weir.sink.clickhouse.block.Block;
import io.weir.sink.clickhouse.block.DeadLetterBlock;
import io.weir.sink.clickhouse.block.EventBlock;
import io.weir.warehouse.Tables;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the records of one topic partition, each exactly once, whatever dies in between. One thread uses it.
 *
 * <p>Before the first insert, and again after any insert whose outcome is not known, it makes itself the partition's owner,
 * ends inserts that an earlier owner left running, and reads which of the records at hand are stored already. Every insert
 * carries the condition that this process is still the owner, which ClickHouse checks when it begins to run it; so an insert
 * of an earlier owner either was seen by the read, or was killed, or finds that it is no longer the owner and stores nothing.
 * The README has the table of failures.
 */
final class PartitionStore {

    private static final Logger log = LoggerFactory.getLogger(PartitionStore.class);

    private final Warehouse warehouse;
    private final StoreMeters meters;
    private final TopicPartition partition;
    private final String owner;
    private final byte[] topicBytes;
    private final String queryPrefix;
    private final boolean events;

    private @Nullable StoredOffsets stored;
    private long storedUpTo = -1;

    PartitionStore(Warehouse warehouse, StoreMeters meters, TopicPartition partition, String owner, boolean events) {
        this.warehouse = warehouse;
        this.meters = meters;
        this.partition = partition;
        this.owner = owner;
        this.topicBytes = partition.topic().getBytes(StandardCharsets.UTF_8);
        this.queryPrefix = "weir-sink-" + partition.topic() + "-" + partition.partition() + "-";
        this.events = events;
    }

    /**
     * Stores the records, which are in the order of their offsets; returns when all are stored.
     *
     * @throws WarehouseException if ClickHouse cannot store now; calling again with the same records is safe
     */
    void store(List<ConsumerRecord<byte[], byte[]>> records, EventBlock eventBlock, DeadLetterBlock deadLetterBlock) {
        long last = records.get(records.size() - 1).offset();
        if (last <= storedUpTo) {
            return;
        }
        try {
            StoredOffsets known = stored;
            if (known == null) {
                known = takeOver(records.get(0).offset());
            }
            List<ConsumerRecord<byte[], byte[]>> missing = missing(records, known);
            if (!missing.isEmpty()) {
                fillAndInsert(missing, eventBlock, deadLetterBlock);
            }
        } catch (WarehouseException e) {
            stored = null;
            throw e;
        }
        storedUpTo = last;
    }

    private List<ConsumerRecord<byte[], byte[]>> missing(
            List<ConsumerRecord<byte[], byte[]>> records, StoredOffsets known) {
        if (records.get(0).offset() > storedUpTo && known.count() == 0) {
            return records;
        }
        List<ConsumerRecord<byte[], byte[]>> missing = new ArrayList<>(records.size());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (record.offset() > storedUpTo && !known.contains(record.offset())) {
                missing.add(record);
            }
        }
        return missing;
    }

    private StoredOffsets takeOver(long first) {
        Map<String, Object> parameters =
                Map.of("topic", partition.topic(), "partition", partition.partition(), "owner", owner);
        String owners = warehouse.table(Tables.SINK_OWNERS);
        warehouse.execute(
                "INSERT INTO " + owners + " (topic, partition, epoch, owner)"
                        + " SELECT {topic:String}, {partition:UInt32}, max(epoch) + 1, {owner:String} FROM " + owners
                        + " WHERE topic = {topic:String} AND partition = {partition:UInt32}",
                parameters);
        warehouse.execute("KILL QUERY WHERE startsWith(query_id, {prefix:String}) SYNC", Map.of("prefix", queryPrefix));
        StoredOffsets offsets = new StoredOffsets(first);
        for (String table : List.of(Tables.EVENTS, Tables.DEAD_LETTERS)) {
            for (GenericRecord row : warehouse.query(
                    "SELECT _offset FROM " + warehouse.table(table)
                            + " WHERE _topic = {topic:String} AND _partition = {partition:UInt32} AND _offset >= {first:UInt64}",
                    Map.of("topic", partition.topic(), "partition", partition.partition(), "first", first))) {
                offsets.add(row.getLong("_offset"));
            }
        }
        stored = offsets;
        log.info(
                "{} is mine from offset {}, {} records behind it are stored already",
                partition,
                first,
                offsets.count());
        return offsets;
    }

    private void fillAndInsert(
            List<ConsumerRecord<byte[], byte[]>> records, EventBlock eventBlock, DeadLetterBlock deadLetterBlock) {
        eventBlock.clear();
        deadLetterBlock.clear();
        if (events) {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                byte[] value = record.value();
                Rejection rejection = value == null
                        ? new Rejection(Reason.NOT_AN_OBJECT, null, "the record has no value", -1)
                        : eventBlock.add(value, topicBytes, record.partition(), record.offset());
                if (rejection != null) {
                    bury(record, rejection, deadLetterBlock);
                }
            }
        } else {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                deadLetterBlock.add(record, topicBytes);
            }
        }
        if (deadLetterBlock.rows() > 0) {
            insert(deadLetterBlock);
        }
        if (eventBlock.rows() == 0) {
            return;
        }
        try {
            insert(eventBlock);
        } catch (WarehouseException e) {
            if (!e.isAboutTheData()) {
                throw e;
            }
            isolate(records, e, eventBlock, deadLetterBlock);
        }
    }

    /** The server cannot store one of the records: halves them until it is alone, buries it, and stores the rest. */
    private void isolate(
            List<ConsumerRecord<byte[], byte[]>> records,
            WarehouseException why,
            EventBlock eventBlock,
            DeadLetterBlock deadLetterBlock) {
        // A refused insert may have stored some of its parts by day: only the offsets in the table tell which.
        StoredOffsets known = takeOver(records.get(0).offset());
        List<ConsumerRecord<byte[], byte[]>> missing = records.stream()
                .filter(record -> !known.contains(record.offset()))
                .toList();
        if (missing.size() > 1) {
            meters.split();
            int middle = missing.size() / 2;
            fillAndInsert(missing.subList(0, middle), eventBlock, deadLetterBlock);
            fillAndInsert(missing.subList(middle, missing.size()), eventBlock, deadLetterBlock);
        } else if (missing.size() == 1) {
            deadLetterBlock.clear();
            String detail = "ClickHouse does not store the event (code " + why.code() + ")";
            bury(missing.get(0), new Rejection(Reason.UNSTORABLE, null, detail, -1), deadLetterBlock);
            log.warn(
                    "Record {}@{} cannot be stored: {}",
                    partition,
                    missing.get(0).offset(),
                    why.getMessage());
            insert(deadLetterBlock);
        }
    }

    private void bury(ConsumerRecord<byte[], byte[]> record, Rejection why, DeadLetterBlock deadLetterBlock) {
        meters.poison(why.reason());
        deadLetterBlock.add(record, topicBytes, RecordIdentity.of(record), why);
    }

    private void insert(Block block) {
        String range = block.offset(0) + "-" + block.offset(block.rows() - 1);
        String target = warehouse.table(block.table()) + " (" + block.names() + ") SELECT " + block.names()
                + " FROM input('" + block.structure().replace("'", "\\'") + "')"
                + " WHERE throwIf((SELECT argMax(owner, (epoch, owner)) FROM " + warehouse.table(Tables.SINK_OWNERS)
                + " WHERE topic = '" + escaped(partition.topic()) + "' AND partition = " + partition.partition()
                + ") != '" + owner + "', 'another sink owns the partition') = 0";
        InsertSettings settings = new InsertSettings()
                .setQueryId(queryPrefix + range)
                .setDeduplicationToken(block.table() + "-" + queryPrefix + range + "-" + block.rows());
        InsertSettingsSource.apply(settings);
        long begin = System.nanoTime();
        long[] bytes = new long[1];
        // The client puts "INSERT INTO " in front of the target and the format behind it.
        try (InsertResponse response = warehouse
                .client()
                .insert(target, out -> bytes[0] = block.write(out), ClickHouseFormat.Native, settings)
                .get()) {
            meters.inserted(block.table(), block.rows(), bytes[0], System.nanoTime() - begin);
        } catch (Exception e) {
            meters.failed(block.table());
            throw Warehouse.failure(e);
        }
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("'", "\\'");
    }
}
