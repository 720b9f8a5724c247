package io.weir.bench.sink;

import io.weir.bench.platform.ProcessCpu;
import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Rejection;
import io.weir.event.Stage;
import io.weir.warehouse.Tables;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import io.weir.warehouse.table.EventBlock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Inserts the records of a topic from memory: read and encoded by the fastest code that there is for it, and sent, with nothing
 * that makes it safe. The first third warms it up; prints {@code seconds cpuSeconds rows} of the rest.
 */
public final class ClientInsert {

    private ClientInsert() {}

    /** @param arguments address of Kafka, topic, records on it; of ClickHouse address, user, password; rows of an insert, connections */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<List<ConsumerRecord<byte[], byte[]>>> chunks = new ArrayList<>();
        int perInsert = Integer.parseInt(arguments[6]);
        for (List<ConsumerRecord<byte[], byte[]>> partition :
                read(arguments[0], arguments[1], Integer.parseInt(arguments[2]))) {
            for (int from = 0; from < partition.size(); from += perInsert) {
                chunks.add(partition.subList(from, Math.min(partition.size(), from + perInsert)));
            }
        }
        Warehouse warehouse =
                new Warehouse(new WarehouseSettings(arguments[3], arguments[4], arguments[5], "weir", ""));
        int connections = Integer.parseInt(arguments[7]);
        int warmUp = chunks.size() / 3;
        insert(warehouse, chunks.subList(0, warmUp), connections);
        List<List<ConsumerRecord<byte[], byte[]>>> rest = chunks.subList(warmUp, chunks.size());
        long pid = ProcessHandle.current().pid();
        double cpu = ProcessCpu.seconds(pid);
        long begin = System.nanoTime();
        insert(warehouse, rest, connections);
        System.out.println((System.nanoTime() - begin) / 1e9 + " " + (ProcessCpu.seconds(pid) - cpu) + " "
                + rest.stream().mapToInt(List::size).sum());
    }

    private static List<List<ConsumerRecord<byte[], byte[]>>> read(String kafka, String topic, int records) {
        List<List<ConsumerRecord<byte[], byte[]>>> byPartition = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        50_000),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            partitions.forEach(partition -> byPartition.add(new ArrayList<>()));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            int read = 0;
            while (read < records) {
                for (ConsumerRecord<byte[], byte[]> one : consumer.poll(Duration.ofSeconds(1))) {
                    byPartition.get(one.partition()).add(one);
                    read++;
                }
            }
        }
        return byPartition;
    }

    private static void insert(Warehouse warehouse, List<List<ConsumerRecord<byte[], byte[]>>> chunks, int connections)
            throws IOException, InterruptedException {
        AtomicInteger next = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            Thread thread = new Thread(() -> {
                EventReader reader = new EventReader(EventLimits.DEFAULT, Stage.ENRICHED);
                EventBlock block = new EventBlock();
                for (int at = next.getAndIncrement(); at < chunks.size(); at = next.getAndIncrement()) {
                    insert(warehouse, chunks.get(at), reader, block);
                }
            });
            thread.setUncaughtExceptionHandler((dead, why) -> failure.compareAndSet(null, why));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Throwable why = failure.get();
        if (why != null) {
            throw new IOException("an insert failed", why);
        }
    }

    private static void insert(
            Warehouse warehouse, List<ConsumerRecord<byte[], byte[]>> rows, EventReader reader, EventBlock block) {
        block.clear();
        byte[] topic = rows.get(0).topic().getBytes(StandardCharsets.UTF_8);
        for (ConsumerRecord<byte[], byte[]> row : rows) {
            Rejection rejection = reader.read(row.value(), 0, row.value().length, 0, block);
            if (rejection != null) {
                throw new IllegalStateException(rejection.toString());
            }
            block.endRow(topic, row.partition(), row.offset());
        }
        String name = "client-" + rows.get(0).partition() + "-" + rows.get(0).offset();
        int[] order = block.sorted();
        warehouse.insert(
                "INSERT INTO " + warehouse.table(Tables.EVENTS) + " ("
                        + block.block().names() + ") FORMAT Native",
                name,
                name,
                Map.of(),
                Warehouse.Compression.NONE,
                out -> block.block().writeTo(out, order, 0, order.length));
    }
}
