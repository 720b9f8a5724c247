package io.weir.console.query;

import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Measure;
import io.weir.warehouse.rollup.Rollup.Subject;
import io.weir.warehouse.rollup.RollupCatalogue;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A number that a query selects.
 *
 * @param subject what it counts
 * @param meaning for a person
 * @param approximate whether it is close to what it says and not exactly that
 * @param columns of the rollups that it is made of; empty if no rollup holds it
 * @param level between 0 and 1 for a quantile of the latency, else null
 * @param formula SQL, given the SQL of each measure of the catalogue
 */
public record Metric(
        String name,
        Subject subject,
        String meaning,
        boolean approximate,
        List<String> columns,
        @Nullable String level,
        Function<Function<String, String>, String> formula) {

    static final String LAST_SEEN = "last_seen";
    static final String QUANTILES = "latency_quantiles";
    private static final Pattern QUANTILE = Pattern.compile("latency_p(\\d{1,2}(?:\\.\\d{1,4})?)");

    private static final Map<String, Metric> BY_NAME = all();

    /** The metric of that name, or null if there is none. */
    static @Nullable Metric named(String name) {
        Matcher quantile = QUANTILE.matcher(name);
        if (quantile.matches()) {
            BigDecimal percent = new BigDecimal(quantile.group(1));
            return percent.signum() == 0
                    ? null
                    : new Metric(
                            name,
                            Subject.EVENTS,
                            "latency in ms that so many percent do not exceed",
                            true,
                            List.of(QUANTILES),
                            percent.movePointLeft(2).stripTrailingZeros().toPlainString(),
                            measures -> "");
        }
        return BY_NAME.get(name);
    }

    /** Those that have a name of their own; besides there is {@code latency_p50} and every other percentile. */
    static Iterable<Metric> all(Subject subject) {
        return BY_NAME.values().stream()
                .filter(metric -> metric.subject == subject)
                .toList();
    }

    /** Over rows of rollups and of states like theirs. */
    String merged(List<String> levels) {
        return level == null
                ? formula.apply(column -> measure(column).result())
                : "quantilesBFloat16Merge(" + String.join(", ", levels) + ")(" + QUANTILES + ")["
                        + (levels.indexOf(level) + 1) + "]";
    }

    /** Over events. */
    String ofEvents(List<String> levels) {
        return level == null
                ? formula.apply(column -> measure(column).ofEvents())
                : "quantilesBFloat16If(" + String.join(", ", levels)
                        + ")(assumeNotNull(latency_ms), isNotNull(latency_ms))[" + (levels.indexOf(level) + 1) + "]";
    }

    private Measure measure(String column) {
        return measure(subject, column);
    }

    static Measure measure(Subject subject, String column) {
        return RollupCatalogue.rollup(subject, Grain.HOUR).measures().stream()
                .filter(measure -> measure.column().equals(column))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, Metric> all() {
        Map<String, Metric> metrics = new LinkedHashMap<>();
        for (String column :
                List.of("events", "errors", "bytes", "latency_count", "latency_min", "latency_max", "users")) {
            Measure measure = measure(Subject.EVENTS, column);
            add(
                    metrics,
                    new Metric(
                            column,
                            Subject.EVENTS,
                            measure.meaning(),
                            measure.exactness() == Measure.Exactness.APPROXIMATE,
                            List.of(column),
                            null,
                            measures -> measures.apply(column)));
        }
        add(
                metrics,
                new Metric(
                        "error_rate",
                        Subject.EVENTS,
                        "errors by events, 0 to 1",
                        false,
                        List.of("errors", "events"),
                        null,
                        measures -> measures.apply("errors") + " / " + measures.apply("events")));
        add(
                metrics,
                new Metric(
                        "latency_avg",
                        Subject.EVENTS,
                        "mean latency in ms",
                        false,
                        List.of("latency_ns", "latency_count"),
                        null,
                        measures -> measures.apply("latency_ns") + " / " + measures.apply("latency_count") + " / 1e6"));
        add(
                metrics,
                new Metric(
                        LAST_SEEN,
                        Subject.EVENTS,
                        "time of the latest event",
                        false,
                        List.of(),
                        null,
                        measures -> "if(count() = 0, NULL, toUnixTimestamp64Milli(max(timestamp)))"));
        for (String column : List.of("count", "min", "max", "sum", "last")) {
            Measure measure = measure(Subject.MEASUREMENTS, column);
            // A measurement is never null, and the least of none would be 0.
            add(
                    metrics,
                    new Metric(
                            "measurement_" + column,
                            Subject.MEASUREMENTS,
                            measure.meaning(),
                            false,
                            column.equals("count") ? List.of(column) : List.of(column, "count"),
                            null,
                            measures -> column.equals("count")
                                    ? measures.apply(column)
                                    : "if(" + measures.apply("count") + " = 0, NULL, toFloat64("
                                            + measures.apply(column) + "))"));
        }
        add(
                metrics,
                new Metric(
                        "measurement_avg",
                        Subject.MEASUREMENTS,
                        "mean of the values",
                        false,
                        List.of("sum", "count"),
                        null,
                        measures -> "toFloat64(" + measures.apply("sum") + ") / " + measures.apply("count")));
        add(
                metrics,
                new Metric(
                        "devices",
                        Subject.MEASUREMENTS,
                        "distinct device_id that measured",
                        false,
                        List.of(Field.DEVICE),
                        null,
                        measures -> "uniqExactIf(device_id, device_id != '')"));
        return metrics;
    }

    private static void add(Map<String, Metric> metrics, Metric metric) {
        metrics.put(metric.name, metric);
    }
}
