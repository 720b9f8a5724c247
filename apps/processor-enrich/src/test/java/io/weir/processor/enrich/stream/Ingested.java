package io.weir.processor.enrich.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.event.Event;
import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Field;
import io.weir.event.Headers;
import io.weir.event.Stage;
import io.weir.processor.enrich.IngestRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A load of ingest records of all kinds, each with its own id, and the check that each came out exactly once. */
final class Ingested {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private Ingested() {}

    /** Of ten records, eight become events, one is unreadable, and one was refused by the source. Seven sources. */
    static List<ProducerRecord<byte[], byte[]>> records(Topics topics, int from, int to) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = from; i < to; i++) {
            String id = "id-" + i;
            String value =
                    switch (i % 10) {
                        case 0 -> "{\"user_id\":";
                        case 1 -> "10.0.0.1 - - [11/Oct/2026:10:05:03 +0000] \"GET /a/" + i + " HTTP/1.1\" 200 5";
                        default -> "{\"user_id\":\"u-" + i + "\",\"endpoint\":\"/users/" + i + "\"}";
                    };
            Map<String, String> headers =
                    IngestRecords.headers(id, i % 10 == 1 ? "text/plain; format=common" : "application/json");
            if (i % 10 == 9) {
                headers.put(Headers.REASON, "truncated");
                headers.put(Headers.DETAIL, "the body ended");
            }
            records.add(IngestRecords.toSend(topics.input, "s" + i % 7, value.getBytes(UTF_8), headers));
        }
        return records;
    }

    /**
     * Every record of the input is an event or a dead letter, none is both or twice, and each source kept its order. Waits for what is
     * not there yet: a transaction's offsets can be seen as committed before its records can.
     */
    static void assertExactlyOnce(Topics topics, int count) {
        await().atMost(PATIENCE).untilAsserted(() -> assertExactlyOnceNow(topics, count));
    }

    private static void assertExactlyOnceNow(Topics topics, int count) {
        List<ConsumerRecord<byte[], byte[]>> ingested = topics.committed(topics.input);
        Map<String, Integer> expected = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> one : ingested) {
            expected.merge(
                    Objects.requireNonNull(IngestRecords.text(one.headers()).get(Headers.ID)), 1, Integer::sum);
        }
        assertThat(expected).hasSize(count);
        Map<String, Integer> found = new HashMap<>();
        Map<String, Integer> last = new HashMap<>();
        EventReader reader = new EventReader(EventLimits.DEFAULT, Stage.ENRICHED);
        for (ConsumerRecord<byte[], byte[]> one : topics.committed(topics.output)) {
            Event event = new Event();
            assertThat(reader.read(one.value(), 0, one.value().length, 0, event))
                    .isNull();
            String id = Objects.requireNonNull(event.text(Field.ID));
            found.merge(id, 1, Integer::sum);
            int number = Integer.parseInt(id.substring(3));
            Integer before = last.put(new String(one.key(), UTF_8), number);
            assertThat(before == null || before < number)
                    .as("%s comes after %s", id, before)
                    .isTrue();
        }
        for (ConsumerRecord<byte[], byte[]> one : topics.committed(topics.deadLetters)) {
            found.merge(Objects.requireNonNull(IngestRecords.text(one.headers()).get(Headers.ID)), 1, Integer::sum);
        }
        expected.forEach((id, times) -> found.merge(id, -times, Integer::sum));
        found.values().removeIf(surplus -> surplus == 0);
        assertThat(found).as("how much too often, or too seldom").isEmpty();
    }
}
