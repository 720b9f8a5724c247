package io.weir.sink.clickhouse.block;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rows on their way into one table, column by column, written in ClickHouse's Native format. Filled, written and cleared
 * again and again by one thread.
 */
public abstract class Block {

    private final String table;
    private final List<Column> columns;
    private final NumberColumn partitions = new NumberColumn("_partition", "UInt32", 4);
    private final NumberColumn offsets = new NumberColumn("_offset", "UInt64", 8);
    private final TextColumn topics = new TextColumn("_topic");
    private final BlockBuffer buffer = new BlockBuffer();
    private int rows;

    Block(String table, List<? extends Column> own) {
        this.table = table;
        this.columns = Stream.concat(own.stream(), Stream.of(topics, partitions, offsets))
                .toList();
    }

    /** The name of the table. */
    public final String table() {
        return table;
    }

    public final int rows() {
        return rows;
    }

    /** The offset of the record that a row came from, in the order in which rows were added. */
    public final long offset(int row) {
        return offsets.value(row);
    }

    /** Ends the row that has been filled: it came from that record. */
    final void endRow(byte[] topic, int partition, long offset) {
        topics.append(topic, 0, topic.length);
        partitions.append(partition);
        offsets.append(offset);
        rows++;
        for (int i = 0; i < columns.size(); i++) {
            columns.get(i).endRow(rows);
        }
    }

    /** Takes back what has been filled of a row that has not ended. */
    final void abandonRow() {
        for (int i = 0; i < columns.size(); i++) {
            columns.get(i).endRow(rows);
        }
    }

    public final void clear() {
        rows = 0;
        columns.forEach(Column::clear);
    }

    /** The columns as a comma-separated list. */
    public final String names() {
        return columns.stream().map(column -> column.name).collect(Collectors.joining(", "));
    }

    /** The columns with the types in which they are sent, as ClickHouse's {@code input} function wants them. */
    public final String structure() {
        return columns.stream().map(column -> column.name + " " + column.type).collect(Collectors.joining(", "));
    }

    /** The order in which rows are best written: the table's own. */
    abstract int[] order();

    /** Writes all rows as one Native block and returns how many bytes that were. */
    public final long write(OutputStream out) throws IOException {
        int[] order = order();
        long bytes = 0;
        buffer.clear();
        buffer.varint(columns.size());
        buffer.varint(rows);
        for (Column column : columns) {
            column.writeHeader(buffer);
            column.write(order, buffer);
            bytes += buffer.size();
            buffer.writeTo(out);
            buffer.clear();
        }
        return bytes;
    }
}
