package io.weir.sink.clickhouse.store;

import io.weir.event.EventReader;
import io.weir.event.Reason;
import io.weir.event.Rejection;
import io.weir.warehouse.Tables;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.Warehouse.Compression;
import io.weir.warehouse.WarehouseException;
import io.weir.warehouse.table.RowBlock;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Lz4BlockOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the records of one topic partition, each exactly once, whatever dies in between. One thread uses it.
 *
 * <p>Before the first insert, and again after any insert whose outcome is not known, it makes itself the partition's owner,
 * ends inserts that an earlier owner left running, and reads which of the records at hand are stored already. Every insert
 * carries the condition that this owner is still the newest one, which ClickHouse checks after the insert can be seen by a
 * KILL QUERY; so an insert of an earlier owner either was killed, or had ended before the read, or finds that it is no longer
 * the owner and stores nothing. The README has the table of failures.
 */
final class PartitionStore {

    private static final Logger log = LoggerFactory.getLogger(PartitionStore.class);

    /** How many offsets are asked about at once, so that a topic that is read anew from its start needs no more memory. */
    private static final long WINDOW = 4_000_000;

    private final Warehouse warehouse;
    private final StoreMeters meters;
    private final Compression compression;
    private final TopicPartition partition;
    private final byte[] topic;
    private final String queryPrefix;
    private final boolean events;

    /** Another one for each claim, so that of two claims at the same time one is the newest. */
    private String owner = "";

    private @Nullable StoredOffsets stored;
    private long storedUpTo = -1;

    PartitionStore(
            Warehouse warehouse,
            StoreMeters meters,
            Compression compression,
            TopicPartition partition,
            boolean events) {
        this.warehouse = warehouse;
        this.meters = meters;
        this.compression = compression;
        this.partition = partition;
        this.topic = partition.topic().getBytes(StandardCharsets.UTF_8);
        this.queryPrefix = "weir-sink-" + partition.topic() + "-" + partition.partition() + "-";
        this.events = events;
    }

    /** The last offset that is known to be stored, with all that were given before it; -1 if none. */
    long storedUpTo() {
        return storedUpTo;
    }

    /**
     * Stores the records, which are in the order of their offsets; returns when all are stored.
     *
     * @throws WarehouseException if ClickHouse cannot store now; calling again with the same records is safe
     */
    void store(List<ConsumerRecord<ByteBuffer, ByteBuffer>> records, Blocks blocks) {
        long last = records.get(records.size() - 1).offset();
        if (last <= storedUpTo) {
            return;
        }
        try {
            List<ConsumerRecord<ByteBuffer, ByteBuffer>> missing = missing(records);
            if (!missing.isEmpty()) {
                fillAndInsert(missing, blocks);
            }
        } catch (RuntimeException e) {
            stored = null;
            throw e;
        }
        storedUpTo = last;
    }

    private List<ConsumerRecord<ByteBuffer, ByteBuffer>> missing(List<ConsumerRecord<ByteBuffer, ByteBuffer>> records) {
        StoredOffsets known = stored;
        long first = Math.max(records.get(0).offset(), storedUpTo + 1);
        if (known == null) {
            claim();
            known = readStored(first);
            log.info("{} is this sink's own; of what comes from {} on, {} stored", partition, first, known.count());
        } else if (!known.reaches(records.get(records.size() - 1).offset())) {
            known = readStored(first);
        }
        if (known.isEmpty() && records.get(0).offset() >= first) {
            return records;
        }
        List<ConsumerRecord<ByteBuffer, ByteBuffer>> missing = new ArrayList<>(records.size());
        for (ConsumerRecord<ByteBuffer, ByteBuffer> record : records) {
            if (record.offset() >= first && !known.contains(record.offset())) {
                missing.add(record);
            }
        }
        return missing;
    }

    /** Makes this the partition's newest owner, and ends what earlier ones have left running. */
    private void claim() {
        owner = UUID.randomUUID().toString();
        String owners = warehouse.table(Tables.SINK_OWNERS);
        warehouse.query(
                "INSERT INTO " + owners + " (topic, partition, epoch, owner)"
                        + " SELECT {topic:String}, {partition:Int32}, max(epoch) + 1, {owner:String} FROM " + owners
                        + " WHERE topic = {topic:String} AND partition = {partition:Int32}",
                with("owner", owner));
        warehouse.query(
                "KILL QUERY"
                        + (warehouse.settings().cluster().isEmpty()
                                ? ""
                                : " ON CLUSTER " + warehouse.settings().cluster())
                        + " WHERE startsWith(query_id, {prefix:String}) SYNC",
                Map.of("prefix", queryPrefix));
        meters.claimed();
    }

    private StoredOffsets readStored(long first) {
        long end = first + WINDOW;
        String offsets = "SELECT " + Tables.OFFSET + " AS o FROM %s WHERE " + Tables.TOPIC + " = {topic:String} AND "
                + Tables.PARTITION + " = {partition:Int32} AND " + Tables.OFFSET + " >= {first:Int64}";
        String both = "(" + offsets.formatted(warehouse.table(Tables.EVENTS)) + " UNION ALL "
                + offsets.formatted(warehouse.table(Tables.DEAD_LETTERS)) + ")";
        Map<String, String> parameters = with("first", Long.toString(first));
        long last = Long.parseLong(
                warehouse.query("SELECT max(o) FROM " + both, parameters).strip());
        StoredOffsets found = StoredOffsets.parse(
                last < first
                        ? ""
                        : warehouse.query(
                                "SELECT min(o), max(o) FROM (SELECT o, o - row_number() OVER (ORDER BY o) AS run FROM"
                                        + " (SELECT DISTINCT o FROM " + both + " WHERE o < " + end
                                        + ")) GROUP BY run ORDER BY 1",
                                parameters),
                last < end ? Long.MAX_VALUE : end);
        stored = found;
        return found;
    }

    private Map<String, String> with(String name, String value) {
        return Map.of("topic", partition.topic(), "partition", Integer.toString(partition.partition()), name, value);
    }

    private void fillAndInsert(List<ConsumerRecord<ByteBuffer, ByteBuffer>> records, Blocks blocks) {
        blocks.clear();
        for (ConsumerRecord<ByteBuffer, ByteBuffer> record : records) {
            if (events) {
                Rejection rejection = add(record, blocks);
                if (rejection != null) {
                    bury(record, rejection, blocks);
                }
            } else {
                blocks.deadLetters().add(DeadLetters.of(record), topic, record.partition(), record.offset());
            }
        }
        try {
            insert(blocks.deadLetters());
            insert(blocks.events());
            meters.fresh(System.currentTimeMillis() - oldestReception(records, blocks));
        } catch (WarehouseException e) {
            if (!e.isAboutTheData()) {
                throw e;
            }
            isolate(records, e, blocks);
        }
    }

    private @Nullable Rejection add(ConsumerRecord<ByteBuffer, ByteBuffer> record, Blocks blocks) {
        ByteBuffer value = record.value();
        if (value == null) {
            return new Rejection(Reason.NOT_AN_OBJECT, null, "the record has no value", -1);
        }
        EventReader reader = blocks.reader();
        Rejection rejection = reader.read(
                value.array(), value.arrayOffset() + value.position(), value.remaining(), 0, blocks.events());
        if (rejection == null) {
            rejection = blocks.events().problem();
        }
        if (rejection == null) {
            blocks.events().endRow(topic, record.partition(), record.offset());
        } else {
            blocks.events().abandonRow();
        }
        return rejection;
    }

    private static long oldestReception(List<ConsumerRecord<ByteBuffer, ByteBuffer>> records, Blocks blocks) {
        return blocks.events().rows() > 0
                ? blocks.events().receivedAt(0)
                : records.get(0).timestamp();
    }

    /** The server refuses one of the records: halves them until it is alone, buries it, and stores the rest. */
    private void isolate(List<ConsumerRecord<ByteBuffer, ByteBuffer>> records, WarehouseException why, Blocks blocks) {
        // A refused insert may have stored some of its parts by day: only the offsets in the table tell which.
        claim();
        StoredOffsets known = readStored(records.get(0).offset());
        List<ConsumerRecord<ByteBuffer, ByteBuffer>> missing = records.stream()
                .filter(record -> !known.contains(record.offset()))
                .toList();
        if (missing.size() > 1) {
            meters.split();
            int middle = missing.size() / 2;
            fillAndInsert(missing.subList(0, middle), blocks);
            fillAndInsert(missing.subList(middle, missing.size()), blocks);
        } else if (missing.size() == 1) {
            ConsumerRecord<ByteBuffer, ByteBuffer> record = missing.get(0);
            if (!events) {
                // There is nowhere to put a dead letter but here: a person has to look.
                throw why;
            }
            log.warn("{}@{} cannot be stored: {}", partition, record.offset(), why.getMessage());
            blocks.clear();
            String detail = "ClickHouse does not store the event (code " + why.code() + ")";
            bury(record, new Rejection(Reason.UNSTORABLE, null, detail, -1), blocks);
            insert(blocks.deadLetters());
        }
    }

    private void bury(ConsumerRecord<ByteBuffer, ByteBuffer> record, Rejection why, Blocks blocks) {
        meters.poison(why.reason());
        blocks.deadLetters().add(DeadLetters.refused(record, why), topic, record.partition(), record.offset());
    }

    private void insert(RowBlock rows) {
        if (rows.rows() == 0) {
            return;
        }
        String names = rows.block().names();
        String sql = "INSERT INTO " + warehouse.table(rows.table()) + " (" + names + ") SELECT " + names
                + " FROM input('" + rows.block().structure().replace("'", "\\'") + "')"
                + " WHERE NOT throwIf((SELECT argMax(owner, (epoch, owner)) FROM "
                + warehouse.table(Tables.SINK_OWNERS)
                + " WHERE topic = {topic:String} AND partition = {partition:Int32}) != {owner:String},"
                + " 'another sink owns the partition') FORMAT Native";
        String range = rows.offset(0) + "-" + rows.offset(rows.rows() - 1);
        int[] order = rows.sorted();
        CountingBody body = new CountingBody(out -> {
            if (compression == Compression.LZ4) {
                try (OutputStream packed =
                        new Lz4BlockOutputStream(new Open(out), Lz4BlockOutputStream.BLOCKSIZE_64KB, 1, false, false)) {
                    rows.block().writeTo(packed, order, 0, order.length);
                }
            } else {
                rows.block().writeTo(out, order, 0, order.length);
            }
        });
        long begin = System.nanoTime();
        try {
            warehouse.insert(
                    sql,
                    queryPrefix + range + "-" + rows.table(),
                    owner + "-" + rows.table() + "-" + range,
                    with("owner", owner),
                    compression,
                    body);
        } catch (WarehouseException e) {
            meters.failed(rows.table(), e.code());
            throw e;
        }
        meters.inserted(rows.table(), rows.rows(), body.bytes, System.nanoTime() - begin);
    }

    /** Counts what goes over the wire. */
    private static final class CountingBody implements Warehouse.Body {

        private final Warehouse.Body body;
        private long bytes;

        CountingBody(Warehouse.Body body) {
            this.body = body;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            body.writeTo(new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    out.write(b);
                    bytes++;
                }

                @Override
                public void write(byte[] from, int offset, int length) throws IOException {
                    out.write(from, offset, length);
                    bytes += length;
                }
            });
        }
    }

    /** A stream that is not closed with the one around it. */
    private static final class Open extends java.io.FilterOutputStream {

        Open(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            out.write(from, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
