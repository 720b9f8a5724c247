package io.weir.metadata.alert;

import io.weir.metadata.alert.Evaluation.Sample;
import io.weir.metadata.label.Labels;
import io.weir.metadata.rule.Baseline;
import io.weir.metadata.rule.Condition;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rule.Missing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Moves a rule's alerts by what its query gave. Pure: no clock, no database; the same input gives the same output, except for
 * the ids of new alerts.
 *
 * <p>Evaluations must come in the order of their time. One alert for every group, and one for the error of the rule itself.
 *
 * <p>Flap damping: an alert that fires again within {@link #RELAPSE} of its end is a relapse. Each relapse doubles the time for
 * which the condition must be clear before the alert resolves, up to {@link #LONGEST_HOLD}; so a series that jumps to and fro
 * is told about a few times, and then stays one alert until it is quiet.
 */
public final class StateMachine {

    /** The alerts after an evaluation (only those that are to be kept), and what has changed. */
    public record Outcome(List<Alert> alerts, List<Transition> transitions) {}

    /** How soon after its end an alert that fires again counts as a relapse. */
    public static final Duration RELAPSE = Duration.ofHours(1);

    /** Flap damping never asks for longer. */
    public static final Duration LONGEST_HOLD = Duration.ofHours(1);

    private final Rule rule;
    private final Map<Labels, Alert> alerts = new LinkedHashMap<>();
    private final List<Transition> transitions = new ArrayList<>();
    private @Nullable String noData;

    private StateMachine(Rule rule, Collection<Alert> before) {
        this.rule = rule;
        before.forEach(alert -> alerts.put(alert.group(), alert));
    }

    /** The rule's alerts after the evaluation. */
    public static Outcome step(Rule rule, Collection<Alert> before, Evaluation evaluation) {
        StateMachine machine = new StateMachine(rule, before);
        machine.apply(evaluation);
        return machine.outcome();
    }

    /** A rule that was switched off or deleted: what fires resolves, what is pending is forgotten. */
    public static Outcome retire(Rule rule, Collection<Alert> before, Instant at) {
        StateMachine machine = new StateMachine(rule, before);
        before.forEach(alert -> machine.end(alert, at, "the rule was switched off"));
        return machine.outcome();
    }

    private Outcome outcome() {
        return new Outcome(List.copyOf(alerts.values()), List.copyOf(transitions));
    }

    private void apply(Evaluation evaluation) {
        Instant at = evaluation.at();
        noData = evaluation.noData();
        endOldGroups(at);
        if (evaluation.samples().stream().anyMatch(sample -> !isOfTheRule(sample.group()))) {
            return; // measured before the rule was grouped otherwise: it says nothing of the groups that there are now
        }
        String error = evaluation.error();
        if (error != null) {
            observe(Alert.ERROR, at, Double.NaN, Double.NaN, true, "the rule could not be evaluated: " + error);
            everyGroup().forEach(group -> missing(group, at, rule.onError(), "the rule could not be evaluated"));
            return;
        }
        if (alerts.containsKey(Alert.ERROR)) {
            observe(Alert.ERROR, at, Double.NaN, Double.NaN, false, "the rule is evaluated again");
        }
        Set<Labels> seen = new HashSet<>();
        for (Sample sample : evaluation.samples()) {
            if (seen.add(sample.group())) {
                value(sample, at);
            }
        }
        for (Labels group : everyGroup()) {
            if (!seen.contains(group)) {
                absent(group, at);
            }
        }
        if (seen.isEmpty() && rule.query().groupBy().isEmpty() && !alerts.containsKey(Labels.NONE)) {
            absent(Labels.NONE, at);
        }
    }

    /** What the rule fired about before it was grouped otherwise: no query will name these groups again. */
    private void endOldGroups(Instant at) {
        for (Alert alert : List.copyOf(alerts.values())) {
            if (alert.isError() || isOfTheRule(alert.group())) {
                continue;
            }
            end(alert, at, "the rule is grouped otherwise now");
            if (alert.state() == AlertState.RESOLVED && isOver(alert, at)) {
                move(alert, AlertState.INACTIVE, at, "quiet");
            }
        }
    }

    private boolean isOfTheRule(Labels group) {
        return group.values().keySet().equals(Set.copyOf(rule.query().groupBy()));
    }

    /** What fires resolves, and what is pending is forgotten, at once. */
    private void end(Alert alert, Instant at, String why) {
        if (alert.isFiring()) {
            move(alert, AlertState.RESOLVED, at, why);
        } else if (alert.state() == AlertState.PENDING) {
            move(alert, AlertState.INACTIVE, at, why);
        }
    }

    private List<Labels> everyGroup() {
        return alerts.keySet().stream().filter(this::isOfTheRule).toList();
    }

    private void value(Sample sample, Instant at) {
        if (Double.isNaN(sample.value())) {
            absent(sample.group(), at);
            return;
        }
        Alert now = alerts.get(sample.group());
        boolean holds = rule.condition()
                .holds(
                        rule.query().measure(),
                        sample.value(),
                        sample.earlier(),
                        sample.baseline(),
                        now != null && now.isFiring());
        observe(
                sample.group(),
                at,
                sample.value(),
                usual(sample),
                holds,
                rule.condition().describe());
    }

    private double usual(Sample sample) {
        if (rule.condition() instanceof Condition.Threshold threshold) {
            return threshold.limit();
        }
        return rule.condition() instanceof Condition.Anomaly ? sample.baseline().median() : sample.earlier();
    }

    /** A group that the query did not name. */
    private void absent(Labels group, Instant at) {
        if (rule.condition() instanceof Condition.Absence) {
            // Whoever evaluates names every group that is missed: one that is not named has been forgotten.
            boolean isWhole = rule.query().groupBy().isEmpty();
            observe(
                    group,
                    at,
                    0,
                    Double.NaN,
                    isWhole,
                    isWhole
                            ? Objects.requireNonNullElse(noData, "no events")
                            : "silent for so long that it is forgotten");
        } else if (rule.query().measure().isZeroWithoutEvents()) {
            value(new Sample(group, 0, Double.NaN, Baseline.NONE), at);
        } else {
            missing(group, at, rule.onMissing(), Objects.requireNonNullElse(noData, "no data"));
        }
    }

    private void missing(Labels group, Instant at, Missing policy, String why) {
        switch (policy) {
            case CLEAR -> observe(group, at, Double.NaN, Double.NaN, false, why);
            case ALERT -> observe(group, at, Double.NaN, Double.NaN, true, why);
            case KEEP -> {}
        }
    }

    private void observe(Labels group, Instant at, double value, double usual, boolean holds, String why) {
        Alert alert = alerts.get(group);
        if (alert == null) {
            if (!holds) {
                return;
            }
            alert = Alert.inactive(rule.id(), rule.tenant(), group, at);
        }
        alert = alert.measured(value, usual);
        alerts.put(group, alert);
        switch (alert.state()) {
            case INACTIVE, RESOLVED -> {
                if (holds) {
                    Alert pending = move(alert, AlertState.PENDING, at, why);
                    fireIfDue(pending, at, why);
                } else if (alert.state() == AlertState.RESOLVED && isOver(alert, at)) {
                    move(alert, AlertState.INACTIVE, at, "quiet");
                }
            }
            case PENDING -> {
                if (holds) {
                    fireIfDue(alert, at, why);
                } else {
                    move(alert, AlertState.INACTIVE, at, why);
                }
            }
            case FIRING -> {
                if (holds) {
                    alerts.put(group, alert.clear(null));
                } else {
                    resolveIfDue(alert, at, why);
                }
            }
        }
    }

    private void fireIfDue(Alert pending, Instant at, String why) {
        if (!at.isBefore(pending.since().plus(rule.holdFor()))) {
            Instant resolved = pending.resolvedAt();
            boolean relapse = resolved != null && at.isBefore(resolved.plus(RELAPSE));
            move(pending.relapsed(relapse ? pending.relapses() + 1 : 0), AlertState.FIRING, at, why);
        }
    }

    private void resolveIfDue(Alert alert, Instant at, String why) {
        Instant clear = alert.clearSince();
        Instant from = clear == null ? at : clear;
        if (at.isBefore(from.plus(hold(alert)))) {
            alerts.put(alert.group(), alert.clear(from));
        } else {
            move(alert, AlertState.RESOLVED, at, why);
        }
    }

    private Duration hold(Alert alert) {
        if (alert.relapses() == 0) {
            return rule.keepFiringFor();
        }
        Duration unit = rule.keepFiringFor().compareTo(rule.every()) < 0 ? rule.every() : rule.keepFiringFor();
        Duration longest = unit.compareTo(LONGEST_HOLD) > 0 ? unit : LONGEST_HOLD;
        Duration damped = unit.multipliedBy(1L << Math.min(alert.relapses(), 12));
        return damped.compareTo(longest) > 0 ? longest : damped;
    }

    private static boolean isOver(Alert alert, Instant at) {
        @Nullable Instant resolved = alert.resolvedAt();
        return resolved != null && !at.isBefore(resolved.plus(RELAPSE));
    }

    private Alert move(Alert alert, AlertState to, Instant at, String why) {
        Alert moved = alert.to(to, at, why);
        alerts.put(alert.group(), moved);
        transitions.add(new Transition(moved, alert.state(), to, at));
        return moved;
    }
}
