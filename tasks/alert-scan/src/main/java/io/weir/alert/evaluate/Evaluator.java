package io.weir.alert.evaluate;

import io.weir.metadata.alert.Evaluation;
import io.weir.metadata.alert.Evaluation.Sample;
import io.weir.metadata.label.Labels;
import io.weir.metadata.rule.Baseline;
import io.weir.metadata.rule.Condition;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rules;
import io.weir.warehouse.WarehouseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Evaluates a rule over windows that are due. May be used by several threads. */
public class Evaluator {

    private final WindowQuery windows;
    private final Rules rules;
    private final Duration catchUp;
    private final int windowsPerRun;
    private final Map<Instant, Map<UUID, Map<String, Baseline>>> baselines = new ConcurrentHashMap<>();

    public Evaluator(WindowQuery windows, Rules rules, Duration catchUp, int windowsPerRun) {
        this.windows = windows;
        this.rules = rules;
        this.catchUp = catchUp;
        this.windowsPerRun = windowsPerRun;
    }

    /**
     * The ends of the windows to evaluate, in order.
     *
     * @param until the end of the last one that was evaluated; null if there is none, and then only the latest is due
     */
    List<Instant> due(Rule rule, @Nullable Instant until, Instant now) {
        Instant last = rule.lastDue(now);
        if (until == null) {
            return List.of(last);
        }
        Instant earliest = rule.lastDue(now.minus(catchUp)).plus(rule.every());
        Instant next = rule.lastDue(until).plus(rule.every());
        List<Instant> due = new ArrayList<>();
        for (Instant end = next.isBefore(earliest) ? earliest : next;
                !end.isAfter(last) && due.size() < windowsPerRun;
                end = end.plus(rule.every())) {
            due.add(end);
        }
        return due;
    }

    /** One evaluation for each window. Never throws for what ClickHouse does: then the evaluations say the error. */
    List<Evaluation> evaluate(Rule rule, List<Instant> ends) {
        try {
            return ends.isEmpty() ? List.of() : measure(rule, ends);
        } catch (WarehouseException | WindowQuery.TooManyGroupsException e) {
            String message = String.valueOf(e.getMessage());
            String reason = message.length() > 500 ? message.substring(0, 500) : message;
            return ends.stream()
                    .map(end -> new Evaluation(rule.id(), end, List.of(), reason))
                    .toList();
        }
    }

    private List<Evaluation> measure(Rule rule, List<Instant> ends) {
        Query query = rule.query();
        WindowQuery.Values now = windows.values(rule.tenant(), query, query.window(), ends, true);
        if (rule.condition() instanceof Condition.Change change) {
            WindowQuery.Values before = windows.values(
                    rule.tenant(),
                    query,
                    query.window(),
                    ends.stream().map(end -> end.minus(change.before())).toList(),
                    true);
            return evaluations(
                    rule,
                    ends,
                    now,
                    (end, group) -> new Comparand(
                            before.at(end.minus(change.before())).getOrDefault(group, Double.NaN), Baseline.NONE));
        }
        if (rule.condition() instanceof Condition.Anomaly anomaly) {
            Map<Instant, Map<String, Baseline>> usual = new HashMap<>();
            for (Instant end : ends) {
                usual.computeIfAbsent(Season.hour(end, query.window()), hour -> baselines(rule, anomaly, hour));
            }
            return evaluations(
                    rule,
                    ends,
                    now,
                    (end, group) -> new Comparand(
                            Double.NaN,
                            usual.getOrDefault(Season.hour(end, query.window()), Map.of())
                                    .getOrDefault(group.toString(), Baseline.NONE)));
        }
        if (rule.condition() instanceof Condition.Absence absence
                && !query.groupBy().isEmpty()) {
            Query seen = new Query(Query.Measure.COUNT, null, null, query.where(), query.groupBy(), query.window());
            WindowQuery.Values known =
                    windows.values(rule.tenant(), seen, query.window().plus(absence.lookback()), ends, false);
            WindowQuery.Values counts = windows.values(rule.tenant(), seen, query.window(), ends, false);
            List<Evaluation> evaluations = new ArrayList<>();
            for (Instant end : ends) {
                List<Sample> samples = known.at(end).keySet().stream()
                        .map(group -> Sample.of(group, counts.at(end).getOrDefault(group, 0.0)))
                        .toList();
                evaluations.add(new Evaluation(rule.id(), end, samples, null));
            }
            return evaluations;
        }
        return evaluations(rule, ends, now, (end, group) -> new Comparand(Double.NaN, Baseline.NONE));
    }

    private record Comparand(double earlier, Baseline baseline) {}

    @FunctionalInterface
    private interface Comparands {
        Comparand of(Instant end, Labels group);
    }

    private static List<Evaluation> evaluations(
            Rule rule, List<Instant> ends, WindowQuery.Values values, Comparands comparands) {
        List<Evaluation> evaluations = new ArrayList<>();
        for (Instant end : ends) {
            List<Sample> samples = new ArrayList<>();
            values.at(end).forEach((group, value) -> {
                Comparand comparand = comparands.of(end, group);
                samples.add(new Sample(group, value, comparand.earlier(), comparand.baseline()));
            });
            evaluations.add(new Evaluation(rule.id(), end, samples, null));
        }
        return evaluations;
    }

    /** What is usual in that hour, by the text of the group's labels; asked once an hour and rule, then remembered. */
    private Map<String, Baseline> baselines(Rule rule, Condition.Anomaly anomaly, Instant hour) {
        Map<String, Baseline> stored = baselines
                .computeIfAbsent(hour, key -> new ConcurrentHashMap<>(rules.baselines(key)))
                .get(rule.id());
        if (stored != null) {
            return stored;
        }
        Query query = rule.query();
        Map<Integer, List<Instant>> weeks = new TreeMap<>();
        Set<Instant> all = new HashSet<>();
        for (int week = 1; week <= anomaly.weeks(); week++) {
            List<Instant> ends = Season.ends(hour, query.window(), week);
            weeks.put(week, ends);
            all.addAll(ends);
        }
        WindowQuery.Values values = windows.values(rule.tenant(), query, query.window(), all, false);
        Map<Labels, List<Double>> samples = new LinkedHashMap<>();
        for (List<Instant> ends : weeks.values()) {
            Set<Labels> groups = new HashSet<>();
            ends.forEach(end -> groups.addAll(values.at(end).keySet()));
            for (Labels group : groups) {
                for (Instant end : ends) {
                    // In an hour in which a group had events, a window without any is a window of zero, not a gap.
                    double without = query.measure().isZeroWithoutEvents() ? 0 : Double.NaN;
                    samples.computeIfAbsent(group, key -> new ArrayList<>())
                            .add(values.at(end).getOrDefault(group, without));
                }
            }
        }
        Map<String, Baseline> computed = new HashMap<>();
        samples.forEach((group, list) -> computed.put(
                group.toString(),
                Baseline.of(list.stream().mapToDouble(Double::doubleValue).toArray())));
        rules.saveBaselines(rule.id(), hour, computed);
        return computed;
    }
}
