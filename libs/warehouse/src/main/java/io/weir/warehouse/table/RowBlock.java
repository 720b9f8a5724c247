package io.weir.warehouse.table;

import io.weir.warehouse.block.NativeBlock;

/** Rows for one table, each with the place in Kafka that it came from. One thread; used again after {@link #clear}. */
public sealed interface RowBlock permits EventBlock, DeadLetterBlock {

    /** The table's name. */
    String table();

    NativeBlock block();

    default int rows() {
        return block().rows();
    }

    /** The row's offset in its partition of its topic. */
    long offset(int row);

    /** The numbers of the rows in the order of the table, so that ClickHouse need not sort them. */
    int[] sorted();

    /** Forgets all rows. */
    void clear();
}
