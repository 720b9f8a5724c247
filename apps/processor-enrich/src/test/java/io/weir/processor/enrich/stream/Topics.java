package io.weir.processor.enrich.stream;

import io.weir.testing.KafkaServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A stream's three topics, under names of their own, on a real broker: for writing ingest records and reading results. */
final class Topics {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final KafkaServer kafka;
    final String group = "stream-" + NUMBER.incrementAndGet();
    final String input = group + ".source-http";
    final String output = group + ".processor-enrich";
    final String deadLetters = group + ".dead-letters";

    /** Creates the input topic; the processor creates the others. */
    Topics(KafkaServer kafka, int partitions) {
        this.kafka = kafka;
        kafka.createTopic(input, partitions);
        kafka.createTopic(output, partitions);
    }

    /** The options that tie a processor to these topics. */
    Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>();
        properties.put("spring.cloud.stream.kafka.binder.brokers", kafka.address());
        properties.put("spring.cloud.stream.bindings.input.destination", input);
        properties.put("spring.cloud.stream.bindings.input.group", group);
        properties.put("spring.cloud.stream.bindings.output.destination", output);
        properties.put("weir.enrich.dead-letter-topic", deadLetters);
        properties.put("weir.enrich.instance-id", "1");
        properties.put("server.port", "0");
        return properties;
    }

    Producer<byte[], byte[]> producer(Map<String, Object> more) {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.address());
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 120_000);
        properties.putAll(more);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Writes records and waits for their acknowledgement. */
    void ingest(List<ProducerRecord<byte[], byte[]>> records) {
        try (Producer<byte[], byte[]> producer = producer(Map.of())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (ProducerRecord<byte[], byte[]> ingested : records) {
                sent.add(producer.send(ingested));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** All records that a {@code read_committed} consumer can see now, each partition in its order; none if there is no topic. */
    List<ConsumerRecord<byte[], byte[]>> committed(String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        Map<String, Object> properties = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                kafka.address(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                10_000);
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            if (!consumer.listTopics().containsKey(topic)) {
                return records;
            }
            Collection<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions); // of committed records
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }

    /** Offsets of the input that the processor has not committed yet. */
    long lag() {
        Map<String, Object> properties =
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.address(), ConsumerConfig.GROUP_ID_CONFIG, group);
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            Set<TopicPartition> partitions = consumer.partitionsFor(input).stream()
                    .map(info -> new TopicPartition(input, info.partition()))
                    .collect(Collectors.toSet());
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(partitions);
            return consumer.endOffsets(partitions).entrySet().stream()
                    .mapToLong(end -> {
                        OffsetAndMetadata done = committed.get(end.getKey());
                        return end.getValue() - (done == null ? 0 : done.offset());
                    })
                    .sum();
        }
    }
}
