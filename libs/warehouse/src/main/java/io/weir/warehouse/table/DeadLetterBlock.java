package io.weir.warehouse.table;

import io.weir.warehouse.Tables;
import io.weir.warehouse.block.LowCardinalityColumn;
import io.weir.warehouse.block.NativeBlock;
import io.weir.warehouse.block.NullableColumn;
import io.weir.warehouse.block.NumberColumn;
import io.weir.warehouse.block.TextColumn;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of the table {@code dead_letters}. */
public final class DeadLetterBlock implements RowBlock {

    /**
     * What was refused, and why.
     *
     * @param receivedAtMillis milliseconds since the epoch
     * @param position the event's place in its request, from 0; null if it is not known
     * @param origin where it was first, as {@code topic-partition@offset}
     * @param original the original bytes
     */
    public record DeadLetter(
            String id,
            String tenant,
            long receivedAtMillis,
            String stage,
            String reason,
            String detail,
            String field,
            @Nullable Long position,
            String contentType,
            String source,
            String requestId,
            String origin,
            byte[] original) {}

    private final TextColumn id = new TextColumn("id");
    private final LowCardinalityColumn tenant = new LowCardinalityColumn("tenant");
    private final NumberColumn receivedAt = new NumberColumn("received_at", "DateTime64(3, 'UTC')", 8);
    private final LowCardinalityColumn stage = new LowCardinalityColumn("stage");
    private final LowCardinalityColumn reason = new LowCardinalityColumn("reason");
    private final TextColumn detail = new TextColumn("detail");
    private final LowCardinalityColumn field = new LowCardinalityColumn("field");
    private final NullableColumn position = new NullableColumn("position", "Int64", 8);
    private final LowCardinalityColumn contentType = new LowCardinalityColumn("content_type");
    private final TextColumn source = new TextColumn("source");
    private final TextColumn requestId = new TextColumn("request_id");
    private final TextColumn origin = new TextColumn("origin");
    private final TextColumn original = new TextColumn("original");
    private final LowCardinalityColumn topic = new LowCardinalityColumn(Tables.TOPIC);
    private final NumberColumn partition = new NumberColumn(Tables.PARTITION, "Int32", 4);
    private final NumberColumn offset = new NumberColumn(Tables.OFFSET, "Int64", 8);
    private final NativeBlock block = new NativeBlock(List.of(
            id,
            tenant,
            receivedAt,
            stage,
            reason,
            detail,
            field,
            position,
            contentType,
            source,
            requestId,
            origin,
            original,
            topic,
            partition,
            offset));

    /** Adds a row with the place in Kafka that it came from. */
    public void add(DeadLetter letter, byte[] topicName, int partitionNumber, long recordOffset) {
        int row = block.rows();
        set(id, row, letter.id());
        set(tenant, row, letter.tenant());
        receivedAt.set(row, letter.receivedAtMillis());
        set(stage, row, letter.stage());
        set(reason, row, letter.reason());
        set(detail, row, letter.detail());
        set(field, row, letter.field());
        if (letter.position() != null) {
            position.set(row, letter.position().longValue());
        }
        set(contentType, row, letter.contentType());
        set(source, row, letter.source());
        set(requestId, row, letter.requestId());
        set(origin, row, letter.origin());
        original.set(row, letter.original(), 0, letter.original().length);
        topic.set(row, topicName, 0, topicName.length);
        partition.set(row, partitionNumber);
        offset.set(row, recordOffset);
        block.endRow();
    }

    private static void set(TextColumn column, int row, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        column.set(row, bytes, 0, bytes.length);
    }

    private static void set(LowCardinalityColumn column, int row, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        column.set(row, bytes, 0, bytes.length);
    }

    @Override
    public int[] sorted() {
        int[] tenants = tenant.ranks();
        return RowOrder.sorted(block.rows(), (a, b) -> {
            int difference = Integer.compare(tenants[tenant.code(a)], tenants[tenant.code(b)]);
            if (difference == 0) {
                difference = Long.compare(receivedAt.get(a), receivedAt.get(b));
            }
            return difference == 0 ? id.compare(a, b) : difference;
        });
    }

    @Override
    public String table() {
        return Tables.DEAD_LETTERS;
    }

    @Override
    public NativeBlock block() {
        return block;
    }

    @Override
    public long offset(int row) {
        return offset.get(row);
    }

    @Override
    public void clear() {
        block.clear();
    }
}
