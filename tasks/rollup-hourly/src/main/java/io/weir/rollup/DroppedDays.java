package io.weir.rollup;

import io.weir.warehouse.Tables;
import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.RollupCatalogue;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Days whose {@code rollup_day} retention-purge has dropped as a whole. Their summaries go with it; retention-purge does not know them. */
final class DroppedDays {

    private final Statements statements;
    private final Workbench workbench;
    private final Ledger ledger;

    DroppedDays(Statements statements, Workbench workbench, Ledger ledger) {
        this.statements = statements;
        this.workbench = workbench;
        this.ledger = ledger;
    }

    /**
     * Drops their summaries. May be repeated from any point: the ledger is written first, so that nobody takes what is gone for a day
     * without events, and a day counts until nothing of it is left.
     *
     * @return of how many days
     */
    int dropSummaries(long execution) {
        List<LocalDate> days = daysLeft();
        if (days.isEmpty()) {
            return 0;
        }
        Instant now = statements.now();
        // Behind every source: they are made anew once the day is restored.
        ledger.write(days.stream()
                .map(day -> new Ledger.Entry(
                        Derivation.SUMMARY.unit(), Statements.begin(day), 0, "0", execution, Instant.EPOCH, now))
                .toList());
        for (LocalDate day : days) {
            for (Rollup summary : RollupCatalogue.rollups(Grain.SUMMARY)) {
                workbench.dropPartition(summary.table(), Derivation.SUMMARY.partition(day));
            }
        }
        return days.size();
    }

    private List<LocalDate> daysLeft() {
        String dropped = "(SELECT partition FROM " + statements.table(Tables.ARCHIVE_MANIFEST)
                + " FINAL WHERE table = 'rollup_day' AND tenant = '' AND state = 'dropped')";
        return statements
                .rows(
                        RollupCatalogue.rollups(Grain.SUMMARY).stream()
                                .map(summary -> "SELECT DISTINCT toString(day) FROM "
                                        + statements.table(summary.table()) + " WHERE _partition_id IN " + dropped)
                                .collect(Collectors.joining(" UNION DISTINCT ")),
                        Map.of())
                .stream()
                .map(row -> LocalDate.parse(row[0]))
                .toList();
    }
}
