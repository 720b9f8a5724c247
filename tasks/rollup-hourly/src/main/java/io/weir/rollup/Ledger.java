package io.weir.rollup;

import io.weir.warehouse.Tables;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What has been rolled up. */
final class Ledger {

    static final String HOUR = "hour";
    /** Every hour that received events until {@code read_until} has been recomputed since. */
    private static final String RUN = "run";

    /**
     * A unit that has been recomputed.
     *
     * @param unit hour, day, summary (its start is a day), week (its start is a Monday), year (its start is a month: that is the
     *     part of a year that is recomputed) or all (its start is a year)
     * @param rows events of an hour; rows of what was derived
     * @param checksum over all rollups of the unit, without sign
     * @param readUntil of an hour: every event that was ingested until then is in it; of what is derived: its sources that were
     *     recomputed until then are in it
     */
    record Entry(
            String unit,
            Instant start,
            long rows,
            String checksum,
            long execution,
            Instant readUntil,
            Instant recomputedAt) {}

    /** Of an {@link Entry}. */
    record Written(String checksum, Instant readUntil) {}

    private final Statements statements;

    Ledger(Statements statements) {
        this.statements = statements;
    }

    /** Writes all or none. */
    void write(Collection<Entry> entries) {
        String values = entries.stream()
                .map(entry -> "('%s', '%s', %s, %s, %d, '%s', '%s')"
                        .formatted(
                                entry.unit(),
                                Statements.seconds(entry.start()),
                                Long.toUnsignedString(entry.rows()),
                                entry.checksum(),
                                entry.execution(),
                                Statements.millis(entry.readUntil()),
                                Statements.millis(entry.recomputedAt())))
                .collect(Collectors.joining(", "));
        statements.run("INSERT INTO " + table()
                + " (unit, start, rows, checksum, execution, read_until, recomputed_at) VALUES " + values);
    }

    /** Until when all that was ingested has been rolled up; empty before the first run. */
    Optional<Instant> complete() {
        List<String[]> rows = statements.rows(
                "SELECT toUnixTimestamp64Milli(read_until) FROM " + table() + " FINAL WHERE unit = '" + RUN + "'",
                Map.of());
        return rows.stream().findFirst().map(row -> Statements.instant(row[0]));
    }

    void complete(Instant until, long execution, Instant now) {
        write(List.of(new Entry(RUN, Instant.EPOCH, 0, "0", execution, until, now)));
    }

    /** The hours that have been recomputed since the last run that was complete, without those that a purge has changed since. */
    List<Instant> hoursSinceComplete() {
        return statements
                .rows(
                        "SELECT toUnixTimestamp(start) FROM (SELECT start, recomputed_at FROM " + table()
                                + " FINAL WHERE unit = '" + HOUR
                                + "' AND recomputed_at > (SELECT max(recomputed_at) FROM "
                                + table() + " WHERE unit = '" + RUN + "')) AS hours LEFT JOIN (SELECT partition,"
                                + " max(at) AS changed_at FROM " + statements.table(Tables.ARCHIVE_MANIFEST)
                                + " WHERE table IN ('events', 'rollup_hour', 'measurement_hour')"
                                + " GROUP BY partition) AS purged ON partition = toString(toYYYYMMDD(start))"
                                + " WHERE changed_at < recomputed_at",
                        Map.of())
                .stream()
                .map(row -> Instant.ofEpochSecond(Long.parseLong(row[0])))
                .toList();
    }

    /** Where the units begin that have been derived since the last run that was complete. */
    List<LocalDate> derivedSinceComplete(Derivation derivation) {
        return statements
                .rows(
                        "SELECT toString(toDate(start)) FROM " + table() + " FINAL WHERE unit = '" + derivation.unit()
                                + "' AND recomputed_at > (SELECT max(recomputed_at) FROM " + table()
                                + " WHERE unit = '" + RUN + "') ORDER BY start",
                        Map.of())
                .stream()
                .map(row -> LocalDate.parse(row[0]))
                .toList();
    }

    /** What has been written about the hours of a day, by their starts. */
    Map<Instant, Written> hours(LocalDate day) {
        Map<Instant, Written> hours = new LinkedHashMap<>();
        statements
                .rows(
                        "SELECT toUnixTimestamp(start), checksum, toUnixTimestamp64Milli(read_until) FROM " + table()
                                + " FINAL WHERE unit = '" + HOUR
                                + "' AND start >= {day:DateTime('UTC')} AND start < {day:DateTime('UTC')} + INTERVAL 1 DAY",
                        Map.of("day", Statements.seconds(Statements.begin(day))))
                .forEach(row -> hours.put(
                        Instant.ofEpochSecond(Long.parseLong(row[0])),
                        new Written(row[1], Statements.instant(row[2]))));
        return hours;
    }

    String table() {
        return statements.table(Tables.ROLLUP_LEDGER);
    }

    /** Adds as ClickHouse does. */
    static String sum(String one, String other) {
        return new BigInteger(one)
                .add(new BigInteger(other))
                .mod(BigInteger.ONE.shiftLeft(64))
                .toString();
    }
}
