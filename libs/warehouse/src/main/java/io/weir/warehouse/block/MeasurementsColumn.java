package io.weir.warehouse.block;

import java.io.IOException;
import java.util.Arrays;

/** {@code Map(LowCardinality(String), Float64)}. */
public final class MeasurementsColumn extends Column {

    private final Dictionary names = new Dictionary();
    private int[] starts = new int[64];
    private int[] lengths = new int[64];
    private int[] codes = new int[64];
    private double[] values = new double[64];
    private int size;

    public MeasurementsColumn(String name) {
        super(name, "Map(LowCardinality(String), Float64)");
    }

    /** Adds a member to the row, which is the last one that was added to. */
    public void add(int row, byte[] buffer, int offset, int length, double value) {
        if (row >= starts.length) {
            reserve(row + 1);
        }
        if (size == codes.length) {
            codes = Arrays.copyOf(codes, 2 * size);
            values = Arrays.copyOf(values, 2 * size);
        }
        if (lengths[row] == 0) {
            starts[row] = size;
        }
        lengths[row]++;
        codes[size] = names.code(buffer, offset, length);
        values[size] = value;
        size++;
    }

    @Override
    void writePrefix(BlockOutput out) throws IOException {
        out.writeLong(1);
    }

    @Override
    void writeRows(BlockOutput out, int[] order, int from, int count) throws IOException {
        long total = 0;
        for (int i = from; i < from + count; i++) {
            total += lengths[order[i]];
            out.writeLong(total);
        }
        if (total == 0) {
            return;
        }
        names.writeKeys(out);
        out.writeLong(total);
        int width = names.width();
        for (int i = from; i < from + count; i++) {
            int row = order[i];
            for (int at = starts[row]; at < starts[row] + lengths[row]; at++) {
                out.writeFixed(codes[at], width);
            }
        }
        for (int i = from; i < from + count; i++) {
            int row = order[i];
            for (int at = starts[row]; at < starts[row] + lengths[row]; at++) {
                out.writeLong(Double.doubleToRawLongBits(values[at]));
            }
        }
    }

    @Override
    void reserve(int rows) {
        if (starts.length < rows) {
            int length = larger(starts.length, rows);
            starts = Arrays.copyOf(starts, length);
            lengths = Arrays.copyOf(lengths, length);
        }
    }

    @Override
    void unset(int row) {
        reserve(row + 1);
        lengths[row] = 0;
    }

    @Override
    void clear(int rows) {
        Arrays.fill(lengths, 0, Math.min(rows, lengths.length), 0);
        names.clear();
        size = 0;
    }

    @Override
    long variableBytes() {
        return 12L * size + names.bytes();
    }
}
