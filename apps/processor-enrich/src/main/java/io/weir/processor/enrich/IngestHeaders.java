package io.weir.processor.enrich;

import io.weir.event.Field;
import io.weir.event.Headers;
import io.weir.processor.enrich.log.LogFormat;
import io.weir.processor.enrich.text.ByteBuilder;
import io.weir.processor.enrich.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of an ingest record say, or what holds where they say nothing.
 *
 * <p>Used again for each record. Records of one request carry equal tenants, times and types, so what was decoded last is
 * kept beside the bytes that it was decoded from.
 */
final class IngestHeaders {
    private static final byte[] JSON = "application/json".getBytes(StandardCharsets.US_ASCII);

    private final byte[] defaultTenant;

    private byte[] contentType = JSON;
    private @Nullable LogFormat format;

    private byte[] tenant;
    private byte[] id = {};
    private byte @Nullable [] source;
    private byte @Nullable [] requestId;
    private byte @Nullable [] reason;
    private byte @Nullable [] detail;
    private byte @Nullable [] field;
    private byte @Nullable [] position;

    private byte[] receivedAtText = {};
    private long receivedAt;

    IngestHeaders(String defaultTenant) {
        this.defaultTenant = defaultTenant.getBytes(StandardCharsets.UTF_8);
        tenant = this.defaultTenant;
    }

    void read(ConsumerRecord<byte[], byte[]> ingested) {
        byte @Nullable [] newContentType = null;
        byte @Nullable [] newTenant = null;
        byte @Nullable [] newId = null;
        byte @Nullable [] newReceivedAt = null;
        source = null;
        requestId = null;
        reason = null;
        detail = null;
        field = null;
        position = null;
        for (Header header : ingested.headers()) {
            byte @Nullable [] value = header.value();
            if (value == null) {
                continue;
            }
            switch (header.key()) {
                case Headers.CONTENT_TYPE -> newContentType = value;
                case Headers.TENANT -> newTenant = value;
                case Headers.RECEIVED_AT -> newReceivedAt = value;
                case Headers.REQUEST_ID -> requestId = value;
                case Headers.ID -> newId = value;
                case Headers.SOURCE -> source = asText(value, Field.SOURCE);
                case Headers.REASON -> reason = value;
                case Headers.DETAIL -> detail = value;
                case Headers.FIELD -> field = value;
                case Headers.POSITION -> position = value;
                default -> {}
            }
        }
        useContentType(newContentType == null ? JSON : newContentType);
        tenant = newTenant == null || newTenant.length == 0 ? defaultTenant : asText(newTenant, Field.TENANT);
        id = newId != null && isId(newId) ? newId : derivedId(ingested);
        useReceivedAt(newReceivedAt, ingested.timestamp());
    }

    byte[] contentType() {
        return contentType;
    }

    /** The format of a log line; null for an event. */
    @Nullable
    LogFormat format() {
        return format;
    }

    byte[] tenant() {
        return tenant;
    }

    byte[] id() {
        return id;
    }

    byte @Nullable [] source() {
        return source;
    }

    byte @Nullable [] requestId() {
        return requestId;
    }

    /** Why the source refused the record; null if it did not. */
    byte @Nullable [] reason() {
        return reason;
    }

    byte @Nullable [] detail() {
        return detail;
    }

    byte @Nullable [] field() {
        return field;
    }

    byte @Nullable [] position() {
        return position;
    }

    /** Epoch milliseconds. */
    long receivedAt() {
        return receivedAt;
    }

    /** {@link #receivedAt()} in decimal. */
    byte[] receivedAtText() {
        return receivedAtText;
    }

    /** Whether a header of this name belongs to the platform. */
    static boolean isOwn(String name) {
        return name.equals(Headers.CONTENT_TYPE) || name.startsWith("weir-");
    }

    private void useContentType(byte[] header) {
        if (!Arrays.equals(contentType, header)) {
            contentType = header;
            format = LogFormat.ofContentType(header);
        }
    }

    private void useReceivedAt(byte @Nullable [] header, long recordTimestamp) {
        if (header != null) {
            if (Arrays.equals(receivedAtText, header)) {
                return;
            }
            long parsed = decimal(header);
            if (parsed >= 0) {
                receivedAt = parsed;
                receivedAtText = header;
                return;
            }
        }
        long timestamp = Math.max(recordTimestamp, 0);
        if (timestamp != receivedAt || receivedAtText.length == 0) {
            receivedAt = timestamp;
            receivedAtText = Long.toString(timestamp).getBytes(StandardCharsets.US_ASCII);
        }
    }

    /** The number that the text is; -1 if it is none, or one beyond the year 5138. */
    private static long decimal(byte[] text) {
        if (text.length == 0 || text.length > 14) {
            return -1;
        }
        long number = 0;
        for (byte b : text) {
            int digit = b - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    private static boolean isId(byte[] text) {
        return text.length > 0 && text.length <= Field.ID.maxBytes() && Utf8.isPrintable(text, 0, text.length);
    }

    /** Headers become text of a record; one that is none is made so, so that what is written can be read. */
    private static byte[] asText(byte[] header, Field field) {
        if (header.length <= field.maxBytes() && Utf8.isPrintable(header, 0, header.length)) {
            return header;
        }
        ByteBuilder text = new ByteBuilder(header.length + 8);
        Utf8.makePrintable(header, 0, header.length, text);
        return text.truncate(Utf8.cut(text.array(), 0, text.size(), field.maxBytes()))
                .toBytes();
    }

    /** The place of a record names it as well as an id does; of a long topic name the end is kept. */
    private static byte[] derivedId(ConsumerRecord<byte[], byte[]> ingested) {
        byte[] name = (ingested.topic() + '-' + ingested.partition() + '-' + ingested.offset())
                .getBytes(StandardCharsets.UTF_8);
        int from = Math.max(name.length - Field.ID.maxBytes(), 0);
        return from == 0 ? name : Arrays.copyOfRange(name, from, name.length);
    }
}
