package io.weir.console.query;

import java.time.Instant;
import java.util.List;

/** A span of time. @param to exclusive */
public record Interval(Instant from, Instant to) {

    boolean overlaps(Interval other) {
        return from.isBefore(other.to) && other.from.isBefore(to);
    }

    /** Adds to a list that is in order; two that touch become one. */
    static void append(List<Interval> intervals, Interval next) {
        Interval last = intervals.isEmpty() ? null : intervals.get(intervals.size() - 1);
        if (last != null && !last.to.isBefore(next.from)) {
            intervals.set(intervals.size() - 1, new Interval(last.from, next.to));
        } else {
            intervals.add(next);
        }
    }
}
