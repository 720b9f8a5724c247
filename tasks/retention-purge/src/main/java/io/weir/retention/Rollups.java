package io.weir.retention;

import io.weir.metadata.retention.RetainedTable;
import io.weir.task.JobIsRunningException;
import io.weir.task.JobLock;
import io.weir.warehouse.Tables;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/** What rollup-hourly has made of what is to go, and the agreement with it. */
final class Rollups {

    private static final String JOB = "rollup-hourly";

    private final Statements statements;
    private final Workbench workbench;
    private final JobLock locks;
    private final Duration wait;
    private final Map<RetainedTable, ArchivedTable> tables = new ConcurrentHashMap<>();
    private final ReentrantLock one = new ReentrantLock();

    Rollups(Statements statements, Workbench workbench, JobLock locks, Duration wait) {
        this.statements = statements;
        this.workbench = workbench;
        this.locks = locks;
        this.wait = wait;
    }

    /** Something during which rollup-hourly must not run. */
    interface Work<T> {
        T run() throws Exception;
    }

    /**
     * Does something while no run of rollup-hourly is going on, if the table is one that it reads or writes.
     *
     * @throws IllegalStateException if a run does not end in time
     */
    <T> T without(ArchivedTable table, Work<T> work) throws Exception {
        if (!table.isRolledUp()) {
            return work.run();
        }
        one.lock();
        try (JobLock.Held held = take(table)) {
            return work.run();
        } finally {
            one.unlock();
        }
    }

    private JobLock.Held take(ArchivedTable table) throws InterruptedException {
        try {
            return locks.take(JOB, wait);
        } catch (JobIsRunningException e) {
            throw new IllegalStateException(
                    JOB + " has been running for longer than weir.retention.rollup-wait, " + wait
                            + "; until it ends nothing of " + table.name() + " can be dropped",
                    e);
        }
    }

    /**
     * What of some days has not been rolled up, by partition; days with nothing left to do are not among them. What can never be
     * rolled up, because the rollup itself has been dropped, does not count.
     */
    Map<String, String> undone(RetainedTable table, Collection<String> partitions) {
        if (partitions.isEmpty()) {
            return Map.of();
        }
        String list = partitions.stream().map(p -> "'" + p + "'").collect(Collectors.joining(", "));
        return switch (table) {
            case EVENTS ->
                texts(
                        "SELECT toString(toYYYYMMDD(hour)), arrayStringConcat(arraySort(groupArray(formatDateTime(hour, '%H:00'))), ', ')"
                                + " FROM (SELECT toStartOfHour(timestamp) AS hour, max(ingested_at) AS newest FROM "
                                + statements.table(Tables.EVENTS) + " WHERE _partition_id IN (" + list
                                + ") GROUP BY hour) AS received LEFT JOIN (SELECT start, read_until FROM " + ledger()
                                + " FINAL WHERE unit = 'hour') AS done ON done.start = received.hour"
                                + " WHERE newest > read_until AND toString(toYYYYMMDD(hour)) NOT IN ("
                                + dropped("partition", "rollup_hour", "measurement_hour")
                                + ") GROUP BY toYYYYMMDD(hour) ORDER BY 1",
                        "hours not rolled up: %s; rollup-hourly leaves what came in the last minutes to its next run");
            case ROLLUP_HOUR, MEASUREMENT_HOUR ->
                texts(
                        "SELECT part, '' FROM (SELECT toString(toYYYYMMDD(start)) AS part, max(recomputed_at) AS newest FROM "
                                + ledger() + " FINAL WHERE unit = 'hour' AND part IN (" + list
                                + ") GROUP BY part) AS hours LEFT JOIN (SELECT toString(toYYYYMMDD(start)) AS day, read_until FROM "
                                + ledger() + " FINAL WHERE unit = 'day') AS days ON day = part"
                                + " WHERE newest > read_until AND part NOT IN ("
                                + dropped("partition", "rollup_hour", "measurement_hour") + ") ORDER BY part",
                        "the day is not rolled up%s");
            case ROLLUP_DAY, MEASUREMENT_DAY ->
                texts(
                        "SELECT arrayJoin(parts), '' FROM (SELECT toYYYYMM(start) AS month, max(recomputed_at) AS newest,"
                                + " groupArrayIf(toString(toYYYYMMDD(start)), toString(toYYYYMMDD(start)) IN (" + list
                                + ")) AS parts FROM " + ledger()
                                + " FINAL WHERE unit = 'day' GROUP BY month) AS days LEFT JOIN (SELECT toYYYYMM(start) AS done, read_until FROM "
                                + ledger() + " FINAL WHERE unit = 'year') AS months ON done = month"
                                + " WHERE newest > read_until AND toString(month) NOT IN ("
                                + dropped("substring(partition, 1, 6)", "rollup_day", "measurement_day")
                                + ") ORDER BY 1",
                        "the month is not rolled up%s");
            case DEAD_LETTERS -> Map.of();
        };
    }

    private Map<String, String> texts(String sql, String text) {
        Map<String, String> undone = new LinkedHashMap<>();
        statements.rows(sql).forEach(row -> undone.put(row[0], text.formatted(row[1])));
        return undone;
    }

    private String dropped(String what, String... tables) {
        return "SELECT " + what + " FROM " + statements.table(Tables.ARCHIVE_MANIFEST)
                + " FINAL WHERE state = 'dropped' AND table IN ("
                + Arrays.stream(tables).map(table -> "'" + table + "'").collect(Collectors.joining(", ")) + ")";
    }

    private String ledger() {
        return statements.table(Tables.ROLLUP_LEDGER);
    }

    /** Marks the rollups of events that are gone: whatever of that day comes later is added to them. May be repeated. */
    void seal(Item events) {
        mark(
                events.partition(),
                events.isWhole() ? "toUInt8(1)" : "toUInt8(sealed OR " + events.tenantCondition() + ")");
    }

    /** Marks the rollups of a day whose events are there again: they are made anew when more events come. May be repeated. */
    void unseal(String partition) {
        mark(partition, "toUInt8(0)");
    }

    private void mark(String partition, String sealed) {
        for (RetainedTable retained : List.of(RetainedTable.ROLLUP_HOUR, RetainedTable.MEASUREMENT_HOUR)) {
            String name = statements.table(retained.table());
            String condition = "_partition_id = '" + partition + "'";
            if (statements.number("SELECT count() FROM " + name + " WHERE " + condition + " AND sealed != " + sealed)
                    == 0) {
                continue;
            }
            String staging = workbench.temporary(retained.table());
            try {
                statements.run("INSERT INTO " + statements.table(staging) + " SELECT * REPLACE (" + sealed
                        + " AS sealed) FROM " + name + " WHERE " + condition);
                ArchivedTable table = tables.computeIfAbsent(retained, one -> ArchivedTable.read(one, statements));
                ArchivedTable.Content before = table.content(unsealed(name, condition), statements);
                ArchivedTable.Content after = table.content(unsealed(statements.table(staging), "1"), statements);
                if (!before.equals(after)) {
                    throw new ArchiveDifferenceException("the copy of " + retained.table() + " of " + partition + " is "
                            + after + " and not " + before + "; nothing has been changed");
                }
                locks.requireHeld();
                statements.run("ALTER TABLE " + name + " REPLACE PARTITION " + partition + " FROM "
                        + statements.table(staging));
            } finally {
                workbench.drop(staging);
            }
        }
    }

    private static String unsealed(String table, String condition) {
        return "SELECT * REPLACE (toUInt8(0) AS sealed) FROM " + table + " WHERE " + condition;
    }
}
