package io.weir.bench.source;

import io.weir.bench.platform.ProcessCpu;
import io.weir.emulator.EventIds;
import io.weir.emulator.RequestEvents;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Writes the records that the source writes with nothing but a Kafka producer, on one thread, for some seconds or for a
 * number of records, and prints {@code records seconds cpuSeconds}, warm-up not counted.
 *
 * <p>Its settings are the best found for this work: idempotent, acks=all, lz4, linger 20 ms, batches of 256 KB.
 */
public final class BareProducer {

    private static final int DISTINCT_EVENTS = 1000;

    private BareProducer() {}

    /**
     * @param arguments bootstrap, topic, bytes of an event, warm-up seconds, seconds (0: see the next), records, and
     *     {@code headers} or {@code bare}
     */
    public static void main(String[] arguments) {
        String topic = arguments[1];
        byte[][] events = events(Integer.parseInt(arguments[2]), DISTINCT_EVENTS);
        double warmup = Double.parseDouble(arguments[3]);
        double seconds = Double.parseDouble(arguments[4]);
        long limit = Long.parseLong(arguments[5]);
        boolean withHeaders = arguments[6].equals("headers");
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings(arguments[0]), new ByteArraySerializer(), new ByteArraySerializer())) {
            send(producer, topic, events, warmup, Long.MAX_VALUE, withHeaders, failure);
            double cpu = ProcessCpu.seconds(ProcessHandle.current().pid());
            long begin = System.nanoTime();
            long sent = send(
                    producer,
                    topic,
                    events,
                    seconds > 0 ? seconds : Double.MAX_VALUE,
                    seconds > 0 ? Long.MAX_VALUE : limit,
                    withHeaders,
                    failure);
            double taken = (System.nanoTime() - begin) / 1e9;
            System.out.println(sent + " " + taken + " "
                    + (ProcessCpu.seconds(ProcessHandle.current().pid()) - cpu));
        }
        Exception failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("a record was not acknowledged", failed);
        }
    }

    private static long send(
            KafkaProducer<byte[], byte[]> producer,
            String topic,
            byte[][] events,
            double seconds,
            long limit,
            boolean withHeaders,
            AtomicReference<@Nullable Exception> failure) {
        // As the source does: one key a tenant and source, so batches of one POST stay together.
        byte[][] keys = keys(producer.partitionsFor(topic).size());
        EventIds ids = new EventIds("00000000-0000-7000-8000");
        long end = seconds > 1e9 ? Long.MAX_VALUE : System.nanoTime() + (long) (seconds * 1e9);
        long sent = 0;
        while (sent < limit && (sent % 100 != 0 || System.nanoTime() < end)) {
            byte[] key = keys[(int) (sent / 100 % keys.length)];
            Headers headers = withHeaders ? headers(ids, sent) : new RecordHeaders();
            producer.send(
                    new ProducerRecord<>(topic, null, null, key, events[(int) (sent % events.length)], headers),
                    (metadata, exception) -> {
                        if (exception != null) {
                            failure.compareAndSet(null, exception);
                        }
                    });
            sent++;
        }
        producer.flush();
        return sent;
    }

    /** Eight for each partition, as the hash spreads many: of a few it would leave partitions with next to nothing. */
    private static byte[][] keys(int partitions) {
        byte[][] keys = new byte[8 * partitions][];
        int[] found = new int[partitions];
        int count = 0;
        for (int i = 0; count < keys.length; i++) {
            byte[] key = ("bench/web-" + i).getBytes(StandardCharsets.UTF_8);
            int partition = Utils.toPositive(Utils.murmur2(key)) % partitions;
            if (found[partition] < 8) {
                found[partition]++;
                keys[count++] = key;
            }
        }
        return keys;
    }

    /** The headers of the contract between the apps. */
    static Headers headers(EventIds ids, long number) {
        byte[] id = new byte[ids.width()];
        ids.write(id, 0, number);
        return new RecordHeaders()
                .add("content-type", "application/json".getBytes(StandardCharsets.UTF_8))
                .add("weir-tenant", "bench".getBytes(StandardCharsets.UTF_8))
                .add(
                        "weir-received-at",
                        Long.toString(System.currentTimeMillis()).getBytes(StandardCharsets.UTF_8))
                .add("weir-request-id", "00000000-0000-7000-8000-000000000000".getBytes(StandardCharsets.UTF_8))
                .add("weir-id", id)
                .add("weir-source", "bench".getBytes(StandardCharsets.UTF_8));
    }

    static Map<String, Object> settings(String bootstrap) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
        return settings;
    }

    /** Web requests of this size, without ids, each without its closing newline. */
    static byte[][] events(int bytes, int count) {
        RequestEvents requests = new RequestEvents(new RequestEvents.Mix(0.02, 0, bytes, null, null), 1);
        byte[] buffer = new byte[requests.maxBytes()];
        byte[][] events = new byte[count][];
        long now = System.currentTimeMillis();
        for (int i = 0; i < count; i++) {
            int length = requests.render(buffer, 0, i, now);
            events[i] = Arrays.copyOf(buffer, length - 1);
        }
        return events;
    }
}
