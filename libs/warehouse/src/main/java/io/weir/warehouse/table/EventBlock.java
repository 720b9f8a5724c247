package io.weir.warehouse.table;

import io.weir.event.EventHandler;
import io.weir.event.Field;
import io.weir.event.Reason;
import io.weir.event.Rejection;
import io.weir.warehouse.Tables;
import io.weir.warehouse.block.Column;
import io.weir.warehouse.block.JsonColumn;
import io.weir.warehouse.block.LowCardinalityColumn;
import io.weir.warehouse.block.MeasurementsColumn;
import io.weir.warehouse.block.NativeBlock;
import io.weir.warehouse.block.NullableColumn;
import io.weir.warehouse.block.NumberColumn;
import io.weir.warehouse.block.TextColumn;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the table {@code events}. {@link io.weir.event.EventReader} fills it without an object per event: read into it,
 * then {@link #endRow}.
 */
public final class EventBlock implements EventHandler, RowBlock {

    private static final String ATTRIBUTES_TYPE = "JSON(max_dynamic_paths = 128)";
    private static final String TIME = "DateTime64(3, 'UTC')";
    private static final long HOUR_MILLIS = 3_600_000;

    // What DateTime64 can hold.
    private static final long FIRST_MILLIS =
            Instant.parse("1900-01-01T00:00:00Z").toEpochMilli();
    private static final long LAST_MILLIS =
            Instant.parse("2299-12-31T23:59:59.999Z").toEpochMilli();

    private final LowCardinalityColumn topic = new LowCardinalityColumn(Tables.TOPIC);
    private final NumberColumn partition = new NumberColumn(Tables.PARTITION, "Int32", 4);
    private final NumberColumn offset = new NumberColumn(Tables.OFFSET, "Int64", 8);
    private final Map<Field, TextColumn> texts = new EnumMap<>(Field.class);
    private final Map<Field, LowCardinalityColumn> words = new EnumMap<>(Field.class);
    private final TextColumn[] textOf = new TextColumn[Field.values().length];
    private final LowCardinalityColumn[] wordOf = new LowCardinalityColumn[Field.values().length];
    private final TextColumn id;
    private final TextColumn device;
    private final LowCardinalityColumn tenant;
    private final LowCardinalityColumn type;
    private final LowCardinalityColumn source;
    private final NumberColumn timestamp = new NumberColumn(Field.TIMESTAMP.json(), TIME, 8);
    private final NumberColumn receivedAt = new NumberColumn(Field.RECEIVED_AT.json(), TIME, 8);
    private final NumberColumn statusCode = new NumberColumn(Field.STATUS_CODE.json(), "UInt16", 2);
    private final NumberColumn isBot = new NumberColumn(Field.IS_BOT.json(), "Bool", 1);
    private final NullableColumn latency = new NullableColumn(Field.LATENCY_MS.json(), "Float64", 8);
    private final NullableColumn bytes = new NullableColumn(Field.BYTES.json(), "UInt64", 8);
    private final MeasurementsColumn measurements = new MeasurementsColumn(Field.MEASUREMENTS.json());
    private final JsonColumn attributes = new JsonColumn(Field.ATTRIBUTES.json(), ATTRIBUTES_TYPE);
    private final NativeBlock block;
    private boolean hasTimestamp;

    public EventBlock() {
        List<Column> columns = new ArrayList<>();
        for (Field field : Field.values()) {
            columns.add(columnOf(field));
        }
        columns.addAll(List.of(topic, partition, offset));
        id = text(Field.ID);
        device = text(Field.DEVICE_ID);
        tenant = word(Field.TENANT);
        type = word(Field.TYPE);
        source = word(Field.SOURCE);
        block = new NativeBlock(columns);
    }

    private Column columnOf(Field field) {
        return switch (field) {
            case TIMESTAMP -> timestamp;
            case RECEIVED_AT -> receivedAt;
            case STATUS_CODE -> statusCode;
            case IS_BOT -> isBot;
            case LATENCY_MS -> latency;
            case BYTES -> bytes;
            case MEASUREMENTS -> measurements;
            case ATTRIBUTES -> attributes;
            case ID, USER_ID, DEVICE_ID, SESSION_ID, TRACE_ID, ENDPOINT, REFERRER, CLIENT_IP, MESSAGE -> text(field);
            default -> word(field);
        };
    }

    private TextColumn text(Field field) {
        TextColumn column = texts.computeIfAbsent(field, key -> new TextColumn(key.json()));
        textOf[field.ordinal()] = column;
        return column;
    }

    private LowCardinalityColumn word(Field field) {
        LowCardinalityColumn column = words.computeIfAbsent(field, key -> new LowCardinalityColumn(key.json()));
        wordOf[field.ordinal()] = column;
        return column;
    }

    @Override
    public void text(Field field, byte[] buffer, int at, int length) {
        TextColumn column = textOf[field.ordinal()];
        if (column != null) {
            column.set(block.rows(), buffer, at, length);
        } else {
            wordOf[field.ordinal()].set(block.rows(), buffer, at, length);
        }
    }

    @Override
    public void number(Field field, long value) {
        int row = block.rows();
        switch (field) {
            case TIMESTAMP -> {
                timestamp.set(row, value);
                hasTimestamp = true;
            }
            case RECEIVED_AT -> receivedAt.set(row, value);
            case STATUS_CODE -> statusCode.set(row, value);
            case BYTES -> bytes.set(row, value);
            default -> throw new IllegalArgumentException(field + " is not a whole number");
        }
    }

    @Override
    public void number(Field field, double value) {
        latency.set(block.rows(), value);
    }

    @Override
    public void flag(Field field, boolean value) {
        isBot.set(block.rows(), value ? 1 : 0);
    }

    @Override
    public void measurement(byte[] nameBuffer, int nameOffset, int nameLength, double value) {
        measurements.add(block.rows(), nameBuffer, nameOffset, nameLength, value);
    }

    @Override
    public void attribute(
            byte[] nameBuffer, int nameOffset, int nameLength, byte[] valueBuffer, int valueOffset, int valueLength) {
        attributes.add(block.rows(), nameBuffer, nameOffset, nameLength, valueBuffer, valueOffset, valueLength);
    }

    /** Why the row that is being filled could not be stored: it would belong to nobody, or to no time; null if it can. */
    public @Nullable Rejection problem() {
        int row = block.rows();
        if (tenant.code(row) == 0) {
            return missing(Field.TENANT);
        }
        if (id.isEmpty(row)) {
            return missing(Field.ID);
        }
        if (!hasTimestamp) {
            return missing(Field.TIMESTAMP);
        }
        if (isOutside(timestamp.get(row))) {
            return outside(Field.TIMESTAMP);
        }
        return isOutside(receivedAt.get(row)) ? outside(Field.RECEIVED_AT) : null;
    }

    private static Rejection missing(Field field) {
        return new Rejection(Reason.MISSING_FIELD, field.json(), "an enriched event always has it", -1);
    }

    private static boolean isOutside(long millis) {
        return millis < FIRST_MILLIS || millis > LAST_MILLIS;
    }

    private static Rejection outside(Field field) {
        return new Rejection(Reason.OUT_OF_RANGE, field.json(), "is not within the years 1900 to 2299", -1);
    }

    /** Of a row that is complete, milliseconds since the epoch. */
    public long receivedAt(int row) {
        return receivedAt.get(row);
    }

    /** Of a row that is complete. */
    public String id(int row) {
        return new String(id.get(row), StandardCharsets.UTF_8);
    }

    /** Of a row that is complete. */
    public String tenant(int row) {
        return new String(tenant.get(row), StandardCharsets.UTF_8);
    }

    /** Ends the row with the place in Kafka that it came from. */
    public void endRow(byte[] topicName, int partitionNumber, long recordOffset) {
        int row = block.rows();
        topic.set(row, topicName, 0, topicName.length);
        partition.set(row, partitionNumber);
        offset.set(row, recordOffset);
        block.endRow();
        hasTimestamp = false;
    }

    /** Forgets the row that is being filled. */
    public void abandonRow() {
        block.abandonRow();
        hasTimestamp = false;
    }

    @Override
    public int[] sorted() {
        int[] tenants = tenant.ranks();
        int[] types = type.ranks();
        int[] sources = source.ranks();
        int rows = block.rows();
        // Tenant, type and hour in one number: most rows differ there, or not before the time.
        long[] heads = new long[rows];
        long firstHour = Long.MAX_VALUE;
        for (int row = 0; row < rows; row++) {
            firstHour = Math.min(firstHour, Math.floorDiv(timestamp.get(row), HOUR_MILLIS));
        }
        for (int row = 0; row < rows; row++) {
            long hour = Math.floorDiv(timestamp.get(row), HOUR_MILLIS) - firstHour;
            heads[row] =
                    ((long) tenants[tenant.code(row)] << 20 | types[type.code(row)]) << 24 | Math.min(hour, 0xffffff);
        }
        return RowOrder.sorted(rows, (a, b) -> {
            int difference = Long.compare(heads[a], heads[b]);
            if (difference == 0 && !(device.isEmpty(a) && device.isEmpty(b))) {
                difference = device.compare(a, b);
            }
            if (difference == 0) {
                difference = Integer.compare(sources[source.code(a)], sources[source.code(b)]);
            }
            if (difference == 0) {
                difference = Long.compare(timestamp.get(a), timestamp.get(b));
            }
            return difference == 0 ? id.compare(a, b) : difference;
        });
    }

    @Override
    public String table() {
        return Tables.EVENTS;
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
        hasTimestamp = false;
    }
}
