package io.weir.console.query;

import java.util.List;
import java.util.Map;

/**
 * How a query would be answered.
 *
 * @param sql the statement
 * @param parameters what it is run with
 */
public record Explanation(
        String status,
        List<Part> plan,
        List<String> reasons,
        List<Interval> incomplete,
        boolean closed,
        String sql,
        Map<String, String> parameters) {

    /** A table, and the time for which it is read. */
    public record Part(String table, List<Interval> intervals) {}
}
