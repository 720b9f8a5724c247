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
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Evaluates a rule over windows that are due. May be used by several threads. */
public class Evaluator {

    private static final Logger log = LoggerFactory.getLogger(Evaluator.class);
    private static final int LONGEST_REASON = 500;
    private static final String IN_THE_LOG = ". Whoever runs Weir finds more in the log of alert-scan";

    // ClickHouse's error codes (ErrorCodes.cpp).
    private static final int TIMEOUT_EXCEEDED = 159;
    private static final int TOO_SLOW = 160;
    private static final int MEMORY_LIMIT_EXCEEDED = 241;
    private static final int CANNOT_COMPILE_REGEXP = 427;

    private final WindowQuery windows;
    private final ResultQuery results;
    private final Rules rules;
    private final Duration catchUp;
    private final int windowsPerRun;

    public Evaluator(WindowQuery windows, ResultQuery results, Rules rules, Duration catchUp, int windowsPerRun) {
        this.windows = windows;
        this.results = results;
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

    /** One evaluation for each window. Never throws, so that a rule that fails stops no other: then the evaluations say the error. */
    List<Evaluation> evaluate(Rule rule, List<Instant> ends) {
        try {
            return measure(rule, ends);
        } catch (WindowQuery.TooManyGroupsException | ResultQuery.UnfitException e) {
            return failed(rule, ends, String.valueOf(e.getMessage()));
        } catch (WarehouseException e) {
            log.warn("rule '{}' of {} could not be evaluated: {}", rule.name(), rule.tenant(), e.getMessage());
            return failed(rule, ends, reason(e));
        } catch (RuntimeException e) {
            log.error("rule '{}' of {} could not be evaluated", rule.name(), rule.tenant(), e);
            return failed(rule, ends, "it failed in a way that is not foreseen" + IN_THE_LOG);
        }
    }

    /** For the rule's tenant, who has no part in addresses and statements. */
    private static String reason(WarehouseException e) {
        return switch (e.code()) {
            case WarehouseException.UNREACHABLE -> "ClickHouse does not answer";
            case TIMEOUT_EXCEEDED, TOO_SLOW, MEMORY_LIMIT_EXCEEDED ->
                "it takes more time or memory than a rule may: narrow query.where, or take a shorter query.window";
            case CANNOT_COMPILE_REGEXP ->
                "query.where has a pattern that ClickHouse does not understand: it knows RE2's, without look-around and"
                        + " back-references";
            default -> "ClickHouse refused it, with its error " + e.code() + IN_THE_LOG;
        };
    }

    private static List<Evaluation> failed(Rule rule, List<Instant> ends, String why) {
        String reason = why.length() > LONGEST_REASON ? why.substring(0, LONGEST_REASON) : why;
        return ends.stream()
                .map(end -> new Evaluation(rule.id(), end, List.of(), reason))
                .toList();
    }

    private List<Evaluation> measure(Rule rule, List<Instant> ends) {
        Condition condition = rule.condition();
        Query.Results of = rule.query().results();
        if (of != null) {
            return ends.stream().map(end -> ofResults(rule, of, end)).toList();
        }
        if (condition instanceof Condition.Change change) {
            return changes(rule, change, ends);
        }
        if (condition instanceof Condition.Anomaly anomaly) {
            return anomalies(rule, anomaly, ends);
        }
        if (condition instanceof Condition.Absence absence) {
            return absences(rule, absence, ends);
        }
        WindowQuery.Values now = exactly(rule, ends);
        return ends.stream()
                .map(end -> evaluation(rule, end, now.at(end), Set.of(), Sample::of))
                .toList();
    }

    private Evaluation ofResults(Rule rule, Query.Results of, Instant end) {
        ResultQuery.Values now = rule.condition() instanceof Condition.Absence
                ? results.presence(rule.tenant(), of, end)
                : results.values(rule.tenant(), rule.query(), of, end);
        Map<Labels, Double> earlier = rule.condition() instanceof Condition.Change change
                ? results.values(rule.tenant(), rule.query(), of, end.minus(change.before()))
                        .numbers()
                : Map.of();
        List<Sample> samples = new ArrayList<>();
        now.numbers()
                .forEach((group, value) ->
                        samples.add(new Sample(group, value, earlier.getOrDefault(group, Double.NaN), Baseline.NONE)));
        return new Evaluation(rule.id(), end, samples, null, now.noData());
    }

    private List<Evaluation> changes(Rule rule, Condition.Change change, List<Instant> ends) {
        WindowQuery.Values now = exactly(rule, ends);
        WindowQuery.Values before = exactly(
                rule, ends.stream().map(end -> end.minus(change.before())).toList());
        return ends.stream()
                .map(end -> {
                    Map<Labels, Double> earlier = before.at(end.minus(change.before()));
                    return evaluation(
                            rule,
                            end,
                            now.at(end),
                            earlier.keySet(),
                            (group, value) ->
                                    new Sample(group, value, earlier.getOrDefault(group, Double.NaN), Baseline.NONE));
                })
                .toList();
    }

    private List<Evaluation> anomalies(Rule rule, Condition.Anomaly anomaly, List<Instant> ends) {
        WindowQuery.Values now = exactly(rule, ends);
        Duration window = rule.query().window();
        Map<Instant, Map<Labels, Baseline>> hours = new HashMap<>();
        for (Instant end : ends) {
            hours.computeIfAbsent(Season.hour(end, window), hour -> baselines(rule, anomaly, hour));
        }
        return ends.stream()
                .map(end -> {
                    Map<Labels, Baseline> usual = hours.getOrDefault(Season.hour(end, window), Map.of());
                    return evaluation(
                            rule,
                            end,
                            now.at(end),
                            groupsOfMoreThanZero(usual),
                            (group, value) ->
                                    new Sample(group, value, Double.NaN, usual.getOrDefault(group, Baseline.NONE)));
                })
                .toList();
    }

    /** Whether there are events, not what they say: a measurement of zero is no absence. */
    private List<Evaluation> absences(Rule rule, Condition.Absence absence, List<Instant> ends) {
        boolean ofMeasurement = rule.query().measure().ofMeasurement();
        Query events = ofMeasurement ? rule.query() : rule.query().counting();
        WindowQuery.Values known = events.groupBy().isEmpty()
                ? WindowQuery.Values.NONE
                : windows.values(rule.tenant(), events, events.window().plus(absence.lookback()), ends, false);
        WindowQuery.Values now = windows.values(rule.tenant(), events, events.window(), ends, false);
        return ends.stream()
                .map(end -> {
                    Map<Labels, Double> counts = new LinkedHashMap<>();
                    known.at(end).keySet().forEach(group -> counts.put(group, 0.0));
                    now.at(end).forEach((group, value) -> counts.put(group, ofMeasurement ? 1 : value));
                    return evaluation(rule, end, counts, Set.of(), Sample::of);
                })
                .toList();
    }

    private WindowQuery.Values exactly(Rule rule, Collection<Instant> ends) {
        return windows.values(rule.tenant(), rule.query(), rule.query().window(), ends, true);
    }

    /**
     * A sample for each group with a value, and where no events are a value, zero, for each that was expected to have one: the
     * query does not name a group that has fallen to zero.
     */
    private static Evaluation evaluation(
            Rule rule,
            Instant end,
            Map<Labels, Double> values,
            Set<Labels> expected,
            BiFunction<Labels, Double, Sample> sample) {
        Map<Labels, Double> all = new LinkedHashMap<>(values);
        if (rule.query().measure().isZeroWithoutEvents()) {
            expected.forEach(group -> all.putIfAbsent(group, 0.0));
        }
        List<Sample> samples = new ArrayList<>();
        all.forEach((group, value) -> samples.add(sample.apply(group, value)));
        return new Evaluation(rule.id(), end, samples, null);
    }

    private static Set<Labels> groupsOfMoreThanZero(Map<Labels, Baseline> usual) {
        return usual.entrySet().stream()
                .filter(group -> group.getValue().median() != 0)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** What is usual in that hour; computed by the first run in it, then stored. */
    private Map<Labels, Baseline> baselines(Rule rule, Condition.Anomaly anomaly, Instant hour) {
        return rules.baselines(rule.id(), hour).orElseGet(() -> {
            Map<Labels, Baseline> computed = new HashMap<>();
            earlier(rule, anomaly.weeks(), hour)
                    .forEach((group, values) -> computed.put(
                            group,
                            Baseline.of(values.stream()
                                    .mapToDouble(Double::doubleValue)
                                    .toArray())));
            rules.saveBaselines(rule.id(), hour, computed);
            return computed;
        });
    }

    /** The values of each group in the same hour of the weeks before. */
    private Map<Labels, List<Double>> earlier(Rule rule, int weeks, Instant hour) {
        Query query = rule.query();
        List<List<Instant>> hours = IntStream.rangeClosed(1, weeks)
                .mapToObj(week -> Season.ends(hour, query.window(), week))
                .toList();
        Set<Instant> all = hours.stream().flatMap(List::stream).collect(Collectors.toSet());
        WindowQuery.Values values = windows.values(rule.tenant(), query, query.window(), all, false);
        // In an hour in which a group had events, a window without any is a window of zero, not a gap.
        double without = query.measure().isZeroWithoutEvents() ? 0 : Double.NaN;
        Map<Labels, List<Double>> earlier = new HashMap<>();
        for (List<Instant> ends : hours) {
            Set<Labels> groups = ends.stream()
                    .flatMap(end -> values.at(end).keySet().stream())
                    .collect(Collectors.toSet());
            for (Labels group : groups) {
                List<Double> list = earlier.computeIfAbsent(group, key -> new ArrayList<>());
                ends.forEach(end -> list.add(values.at(end).getOrDefault(group, without)));
            }
        }
        return earlier;
    }
}
