package io.weir.rollup;

import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.RollupCatalogue;
import io.weir.warehouse.rollup.RollupSql;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what readers see with what it is made of: the hours with the ledger, to which every key was compared when it was made;
 * their totals with the events as they are now; and the coarser rollups with the finer ones.
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
     * @return how many totals were compared with events
     * @throws RollupDifferenceException naming the first difference
     */
    long checkHours(LocalDate day, List<Integer> hours) {
        Map<String, String> parameters = Map.of("from", Statements.seconds(Statements.begin(day)));
        String condition = "hour >= {from:DateTime('UTC')} AND hour < {from:DateTime('UTC')} + INTERVAL 1 DAY"
                + " AND toHour(hour) IN (" + Plan.text(hours) + ") AND sealed = 0";
        String found = "0";
        for (Rollup rollup : RollupCatalogue.rollups(Grain.HOUR)) {
            String sql = new RollupSql(rollup).checksum(Grain.HOUR, statements.table(rollup.table()), condition);
            found = Ledger.sum(found, statements.rows(sql, parameters).get(0)[1]);
        }
        String written = ledger.checksum(Statements.begin(day), Plan.text(hours));
        if (!written.equals(found)) {
            throw new RollupDifferenceException("the hours " + Plan.text(hours) + " of " + day
                    + " are not what was put there: their checksum is " + found + ", and " + written
                    + " in the ledger. To recompute them: weir.rollup.from=" + day + " weir.rollup.to="
                    + day.plusDays(1));
        }
        long compared = 0;
        for (Rollup rollup : RollupCatalogue.rollups(Grain.HOUR)) {
            compared += checkTotals(rollup, condition, parameters, hours);
        }
        return compared;
    }

    private long checkTotals(Rollup rollup, String condition, Map<String, String> parameters, List<Integer> hours) {
        RollupSql sql = new RollupSql(rollup);
        String ofEvents = "timestamp >= {from:DateTime('UTC')} AND timestamp < {from:DateTime('UTC')} + INTERVAL 1 DAY"
                + " AND toHour(timestamp) IN (" + Plan.text(hours) + ")";
        List<String> expected = statements
                .run(sql.totalsOfEvents(statements.events(), ofEvents), parameters)
                .lines()
                .toList();
        List<String> got = statements
                .run(sql.totals(statements.table(rollup.table()), condition), parameters)
                .lines()
                .toList();
        if (!expected.equals(got)) {
            Set<String> moved = moved(ofEvents, parameters);
            List<String> missing = difference(expected, got, moved);
            List<String> surplus = difference(got, expected, moved);
            if (!missing.isEmpty() || !surplus.isEmpty()) {
                throw new RollupDifferenceException(rollup.table() + " is not what the events give, in "
                        + Math.max(missing.size(), surplus.size()) + " totals. First: expected "
                        + first(missing) + ", found " + first(surplus) + " (hour, tenant, "
                        + (rollup.subject() == Rollup.Subject.EVENTS ? "type" : "name") + ", "
                        + String.join(
                                ", ",
                                rollup.measures().stream()
                                        .map(measure -> measure.column())
                                        .toList())
                        + ")");
            }
        }
        return got.size();
    }

    /** Hours that received events after what the ledger says. */
    private Set<String> moved(String ofEvents, Map<String, String> parameters) {
        Set<String> moved = new HashSet<>();
        statements
                .rows(
                        "SELECT hour FROM (SELECT toStartOfHour(timestamp) AS hour, max(ingested_at) AS newest FROM "
                                + statements.events() + " WHERE " + ofEvents
                                + " GROUP BY hour) AS now LEFT JOIN (SELECT start, read_until"
                                + " FROM " + ledger.table() + " FINAL WHERE unit = '" + Ledger.HOUR
                                + "') AS then ON start = hour WHERE newest > read_until",
                        parameters)
                .forEach(row -> moved.add(row[0]));
        return moved;
    }

    private static List<String> difference(List<String> lines, List<String> others, Set<String> leftOut) {
        Set<String> known = new HashSet<>(others);
        List<String> difference = new ArrayList<>();
        for (String line : lines) {
            if (!known.contains(line) && !leftOut.contains(line.substring(0, line.indexOf('\t')))) {
                difference.add(line);
            }
        }
        return difference;
    }

    private static String first(List<String> lines) {
        return lines.isEmpty() ? "nothing" : lines.get(0).replace("\t", " ");
    }

    /**
     * The coarser rollups of some days. Those of which a source has been dropped are left out: they stand alone.
     *
     * @return how many were compared
     */
    long checkDerived(Derivation derivation, Set<LocalDate> starts) {
        Set<LocalDate> frozen = derivation.frozen(statements);
        long compared = 0;
        for (LocalDate start : starts) {
            if (!frozen.contains(start)) {
                derivation.check(start, statements);
                compared++;
            }
        }
        return compared;
    }
}
