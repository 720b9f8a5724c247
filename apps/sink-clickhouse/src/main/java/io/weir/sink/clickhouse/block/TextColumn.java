package io.weir.sink.clickhouse.block;

import java.util.Arrays;

/** Text as UTF-8; the default is empty. */
final class TextColumn extends Column {

    private byte[] bytes = new byte[1 << 14];
    private int[] ends = new int[1024];

    TextColumn(String name) {
        super(name, "String");
    }

    void append(byte[] from, int offset, int length) {
        int start = start(rows);
        if (bytes.length - start < length) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(start, length), 2 * bytes.length));
        }
        System.arraycopy(from, offset, bytes, start, length);
        end(start + length);
    }

    private void end(int end) {
        if (rows == ends.length) {
            ends = Arrays.copyOf(ends, 2 * rows);
        }
        ends[rows++] = end;
    }

    private int start(int row) {
        return row == 0 ? 0 : ends[row - 1];
    }

    /** Compares two rows by their bytes, as ClickHouse does. */
    int compare(int left, int right) {
        return Arrays.compareUnsigned(bytes, start(left), ends[left], bytes, start(right), ends[right]);
    }

    @Override
    void endRow(int newRows) {
        while (rows < newRows) {
            end(start(rows));
        }
        rows = newRows;
    }

    @Override
    void clear() {
        rows = 0;
    }

    @Override
    void write(int[] order, BlockBuffer out) {
        for (int i = 0; i < rows; i++) {
            int row = order[i];
            int start = start(row);
            out.string(bytes, start, ends[row] - start);
        }
    }
}
