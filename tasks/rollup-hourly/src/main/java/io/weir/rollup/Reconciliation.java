package io.weir.rollup;

import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.RollupCatalogue;
import io.weir.warehouse.rollup.RollupSql;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what readers see with what it is made of: the hours with the ledger and with the events as they are now, every key and
 * every measure, and the coarser rollups with the finer ones.
 */
final class Reconciliation {

    private final Statements statements;
    private final Ledger ledger;

    Reconciliation(Statements statements, Ledger ledger) {
        this.statements = statements;
        this.ledger = ledger;
    }

    /**
     * Hours of one day. An hour that has received events since it was recomputed is compared with the ledger only: it will be
     * recomputed by the next run.
     *
     * @return how many keys were compared with events
     * @throws RollupDifferenceException naming the first difference
     */
    long checkHours(LocalDate day, List<Integer> hours) {
        if (hours.isEmpty()) {
            return 0;
        }
        Map<Instant, Ledger.Written> written = ledger.hours(day);
        Map<Instant, String> checksums = new HashMap<>();
        List<Integer> settled = new ArrayList<>(hours);
        long compared = 0;
        for (Rollup rollup : RollupCatalogue.rollups(Grain.HOUR)) {
            Map<Instant, Sum> found = sums(
                    new RollupSql(rollup).checksums(rollup, statements.table(rollup.table()), ofRollup(day, hours)));
            found.forEach((hour, sum) -> checksums.merge(hour, sum.checksum(), Ledger::sum));
            if (settled.isEmpty()) {
                continue;
            }
            Map<Instant, Sum> expected = sums(
                    new RollupSql(rollup).checksumsOfEvents(statements.events(), Statements.eventsOf(day, settled)));
            // Asked for afterwards: whatever has come between is known by then.
            settled.removeAll(moved(day, settled, written));
            for (int number : settled) {
                Instant hour = Statements.hour(day, number);
                Sum sum = found.getOrDefault(hour, Sum.NOTHING);
                if (!sum.equals(expected.getOrDefault(hour, Sum.NOTHING))) {
                    throw difference(rollup, day, number);
                }
                compared += sum.keys();
            }
        }
        for (int number : hours) {
            Instant hour = Statements.hour(day, number);
            String found = checksums.getOrDefault(hour, "0");
            Ledger.Written expected = written.get(hour);
            if (expected == null || !expected.checksum().equals(found)) {
                throw new RollupDifferenceException("the hour " + hour + " is not what was put there: its checksum is "
                        + found + ", and " + (expected == null ? "none" : expected.checksum())
                        + " in the ledger. To recompute it: weir.rollup.from=" + hour + " weir.rollup.to="
                        + Statements.hour(day, number + 1));
            }
        }
        return compared;
    }

    /** Of one hour: how many keys, and the sum of their hashes. */
    private record Sum(long keys, String checksum) {
        static final Sum NOTHING = new Sum(0, "0");
    }

    private Map<Instant, Sum> sums(String checksums) {
        Map<Instant, Sum> sums = new HashMap<>();
        statements
                .rows(checksums, Map.of())
                .forEach(row -> sums.put(
                        Instant.ofEpochSecond(Long.parseLong(row[0])), new Sum(Long.parseLong(row[1]), row[2])));
        return sums;
    }

    private RollupDifferenceException difference(Rollup rollup, LocalDate day, int hour) {
        RollupSql sql = new RollupSql(rollup);
        String found = sql.rows(statements.table(rollup.table()), ofRollup(day, List.of(hour)));
        String expected = sql.rowsOfEvents(statements.events(), Statements.eventsOf(day, List.of(hour)));
        return new RollupDifferenceException(
                "%s of hour %s is not what its events give. First: expected %s, found %s (%s)"
                        .formatted(
                                rollup.table(),
                                Statements.hour(day, hour),
                                first(RollupSql.firstBeside(expected, found)),
                                first(RollupSql.firstBeside(found, expected)),
                                sql.columns()));
    }

    private static String ofRollup(LocalDate day, List<Integer> hours) {
        return Statements.rowsOf(day, hours) + " AND sealed = 0";
    }

    private String first(String query) {
        String row = statements.run(query).strip();
        return row.isEmpty() ? "nothing" : row;
    }

    /** Those of the hours that have received events after what the ledger says. */
    private Set<Integer> moved(LocalDate day, List<Integer> hours, Map<Instant, Ledger.Written> written) {
        Set<Integer> moved = new HashSet<>();
        statements
                .rows(
                        "SELECT toHour(timestamp) AS hour, toUnixTimestamp64Milli(max(ingested_at)) FROM "
                                + statements.events() + " WHERE " + Statements.eventsOf(day, hours)
                                + " GROUP BY hour",
                        Map.of())
                .forEach(row -> {
                    int hour = Integer.parseInt(row[0]);
                    Ledger.Written entry = written.get(Statements.hour(day, hour));
                    if (entry != null && Statements.instant(row[1]).isAfter(entry.readUntil())) {
                        moved.add(hour);
                    }
                });
        return moved;
    }

    /**
     * A unit of a coarser rollup. One of which a source has been dropped is left out: it stands alone.
     *
     * @return whether it was compared
     * @throws RollupDifferenceException if it differs
     */
    boolean checkDerived(Derivation derivation, LocalDate start) {
        boolean frozen = derivation.frozen(statements).contains(start);
        if (!frozen) {
            derivation.check(start, statements);
        }
        return !frozen;
    }
}
