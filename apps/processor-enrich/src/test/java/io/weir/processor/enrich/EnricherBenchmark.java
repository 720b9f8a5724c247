package io.weir.processor.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.event.Event;
import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Stage;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Measures the enricher alone, on one thread, without Kafka; to be run by hand. It prints records a second and their ratio
 * to a mere copy of the value, which says more than the figure does when machines differ.
 */
final class EnricherBenchmark {
    private static final int RECORDS = 5_000;
    private static final int ROUNDS = 7;
    private static final long ROUND_NANOS = 1_500_000_000L;

    private static volatile int blackhole;

    private EnricherBenchmark() {}

    public static void main(String[] arguments) {
        List<ConsumerRecord<byte[], byte[]>> events = records("application/json", EnricherBenchmark::event);
        List<ConsumerRecord<byte[], byte[]>> combined = records("text/plain; format=combined", EnricherBenchmark::line);
        List<ConsumerRecord<byte[], byte[]>> json = records("text/plain; format=json", EnricherBenchmark::event);
        List<ConsumerRecord<byte[], byte[]>> syslog = records("text/plain; format=syslog", EnricherBenchmark::syslog);

        EventReader reader = new EventReader(EventLimits.DEFAULT, Stage.INGEST);
        Event event = new Event();
        Enricher enricher = new Enricher(new EnrichSettings(
                "out", "dead", EventLimits.DEFAULT, "nobody", List.of(), ZoneOffset.UTC, true, 1_000_000));
        Tally tally = new Tally();
        Consumer<ConsumerRecord<byte[], byte[]>> enrich =
                one -> blackhole += enricher.enrich(one, 0, tally).value().length;

        double copy = measure(
                "copy of the value", events, one -> blackhole += one.value().clone()[7], 0);
        measure(
                "read of the event only",
                events,
                one -> {
                    event.clear();
                    reader.read(one.value(), 0, one.value().length, IngestRecords.RECEIVED_AT, event);
                },
                copy);
        measure("enrich events", events, enrich, copy);
        measure("enrich combined lines", combined, enrich, copy);
        measure("enrich json lines", json, enrich, copy);
        measure("enrich syslog lines", syslog, enrich, copy);
        tally.forEachReason((reason, count) -> System.out.println("dead letters: " + reason + " " + count));
    }

    private static double measure(
            String name,
            List<ConsumerRecord<byte[], byte[]>> records,
            Consumer<ConsumerRecord<byte[], byte[]>> work,
            double base) {
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            long count = 0;
            while (System.nanoTime() - start < ROUND_NANOS) {
                records.forEach(work);
                count += records.size();
            }
            best = Math.max(best, count * 1e9 / (System.nanoTime() - start));
        }
        double size =
                records.stream().mapToInt(one -> one.value().length).average().orElse(0);
        System.out.printf(
                "%-24s %5.0f bytes %,12.0f a second %8.2f us%s%n",
                name, size, best, 1e6 / best, base == 0 ? "" : "   1/%.0f of a copy".formatted(base / best));
        return best;
    }

    private interface Sample {
        String of(int i);
    }

    private static List<ConsumerRecord<byte[], byte[]>> records(String contentType, Sample sample) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            Map<String, String> headers =
                    IngestRecords.headers("018f7a1c-0000-7000-8000-%012d".formatted(i), contentType);
            records.add(IngestRecords.received(sample.of(i).getBytes(UTF_8), headers));
        }
        return records;
    }

    private static String event(int i) {
        return """
                {"timestamp":"2026-10-11T22:14:%02d.%03dZ","type":"request","source":"checkout-%d","user_id":"u-%d",\
                "session_id":"9f1c2b3a4d5e6f70%d","trace_id":"4bf92f3577b34da6a3ce929d0e0e%04d","method":"GET",\
                "endpoint":"/api/v1/users/%d/orders/%d?page=2&sort=date","status_code":%d,"latency_ms":%d.25,"bytes":%d,\
                "referrer":"https://shop.example.com/catalogue/winter","user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64;\
                 x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36","client_ip":"203.0.113.%d",\
                "attributes":{"region":"eu-central-1","zone":"eu-central-1b","version":"2026.10.%d","pod":"checkout-7d9c5b-%d",\
                "cart_items":%d,"cart_value":%d.90,"currency":"EUR","experiments":["new-checkout","fast-search","blue-button"],\
                "note":"%s"}}""".formatted(
                        i % 60,
                        i % 1000,
                        i % 20,
                        i,
                        i,
                        i % 10000,
                        i,
                        i * 7,
                        i % 9 == 0 ? 404 : 200,
                        i % 900,
                        i * 13,
                        i % 250,
                        i % 30,
                        i,
                        i % 12,
                        i % 500,
                        "lorem ipsum dolor sit amet ".repeat(6));
    }

    private static String line(int i) {
        return "203.0.113.%d - - [11/Oct/2026:22:14:%02d +0000] \"GET /presentations/logstash-%d/images/kibana.png?x=%d HTTP/1.1\" 200 %d"
                        .formatted(i % 250, i % 60, i, i, i * 13)
                + " \"http://semicomplete.com/presentations/logstash-monitorama-2013/\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X"
                + " 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36\"";
    }

    private static String syslog(int i) {
        return "<165>1 2026-10-11T22:14:%02d.003Z host-%d.example.com app %d ID47 [meta@32473 sequence=\"%d\" env=\"prod\"] Accepted publickey for deploy from 203.0.113.%d port 40522 ssh2"
                .formatted(i % 60, i % 50, i, i, i % 250);
    }
}
