package io.weir.rollup;

import io.weir.warehouse.Tables;
import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.RollupCatalogue;
import io.weir.warehouse.rollup.RollupSql;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Recomputes hours of one day from events, each as a whole.
 *
 * <p>Works on a snapshot of the day's events, so that what is stored meanwhile cannot come between what is counted and what is
 * compared. The day's other hours are copied. Nothing is put in place unless it equals the snapshot, key by key and measure by
 * measure. May be repeated from any point; the ledger is written last.
 */
final class HourRollup {

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

    /**
     * @param step of Batch's, unique to this attempt
     * @throws RollupDifferenceException if a rollup is not what its events give; nothing has been changed then
     */
    Done recompute(LocalDate day, List<Integer> hours, long step, long execution) {
        String partition = day.format(DateTimeFormatter.BASIC_ISO_DATE);
        try (Workbench.Bench bench = workbench.bench(step)) {
            Instant readUntil = planner.settled();
            Instant now = statements.now();
            String events = bench.snapshot(Tables.EVENTS, partition);
            Map<Instant, String> checksums = new LinkedHashMap<>();
            Map<String, String> made = new LinkedHashMap<>();
            long rows = 0;
            for (Rollup rollup : RollupCatalogue.rollups(Grain.HOUR)) {
                String table = statements.table(rollup.table());
                String staging = bench.like(rollup.table());
                made.put(rollup.table(), staging);
                RollupSql sql = new RollupSql(rollup);
                statements.run(
                        "INSERT INTO " + staging + " SELECT * FROM " + table + " WHERE " + day()
                                + " AND NOT (sealed = 0 AND toHour(hour) IN (" + Plan.text(hours) + "))",
                        Map.of("day", Statements.seconds(Statements.begin(day))));
                for (int number : hours) {
                    Instant hour = Statements.begin(day).plus(Duration.ofHours(number));
                    Map<String, String> parameters = Map.of("hour", Statements.seconds(hour));
                    statements.run(
                            "INSERT INTO " + staging + " (" + sql.columns() + ") " + sql.hourOfEvents(events),
                            parameters);
                    String[] expected = statements
                            .rows(sql.checksumOfEvents(events), parameters)
                            .get(0);
                    String[] got = statements
                            .rows(
                                    sql.checksum(Grain.HOUR, staging, "hour = {hour:DateTime('UTC')} AND sealed = 0"),
                                    parameters)
                            .get(0);
                    RollupDifferenceException.check(rollup.table() + " of hour " + hour, "its events", expected, got);
                    rows += Long.parseLong(got[0]);
                    checksums.merge(hour, got[1], Ledger::sum);
                }
            }
            Map<Instant, Long> counts = counts(Objects.requireNonNull(made.get("rollup_hour")), day);
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
            long counted = checksums.keySet().stream()
                    .mapToLong(hour -> counts.getOrDefault(hour, 0L))
                    .sum();
            return new Done(counted, rows);
        }
    }

    private Map<Instant, Long> counts(String staging, LocalDate day) {
        Map<Instant, Long> counts = new LinkedHashMap<>();
        statements
                .rows(
                        "SELECT toUnixTimestamp(hour), sum(events) FROM " + staging + " WHERE sealed = 0 AND " + day()
                                + " GROUP BY hour",
                        Map.of("day", Statements.seconds(Statements.begin(day))))
                .forEach(row -> counts.put(Instant.ofEpochSecond(Long.parseLong(row[0])), Long.parseLong(row[1])));
        return counts;
    }

    private static String day() {
        return "hour >= {day:DateTime('UTC')} AND hour < {day:DateTime('UTC')} + INTERVAL 1 DAY";
    }
}
