package io.weir.retention;

import io.weir.metadata.retention.RetainedTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A table by days that is purged, and the selects over it.
 *
 * @param columns all that are stored, in order
 */
record ArchivedTable(RetainedTable retained, List<Column> columns) {

    /** How many of which rows, and a sum over the hashes of each: the same rows in any order give the same. */
    record Content(long rows, String checksum) {

        static final Content EMPTY = new Content(0, "0");

        Content plus(Content other) {
            return new Content(
                    rows + other.rows,
                    Long.toUnsignedString(Long.parseUnsignedLong(checksum) + Long.parseUnsignedLong(other.checksum)));
        }
    }

    /**
     * The content of some rows, and when the first and the last of them were.
     *
     * @param first the epoch if there are none
     */
    record Summary(Content content, Instant first, Instant last) {}

    static ArchivedTable read(RetainedTable retained, Statements statements) {
        List<Column> columns = new ArrayList<>();
        statements
                .rows("SELECT name, type FROM system.columns WHERE database = '" + statements.database()
                        + "' AND table = '" + retained.table()
                        + "' AND default_kind NOT IN ('ALIAS', 'MATERIALIZED', 'EPHEMERAL') ORDER BY position")
                .forEach(row -> columns.add(new Column(row[0], row[1])));
        return new ArchivedTable(retained, List.copyOf(columns));
    }

    String name() {
        return retained.table();
    }

    /** The column that says which day a row is of. */
    String time() {
        return switch (retained) {
            case EVENTS -> "timestamp";
            case DEAD_LETTERS -> "received_at";
            case ROLLUP_HOUR, MEASUREMENT_HOUR -> "hour";
            case ROLLUP_DAY, MEASUREMENT_DAY -> "day";
        };
    }

    /** Whether a day may be archived in several files. */
    boolean hasHours() {
        return !time().equals("day");
    }

    /** Whether anybody may insert into it at any time; the others are rollup-hourly's alone. */
    boolean receives() {
        return retained == RetainedTable.EVENTS || retained == RetainedTable.DEAD_LETTERS;
    }

    /** Whether rollup-hourly reads or writes it. */
    boolean isRolledUp() {
        return retained != RetainedTable.DEAD_LETTERS;
    }

    /** Rows of a table of this kind, each once. */
    String rows(String table, String condition) {
        return "SELECT * FROM " + table + " FINAL WHERE " + condition;
    }

    /** Rows of a file, as the table has them. */
    String restored(String file) {
        return "SELECT "
                + columns.stream()
                        .map(column -> column.restored() + " AS " + column.quotedName())
                        .collect(Collectors.joining(", "))
                + " FROM " + file;
    }

    /** What the rows of a select become in a file. */
    String archived(String rows) {
        return "SELECT "
                + columns.stream()
                        .map(column -> column.archived() + " AS " + column.quotedName())
                        .collect(Collectors.joining(", "))
                + " FROM (" + prepared(rows) + ")";
    }

    /** Reads the rows of a select. */
    Summary summary(String rows, Statements statements) {
        String milliseconds = "toUnixTimestamp64Milli(toDateTime64(" + time() + ", 3, 'UTC'))";
        String[] row = statements
                .rows("SELECT count(), toString(sum(cityHash64(tuple("
                        + columns.stream().map(Column::compared).collect(Collectors.joining(", "))
                        + ")))), min(" + milliseconds + "), max(" + milliseconds + ") FROM (" + prepared(rows) + ")")
                .get(0);
        return new Summary(
                new Content(Long.parseLong(row[0]), row[1]),
                Instant.ofEpochMilli(Long.parseLong(row[2])),
                Instant.ofEpochMilli(Long.parseLong(row[3])));
    }

    Content content(String rows, Statements statements) {
        return summary(rows, statements).content();
    }

    private String prepared(String rows) {
        List<Column> objects = columns.stream().filter(Column::isObject).toList();
        return objects.isEmpty()
                ? rows
                : "SELECT *, " + objects.stream().map(Column::quoted).collect(Collectors.joining(", ")) + " FROM ("
                        + rows + ")" + Column.QUOTED_INTEGERS;
    }

    /** The columns of a file, as ClickHouse is told them. */
    String structure() {
        return columns.stream()
                .map(column -> column.quotedName() + " " + column.archivedType())
                .collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
