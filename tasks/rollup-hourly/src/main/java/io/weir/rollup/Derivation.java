package io.weir.rollup;

import io.weir.warehouse.Tables;
import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.RollupCatalogue;
import io.weir.warehouse.rollup.RollupSql;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAdjusters;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rollups that are made from the states of finer ones, a whole partition at a time; in the order in which they are made.
 * retention-purge may drop a day once its month is done: whatever else is made of days comes before.
 */
enum Derivation {
    DAY(Grain.HOUR, Grain.DAY, "hour", "toDate(start)", "toIntervalDay(1)", "yyyyMMdd"),
    /** A day, by fewer dimensions. */
    SUMMARY(Grain.DAY, Grain.SUMMARY, "day", "toDate(start)", "toIntervalDay(1)", "yyyyMMdd"),
    WEEK(Grain.SUMMARY, Grain.WEEK, "day", "toMonday(start)", "toIntervalWeek(1)", "yyyyMMdd"),
    /** A month's part of its year. */
    YEAR(Grain.DAY, Grain.YEAR, "day", "toStartOfMonth(start)", "toIntervalMonth(1)", "yyyyMM"),
    /** A year's part of all time. */
    ALL(Grain.YEAR, Grain.ALL, "month", "toStartOfYear(start)", "toIntervalYear(1)", "yyyy");

    private final Grain source;
    private final Grain grain;
    private final String sourceTime;
    private final String unitStart;
    private final String length;
    private final String partitionFormat;

    Derivation(Grain source, Grain grain, String sourceTime, String unitStart, String length, String partitionFormat) {
        this.source = source;
        this.grain = grain;
        this.sourceTime = sourceTime;
        this.unitStart = unitStart;
        this.length = length;
        this.partitionFormat = partitionFormat;
    }

    /** As the ledger has it. */
    String unit() {
        return grain.name().toLowerCase(Locale.ROOT);
    }

    /** Where the unit of a day begins. */
    LocalDate start(LocalDate day) {
        return switch (this) {
            case DAY, SUMMARY -> day;
            case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case YEAR -> day.withDayOfMonth(1);
            case ALL -> day.withDayOfYear(1);
        };
    }

    String partition(LocalDate start) {
        return start.format(DateTimeFormatter.ofPattern(partitionFormat, Locale.ROOT));
    }

    /**
     * Units of which a source has been recomputed since they were, with the time of that. The frozen ones are not among them: they
     * stay as they were when their sources were there.
     */
    Map<LocalDate, Instant> dirty(Statements statements) {
        String ledger = statements.table(Tables.ROLLUP_LEDGER);
        Map<LocalDate, Instant> dirty = new LinkedHashMap<>();
        statements
                .rows(
                        "SELECT toString(unit_start), toUnixTimestamp64Milli(newest) FROM (SELECT toDate(" + unitStart
                                + ") AS unit_start, max(recomputed_at) AS newest FROM " + ledger
                                + " FINAL WHERE unit = '"
                                + source.name().toLowerCase(Locale.ROOT)
                                + "' GROUP BY unit_start) AS sources LEFT JOIN (SELECT toDate(start) AS done_start, read_until FROM "
                                + ledger + " FINAL WHERE unit = '" + unit()
                                + "') AS done ON done_start = unit_start WHERE newest > read_until ORDER BY unit_start",
                        Map.of())
                .forEach(row -> dirty.put(LocalDate.parse(row[0]), Statements.instant(row[1])));
        dirty.keySet().removeAll(frozen(statements));
        return dirty;
    }

    /** Units of which a source has been dropped. A summary goes with its day, so a week is frozen by what summaries are made of. */
    Set<LocalDate> frozen(Statements statements) {
        Derivation kept = this == WEEK ? SUMMARY : this;
        String tables = RollupCatalogue.rollups(kept.grain).stream()
                .map(kept::sourceOf)
                .distinct()
                .map(rollup -> "'" + rollup.table() + "'")
                .collect(Collectors.joining(", "));
        Set<LocalDate> frozen = new HashSet<>();
        statements
                .rows(
                        "SELECT DISTINCT partition FROM " + statements.table(Tables.ARCHIVE_MANIFEST)
                                + " FINAL WHERE state = 'dropped' AND table IN (" + tables + ")",
                        Map.of())
                .forEach(row -> {
                    String first = row[0] + "0101".substring(row[0].length() - 4); // of a year, a month or a day
                    frozen.add(start(LocalDate.parse(first, DateTimeFormatter.BASIC_ISO_DATE)));
                });
        return frozen;
    }

    /**
     * Makes a unit anew. May be repeated from any point; the ledger is written last.
     *
     * @param newest when the newest of its sources was recomputed, as {@link #dirty} gave it
     * @return how many rows of rollups came of it
     */
    long recompute(
            LocalDate start,
            Instant newest,
            long step,
            long execution,
            Statements statements,
            Workbench workbench,
            Ledger ledger) {
        try (Workbench.Bench bench = workbench.bench(step)) {
            Instant now = statements.now();
            Map<String, String> made = new LinkedHashMap<>();
            long rows = 0;
            String checksum = "0";
            for (Rollup coarse : RollupCatalogue.rollups(grain)) {
                Rollup fine = sourceOf(coarse);
                String staging = bench.like(coarse.table());
                made.put(coarse.table(), staging);
                statements.run(
                        "INSERT INTO " + staging + " (" + new RollupSql(coarse).columns() + ") "
                                + new RollupSql(fine).merged(coarse, statements.table(fine.table()), condition()),
                        parameters(start));
                String[] came = checksum(
                        coarse, coarse, staging, grain.partition() + " = " + partition(start), start, statements);
                rows += Long.parseLong(came[1]);
                checksum = Ledger.sum(checksum, came[2]);
            }
            made.forEach((table, staging) -> bench.replace(table, partition(start), staging));
            ledger.write(
                    List.of(new Ledger.Entry(unit(), Statements.begin(start), rows, checksum, execution, newest, now)));
            return rows;
        }
    }

    /**
     * Compares a unit with what it is made of.
     *
     * @throws RollupDifferenceException if they differ
     */
    void check(LocalDate start, Statements statements) {
        for (Rollup coarse : RollupCatalogue.rollups(grain)) {
            Rollup fine = sourceOf(coarse);
            String[] expected = checksum(fine, coarse, statements.table(fine.table()), condition(), start, statements);
            String[] found = checksum(
                    coarse,
                    coarse,
                    statements.table(coarse.table()),
                    grain.partition() + " = " + partition(start),
                    start,
                    statements);
            if (!Arrays.equals(expected, found)) {
                throw new RollupDifferenceException(
                        "%s of %s is not what the rows of %s give: %s keys with checksum %s, where %s with checksum %s were expected"
                                .formatted(
                                        coarse.table(),
                                        partition(start),
                                        fine.table(),
                                        found[1],
                                        found[2],
                                        expected[1],
                                        expected[2]));
            }
        }
    }

    /** Time, count of keys and checksum of a unit, all 0 if there is nothing. */
    private static String[] checksum(
            Rollup rollup, Rollup coarse, String table, String condition, LocalDate start, Statements statements) {
        return statements.rows(new RollupSql(rollup).checksums(coarse, table, condition), parameters(start)).stream()
                .findFirst()
                .orElse(new String[] {"0", "0", "0"});
    }

    private Rollup sourceOf(Rollup coarse) {
        return RollupCatalogue.narrowest(coarse.subject(), source, coarse.dimensionNames())
                .orElseThrow();
    }

    private String condition() {
        String from = "{start:DateTime('UTC')}";
        String to = from + " + " + length;
        return source == Grain.HOUR
                ? sourceTime + " >= " + from + " AND " + sourceTime + " < " + to
                : sourceTime + " >= toDate(" + from + ") AND " + sourceTime + " < toDate(" + to + ")";
    }

    private static Map<String, String> parameters(LocalDate start) {
        return Map.of("start", Statements.seconds(Statements.begin(start)));
    }
}
