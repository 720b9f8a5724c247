package io.weir.processor.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.event.Headers;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Ingest records as the source writes them. */
public final class IngestRecords {
    /** 2026-10-12T00:00:00Z */
    public static final long RECEIVED_AT = 1_791_763_200_000L;

    private IngestRecords() {}

    public static Map<String, String> headers(String id, String contentType) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(Headers.CONTENT_TYPE, contentType);
        headers.put(Headers.TENANT, "acme");
        headers.put(Headers.RECEIVED_AT, Long.toString(RECEIVED_AT));
        headers.put(Headers.REQUEST_ID, "r-1");
        headers.put(Headers.ID, id);
        headers.put(Headers.SOURCE, "web");
        return headers;
    }

    public static ProducerRecord<byte[], byte[]> toSend(
            String topic, String source, byte[] value, Map<String, String> headers) {
        return new ProducerRecord<>(topic, null, null, ("acme/" + source).getBytes(UTF_8), value, of(headers));
    }

    public static ConsumerRecord<byte[], byte[]> received(byte[] value, Map<String, String> headers) {
        return new ConsumerRecord<>(
                "events.source-http",
                3,
                42,
                RECEIVED_AT + 5,
                TimestampType.CREATE_TIME,
                -1,
                value.length,
                "acme/web".getBytes(UTF_8),
                value,
                of(headers),
                java.util.Optional.empty());
    }

    /** The headers of a record as text. */
    public static Map<String, String> text(Iterable<Header> headers) {
        Map<String, String> text = new LinkedHashMap<>();
        for (Header header : headers) {
            text.put(header.key(), new String(header.value(), UTF_8));
        }
        return text;
    }

    private static RecordHeaders of(Map<String, String> headers) {
        RecordHeaders result = new RecordHeaders();
        headers.forEach((name, value) -> result.add(name, value.getBytes(UTF_8)));
        return result;
    }
}
