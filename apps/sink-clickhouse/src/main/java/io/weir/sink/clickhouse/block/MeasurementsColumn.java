package io.weir.sink.clickhouse.block;

import java.util.Arrays;

/** Maps from name to number; the default is an empty one. */
final class MeasurementsColumn extends Column {

    private final TextColumn names = new TextColumn("");
    private double[] values = new double[1024];
    private int[] ends = new int[1024];

    MeasurementsColumn(String name) {
        super(name, "Map(String, Float64)");
    }

    /** Adds to the row that is being filled. */
    void append(byte[] nameBuffer, int offset, int length, double value) {
        if (names.rows == values.length) {
            values = Arrays.copyOf(values, 2 * values.length);
        }
        values[names.rows] = value;
        names.append(nameBuffer, offset, length);
    }

    private int start(int row) {
        return row == 0 ? 0 : ends[row - 1];
    }

    @Override
    void endRow(int newRows) {
        if (newRows > rows) {
            if (rows == ends.length) {
                ends = Arrays.copyOf(ends, 2 * rows);
            }
            ends[rows] = names.rows;
        } else {
            names.rows = start(newRows);
        }
        rows = newRows;
    }

    @Override
    void clear() {
        rows = 0;
        names.clear();
    }

    @Override
    void write(int[] order, BlockBuffer out) {
        int[] entries = new int[names.rows];
        int count = 0;
        for (int i = 0; i < rows; i++) {
            for (int entry = start(order[i]); entry < ends[order[i]]; entry++) {
                entries[count++] = entry;
            }
            out.putLong(count);
        }
        names.write(entries, out);
        for (int i = 0; i < count; i++) {
            out.putDouble(values[entries[i]]);
        }
    }
}
