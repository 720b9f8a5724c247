package io.weir.rollup;

import io.weir.warehouse.Tables;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Collection;
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
     * @param unit hour, day, year (its start is a month: that is the part of a year that is recomputed) or all (its start is a
     *     year)
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

    /** The sum of the checksums of some hours, as ClickHouse sums: what does not fit 64 bits is lost. */
    String checksum(Instant from, String hours) {
        return statements
                .run(
                        "SELECT sum(checksum) FROM " + table() + " FINAL WHERE unit = '" + HOUR
                                + "' AND start >= {from:DateTime('UTC')} AND start < {from:DateTime('UTC')} + INTERVAL 1 DAY"
                                + " AND toHour(start) IN (" + hours + ")",
                        Map.of("from", Statements.seconds(from)))
                .strip();
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
