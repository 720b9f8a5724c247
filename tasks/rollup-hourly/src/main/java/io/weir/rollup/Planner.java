package io.weir.rollup;

import io.weir.warehouse.Tables;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the hours to recompute. */
final class Planner {

    private final Statements statements;
    private final Ledger ledger;
    private final Duration settle;

    Planner(Statements statements, Ledger ledger, Duration settle) {
        this.statements = statements;
        this.ledger = ledger;
        this.settle = settle;
    }

    /**
     * What to do.
     *
     * @param plan the hours to recompute
     * @param until when these are done, all that was ingested until then is rolled up; null if that cannot be said
     * @param leftOut what stays undone, for a person; empty for nothing
     */
    record Found(Plan plan, @Nullable Instant until, String leftOut) {}

    /** Hours that received events since they were last recomputed, however old they are. */
    Found dirty() {
        Instant until = settled();
        Instant since = ledger.complete().orElse(Instant.EPOCH);
        List<String[]> rows = statements.rows(
                "SELECT toUnixTimestamp(hour) FROM (SELECT toStartOfHour(timestamp) AS hour, max(ingested_at) AS newest FROM "
                        + statements.events()
                        + " WHERE ingested_at > {since:DateTime64(3, 'UTC')} GROUP BY hour) AS received"
                        + " LEFT JOIN (SELECT start, read_until FROM "
                        + ledger.table() + " FINAL WHERE unit = '" + Ledger.HOUR
                        + "') AS done ON done.start = received.hour WHERE newest > read_until ORDER BY hour",
                Map.of("since", Statements.millis(since)));
        return found(hours(rows), until);
    }

    /** Every hour of a range that has events. */
    Found all(HourRange range) {
        List<String[]> rows = statements.rows(
                "SELECT toUnixTimestamp(toStartOfHour(timestamp) AS hour) FROM " + statements.events()
                        + " WHERE timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}"
                        + " GROUP BY hour ORDER BY hour",
                Map.of("from", Statements.millis(range.from()), "to", Statements.millis(range.to())));
        return found(hours(rows), null);
    }

    /**
     * Until when everything that was ingested can be seen: an insert gives its rows the time at which it began, and they are
     * seen when it ends.
     */
    Instant settled() {
        if (!statements.cluster().isEmpty()) {
            statements.run("SYSTEM SYNC REPLICA " + statements.events() + " LIGHTWEIGHT");
        }
        String processes = statements.cluster().isEmpty()
                ? "system.processes"
                : "clusterAllReplicas('" + statements.cluster() + "', system.processes)";
        // The time is taken first. An insert that begins after it has later rows.
        Instant now = statements.now();
        long longest = Long.parseLong(statements
                .run("SELECT toInt64(ceil(1000 * max(elapsed))) FROM " + processes
                        + " WHERE query_kind IN ('Insert', 'AsyncInsertFlush')"
                        + " AND NOT startsWith(query_id, 'weir-rollup-')")
                .strip());
        return now.minusMillis(longest).minus(settle).minusMillis(1);
    }

    private Found found(List<Instant> hours, @Nullable Instant until) {
        // Their archive is being written: whether the events are still to be counted is known when they are gone.
        Set<String> beingPurged = partitions("table = 'events' AND state = 'verified'");
        Set<String> gone = partitions("table IN ('rollup_hour', 'measurement_hour') AND state = 'dropped'");
        Set<LocalDate> waiting = new HashSet<>();
        Set<LocalDate> lost = new HashSet<>();
        List<Instant> plan = new ArrayList<>();
        for (Instant hour : hours) {
            LocalDate day = LocalDate.ofInstant(hour, ZoneOffset.UTC);
            String partition = day.format(DateTimeFormatter.BASIC_ISO_DATE);
            if (beingPurged.contains(partition)) {
                waiting.add(day);
            } else if (gone.contains(partition)) {
                lost.add(day);
            } else {
                plan.add(hour);
            }
        }
        List<String> leftOut = new ArrayList<>();
        if (!waiting.isEmpty()) {
            leftOut.add("days whose purge has not ended, to be done after it: " + sorted(waiting));
        }
        if (!lost.isEmpty()) {
            leftOut.add("days whose hourly rollup has been dropped, so that their late events are in no rollup: "
                    + sorted(lost));
        }
        return new Found(Plan.of(plan), waiting.isEmpty() ? until : null, String.join("; ", leftOut));
    }

    private Set<String> partitions(String condition) {
        Set<String> partitions = new HashSet<>();
        statements
                .rows(
                        "SELECT DISTINCT partition FROM " + statements.table(Tables.ARCHIVE_MANIFEST) + " FINAL WHERE "
                                + condition,
                        Map.of())
                .forEach(row -> partitions.add(row[0]));
        return partitions;
    }

    private static List<LocalDate> sorted(Set<LocalDate> days) {
        return days.stream().sorted().toList();
    }

    private static List<Instant> hours(List<String[]> rows) {
        return rows.stream()
                .map(row -> Instant.ofEpochSecond(Long.parseLong(row[0])))
                .toList();
    }
}
