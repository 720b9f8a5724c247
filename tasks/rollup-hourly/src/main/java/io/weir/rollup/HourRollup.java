package io.weir.rollup;

import io.weir.warehouse.Tables;
import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.RollupCatalogue;
import io.weir.warehouse.rollup.RollupSql;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Recomputes hours of one day from events, each as a whole.
 *
 * <p>Works on a snapshot of the day's events, so that both rollups count the same, whatever is stored meanwhile. The day's other
 * hours are copied. May be repeated from any point; the ledger is written last.
 */
final class HourRollup {

    private static final long EVENTS_AT_ONCE = 2_000_000;
    private static final List<Integer> WHOLE_DAY =
            IntStream.range(0, 24).boxed().toList();

    private final Statements statements;
    private final Workbench workbench;
    private final Ledger ledger;
    private final Planner planner;

    HourRollup(Statements statements, Workbench workbench, Ledger ledger, Planner planner) {
        this.statements = statements;
        this.workbench = workbench;
        this.ledger = ledger;
        this.planner = planner;
    }

    /**
     * What was done.
     *
     * @param events that were counted
     * @param rows of rollups that came of them
     */
    record Done(long events, long rows) {}

    /** @param step of Batch's, unique to this attempt */
    Done recompute(LocalDate day, List<Integer> hours, long step, long execution) {
        String partition = day.format(DateTimeFormatter.BASIC_ISO_DATE);
        try (Workbench.Bench bench = workbench.bench(step)) {
            Instant readUntil = planner.settled();
            Instant now = statements.now();
            String events = bench.snapshot(Tables.EVENTS, partition);
            List<List<Integer>> portions = portions(events, day, hours);
            Map<Instant, String> checksums = new LinkedHashMap<>();
            hours.forEach(hour -> checksums.put(Statements.hour(day, hour), "0"));
            Map<String, String> made = new LinkedHashMap<>();
            long rows = 0;
            for (Rollup rollup : RollupCatalogue.rollups(Grain.HOUR)) {
                String staging = bench.like(rollup.table());
                made.put(rollup.table(), staging);
                RollupSql sql = new RollupSql(rollup);
                statements.run(
                        "INSERT INTO " + staging + " SELECT * FROM " + statements.table(rollup.table()) + " WHERE "
                                + Statements.rowsOf(day, WHOLE_DAY) + " AND NOT (sealed = 0 AND "
                                + Statements.rowsOf(day, hours)
                                + ")");
                for (List<Integer> portion : portions) {
                    statements.run("INSERT INTO " + staging + " (" + sql.columns() + ") "
                            + sql.hoursOfEvents(events, Statements.eventsOf(day, portion)));
                }
                for (String[] hour : statements.rows(
                        sql.checksums(rollup, staging, Statements.rowsOf(day, hours) + " AND sealed = 0"), Map.of())) {
                    rows += Long.parseLong(hour[1]);
                    checksums.merge(Instant.ofEpochSecond(Long.parseLong(hour[0])), hour[2], Ledger::sum);
                }
            }
            Map<Instant, Long> counts = counts(Objects.requireNonNull(made.get("rollup_hour")), day, hours);
            made.forEach((table, staging) -> bench.replace(table, partition, staging));
            ledger.write(checksums.entrySet().stream()
                    .map(entry -> new Ledger.Entry(
                            Ledger.HOUR,
                            entry.getKey(),
                            counts.getOrDefault(entry.getKey(), 0L),
                            entry.getValue(),
                            execution,
                            readUntil,
                            now))
                    .toList());
            return new Done(counts.values().stream().mapToLong(Long::longValue).sum(), rows);
        }
    }

    /** The hours by portions of so many events that one statement over them ends soon and keeps within its memory. */
    private List<List<Integer>> portions(String events, LocalDate day, List<Integer> hours) {
        List<List<Integer>> portions = new ArrayList<>();
        long size = EVENTS_AT_ONCE;
        for (String[] row : statements.rows(
                "SELECT toHour(timestamp) AS hour, count() FROM " + events + " WHERE " + Statements.eventsOf(day, hours)
                        + " GROUP BY hour ORDER BY hour",
                Map.of())) {
            long count = Long.parseLong(row[1]);
            if (size + count > EVENTS_AT_ONCE) {
                portions.add(new ArrayList<>());
                size = 0;
            }
            portions.get(portions.size() - 1).add(Integer.valueOf(row[0]));
            size += count;
        }
        return portions;
    }

    private Map<Instant, Long> counts(String staging, LocalDate day, List<Integer> hours) {
        Map<Instant, Long> counts = new LinkedHashMap<>();
        statements
                .rows(
                        "SELECT toUnixTimestamp(hour), sum(events) FROM " + staging + " WHERE "
                                + Statements.rowsOf(day, hours) + " AND sealed = 0 GROUP BY hour",
                        Map.of())
                .forEach(row -> counts.put(Instant.ofEpochSecond(Long.parseLong(row[0])), Long.parseLong(row[1])));
        return counts;
    }
}
