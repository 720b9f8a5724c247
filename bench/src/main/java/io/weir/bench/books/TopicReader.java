package io.weir.bench.books;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic from its beginning to the end that it had when the reading began: committed records only. */
final class TopicReader {

    private static final byte[] NOTHING = new byte[0];
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final String bootstrap;

    TopicReader(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    /**
     * Reads the whole topic.
     *
     * @return the number of records; 0 if the topic does not exist
     * @throws IllegalStateException if Kafka does not hand out the rest within two minutes
     */
    long read(String topic, Sighting sighting) {
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                10_000,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                4 << 20);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .sorted(Comparator.comparingInt(TopicPartition::partition))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            // With read_committed this is the last stable offset, markers included.
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long count = 0;
            long lastProgress = System.nanoTime();
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                var records = consumer.poll(Duration.ofMillis(500));
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    if (record.offset() < ends.getOrDefault(new TopicPartition(topic, record.partition()), 0L)) {
                        count++;
                        tell(record, sighting);
                    }
                }
                long now = System.nanoTime();
                if (!records.isEmpty()) {
                    lastProgress = now;
                } else if (now - lastProgress > PATIENCE.toNanos()) {
                    throw new IllegalStateException("Kafka stopped handing out records of " + topic);
                }
            }
            return count;
        }
    }

    private static void tell(ConsumerRecord<byte[], byte[]> record, Sighting sighting) {
        byte[] id = header(record.headers(), "weir-id");
        if (id.length == 0) {
            // The contract for records of other systems.
            id = (record.topic() + '-' + record.partition() + '-' + record.offset()).getBytes(StandardCharsets.UTF_8);
        }
        sighting.seen(id, header(record.headers(), "weir-source"), record.topic(), record.partition(), record.offset());
    }

    private static byte[] header(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null ? NOTHING : header.value();
    }
}
