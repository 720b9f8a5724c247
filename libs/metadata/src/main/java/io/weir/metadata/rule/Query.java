package io.weir.metadata.rule;

import io.weir.metadata.label.Labels;
import io.weir.metadata.label.Matcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a rule measures: one number for every group of events in a window; or for every group of rows of the newest result of a
 * subscription, which has read the events already.
 *
 * @param measure which number
 * @param measurement the name of the measurement, for measures of {@code MEASUREMENT_*}; else null
 * @param quantile between 0 and 1, for {@code LATENCY_QUANTILE}; else null
 * @param where which events; each names one of {@link #DIMENSIONS}. None for {@code SUBSCRIPTION}.
 * @param groupBy the dimensions whose values make a group; each group has an alert of its own. At most 5. For
 *     {@code SUBSCRIPTION}, columns of its results.
 * @param window how much time one number covers, 1 minute to 1 day; zero for {@code SUBSCRIPTION}, whose query says that
 * @param results what is read of which subscription, for {@code SUBSCRIPTION}; else null
 */
public record Query(
        Measure measure,
        @Nullable String measurement,
        @Nullable Double quantile,
        List<Matcher> where,
        List<String> groupBy,
        Duration window,
        @Nullable Results results) {

    /**
     * The results of a subscription of the rule's tenant.
     *
     * @param subscription its name or its id, as a person wrote it
     * @param id which one that was when the rule was stored; null until then. Another that is later made with that name is
     *     another one.
     * @param column the number that is measured
     */
    public record Results(String subscription, @Nullable UUID id, String column) {
        public Results withId(UUID found) {
            return new Results(subscription, found, column);
        }
    }

    /** What can be measured. */
    public enum Measure {
        /** How many events. */
        COUNT,
        /** How many events with status 500 and above or severity error or fatal. */
        ERRORS,
        /** Errors by events, 0 to 1; nothing where there are no events. */
        ERROR_RATE,
        /** Sum of bytes. */
        BYTES,
        /** Milliseconds. */
        LATENCY_AVERAGE,
        /** Milliseconds. */
        LATENCY_MAXIMUM,
        /** Milliseconds. */
        LATENCY_QUANTILE,
        DISTINCT_USERS,
        MEASUREMENT_AVERAGE,
        MEASUREMENT_MINIMUM,
        MEASUREMENT_MAXIMUM,
        MEASUREMENT_SUM,
        MEASUREMENT_LAST,
        /** A column of the newest result of a subscription; nothing where it has none that is young enough. */
        SUBSCRIPTION;

        /** Whether no events at all is a value, zero, rather than no data. */
        public boolean isZeroWithoutEvents() {
            return this == COUNT || this == ERRORS || this == BYTES || this == DISTINCT_USERS;
        }

        /**
         * The smallest deviation from what is usual that is worth a word, in the measure's unit: one event, one user, 100 kB, one
         * percent of errors, one millisecond. 0 for measurements, whose unit is not known.
         */
        public double leastDeviation() {
            return switch (this) {
                case COUNT, ERRORS, DISTINCT_USERS, LATENCY_AVERAGE, LATENCY_MAXIMUM, LATENCY_QUANTILE -> 1;
                case BYTES -> 100_000;
                case ERROR_RATE -> 0.01;
                case MEASUREMENT_AVERAGE,
                        MEASUREMENT_MINIMUM,
                        MEASUREMENT_MAXIMUM,
                        MEASUREMENT_SUM,
                        MEASUREMENT_LAST,
                        SUBSCRIPTION -> 0;
            };
        }

        public boolean ofMeasurement() {
            return name().startsWith("MEASUREMENT_");
        }
    }

    /** The columns of events that rules may filter and group by. */
    public static final Set<String> DIMENSIONS = Set.of(
            "type",
            "source",
            "device_id",
            "method",
            "endpoint_template",
            "status_class",
            "browser",
            "os",
            "device_class",
            "country",
            "network",
            "device_group",
            "severity");

    /** The columns that may tell of persons: of subscriptions' results as well, no group is of one, as anybody may see labels. */
    public static final Set<String> PERSONAL =
            Set.of("user_id", "session_id", "client_ip", "referrer", "user_agent", "endpoint", "message", "attributes");

    private static final int MOST_GROUPINGS = 5;
    /** What a label's name may be. */
    private static final Pattern LABEL = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(1);

    public Query {
        where = List.copyOf(where);
        groupBy = List.copyOf(groupBy);
        where.forEach(matcher -> requireDimension("query.where", matcher.name()));
        if ((measure == Measure.SUBSCRIPTION) != (results != null)) {
            throw new IllegalArgumentException(
                    "query.subscription and query.column: needed with measure subscription, and only there; measure is "
                            + measure);
        }
        groupBy.forEach(name -> {
            if (measure == Measure.SUBSCRIPTION) {
                requireLabel(name);
            } else {
                requireDimension("query.groupBy", name);
            }
        });
        if (groupBy.size() > MOST_GROUPINGS || Set.copyOf(groupBy).size() != groupBy.size()) {
            throw new IllegalArgumentException("query.groupBy: at most " + MOST_GROUPINGS + " different dimensions");
        }
        if (measure.ofMeasurement() != (measurement != null && !measurement.isBlank())) {
            throw new IllegalArgumentException(
                    "query.measurement: needed with measures of a measurement, and only there; measure is " + measure);
        }
        if ((measure == Measure.LATENCY_QUANTILE) != (quantile != null)) {
            throw new IllegalArgumentException("query.quantile: needed with LATENCY_QUANTILE, and only there");
        }
        if (quantile != null && !(quantile > 0 && quantile < 1)) {
            throw new IllegalArgumentException("query.quantile is " + quantile + ": it must lie between 0 and 1");
        }
        if (measure == Measure.SUBSCRIPTION) {
            if (!where.isEmpty() || !window.isZero()) {
                throw new IllegalArgumentException("query.where and query.window do not go with measure subscription");
            }
        } else if (window.compareTo(SHORTEST) < 0 || window.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("query.window is " + window + ": it must be 1 minute to 1 day");
        }
    }

    /** Of events. */
    public Query(
            Measure measure,
            @Nullable String measurement,
            @Nullable Double quantile,
            List<Matcher> where,
            List<String> groupBy,
            Duration window) {
        this(measure, measurement, quantile, where, groupBy, window, null);
    }

    /** Of the newest result of a subscription. */
    public static Query of(Results results, String... columns) {
        return new Query(Measure.SUBSCRIPTION, null, null, List.of(), List.of(columns), Duration.ZERO, results);
    }

    /** Of all events of the tenant that match, as one group. */
    public static Query of(Measure measure, Duration window, Matcher... where) {
        return new Query(measure, null, null, List.of(where), List.of(), window);
    }

    public Query by(String... dimensions) {
        return new Query(measure, measurement, quantile, where, List.of(dimensions), window, results);
    }

    /** The same of other results. */
    public Query withResults(Results other) {
        return new Query(measure, measurement, quantile, where, groupBy, window, other);
    }

    /** How many events there are that it measures. */
    public Query counting() {
        return new Query(Measure.COUNT, null, null, where, groupBy, window);
    }

    /** Of one of its groups alone, by the group's labels; it has no others then. */
    public Query of(Labels group) {
        List<Matcher> all = new ArrayList<>(where);
        all.addAll(Matcher.exactly(group.only(groupBy).values()));
        return new Query(measure, measurement, quantile, all, List.of(), window);
    }

    private static void requireLabel(String name) {
        if (!LABEL.matcher(name).matches()) {
            throw new IllegalArgumentException("query.groupBy names '" + name
                    + "', which cannot be the name of a label: letters, digits and '_' only");
        }
    }

    private static void requireDimension(String field, String name) {
        if (!DIMENSIONS.contains(name)) {
            throw new IllegalArgumentException(field + " names '" + name + "': it must be one of "
                    + DIMENSIONS.stream().sorted().toList());
        }
    }
}
