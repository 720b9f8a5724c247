package io.weir.retention;

import io.weir.warehouse.Tables;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What has been archived: a row a file, the newest of which holds. */
final class Manifest {

    /** Where a file stands. */
    enum State {
        /** Being written, or written and not yet read back. Its rows are in the table. */
        WRITTEN,
        /** Read back and found equal. Whether its rows are still in the table, its purge or restore decides. */
        VERIFIED,
        /** Its rows are nowhere else. */
        DROPPED,
        /** Its rows have been brought back. */
        RESTORED,
        /** Another file has its rows. */
        DISCARDED
    }

    /**
     * A file.
     *
     * @param tenant as {@link Item#tenant}
     * @param file below the root of the archive
     * @param execution the job execution that archived or restored it
     */
    record Entry(
            String table,
            String tenant,
            String partition,
            String file,
            ArchivedTable.Content content,
            long bytes,
            Instant minTime,
            Instant maxTime,
            State state,
            long execution) {

        Entry with(State next) {
            return new Entry(table, tenant, partition, file, content, bytes, minTime, maxTime, next, execution);
        }

        Entry with(State next, long by) {
            return new Entry(table, tenant, partition, file, content, bytes, minTime, maxTime, next, by);
        }

        Item item() {
            return Item.parse(String.join(
                    ":",
                    table,
                    partition,
                    java.net.URLEncoder.encode(tenant, java.nio.charset.StandardCharsets.UTF_8),
                    Long.toString(content.rows()),
                    Long.toString(bytes)));
        }
    }

    private final Statements statements;
    private Instant last = Instant.EPOCH;

    Manifest(Statements statements) {
        this.statements = statements;
    }

    /** Every file of a day of a table. */
    List<Entry> of(String table, String partition) {
        return find("table = '" + table + "' AND partition = '" + partition + "'");
    }

    /** The files of an item in some states. */
    List<Entry> of(Item item, State... states) {
        return of(item.table().table(), item.partition()).stream()
                .filter(entry -> entry.tenant().equals(item.tenant())
                        && Arrays.asList(states).contains(entry.state()))
                .toList();
    }

    /** Every file in a state. */
    List<Entry> in(State state) {
        return find("state = '" + text(state) + "'");
    }

    private List<Entry> find(String condition) {
        return statements
                .rows("SELECT table, tenant, partition, file, rows, checksum, bytes, toUnixTimestamp64Milli(min_time),"
                        + " toUnixTimestamp64Milli(max_time), state, execution FROM " + table() + " FINAL WHERE "
                        + condition + " ORDER BY table, partition, tenant, file")
                .stream()
                .map(row -> new Entry(
                        row[0],
                        row[1],
                        row[2],
                        row[3],
                        new ArchivedTable.Content(Long.parseLong(row[4]), row[5]),
                        Long.parseLong(row[6]),
                        Instant.ofEpochMilli(Long.parseLong(row[7])),
                        Instant.ofEpochMilli(Long.parseLong(row[8])),
                        State.valueOf(row[9].toUpperCase(Locale.ROOT)),
                        Long.parseLong(row[10])))
                .toList();
    }

    /** Writes all or none. A statement that comes late, of a run that is dead, changes nothing that was written since. */
    void write(Collection<Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        String at = Statements.literal(next());
        statements.run("INSERT INTO " + table()
                + " (table, tenant, partition, file, rows, bytes, min_time, max_time, checksum, state, execution, at) VALUES "
                + entries.stream()
                        .map(entry -> "("
                                + String.join(
                                        ", ",
                                        Statements.literal(entry.table()),
                                        Statements.literal(entry.tenant()),
                                        Statements.literal(entry.partition()),
                                        Statements.literal(entry.file()),
                                        Long.toString(entry.content().rows()),
                                        Long.toString(entry.bytes()),
                                        Statements.literal(entry.minTime()),
                                        Statements.literal(entry.maxTime()),
                                        Statements.literal(entry.content().checksum()),
                                        Statements.literal(text(entry.state())),
                                        Long.toString(entry.execution()),
                                        at)
                                + ")")
                        .collect(Collectors.joining(", ")));
    }

    /** Each later than the one before it, so that the newest row of a file is the last that was written. */
    private synchronized Instant next() {
        Instant now = statements.now();
        last = now.isAfter(last) ? now : last.plusMillis(1);
        return last;
    }

    static String text(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    static ArchivedTable.Content content(Collection<Entry> entries) {
        return entries.stream().map(Entry::content).reduce(ArchivedTable.Content.EMPTY, ArchivedTable.Content::plus);
    }

    String table() {
        return statements.table(Tables.ARCHIVE_MANIFEST);
    }
}
