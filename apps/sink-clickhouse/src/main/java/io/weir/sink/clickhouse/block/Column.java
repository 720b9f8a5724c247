package io.weir.sink.clickhouse.block;

import java.nio.charset.StandardCharsets;

/** One column of a block while it is filled, row by row; a row that gets no value gets the type's default. */
abstract class Column {

    final String name;
    final String type;
    int rows;

    Column(String name, String type) {
        this.name = name;
        this.type = type;
    }

    /** Makes the column that many rows long: fills up with the default, or takes the last row back. */
    abstract void endRow(int newRows);

    abstract void clear();

    /** Writes the values in the given order of rows. */
    abstract void write(int[] order, BlockBuffer out);

    void writeHeader(BlockBuffer out) {
        out.string(name.getBytes(StandardCharsets.UTF_8));
        out.string(type.getBytes(StandardCharsets.UTF_8));
    }
}
