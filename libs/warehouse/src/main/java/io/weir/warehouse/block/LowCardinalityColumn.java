package io.weir.warehouse.block;

import java.io.IOException;
import java.util.Arrays;

/** {@code LowCardinality(String)}: the dictionary is made here, so that ClickHouse need not look at every row's text. */
public final class LowCardinalityColumn extends Column {

    private static final byte[] EMPTY = new byte[0];

    private final Dictionary dictionary = new Dictionary();
    private int[] codes = new int[64];
    private int last;

    public LowCardinalityColumn(String name) {
        super(name, "LowCardinality(String)");
        dictionary.code(EMPTY, 0, 0);
    }

    public void set(int row, byte[] buffer, int offset, int length) {
        if (row >= codes.length) {
            reserve(row + 1);
        }
        if (!dictionary.is(last, buffer, offset, length)) {
            last = dictionary.code(buffer, offset, length);
        }
        codes[row] = last;
    }

    /** The row's place in its block's order; equal texts have equal numbers. Valid as long as nothing is added. */
    public int[] ranks() {
        return dictionary.ranks();
    }

    /** The number of the row's text in {@link #ranks}. */
    public int code(int row) {
        return row < codes.length ? codes[row] : 0;
    }

    /** A copy of the row's bytes. */
    public byte[] get(int row) {
        return dictionary.get(code(row));
    }

    @Override
    void writePrefix(BlockOutput out) throws IOException {
        out.writeLong(1); // the version of the keys' serialisation
    }

    @Override
    void writeRows(BlockOutput out, int[] order, int from, int count) throws IOException {
        dictionary.writeKeys(out);
        out.writeLong(count);
        int width = dictionary.width();
        for (int i = from; i < from + count; i++) {
            out.writeFixed(codes[order[i]], width);
        }
    }

    @Override
    void reserve(int rows) {
        if (codes.length < rows) {
            codes = Arrays.copyOf(codes, larger(codes.length, rows));
        }
    }

    @Override
    void unset(int row) {
        reserve(row + 1);
        codes[row] = 0;
    }

    @Override
    void clear(int rows) {
        Arrays.fill(codes, 0, Math.min(rows, codes.length), 0);
        dictionary.clear();
        last = dictionary.code(EMPTY, 0, 0);
    }

    @Override
    long variableBytes() {
        return dictionary.bytes();
    }
}
