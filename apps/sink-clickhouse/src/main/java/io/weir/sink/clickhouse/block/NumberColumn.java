package io.weir.sink.clickhouse.block;

import java.util.Arrays;

/** Numbers of 1, 2, 4 or 8 bytes, whole or (as their bits) floating, with or without NULL for rows that get no value. */
final class NumberColumn extends Column {

    private final int width;
    private final boolean nullable;
    private long[] values = new long[1024];
    private boolean[] nulls = new boolean[1024];

    NumberColumn(String name, String type, int width) {
        super(name, type);
        this.width = width;
        this.nullable = type.startsWith("Nullable(");
    }

    void append(long value) {
        append(value, false);
    }

    void append(double value) {
        append(Double.doubleToRawLongBits(value), false);
    }

    private void append(long value, boolean isNull) {
        if (rows == values.length) {
            values = Arrays.copyOf(values, 2 * rows);
            nulls = Arrays.copyOf(nulls, 2 * rows);
        }
        values[rows] = value;
        nulls[rows++] = isNull;
    }

    long value(int row) {
        return values[row];
    }

    @Override
    void endRow(int newRows) {
        while (rows < newRows) {
            append(0, true);
        }
        rows = newRows;
    }

    @Override
    void clear() {
        rows = 0;
    }

    @Override
    void write(int[] order, BlockBuffer out) {
        if (nullable) {
            for (int i = 0; i < rows; i++) {
                out.put(nulls[order[i]] ? 1 : 0);
            }
        }
        for (int i = 0; i < rows; i++) {
            long value = values[order[i]];
            switch (width) {
                case 1 -> out.put((int) value);
                case 2 -> out.putShort((int) value);
                case 4 -> out.putInt((int) value);
                default -> out.putLong(value);
            }
        }
    }
}
