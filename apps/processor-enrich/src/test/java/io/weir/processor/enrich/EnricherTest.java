package io.weir.processor.enrich;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.event.Event;
import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Headers;
import io.weir.event.Stage;
import io.weir.processor.enrich.log.LogFormat;
import io.weir.processor.enrich.log.LogLines;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnricherTest {
    private static final String JSON = "application/json";

    private final Tally tally = new Tally();
    private final Enricher enricher = new Enricher(settings(1_000_000));

    @Test
    void anEventIsNormalisedAndCompletedFromItsHeaders() {
        assertThat(
                        event(
                                "{\"method\":\"get\",\"endpoint\":\"https://shop.example/users/42?token=x#y\",\"status_code\":\"404\","
                                        + "\"latency_ms\":\"1.5s\",\"bytes\":\"2KiB\",\"severity\":\"WARNING\",\"cart\":{\"n\":1}}"))
                .isEqualTo(
                        "{\"id\":\"e-1\",\"tenant\":\"acme\",\"timestamp\":1791763200000,\"received_at\":1791763200000,"
                                + "\"type\":\"request\",\"source\":\"web\",\"method\":\"GET\",\"endpoint\":\"/users/42\","
                                + "\"endpoint_template\":\"/users/{id}\",\"status_code\":404,\"status_class\":\"4xx\","
                                + "\"latency_ms\":1500,\"bytes\":2048,\"severity\":\"warn\",\"attributes\":{\"cart\":{\"n\":1}}}");
    }

    @Test
    void whatTheBodySaysComesBeforeTheHeaders() {
        assertThat(event(
                        "{\"id\":\"mine\",\"timestamp\":1791763100000,\"source\":\"sensor\",\"type\":\"custom.kind\"}"))
                .isEqualTo("{\"id\":\"mine\",\"tenant\":\"acme\",\"timestamp\":1791763100000,"
                        + "\"received_at\":1791763200000,\"type\":\"custom.kind\",\"source\":\"sensor\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"endpoint\":\"/a\"}|request",
                "{\"method\":\"GET\"}|request",
                "{\"status_code\":200}|request",
                "{\"measurements\":{\"t\":1}}|reading",
                "{\"message\":\"x\"}|log",
                "{\"user_id\":\"u\"}|event",
                "{\"measurements\":{\"t\":1},\"endpoint\":\"/a\"}|request",
                "{\"measurements\":{}}|event"
            })
    void aMissingTypeFollowsFromTheFields(String body, String type) {
        assertThat(event(body)).contains("\"type\":\"" + type + "\"");
    }

    @Test
    void whatIsOffTheScaleKeepsItsOwnText() {
        assertThat(event("{\"method\":\"brew\",\"severity\":\"banana\",\"attributes\":{\"original_method\":1}}"))
                .contains("\"method\":\"OTHER\"")
                .doesNotContain("\"severity\"")
                .contains(
                        "\"attributes\":{\"original_method\":1,\"original_method_2\":\"brew\",\"original_severity\":\"banana\"}");
    }

    @Test
    void aTenantInTheBodyIsAnAttribute() {
        assertThat(event("{\"tenant\":\"evil\",\"country\":\"XX\"}"))
                .contains("\"tenant\":\"acme\"")
                .contains("\"attributes\":{\"tenant\":\"evil\",\"country\":\"XX\"}");
    }

    @Test
    void aLogLineKeepsItsRawForm() {
        String line = "<34>Oct 11 22:14:15 mymachine su: 'su root' failed";

        assertThat(value(enrich(line.getBytes(UTF_8), headers("text/plain; format=syslog"))))
                .isEqualTo(
                        "{\"id\":\"e-1\",\"tenant\":\"acme\",\"timestamp\":1791756855000,\"received_at\":1791763200000,"
                                + "\"type\":\"log\",\"source\":\"mymachine\",\"severity\":\"fatal\","
                                + "\"message\":\"'su root' failed\",\"attributes\":{\"facility\":\"auth\",\"app\":\"su\","
                                + "\"raw_line\":\"" + line + "\"}}");
    }

    @Test
    void aRawLineIsAMessageOfTheTimeItCame() {
        assertThat(value(enrich("caf\u00E9 \u0001".getBytes(ISO_8859_1), headers("text/plain; format=raw"))))
                .isEqualTo(
                        "{\"id\":\"e-1\",\"tenant\":\"acme\",\"timestamp\":1791763200000,\"received_at\":1791763200000,"
                                + "\"type\":\"log\",\"source\":\"web\",\"message\":\"caf\uFFFD \\u0001\"}");
    }

    @Test
    void structuredDataWithTheNameOfAnotherAttributeIsNumbered() {
        String line = "<13>1 - h a p m [app x=\"1\"][app x=\"2\"] text";

        assertThat(value(enrich(line.getBytes(UTF_8), headers("text/plain; format=syslog"))))
                .contains("\"app\":\"a\"", "\"app_2\":{\"x\":\"1\"}", "\"app_3\":{\"x\":\"2\"}");
    }

    @Test
    void aRecordOfAnotherSystemNeedsNoHeaders() {
        ProducerRecord<byte[], byte[]> sent = enrich("{\"message\":\"x\"}".getBytes(UTF_8), Map.of());

        assertThat(value(sent))
                .isEqualTo("{\"id\":\"events.source-http-3-42\",\"tenant\":\"nobody\",\"timestamp\":1791763200005,"
                        + "\"received_at\":1791763200005,\"type\":\"log\",\"message\":\"x\"}");
    }

    @Test
    void anEventKeepsItsKeyAndPartition() {
        ProducerRecord<byte[], byte[]> sent =
                enricher.enrich(IngestRecords.received("{}".getBytes(UTF_8), headers(JSON)), 3, tally);

        assertThat(sent.topic()).isEqualTo("out");
        assertThat(sent.key()).isEqualTo("acme/web".getBytes(UTF_8));
        assertThat(sent.partition()).isEqualTo(3);
        assertThat(sent.headers()).isEmpty();
    }

    @Test
    void aDeadLetterHasTheOriginalBytesAndWhereTheyCameFrom() {
        byte[] original = "{\"status_code\":\"many\u00E9\"}".getBytes(ISO_8859_1);
        Map<String, String> headers = headers(JSON);
        headers.put("traceparent", "00-1-2-03");
        ProducerRecord<byte[], byte[]> sent = enrich(original, headers);

        assertThat(sent.topic()).isEqualTo("dead");
        assertThat(sent.key()).isEqualTo("acme".getBytes(UTF_8));
        assertThat(sent.value()).isEqualTo(original);
        assertThat(IngestRecords.text(sent.headers()))
                .containsEntry(Headers.ID, "e-1")
                .containsEntry(Headers.TENANT, "acme")
                .containsEntry(Headers.RECEIVED_AT, "1791763200000")
                .containsEntry(Headers.REQUEST_ID, "r-1")
                .containsEntry(Headers.CONTENT_TYPE, JSON)
                .containsEntry(Headers.STAGE, "processor")
                .containsEntry(Headers.REASON, "invalid_utf8")
                .containsEntry(Headers.ORIGIN, "events.source-http-3@42")
                .containsEntry("traceparent", "00-1-2-03")
                .containsKey(Headers.DETAIL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{|malformed_json|",
                "''|malformed_json|",
                "[]|not_an_object|",
                "{\"status_code\":9}|out_of_range|status_code",
                "{\"measurements\":{\"t\":\"x\"}}|wrong_type|measurements.t",
                "{\"id\":\"x\"}|missing_field|timestamp",
                "{\"timestamp\":\"9999-12-31T00:00:00Z\"}|timestamp_ahead|timestamp",
                "{\"timestamp\":1000}|timestamp_too_old|timestamp"
            })
    void aBadEventSaysWhatIsWrong(String body, String reason, String field) {
        Map<String, String> headers =
                IngestRecords.text(enrich(body.getBytes(UTF_8), headers(JSON)).headers());

        assertThat(headers).containsEntry(Headers.REASON, reason).containsEntry(Headers.STAGE, "processor");
        assertThat(headers.get(Headers.FIELD)).isEqualTo(field);
    }

    @Test
    void whatTheSourceRefusedIsRelayed() {
        Map<String, String> headers = headers(JSON);
        headers.put(Headers.REASON, "truncated");
        headers.put(Headers.DETAIL, "the body ended within the event");
        headers.put(Headers.POSITION, "17");
        ProducerRecord<byte[], byte[]> sent = enrich("{\"a\":1}".getBytes(UTF_8), headers);

        assertThat(sent.topic()).isEqualTo("dead");
        assertThat(IngestRecords.text(sent.headers()))
                .containsEntry(Headers.STAGE, "source")
                .containsEntry(Headers.REASON, "truncated")
                .containsEntry(Headers.DETAIL, "the body ended within the event")
                .containsEntry(Headers.POSITION, "17");
    }

    @Test
    void anErrorOfTheProcessorCostsOneRecordOnly() {
        LogLines broken = new LogLines(
                Map.of(LogFormat.RAW, (line, offset, length, receivedAt, out) -> {
                    throw new IllegalStateException("a bug");
                }),
                EventLimits.DEFAULT,
                true);
        Enricher buggy = new Enricher(settings(1_000_000), broken);

        ProducerRecord<byte[], byte[]> sent = buggy.enrich(
                IngestRecords.received("x".getBytes(UTF_8), headers("text/plain; format=raw")), null, tally);
        assertThat(IngestRecords.text(sent.headers()))
                .containsEntry(Headers.REASON, "processor_error")
                .containsEntry(Headers.DETAIL, "java.lang.IllegalStateException");
        assertThat(sent.value()).isEqualTo("x".getBytes(UTF_8));
        assertThat(buggy.enrich(IngestRecords.received("{}".getBytes(UTF_8), headers(JSON)), null, tally)
                        .topic())
                .isEqualTo("out");
    }

    @Test
    void anEventThatGrowsBeyondWhatCanBeWrittenIsADeadLetter() {
        Enricher small = new Enricher(settings(10_000));
        byte[] line = "\u0001".repeat(2_000).getBytes(UTF_8); // six bytes each in JSON
        ProducerRecord<byte[], byte[]> sent =
                small.enrich(IngestRecords.received(line, headers("text/plain; format=raw")), null, tally);

        assertThat(sent.topic()).isEqualTo("dead");
        assertThat(sent.value()).isEqualTo(line);
        assertThat(IngestRecords.text(sent.headers())).containsEntry(Headers.REASON, "too_large");
    }

    @Test
    void aDeadLetterThatCannotBeWrittenIsCut() {
        Enricher small = new Enricher(settings(10_000));
        ProducerRecord<byte[], byte[]> sent =
                small.enrich(IngestRecords.received(new byte[20_000], headers(JSON)), null, tally);

        assertThat(sent.value()).hasSize(10_000);
        assertThat(IngestRecords.text(sent.headers()).get(Headers.DETAIL))
                .contains("the first 10000 of 20000 bytes are kept");
    }

    @Test
    void headersThatAreNoTextDoNoHarm() {
        Map<String, String> headers = headers(JSON);
        headers.put(Headers.TENANT, "a\u0000b");
        headers.put(Headers.ID, "x".repeat(65));
        headers.put(Headers.RECEIVED_AT, "soon");

        assertThat(value(enrich("{}".getBytes(UTF_8), headers)))
                .contains(
                        "\"tenant\":\"a\uFFFDb\"",
                        "\"id\":\"events.source-http-3-42\"",
                        "\"received_at\":1791763200005");
    }

    @Test
    void theResultOfARecordDoesNotDependOnThoseBeforeIt() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        Random random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            records.add(anyRecord(random));
        }
        List<String> inOrder = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> one : records) {
            inOrder.add(describe(enricher.enrich(one, null, tally)));
        }
        for (int i = records.size() - 1; i >= 0; i -= 3) {
            assertThat(describe(enricher.enrich(records.get(i), null, tally))).isEqualTo(inOrder.get(i));
        }
        for (int i = 0; i < records.size(); i += 50) {
            assertThat(describe(new Enricher(settings(1_000_000)).enrich(records.get(i), null, tally)))
                    .isEqualTo(inOrder.get(i));
        }
    }

    @Test
    void whateverComesOutCanBeReadAgain() {
        Random random = new Random(11);
        EventReader reader = new EventReader(EventLimits.DEFAULT, Stage.ENRICHED);
        Map<String, Integer> outcomes = new HashMap<>();
        for (int i = 0; i < 50_000; i++) {
            ConsumerRecord<byte[], byte[]> ingested = anyRecord(random);
            ProducerRecord<byte[], byte[]> sent = enricher.enrich(ingested, null, tally);
            if (sent.topic().equals("out")) {
                Event event = new Event();
                assertThat(reader.read(sent.value(), 0, sent.value().length, 0, event))
                        .as(() -> new String(sent.value(), UTF_8))
                        .isNull();
                outcomes.merge("event", 1, Integer::sum);
            } else {
                Map<String, String> headers = IngestRecords.text(sent.headers());
                assertThat(headers.get(Headers.REASON))
                        .as(() -> new String(ingested.value(), ISO_8859_1))
                        .isNotEqualTo("processor_error");
                assertThat(sent.value()).isEqualTo(ingested.value());
                outcomes.merge("dead letter", 1, Integer::sum);
            }
        }
        assertThat(outcomes.get("event")).isGreaterThan(5_000);
        assertThat(outcomes.get("dead letter")).isGreaterThan(5_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[a]", "[a x=\"1\"]"})
    void aLineWithMoreElementsThanAttributesAreAllowedIsRefusedAtOnce(String element) {
        ProducerRecord<byte[], byte[]> sent = syslog("<34>1 - h a - - " + element.repeat(20_000));
        assertThat(IngestRecords.text(sent.headers())).containsEntry(Headers.REASON, "too_many");
    }

    @Test
    void anElementWithThousandsOfParametersIsRefusedAtOnce() {
        ProducerRecord<byte[], byte[]> sent = syslog("<34>1 - h a - - [a" + " x=\"1\"".repeat(40_000) + "]");
        assertThat(IngestRecords.text(sent.headers())).containsEntry(Headers.REASON, "unreadable_line");
    }

    @Test
    void whatCannotBeReadIsWrittenWhateverHeadersAndKeyItCameWith() {
        ConsumerRecord<byte[], byte[]> foreign = IngestRecords.received("{".getBytes(UTF_8), headers(JSON));
        foreign.headers().add("huge", new byte[3_000_000]);
        ProducerRecord<byte[], byte[]> sent = enricher.enrich(foreign, null, tally);
        assertThat(sent.headers().lastHeader("huge")).isNull();
        assertThat(IngestRecords.text(sent.headers()).get(Headers.DETAIL)).contains("left out");
    }

    private ProducerRecord<byte[], byte[]> syslog(String line) {
        return enrich(line.getBytes(UTF_8), headers("text/plain; format=syslog"));
    }

    /** Valid records of all kinds, and what a few random changes make of them. */
    private static ConsumerRecord<byte[], byte[]> anyRecord(Random random) {
        String[][] samples = {
            {JSON, "{\"endpoint\":\"/users/42?a=b\",\"method\":\"POST\",\"status_code\":201,\"latency_ms\":12.5}"},
            {JSON, "{\"measurements\":{\"t\":21.5,\"h\":40},\"device_id\":\"d-1\",\"x\":[1,{\"y\":null}]}"},
            {
                JSON,
                "{\"id\":\"e\",\"timestamp\":1791763100000,\"severity\":\"err\",\"message\":\"caf\u00e9 \\ud83d\\ude00\"}"
            },
            {
                "text/plain; format=combined",
                "::1 - a [11/Oct/2026:10:05:03 +0000] \"GET /a/7 HTTP/1.1\" 200 5 \"-\" \"x \\\"y\\\"\" 0.1"
            },
            {"text/plain; format=common", "10.0.0.1 - - [11/Oct/2026:10:05:03 +0000] \"GET /a HTTP/1.1\" 304 -"},
            {
                "text/plain; format=json",
                "{\"ts\":1791763000.5,\"lvl\":\"info\",\"msg\":\"m\\u0000\",\"status\":200,\"method\":\"GET\",\"url\":\"/q\"}"
            },
            {
                "text/plain; format=syslog",
                "<165>1 2026-10-11T22:14:15.003Z h a 1 M [x@1 a=\"1\" a=\"\\\"\"][y b=\"2\"] text"
            },
            {"text/plain; format=syslog", "<34>Oct 11 22:14:15 mymachine su[7]: 'su root' failed"},
            {"text/plain; format=raw", "any line at all \u0007"}
        };
        String[] sample = samples[random.nextInt(samples.length)];
        byte[] value = sample[1].getBytes(UTF_8);
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(value.length);
            switch (random.nextInt(3)) {
                case 0 -> value[at] = (byte) random.nextInt(256);
                case 1 -> value[at] = (byte) "\"\\[]{}:,<> -0123456789".charAt(random.nextInt(21));
                default -> {
                    int other = random.nextInt(value.length);
                    System.arraycopy(
                            value.clone(), at, value, other, Math.min(value.length - at, value.length - other));
                }
            }
        }
        return IngestRecords.received(value, headers(sample[0]));
    }

    private static String describe(ProducerRecord<byte[], byte[]> sent) {
        return sent.topic() + IngestRecords.text(sent.headers()) + new String(sent.value(), ISO_8859_1);
    }

    private String event(String body) {
        ProducerRecord<byte[], byte[]> sent = enrich(body.getBytes(UTF_8), headers(JSON));
        assertThat(IngestRecords.text(sent.headers())).isEmpty();
        return value(sent);
    }

    private ProducerRecord<byte[], byte[]> enrich(byte[] value, Map<String, String> headers) {
        return enricher.enrich(IngestRecords.received(value, headers), null, tally);
    }

    private static String value(ProducerRecord<byte[], byte[]> sent) {
        return new String(sent.value(), UTF_8);
    }

    private static Map<String, String> headers(String contentType) {
        return IngestRecords.headers("e-1", contentType);
    }

    static EnrichSettings settings(int maximumRecordBytes) {
        return new EnrichSettings(
                "out", "dead", EventLimits.DEFAULT, "nobody", List.of(), ZoneOffset.UTC, true, maximumRecordBytes);
    }
}
