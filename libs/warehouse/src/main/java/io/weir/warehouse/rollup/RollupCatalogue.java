package io.weir.warehouse.rollup;

import static io.weir.warehouse.rollup.Measure.Exactness.APPROXIMATE;
import static io.weir.warehouse.rollup.Measure.Exactness.EXACT;

import io.weir.warehouse.rollup.Rollup.Subject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** All rollups. A test holds it against the tables. */
public final class RollupCatalogue {

    /** What is an error: an answer 5xx, or a log line at {@code error} or above. */
    public static final String IS_ERROR = "(status_code >= 500 OR severity IN ('error', 'fatal'))";

    private static final Dimension TENANT = new Dimension("tenant", "who the events belong to");
    private static final Dimension TYPE = new Dimension("type", "request, log, reading or another");
    private static final Dimension SOURCE = new Dimension("source", "service, host or collector that speaks");
    private static final Dimension ENDPOINT = new Dimension("endpoint_template", "path with its identifiers left out");
    private static final Dimension METHOD = new Dimension("method", "HTTP method");
    private static final Dimension STATUS = new Dimension("status_class", "1xx to 5xx");
    private static final Dimension SEVERITY = new Dimension("severity", "trace to fatal");
    private static final Dimension COUNTRY = new Dimension("country", "of the client");
    private static final Dimension DEVICE_CLASS = new Dimension("device_class", "kind of the client's device");
    private static final Dimension DEVICE_GROUP =
            new Dimension("device_group", "group of the device, by reference data");
    private static final Dimension DEVICE = new Dimension("device_id", "the device that measured");
    private static final Dimension NAME = new Dimension("name", "of the measurement");

    private static final List<Dimension> OF_MINUTES = List.of(TENANT, TYPE, SOURCE, ENDPOINT, METHOD, STATUS, SEVERITY);
    private static final List<Dimension> OF_EVENTS =
            List.of(TENANT, TYPE, SOURCE, ENDPOINT, METHOD, STATUS, SEVERITY, COUNTRY, DEVICE_CLASS, DEVICE_GROUP);
    private static final List<Dimension> OF_MEASUREMENTS = List.of(
            TENANT,
            TYPE,
            SOURCE,
            DEVICE,
            NAME,
            ENDPOINT,
            METHOD,
            STATUS,
            SEVERITY,
            COUNTRY,
            DEVICE_CLASS,
            DEVICE_GROUP);

    private static final String LEVELS = "(0.5, 0.9, 0.95, 0.99)";

    private static final List<Measure> EVENT_MEASURES = List.of(
            sum("events", "", "events", "count()"),
            sum("errors", "", "answers 5xx, and log lines at error or above", "countIf(" + IS_ERROR + ")"),
            sum("bytes", "bytes", "sent", "sum(ifNull(bytes, 0))"),
            sum("latency_count", "", "events with a latency", "count(latency_ms)"),
            simple("latency_min", "ms", "least latency, null where there is none", "min", "min(latency_ms)"),
            simple("latency_max", "ms", "greatest latency, null where there is none", "max", "max(latency_ms)"),
            sum(
                    "latency_ns",
                    "ns",
                    "sum of the latencies, each rounded to a nanosecond and cut at 1e15 ms",
                    "sum(toInt128(round(least(ifNull(latency_ms, 0), 1e15) * 1e6)))"),
            new Measure(
                    "latency_quantiles",
                    "ms",
                    APPROXIMATE,
                    "latency at the quantiles 0.5, 0.9, 0.95 and 0.99, or any other; off by less than 0.8 % of the value",
                    "quantilesBFloat16StateIf" + LEVELS + "(assumeNotNull(latency_ms), isNotNull(latency_ms))",
                    "quantilesBFloat16MergeState" + LEVELS + "(latency_quantiles)",
                    "quantilesBFloat16Merge" + LEVELS + "(latency_quantiles)",
                    "quantilesBFloat16If" + LEVELS + "(assumeNotNull(latency_ms), isNotNull(latency_ms))",
                    false),
            new Measure(
                    "users",
                    "",
                    APPROXIMATE,
                    "distinct user_id; as good as exact up to ten thousands, off by about 0.4 % beyond 65536",
                    "uniqStateIf(user_id, user_id != '')",
                    "uniqMergeState(users)",
                    "uniqMerge(users)",
                    "uniqIf(user_id, user_id != '')",
                    true));

    private static final List<Measure> MEASUREMENT_MEASURES = List.of(
            sum("count", "", "times it was measured", "count()"),
            simple("min", "its own", "least value", "min", "min(value)"),
            simple("max", "its own", "greatest value", "max", "max(value)"),
            sum(
                    "sum",
                    "its own",
                    "sum of the values, each to 18 decimals and cut at 1e40 either way",
                    "sum(toDecimal256(greatest(least(value, 1e40), -1e40), 18))"),
            new Measure(
                    "last",
                    "its own",
                    EXACT,
                    "the latest value, the greatest of several at that millisecond",
                    "argMaxState(value, (timestamp, value))",
                    "argMaxMergeState(last)",
                    "argMaxMerge(last)",
                    "argMax(value, (timestamp, value))",
                    true));

    private static final List<Rollup> ALL = all();

    private RollupCatalogue() {}

    /** From the finest to the coarsest. */
    public static List<Rollup> rollups() {
        return ALL;
    }

    /** Those of a grain: of both subjects, but for {@link Grain#MINUTE}, {@link Grain#SUMMARY} and {@link Grain#WEEK}. */
    public static List<Rollup> rollups(Grain grain) {
        return ALL.stream().filter(rollup -> rollup.grain() == grain).toList();
    }

    /** Of those that have all of the dimensions, the one with the fewest; empty if none has. */
    public static Optional<Rollup> narrowest(Subject subject, Grain grain, Collection<String> dimensions) {
        return rollups(grain).stream()
                .filter(rollup ->
                        rollup.subject() == subject && rollup.dimensionNames().containsAll(dimensions))
                .min(Comparator.comparingInt(rollup -> rollup.dimensions().size()));
    }

    /**
     * The one with the most dimensions.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Rollup rollup(Subject subject, Grain grain) {
        return rollups(grain).stream()
                .filter(rollup -> rollup.subject() == subject)
                .max(Comparator.comparingInt(rollup -> rollup.dimensions().size()))
                .orElseThrow(() -> new IllegalArgumentException("there is no rollup of " + subject + " by " + grain));
    }

    private static List<Rollup> all() {
        List<Rollup> rollups = new ArrayList<>();
        rollups.add(new Rollup("rollup_minute", Subject.EVENTS, Grain.MINUTE, OF_MINUTES, EVENT_MEASURES));
        rollups.addAll(ofBothSubjects(Grain.HOUR));
        rollups.addAll(ofBothSubjects(Grain.DAY));
        rollups.addAll(summaries(Grain.SUMMARY));
        rollups.addAll(summaries(Grain.WEEK));
        rollups.addAll(ofBothSubjects(Grain.YEAR));
        rollups.addAll(ofBothSubjects(Grain.ALL));
        return List.copyOf(rollups);
    }

    private static List<Rollup> ofBothSubjects(Grain grain) {
        String name = grain.name().toLowerCase(java.util.Locale.ROOT);
        return List.of(
                new Rollup("rollup_" + name, Subject.EVENTS, grain, OF_EVENTS, EVENT_MEASURES),
                new Rollup("measurement_" + name, Subject.MEASUREMENTS, grain, OF_MEASUREMENTS, MEASUREMENT_MEASURES));
    }

    private static List<Rollup> summaries(Grain grain) {
        String time = grain.timeColumns().get(0);
        return List.of(
                new Rollup("tenant_" + time, Subject.EVENTS, grain, List.of(TENANT, TYPE, ENDPOINT), EVENT_MEASURES),
                new Rollup("endpoint_" + time, Subject.EVENTS, grain, List.of(TYPE, ENDPOINT), EVENT_MEASURES));
    }

    private static Measure sum(String column, String unit, String meaning, String ofEvents) {
        return simple(column, unit, meaning, "sum", ofEvents);
    }

    private static Measure simple(String column, String unit, String meaning, String function, String ofEvents) {
        String merged = function + "(" + column + ")";
        return new Measure(column, unit, EXACT, meaning, ofEvents, merged, merged, ofEvents, true);
    }
}
