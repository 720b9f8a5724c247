package io.weir.warehouse.block;

import java.io.IOException;
import java.util.Arrays;

/** Numbers, or null. */
public final class NullableColumn extends Column {

    private final NumberColumn numbers;
    private boolean[] present = new boolean[64];

    /** @param type of the numbers, without {@code Nullable} */
    public NullableColumn(String name, String type, int width) {
        super(name, "Nullable(" + type + ")");
        this.numbers = new NumberColumn(name, type, width);
    }

    public void set(int row, long value) {
        if (row >= present.length) {
            reserve(row + 1);
        }
        present[row] = true;
        numbers.set(row, value);
    }

    public void set(int row, double value) {
        set(row, Double.doubleToRawLongBits(value));
    }

    @Override
    void writeRows(BlockOutput out, int[] order, int from, int count) throws IOException {
        for (int i = from; i < from + count; i++) {
            out.writeByte(present[order[i]] ? 0 : 1);
        }
        numbers.writeRows(out, order, from, count);
    }

    @Override
    void reserve(int rows) {
        if (present.length < rows) {
            present = Arrays.copyOf(present, larger(present.length, rows));
        }
        numbers.reserve(rows);
    }

    @Override
    void unset(int row) {
        set(row, 0L);
        present[row] = false;
    }

    @Override
    void clear(int rows) {
        Arrays.fill(present, 0, Math.min(rows, present.length), false);
        numbers.clear(rows);
    }
}
