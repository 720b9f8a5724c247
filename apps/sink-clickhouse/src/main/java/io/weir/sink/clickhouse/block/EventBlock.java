package io.weir.sink.clickhouse.block;

import io.weir.event.EventHandler;
import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Field;
import io.weir.event.Reason;
import io.weir.event.Rejection;
import io.weir.event.Stage;
import io.weir.warehouse.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Events, straight from the bytes of their records into columns. */
public final class EventBlock extends Block {

    private static final long HOUR = 3_600_000;

    private final Columns columns;
    private final EventReader reader = new EventReader(EventLimits.DEFAULT, Stage.ENRICHED);

    public EventBlock() {
        this(new Columns());
    }

    private EventBlock(Columns columns) {
        super(Tables.EVENTS, columns.all);
        this.columns = columns;
    }

    /** Adds the event in a record, or says why it cannot be one. */
    public @Nullable Rejection add(byte[] value, byte[] topic, int partition, long offset) {
        Rejection rejection = reader.read(value, 0, value.length, 0, columns);
        if (rejection == null) {
            rejection = columns.lacking(rows());
        }
        if (rejection != null) {
            abandonRow();
            return rejection;
        }
        endRow(topic, partition, offset);
        return null;
    }

    /** The table's sort key, so that the server finds the block sorted: see RATIONALE for what that saves. */
    @Override
    int[] order() {
        int rows = rows();
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++) {
            order[i] = i;
        }
        sort(order, new int[rows], 0, rows);
        return order;
    }

    private void sort(int[] order, int[] spare, int from, int to) {
        if (to - from < 2) {
            return;
        }
        int middle = (from + to) >>> 1;
        sort(order, spare, from, middle);
        sort(order, spare, middle, to);
        if (compare(order[middle - 1], order[middle]) <= 0) {
            return;
        }
        System.arraycopy(order, from, spare, from, to - from);
        int left = from;
        int right = middle;
        for (int i = from; i < to; i++) {
            boolean takeLeft = right >= to || left < middle && compare(spare[left], spare[right]) <= 0;
            order[i] = takeLeft ? spare[left++] : spare[right++];
        }
    }

    private int compare(int left, int right) {
        int result = columns.tenant.compare(left, right);
        if (result == 0) {
            result = columns.type.compare(left, right);
        }
        long leftTime = columns.timestamp.value(left);
        long rightTime = columns.timestamp.value(right);
        if (result == 0) {
            result = Long.compare(Math.floorDiv(leftTime, HOUR), Math.floorDiv(rightTime, HOUR));
        }
        if (result == 0) {
            result = columns.endpointTemplate.compare(left, right);
        }
        if (result == 0) {
            result = columns.deviceId.compare(left, right);
        }
        if (result == 0) {
            result = Long.compare(leftTime, rightTime);
        }
        return result == 0 ? columns.id.compare(left, right) : result;
    }

    private static final class Columns implements EventHandler {

        private final @Nullable TextColumn[] texts = new TextColumn[Field.values().length];
        private final @Nullable NumberColumn[] numbers = new NumberColumn[Field.values().length];
        private final MeasurementsColumn measurements = new MeasurementsColumn(Field.MEASUREMENTS.json());
        private final JsonColumn attributes = new JsonColumn(Field.ATTRIBUTES.json());
        private final List<Column> all = new ArrayList<>();
        private final TextColumn tenant;
        private final TextColumn type;
        private final TextColumn id;
        private final TextColumn endpointTemplate;
        private final TextColumn deviceId;
        private final NumberColumn timestamp;

        Columns() {
            for (Field field : Field.values()) {
                int i = field.ordinal();
                switch (field) {
                    case TIMESTAMP, RECEIVED_AT ->
                        numbers[i] = new NumberColumn(field.json(), "DateTime64(3, 'UTC')", 8);
                    case STATUS_CODE -> numbers[i] = new NumberColumn(field.json(), "UInt16", 2);
                    case LATENCY_MS -> numbers[i] = new NumberColumn(field.json(), "Nullable(Float64)", 8);
                    case BYTES -> numbers[i] = new NumberColumn(field.json(), "Nullable(UInt64)", 8);
                    case IS_BOT -> numbers[i] = new NumberColumn(field.json(), "Bool", 1);
                    case MEASUREMENTS -> all.add(measurements);
                    case ATTRIBUTES -> all.add(attributes);
                    default -> texts[i] = new TextColumn(field.json());
                }
                if (texts[i] != null) {
                    all.add(texts[i]);
                } else if (numbers[i] != null) {
                    all.add(numbers[i]);
                }
            }
            tenant = text(Field.TENANT);
            type = text(Field.TYPE);
            id = text(Field.ID);
            endpointTemplate = text(Field.ENDPOINT_TEMPLATE);
            deviceId = text(Field.DEVICE_ID);
            timestamp = Objects.requireNonNull(numbers[Field.TIMESTAMP.ordinal()]);
        }

        /** A row without these would belong to nobody, or to no time. */
        @Nullable
        Rejection lacking(int rows) {
            Field field = tenant.rows == rows ? Field.TENANT : id.rows == rows ? Field.ID : Field.TIMESTAMP;
            if (field == Field.TIMESTAMP && timestamp.rows > rows) {
                return null;
            }
            return new Rejection(Reason.MISSING_FIELD, field.json(), "an enriched event always has it", -1);
        }

        private TextColumn text(Field field) {
            return Objects.requireNonNull(texts[field.ordinal()]);
        }

        private NumberColumn number(Field field) {
            return Objects.requireNonNull(numbers[field.ordinal()]);
        }

        @Override
        public void text(Field field, byte[] buffer, int offset, int length) {
            text(field).append(buffer, offset, length);
        }

        @Override
        public void number(Field field, long value) {
            number(field).append(value);
        }

        @Override
        public void number(Field field, double value) {
            number(field).append(value);
        }

        @Override
        public void flag(Field field, boolean value) {
            number(field).append(value ? 1L : 0L);
        }

        @Override
        public void measurement(byte[] nameBuffer, int nameOffset, int nameLength, double value) {
            measurements.append(nameBuffer, nameOffset, nameLength, value);
        }

        @Override
        public void attribute(
                byte[] nameBuffer,
                int nameOffset,
                int nameLength,
                byte[] valueBuffer,
                int valueOffset,
                int valueLength) {
            attributes.append(nameBuffer, nameOffset, nameLength, valueBuffer, valueOffset, valueLength);
        }
    }
}
