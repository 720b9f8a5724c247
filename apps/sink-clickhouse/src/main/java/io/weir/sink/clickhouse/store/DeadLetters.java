package io.weir.sink.clickhouse.store;

import io.weir.event.Event;
import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Field;
import io.weir.event.Headers;
import io.weir.event.Rejection;
import io.weir.event.Stage;
import io.weir.warehouse.table.DeadLetterBlock.DeadLetter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Makes dead letters of records. */
final class DeadLetters {

    private static final String SINK = "sink";
    private static final byte[] NOTHING = new byte[0];

    private DeadLetters() {}

    /** A record of the dead letter topic, which says itself why it is there. */
    static DeadLetter of(ConsumerRecord<ByteBuffer, ByteBuffer> record) {
        return letter(
                record,
                header(record, Headers.ID),
                header(record, Headers.TENANT),
                header(record, Headers.STAGE),
                header(record, Headers.REASON),
                header(record, Headers.DETAIL),
                header(record, Headers.FIELD),
                header(record, Headers.ORIGIN));
    }

    /** A record that the sink itself cannot store; whose it is stands in its value, as far as that can be read, or its headers. */
    static DeadLetter refused(ConsumerRecord<ByteBuffer, ByteBuffer> record, Rejection why) {
        Event event = new Event();
        byte[] value = bytes(record);
        new EventReader(EventLimits.DEFAULT, Stage.ENRICHED).read(value, 0, value.length, 0, event);
        return letter(
                record,
                first(event.text(Field.ID), header(record, Headers.ID)),
                first(event.text(Field.TENANT), header(record, Headers.TENANT)),
                SINK,
                why.reason(),
                why.detail(),
                why.field() == null ? "" : why.field(),
                record.topic() + "-" + record.partition() + "@" + record.offset());
    }

    private static DeadLetter letter(
            ConsumerRecord<ByteBuffer, ByteBuffer> record,
            String id,
            String tenant,
            String stage,
            String reason,
            String detail,
            String field,
            String origin) {
        return new DeadLetter(
                id.isEmpty() ? record.topic() + "-" + record.partition() + "-" + record.offset() : id,
                tenant,
                number(header(record, Headers.RECEIVED_AT), Math.max(0, record.timestamp())),
                stage,
                reason,
                detail,
                field,
                header(record, Headers.POSITION).isEmpty() ? null : number(header(record, Headers.POSITION), -1),
                header(record, Headers.CONTENT_TYPE),
                header(record, Headers.SOURCE),
                header(record, Headers.REQUEST_ID),
                origin,
                bytes(record));
    }

    private static byte[] bytes(ConsumerRecord<ByteBuffer, ByteBuffer> record) {
        ByteBuffer value = record.value();
        if (value == null) {
            return NOTHING;
        }
        byte[] bytes = new byte[value.remaining()];
        value.get(value.position(), bytes);
        return bytes;
    }

    private static String first(@Nullable String own, String other) {
        return own == null ? other : own;
    }

    private static long number(String text, long otherwise) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private static String header(ConsumerRecord<ByteBuffer, ByteBuffer> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }
}
