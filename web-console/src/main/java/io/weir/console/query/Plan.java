package io.weir.console.query;

import io.weir.warehouse.Tables;
import io.weir.warehouse.rollup.Rollup;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which tables answer a query, each for which time. Together the parts cover the query's time once.
 *
 * @param parts those with something to read
 * @param reasons for a person
 * @param incomplete days of which the answer lacks events, because they have been dropped and no rollup that is left holds what is
 *     asked
 * @param signature changes when the rollups that are read change; empty if events are read too
 */
record Plan(List<Part> parts, List<String> reasons, List<Interval> incomplete, String signature) {

    /**
     * @param rollup null for events
     * @param sealedOnly only the rows of events that are gone
     */
    record Part(@Nullable Rollup rollup, boolean sealedOnly, List<Interval> intervals) {
        Part {
            intervals = List.copyOf(intervals);
        }

        String table() {
            return rollup == null ? Tables.EVENTS : rollup.table();
        }
    }

    /** Whether its window is closed: answered from rollups alone. */
    boolean isClosed() {
        return !signature.isEmpty();
    }

    List<String> tables() {
        return parts.stream().map(Part::table).distinct().toList();
    }
}
