package io.weir.processor.enrich.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.event.Headers;
import io.weir.processor.enrich.IngestRecords;
import io.weir.processor.enrich.ProcessorEnrichApplication;
import io.weir.testing.KafkaServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

class EnrichStreamIT {
    private static KafkaServer kafka;

    @BeforeAll
    static void startKafka() {
        kafka = KafkaServer.fresh();
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
    }

    @Test
    void eventsAndLinesBecomeEventsAndTheRestDeadLetters() {
        Topics topics = new Topics(kafka, 4);
        List<ProducerRecord<byte[], byte[]>> ingested = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            ingested.add(
                    record(topics, "s" + i % 7, "e-" + i, "application/json", "{\"endpoint\":\"/users/" + i + "\"}"));
        }
        ingested.add(record(topics, "s1", "bad", "application/json", "{\"endpoint\":"));
        Map<String, String> refused = IngestRecords.headers("refused", "application/json");
        refused.put(Headers.REASON, "too_large");
        refused.put(Headers.DETAIL, "the event is larger than 262144 bytes");
        ingested.add(IngestRecords.toSend(topics.input, "s1", "{\"a".getBytes(UTF_8), refused));
        topics.ingest(ingested);

        try (ConfigurableApplicationContext app = start(topics)) {
            await().atMost(Duration.ofSeconds(30)).until(() -> topics.lag() == 0);
        }

        List<ConsumerRecord<byte[], byte[]>> events = topics.committed(topics.output);
        assertThat(events).hasSize(100);
        assertThat(events).allSatisfy(event -> assertThat(new String(event.value(), UTF_8))
                .contains("\"endpoint_template\":\"/users/{id}\""));
        assertThat(topics.committed(topics.deadLetters)).hasSize(2);
    }

    private static ProducerRecord<byte[], byte[]> record(
            Topics topics, String source, String id, String contentType, String value) {
        return IngestRecords.toSend(
                topics.input, source, value.getBytes(UTF_8), IngestRecords.headers(id, contentType));
    }

    private static ConfigurableApplicationContext start(Topics topics) {
        return new SpringApplicationBuilder(ProcessorEnrichApplication.class)
                .run(topics.properties().entrySet().stream()
                        .map(option -> "--" + option.getKey() + "=" + option.getValue())
                        .toArray(String[]::new));
    }
}
