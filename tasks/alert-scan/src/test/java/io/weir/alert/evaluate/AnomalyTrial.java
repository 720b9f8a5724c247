package io.weir.alert.evaluate;

import io.weir.metadata.alert.Alert;
import io.weir.metadata.alert.AlertState;
import io.weir.metadata.alert.Evaluation;
import io.weir.metadata.alert.Evaluation.Sample;
import io.weir.metadata.alert.StateMachine;
import io.weir.metadata.alert.Transition;
import io.weir.metadata.label.Labels;
import io.weir.metadata.rule.Baseline;
import io.weir.metadata.rule.Condition.Anomaly;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Query.Measure;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.RuleJson;
import io.weir.metadata.rule.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;

/**
 * Plays series in which people have marked what is wrong against the anomaly rule: which marked windows it found, which it missed,
 * and how often it fired outside of them. Run by hand, with the folder as its argument, and {@code sweep} to try other settings.
 *
 * <p>A window counts as found if an alert fires in it; one without any earlier week to compare with is left out. An alert is
 * false if no part of it lies in a marked window.
 */
public final class AnomalyTrial {

    /** What a rule did on one series; {@code blind} windows come before there is anything to compare with. */
    record Result(int found, int missed, int blind, int falseAlarms, double daysWatched) {}

    private record Span(Instant from, Instant to) {
        boolean meets(Span other) {
            return !from.isAfter(other.to) && !to.isBefore(other.from);
        }
    }

    private AnomalyTrial() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Map<String, List<List<String>>> marked = RuleJson.MAPPER.readValue(
                Files.readString(folder.resolve("anomaly_windows.json")), new TypeReference<>() {});
        if (arguments.length > 1) {
            sweep(folder, marked);
            return;
        }
        System.out.println("| series | found | missed | before there was a baseline | false alarms | days watched |\n"
                + "|---|---|---|---|---|---|");
        for (String name : new TreeMap<>(marked).keySet()) {
            Result result = play(folder, name, marked.get(name), Anomaly.DEFAULT, 0);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %d | %d | %d | %d | %.0f |%n",
                    name,
                    result.found(),
                    result.missed(),
                    result.blind(),
                    result.falseAlarms(),
                    result.daysWatched());
        }
    }

    private static void sweep(Path folder, Map<String, List<List<String>>> marked) throws IOException {
        for (int hold : new int[] {0, 1, 2, 5}) {
            for (double floor : new double[] {0.02, 0.05, 0.1, 0.2}) {
                for (double sensitivity : new double[] {3, 4, 5, 6, 7, 8, 10, 12}) {
                    int found = 0;
                    int missed = 0;
                    int falseAlarms = 0;
                    double days = 0;
                    StringBuilder each = new StringBuilder();
                    for (String name : new TreeMap<>(marked).keySet()) {
                        Anomaly rule = new Anomaly(
                                sensitivity, floor, 0, Anomaly.DEFAULT.weeks(), Anomaly.DEFAULT.samples(), null);
                        Result result = play(folder, name, marked.get(name), rule, hold);
                        found += result.found();
                        missed += result.missed();
                        falseAlarms += result.falseAlarms();
                        days += result.daysWatched();
                        each.append(' ').append(result.found()).append('/').append(result.falseAlarms());
                    }
                    System.out.printf(
                            Locale.ROOT,
                            "hold %d floor %.2f sensitivity %.0f: found %d missed %d false %d (%.2f a day) %s%n",
                            hold,
                            floor,
                            sensitivity,
                            found,
                            missed,
                            falseAlarms,
                            falseAlarms / days,
                            each);
                }
            }
        }
    }

    static Result play(Path folder, String name, List<List<String>> windows, Anomaly anomaly, int hold)
            throws IOException {
        NavigableMap<Instant, Double> points = new TreeMap<>();
        for (String line : Files.readAllLines(folder.resolve(name))) {
            String[] fields = line.split(",");
            if (!fields[0].equals("timestamp")) {
                points.put(time(fields[0]), Double.valueOf(fields[1]));
            }
        }
        long usualStep = (points.lastKey().getEpochSecond() - points.firstKey().getEpochSecond()) / points.size();
        Duration window = Duration.ofMinutes(usualStep < 600 ? 5 : usualStep < 1500 ? 20 : usualStep < 2000 ? 30 : 60);
        NavigableMap<Instant, Double> values = averages(points, window);
        List<Span> marks = windows.stream()
                .map(mark -> new Span(time(mark.get(0)), time(mark.get(1))))
                .toList();
        Rule rule = Rule.of(
                        "nab",
                        name,
                        Severity.WARNING,
                        new Query(Measure.MEASUREMENT_AVERAGE, "value", null, List.of(), List.of(), window),
                        anomaly)
                .holding(window.multipliedBy(hold));
        List<Span> fired = fired(rule, anomaly, values);
        Instant seeing = points.firstKey().plus(Duration.ofDays(7));
        int found = 0;
        int missed = 0;
        int blind = 0;
        for (Span mark : marks) {
            if (fired.stream().anyMatch(mark::meets)) {
                found++;
            } else if (mark.to().isBefore(seeing)) {
                blind++;
            } else {
                missed++;
            }
        }
        int falseAlarms = (int) fired.stream()
                .filter(span -> marks.stream().noneMatch(span::meets))
                .count();
        return new Result(
                found,
                missed,
                blind,
                falseAlarms,
                Duration.between(seeing, points.lastKey()).toHours() / 24.0);
    }

    private static List<Span> fired(Rule rule, Anomaly anomaly, NavigableMap<Instant, Double> values) {
        List<Span> fired = new ArrayList<>();
        List<Alert> alerts = List.of();
        Duration window = rule.query().window();
        Instant began = Instant.MIN;
        Instant hour = Instant.MIN;
        Baseline baseline = Baseline.NONE;
        for (Instant end = values.firstKey(); !end.isAfter(values.lastKey()); end = end.plus(window)) {
            if (!Season.hour(end, window).equals(hour)) {
                hour = Season.hour(end, window);
                baseline = baseline(values, hour, window, anomaly.weeks());
            }
            Double value = values.get(end);
            List<Sample> samples =
                    value == null ? List.of() : List.of(new Sample(Labels.NONE, value, Double.NaN, baseline));
            StateMachine.Outcome outcome =
                    StateMachine.step(rule, alerts, new Evaluation(rule.id(), end, samples, null));
            alerts = outcome.alerts();
            for (Transition transition : outcome.transitions()) {
                if (transition.to() == AlertState.FIRING) {
                    began = end;
                } else if (transition.to() == AlertState.RESOLVED) {
                    fired.add(new Span(began, end));
                }
            }
        }
        if (alerts.stream().anyMatch(Alert::isFiring)) {
            fired.add(new Span(began, values.lastKey()));
        }
        return fired;
    }

    private static Baseline baseline(NavigableMap<Instant, Double> values, Instant hour, Duration window, int weeks) {
        List<Double> samples = new ArrayList<>();
        for (int week = 1; week <= weeks; week++) {
            for (Instant end : Season.ends(hour, window, week)) {
                Double value = values.get(end);
                if (value != null) {
                    samples.add(value);
                }
            }
        }
        return Baseline.of(samples.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** The mean of each window's points, by the window's end. */
    private static NavigableMap<Instant, Double> averages(NavigableMap<Instant, Double> points, Duration window) {
        NavigableMap<Instant, double[]> sums = new TreeMap<>();
        points.forEach((at, value) -> {
            long end = (Math.floorDiv(at.getEpochSecond(), window.toSeconds()) + 1) * window.toSeconds();
            double[] sum = sums.computeIfAbsent(Instant.ofEpochSecond(end), key -> new double[2]);
            sum[0] += value;
            sum[1]++;
        });
        NavigableMap<Instant, Double> averages = new TreeMap<>();
        sums.forEach((end, sum) -> averages.put(end, sum[0] / sum[1]));
        return averages;
    }

    /** The series are without a zone: they count as UTC. */
    private static Instant time(String text) {
        return LocalDateTime.parse(text.replace(' ', 'T')).toInstant(ZoneOffset.UTC);
    }
}
