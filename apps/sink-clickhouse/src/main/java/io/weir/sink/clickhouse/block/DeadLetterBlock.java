package io.weir.sink.clickhouse.block;

import io.weir.event.Headers;
import io.weir.event.Rejection;
import io.weir.warehouse.Tables;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Records that could not become events, with their original bytes. */
public final class DeadLetterBlock extends Block {

    private static final byte[] NOTHING = {};

    private final TextColumn tenant;
    private final TextColumn id;
    private final TextColumn stage;
    private final TextColumn reason;
    private final TextColumn field;
    private final TextColumn detail;
    private final TextColumn original;
    private final TextColumn contentType;
    private final TextColumn origin;
    private final TextColumn requestId;
    private final NumberColumn receivedAt;

    public DeadLetterBlock() {
        this(new ArrayList<>());
    }

    private DeadLetterBlock(List<Column> columns) {
        super(Tables.DEAD_LETTERS, fill(columns));
        tenant = (TextColumn) columns.get(0);
        id = (TextColumn) columns.get(1);
        stage = (TextColumn) columns.get(2);
        reason = (TextColumn) columns.get(3);
        field = (TextColumn) columns.get(4);
        detail = (TextColumn) columns.get(5);
        original = (TextColumn) columns.get(6);
        contentType = (TextColumn) columns.get(7);
        origin = (TextColumn) columns.get(8);
        requestId = (TextColumn) columns.get(9);
        receivedAt = (NumberColumn) columns.get(10);
    }

    private static List<Column> fill(List<Column> columns) {
        for (String name : List.of(
                "tenant",
                "id",
                "stage",
                "reason",
                "field",
                "detail",
                "original",
                "content_type",
                "origin",
                "request_id")) {
            columns.add(new TextColumn(name));
        }
        columns.add(new NumberColumn("received_at", "DateTime64(3, 'UTC')", 8));
        return columns;
    }

    /** Adds a record of the dead letter topic, which says itself why it is there. */
    public void add(ConsumerRecord<byte[], byte[]> record, byte[] topic) {
        String from = header(record, Headers.ORIGIN);
        put(record, header(record, Headers.TENANT), header(record, Headers.ID), from);
        put(stage, header(record, Headers.STAGE));
        put(reason, header(record, Headers.REASON));
        put(field, header(record, Headers.FIELD));
        put(detail, header(record, Headers.DETAIL));
        endRow(topic, record.partition(), record.offset());
    }

    /** Adds a record that the sink itself could not store. */
    public void add(ConsumerRecord<byte[], byte[]> record, byte[] topic, Identity identity, Rejection why) {
        put(
                record,
                identity.tenant(),
                identity.id(),
                record.topic() + "-" + record.partition() + "@" + record.offset());
        put(stage, "sink");
        put(reason, why.reason());
        put(field, why.field() == null ? "" : why.field());
        put(detail, why.detail());
        endRow(topic, record.partition(), record.offset());
    }

    private void put(ConsumerRecord<byte[], byte[]> record, String tenantName, String eventId, String from) {
        put(tenant, tenantName);
        put(id, eventId.isEmpty() ? record.topic() + "-" + record.partition() + "-" + record.offset() : eventId);
        put(origin, from);
        byte[] value = record.value() == null ? NOTHING : record.value();
        original.append(value, 0, value.length);
        put(contentType, header(record, Headers.CONTENT_TYPE));
        put(requestId, header(record, Headers.REQUEST_ID));
        receivedAt.append(receivedAt(record));
    }

    private static long receivedAt(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Long.parseLong(header(record, Headers.RECEIVED_AT));
        } catch (NumberFormatException e) {
            return Math.max(0, record.timestamp());
        }
    }

    private static void put(TextColumn column, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        column.append(bytes, 0, bytes.length);
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        @Nullable Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    @Override
    int[] order() {
        int[] order = new int[rows()];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        return order;
    }

    /** Whose a record is and which, as far as can be told. */
    public record Identity(String tenant, String id) {}
}
