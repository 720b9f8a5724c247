package io.weir.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.KafkaServer;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TopicTrimIT {

    private static final long KEPT_BYTES = 64 << 10;

    private static KafkaServer kafka;
    private static Admin admin;

    @BeforeAll
    static void start() {
        kafka = KafkaServer.fresh();
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.address()));
    }

    @AfterAll
    static void stop() {
        admin.close();
        kafka.close();
    }

    @Test
    void nothingUnreadGoesHoweverLargeATopicIs() throws Exception {
        TopicPartition partition = filled("unread");
        commit("slow", partition, 20);
        commit("fast", partition, 100);

        new TopicTrim(admin, KEPT_BYTES).run();

        assertThat(first(partition)).isEqualTo(20);
    }

    @Test
    void theOlderHalfOfWhatIsReadGoes() throws Exception {
        TopicPartition partition = filled("read");
        commit("reader", partition, 100);

        new TopicTrim(admin, KEPT_BYTES).run();

        assertThat(first(partition)).isEqualTo(50);
    }

    @Test
    void aTopicThatNobodyReadsIsLeftAlone() throws Exception {
        TopicPartition partition = filled("nobody");

        new TopicTrim(admin, KEPT_BYTES).run();

        assertThat(first(partition)).isZero();
    }

    @Test
    void aTopicWithinItsShareIsLeftAlone() throws Exception {
        TopicPartition partition = filled("small");
        commit("keeper", partition, 100);

        new TopicTrim(admin, 1 << 30).run();

        assertThat(first(partition)).isZero();
    }

    /** A topic of one partition with 100 records of 4 KiB. */
    private static TopicPartition filled(String topic) throws Exception {
        kafka.createTopic(topic, 1);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.address()), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>(topic, new byte[4096]));
            }
            producer.flush();
        }
        return new TopicPartition(topic, 0);
    }

    private static void commit(String group, TopicPartition partition, long offset) throws Exception {
        admin.alterConsumerGroupOffsets(
                        group + "-of-" + partition.topic(), Map.of(partition, new OffsetAndMetadata(offset)))
                .all()
                .get();
    }

    private static long first(TopicPartition partition) throws ExecutionException, InterruptedException {
        return admin.listOffsets(Map.of(partition, OffsetSpec.earliest()))
                .partitionResult(partition)
                .get()
                .offset();
    }
}
