package io.weir.sink.clickhouse.store;

import io.weir.event.Event;
import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Field;
import io.weir.event.Headers;
import io.weir.event.Stage;
import io.weir.sink.clickhouse.block.DeadLetterBlock.Identity;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Finds out whose a bad record is: from its value as far as it can be read, else from its headers. */
final class RecordIdentity {

    private RecordIdentity() {}

    static Identity of(ConsumerRecord<byte[], byte[]> record) {
        Event event = new Event();
        byte[] value = record.value();
        if (value != null) {
            new EventReader(EventLimits.DEFAULT, Stage.ENRICHED).read(value, 0, value.length, 0, event);
        }
        return new Identity(
                first(event.text(Field.TENANT), record, Headers.TENANT),
                first(event.text(Field.ID), record, Headers.ID));
    }

    private static String first(@Nullable String own, ConsumerRecord<byte[], byte[]> record, String name) {
        if (own != null) {
            return own;
        }
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }
}
