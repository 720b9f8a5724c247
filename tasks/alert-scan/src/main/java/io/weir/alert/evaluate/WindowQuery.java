package io.weir.alert.evaluate;

import io.weir.metadata.label.Labels;
import io.weir.metadata.label.Matcher;
import io.weir.metadata.rule.Query;
import io.weir.warehouse.TabSeparated;
import io.weir.warehouse.Tables;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.rollup.RollupCatalogue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Asks ClickHouse for a rule's numbers over any windows, in one statement. All that a person wrote is bound as a parameter; names
 * of columns come from a closed list. The tenant is always bound.
 */
public final class WindowQuery {

    /** One window's numbers, by group. */
    public static final class Values {
        static final Values NONE = new Values();

        private final Map<Instant, Map<Labels, Double>> byEnd = new HashMap<>();

        /** By group; empty for a window without events. */
        public Map<Labels, Double> at(Instant end) {
            return byEnd.getOrDefault(end, Map.of());
        }
    }

    /** The rule has more groups than it may have. */
    static final class TooManyGroupsException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooManyGroupsException(int limit) {
            super("more than " + limit + " groups: narrow query.where or take fewer dimensions in query.groupBy");
        }
    }

    private final Warehouse warehouse;
    private final Duration timeout;
    private final int groups;

    /** @param groups the largest number of groups a window may have */
    public WindowQuery(Warehouse warehouse, Duration timeout, int groups) {
        this.warehouse = warehouse;
        this.timeout = timeout;
        this.groups = groups;
    }

    /**
     * The numbers of the windows of that length that end at those times; events at the end belong to the next window.
     *
     * @param exact whether an event that was stored twice counts once
     * @throws io.weir.warehouse.WarehouseException if ClickHouse is away, refuses, or takes too long
     */
    public Values values(String tenant, Query query, Duration window, Collection<Instant> ends, boolean exact) {
        Values values = new Values();
        if (ends.isEmpty()) {
            return values;
        }
        SortedSet<Long> seconds =
                ends.stream().map(Instant::getEpochSecond).collect(Collectors.toCollection(TreeSet::new));
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("tenant", tenant);
        parameters.put("window", Long.toString(window.toSeconds()));
        parameters.put("ends", seconds.toString().replace(" ", ""));
        String answer = warehouse.query(sql(query, window, seconds, exact, parameters), parameters);
        int dimensions = query.groupBy().size();
        answer.lines().filter(line -> !line.isEmpty()).forEach(line -> {
            String[] fields = line.split("\t", -1);
            Map<String, String> group = new LinkedHashMap<>();
            for (int i = 0; i < dimensions; i++) {
                group.put(query.groupBy().get(i), TabSeparated.unescaped(fields[1 + i]));
            }
            Map<Labels, Double> byGroup = values.byEnd.computeIfAbsent(
                    Instant.ofEpochSecond(Long.parseLong(fields[0])), key -> new HashMap<>());
            byGroup.put(Labels.of(group), number(fields[1 + dimensions]));
            if (byGroup.size() > groups) {
                throw new TooManyGroupsException(groups);
            }
        });
        return values;
    }

    private String sql(
            Query query, Duration window, SortedSet<Long> ends, boolean exact, Map<String, String> parameters) {
        String columns = String.join(
                "", query.groupBy().stream().map(name -> ", " + name).toList());
        List<String> where = new ArrayList<>();
        where.add("tenant = {tenant:String}");
        where.add(ranges(window, ends));
        int number = 0;
        for (Matcher matcher : query.where()) {
            String name = "match" + number++;
            boolean pattern =
                    matcher.operator() == Matcher.Operator.LIKE || matcher.operator() == Matcher.Operator.NOT_LIKE;
            parameters.put(name, pattern ? "^(?:" + matcher.value() + ")$" : matcher.value());
            where.add(
                    switch (matcher.operator()) {
                        case IS -> matcher.name() + " = {" + name + ":String}";
                        case IS_NOT -> matcher.name() + " != {" + name + ":String}";
                        case LIKE -> "match(" + matcher.name() + ", {" + name + ":String})";
                        case NOT_LIKE -> "NOT match(" + matcher.name() + ", {" + name + ":String})";
                    });
        }
        String measurement = query.measurement();
        if (measurement != null) {
            parameters.put("measurement", measurement);
            where.add("mapContains(measurements, {measurement:String})");
        }
        return """
                SELECT at%s, %s
                FROM
                (
                    SELECT *, arrayJoin(arrayFilter(
                        end -> toUnixTimestamp(timestamp) >= end - {window:UInt32} AND toUnixTimestamp(timestamp) < end,
                        {ends:Array(UInt32)})) AS at
                    FROM %s %s
                    WHERE %s
                )
                GROUP BY at%s
                LIMIT %d
                SETTINGS max_execution_time = %d, timeout_overflow_mode = 'throw', max_threads = 2,
                    do_not_merge_across_partitions_select_final = 1
                FORMAT TabSeparated""".formatted(
                        columns,
                        aggregate(query),
                        warehouse.table(Tables.EVENTS),
                        exact ? "FINAL" : "",
                        String.join(" AND ", where),
                        columns,
                        (groups + 1L) * ends.size(),
                        timeout.toSeconds());
    }

    /** The times that the windows cover; windows that touch become one. */
    private static String ranges(Duration window, SortedSet<Long> ends) {
        List<long[]> ranges = new ArrayList<>();
        for (long end : ends) {
            long start = end - window.toSeconds();
            long[] last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            if (last != null && start <= last[1]) {
                last[1] = end;
            } else {
                ranges.add(new long[] {start, end});
            }
        }
        return ranges.stream()
                .map(range -> "timestamp >= fromUnixTimestamp(" + range[0] + ") AND timestamp < fromUnixTimestamp("
                        + range[1] + ")")
                .collect(Collectors.joining(" OR ", "(", ")"));
    }

    private static String aggregate(Query query) {
        return switch (query.measure()) {
            case COUNT -> "count()";
            case ERRORS -> "countIf(" + RollupCatalogue.IS_ERROR + ")";
            case ERROR_RATE -> "countIf(" + RollupCatalogue.IS_ERROR + ") / count()";
            case BYTES -> "sum(ifNull(bytes, 0))";
            case LATENCY_AVERAGE -> "avg(latency_ms)";
            case LATENCY_MAXIMUM -> "max(latency_ms)";
            case LATENCY_QUANTILE -> "quantileTDigest(" + query.quantile() + ")(latency_ms)";
            case DISTINCT_USERS -> "uniqIf(user_id, user_id != '')";
            case MEASUREMENT_AVERAGE -> "avg(measurements[{measurement:String}])";
            case MEASUREMENT_MINIMUM -> "min(measurements[{measurement:String}])";
            case MEASUREMENT_MAXIMUM -> "max(measurements[{measurement:String}])";
            case MEASUREMENT_SUM -> "sum(measurements[{measurement:String}])";
            case MEASUREMENT_LAST -> "argMax(measurements[{measurement:String}], timestamp)";
            case SUBSCRIPTION -> throw new IllegalArgumentException("a subscription's results are not asked of events");
        };
    }

    private static double number(String field) {
        return field.equals("\\N") || field.equals("nan") || field.endsWith("inf")
                ? Double.NaN
                : Double.parseDouble(field);
    }
}
