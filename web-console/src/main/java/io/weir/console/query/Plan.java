package io.weir.console.query;

import io.weir.warehouse.Tables;
import io.weir.warehouse.rollup.Rollup;
import java.time.LocalDate;
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
     * @param goneDays if there are any: only the rows of these days that stand for events that are gone, and of hours that belong to
     *     one row of the answer
     */
    record Part(@Nullable Rollup rollup, List<Interval> intervals, List<LocalDate> goneDays) {
        Part {
            intervals = List.copyOf(intervals);
            goneDays = List.copyOf(goneDays);
        }

        Part(@Nullable Rollup rollup, List<Interval> intervals) {
            this(rollup, intervals, List.of());
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
