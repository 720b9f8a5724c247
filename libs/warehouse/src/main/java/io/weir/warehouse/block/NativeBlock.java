package io.weir.warehouse.block;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rows in columns, written in ClickHouse's Native format as its HTTP interface takes it with {@code FORMAT Native}.
 *
 * <p>Fill the columns at row {@link #rows}, then {@link #endRow}. One thread; used again after {@link #clear}.
 *
 * @see <a href="https://clickhouse.com/docs/interfaces/formats/Native">Native</a>
 */
public final class NativeBlock {

    private final List<Column> columns;
    private final @Nullable JsonColumn json;
    private int rows;

    /** @param columns at most one of them a {@link JsonColumn} */
    public NativeBlock(List<? extends Column> columns) {
        this.columns = List.copyOf(columns);
        this.json = this.columns.stream()
                .filter(JsonColumn.class::isInstance)
                .map(JsonColumn.class::cast)
                .findAny()
                .orElse(null);
    }

    public List<Column> columns() {
        return columns;
    }

    /** The columns' names, separated by commas. */
    public String names() {
        return columns.stream().map(Column::name).collect(Collectors.joining(", "));
    }

    /** The columns' names and types, as ClickHouse's function {@code input} wants them. */
    public String structure() {
        return columns.stream()
                .map(column -> column.name() + " " + column.type())
                .collect(Collectors.joining(", "));
    }

    /** How many rows there are; the row that is being filled comes after them. */
    public int rows() {
        return rows;
    }

    public void endRow() {
        if (json != null) {
            json.endRow(rows);
        }
        rows++;
    }

    /** Forgets what the row that is being filled has been given. */
    public void abandonRow() {
        for (Column column : columns) {
            column.unset(rows);
        }
    }

    /** About how many bytes the values of varying length take. */
    public long variableBytes() {
        long bytes = 0;
        for (Column column : columns) {
            bytes += column.variableBytes();
        }
        return bytes;
    }

    public void clear() {
        for (Column column : columns) {
            column.clear(rows + 1); // a row may have been begun
        }
        rows = 0;
    }

    /** Writes all rows as they came. */
    public void writeTo(OutputStream stream) throws IOException {
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++) {
            order[i] = i;
        }
        writeTo(stream, order, 0, rows);
    }

    /**
     * Writes rows in the order given: one block in the format's sense, and a second one for rows whose JSON ClickHouse has
     * to parse itself.
     *
     * @param order numbers of rows; those from {@code from} on are written
     */
    public void writeTo(OutputStream stream, int[] order, int from, int count) throws IOException {
        for (Column column : columns) {
            column.reserve(rows);
        }
        BlockOutput out = new BlockOutput(stream);
        if (json == null || !json.hasUnsplit()) {
            writeBlock(out, order, from, count);
        } else {
            int[] split = new int[count];
            int[] unsplit = new int[count];
            int splits = 0;
            int unsplits = 0;
            for (int i = from; i < from + count; i++) {
                if (json.isUnsplit(order[i])) {
                    unsplit[unsplits++] = order[i];
                } else {
                    split[splits++] = order[i];
                }
            }
            json.asText(false);
            writeBlock(out, split, 0, splits);
            json.asText(true);
            writeBlock(out, unsplit, 0, unsplits);
            json.asText(false);
        }
        out.flush();
    }

    private void writeBlock(BlockOutput out, int[] order, int from, int count) throws IOException {
        if (count == 0) {
            return;
        }
        out.writeLength(columns.size());
        out.writeLength(count);
        for (Column column : columns) {
            out.writeText(column.name());
            out.writeText(column.type());
            column.writePrefix(out);
            column.writeRows(out, order, from, count);
        }
    }
}
