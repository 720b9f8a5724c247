package io.weir.warehouse.block;

import java.io.IOException;
import java.util.Arrays;

/** Numbers of 1, 2, 4 or 8 bytes: integers, dates as their number, floating point as its bits. */
public final class NumberColumn extends Column {

    private final int width;
    private long[] values = new long[64];

    /** @param width bytes of the type */
    public NumberColumn(String name, String type, int width) {
        super(name, type);
        this.width = width;
    }

    public void set(int row, long value) {
        if (row >= values.length) {
            reserve(row + 1);
        }
        values[row] = value;
    }

    public void set(int row, double value) {
        set(row, Double.doubleToRawLongBits(value));
    }

    public long get(int row) {
        return row < values.length ? values[row] : 0;
    }

    @Override
    void writeRows(BlockOutput out, int[] order, int from, int count) throws IOException {
        for (int i = from; i < from + count; i++) {
            out.writeFixed(values[order[i]], width);
        }
    }

    @Override
    void reserve(int rows) {
        if (values.length < rows) {
            values = Arrays.copyOf(values, larger(values.length, rows));
        }
    }

    @Override
    void unset(int row) {
        set(row, 0L);
    }

    @Override
    void clear(int rows) {
        Arrays.fill(values, 0, Math.min(rows, values.length), 0);
    }
}
