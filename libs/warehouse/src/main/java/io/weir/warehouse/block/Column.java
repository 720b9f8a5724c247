package io.weir.warehouse.block;

import java.io.IOException;

/**
 * One column of a {@link NativeBlock}. A row that was not set holds the type's default: zero, the empty text, null.
 *
 * <p>Columns are filled by one thread, and used again after {@link NativeBlock#clear}.
 */
public abstract sealed class Column
        permits NumberColumn, NullableColumn, TextColumn, LowCardinalityColumn, MeasurementsColumn, JsonColumn {

    private final String name;
    private final String type;

    Column(String name, String type) {
        this.name = name;
        this.type = type;
    }

    /** The column's name in the table. */
    public final String name() {
        return name;
    }

    /** The column's type, as ClickHouse writes it. */
    public final String type() {
        return type;
    }

    /** What stands before the data of a column that has a state; empty for most. */
    void writePrefix(BlockOutput out) throws IOException {}

    /** Writes the rows that {@code order} names from {@code from} on, in that order. */
    abstract void writeRows(BlockOutput out, int[] order, int from, int count) throws IOException;

    /** Makes sure that all of these rows can be read, set or not. */
    abstract void reserve(int rows);

    /** Takes back what the row was given. */
    abstract void unset(int row);

    /** Forgets the first rows. */
    abstract void clear(int rows);

    /** About how many bytes of memory the values of the rows take beside their fixed part. */
    long variableBytes() {
        return 0;
    }

    static int larger(int length, int wanted) {
        return Math.max(Math.max(64, wanted), length + (length >> 1));
    }
}
