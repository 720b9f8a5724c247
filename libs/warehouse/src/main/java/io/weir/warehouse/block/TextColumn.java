package io.weir.warehouse.block;

import java.io.IOException;
import java.util.Arrays;

/** {@code String}: any bytes. */
public final class TextColumn extends Column {

    private final Bytes bytes = new Bytes();
    private int[] starts = new int[64];
    private int[] lengths = new int[64];

    public TextColumn(String name) {
        super(name, "String");
    }

    public void set(int row, byte[] buffer, int offset, int length) {
        if (row >= starts.length) {
            reserve(row + 1);
        }
        starts[row] = bytes.append(buffer, offset, length);
        lengths[row] = length;
    }

    /** Compares two rows as ClickHouse does: byte by byte, unsigned. */
    public int compare(int row, int other) {
        return Arrays.compareUnsigned(
                bytes.array,
                starts[row],
                starts[row] + lengths[row],
                bytes.array,
                starts[other],
                starts[other] + lengths[other]);
    }

    public boolean isEmpty(int row) {
        return row >= lengths.length || lengths[row] == 0;
    }

    /** A copy of the row's bytes. */
    public byte[] get(int row) {
        return isEmpty(row) ? new byte[0] : Arrays.copyOfRange(bytes.array, starts[row], starts[row] + lengths[row]);
    }

    @Override
    void writeRows(BlockOutput out, int[] order, int from, int count) throws IOException {
        for (int i = from; i < from + count; i++) {
            int row = order[i];
            out.writeText(bytes.array, starts[row], lengths[row]);
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
        bytes.clear();
    }

    @Override
    long variableBytes() {
        return bytes.size;
    }
}
