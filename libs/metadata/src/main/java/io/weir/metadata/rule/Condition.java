package io.weir.metadata.rule;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.weir.metadata.rule.Query.Measure;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** When a value is wrong. Pure: the same values give the same answer. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Condition.Threshold.class, name = "threshold"),
    @JsonSubTypes.Type(value = Condition.Change.class, name = "change"),
    @JsonSubTypes.Type(value = Condition.Anomaly.class, name = "anomaly"),
    @JsonSubTypes.Type(value = Condition.Absence.class, name = "absence")
})
public sealed interface Condition {

    /**
     * Whether the value is wrong.
     *
     * @param measure what was measured; {@link Anomaly} takes its floor from it
     * @param baseline what is usual; used by {@link Anomaly}
     * @param earlier the value of the earlier period, NaN if it had none; used by {@link Change}
     * @param firing whether the alert fires now: then {@code clear} decides, not {@code limit}
     */
    boolean holds(Measure measure, double value, double earlier, Baseline baseline, boolean firing);

    /** In words, such as "above 0.05 (clear at 0.03)". */
    String describe();

    /**
     * The value against a fixed limit.
     *
     * @param limit the alert begins beyond it
     * @param clear once firing, it goes on until the value is at or inside this; null for the limit itself
     */
    record Threshold(
            Comparison comparison, double limit, @Nullable Double clear) implements Condition {
        public Threshold {
            requireClear(comparison, limit, clear);
        }

        @Override
        public boolean holds(Measure measure, double value, double earlier, Baseline baseline, boolean firing) {
            return comparison.holds(value, firing && clear != null ? clear : limit);
        }

        @Override
        public String describe() {
            return words(comparison) + " " + number(limit) + (clear == null ? "" : " (clear at " + number(clear) + ")");
        }
    }

    /**
     * The value against that of an earlier period of the same length, as a relative change: 0.5 is half as much again, -0.5
     * half of what it was.
     *
     * @param before how much earlier, 1 minute to 35 days
     * @param minimum an earlier value smaller than this (in absolute terms) says nothing: the condition does not hold
     */
    record Change(
            Duration before,
            Comparison comparison,
            double limit,
            @Nullable Double clear,
            double minimum) implements Condition {
        public Change {
            if (before.compareTo(Duration.ofMinutes(1)) < 0 || before.compareTo(Duration.ofDays(35)) > 0) {
                throw new IllegalArgumentException(
                        "condition.before is " + before + ": it must be 1 minute to 35 days");
            }
            if (!(minimum >= 0)) {
                throw new IllegalArgumentException("condition.minimum is " + minimum + ": it must not be negative");
            }
            requireClear(comparison, limit, clear);
        }

        @Override
        public boolean holds(Measure measure, double value, double earlier, Baseline baseline, boolean firing) {
            if (Double.isNaN(earlier) || Math.abs(earlier) < minimum || earlier == 0) {
                return false;
            }
            return comparison.holds((value - earlier) / Math.abs(earlier), firing && clear != null ? clear : limit);
        }

        @Override
        public String describe() {
            return "changed against " + before.toString().substring(2).toLowerCase(Locale.ROOT)
                    + " before by " + (comparison == Comparison.ABOVE ? "more than " : "less than ")
                    + number(limit * 100) + "%";
        }
    }

    /**
     * The value against what is usual for the same hour of the week: wrong if it is further from the median than
     * {@code sensitivity} times the usual deviation.
     *
     * @param sensitivity deviations, above 0; larger is less sensitive
     * @param relativeFloor the deviation is at least this part of the median, so that a series without noise does not fire at
     *     nothing
     * @param floor the deviation is at least this, in the value's unit; 0 for {@link Measure#leastDeviation}, the measure's own
     * @param weeks how many earlier weeks make the baseline, 1 to 8
     * @param samples with fewer earlier values the condition does not hold
     * @param direction which side is wrong; null for both
     */
    record Anomaly(
            double sensitivity,
            double relativeFloor,
            double floor,
            int weeks,
            int samples,
            @Nullable Comparison direction)
            implements Condition {

        /** Chosen by what people marked in real series: see the README of tasks/alert-scan. */
        public static final Anomaly DEFAULT = new Anomaly(10, 0.02, 0, 4, 12, null);

        public Anomaly {
            if (!(sensitivity > 0)) {
                throw new IllegalArgumentException("condition.sensitivity is " + sensitivity + ": it must be above 0");
            }
            if (!(relativeFloor >= 0) || !(floor >= 0)) {
                throw new IllegalArgumentException("condition.relativeFloor and condition.floor must not be negative");
            }
            if (weeks < 1 || weeks > 8) {
                throw new IllegalArgumentException("condition.weeks is " + weeks + ": it must be 1 to 8");
            }
            if (samples < 1) {
                throw new IllegalArgumentException("condition.samples is " + samples + ": it must be at least 1");
            }
        }

        /**
         * Deviations from the median, with the sign of the difference. 0 where nothing can be said: with too few samples, and
         * without any deviation to count in, as of a measurement that has always been zero.
         */
        public double score(Measure measure, double value, Baseline baseline) {
            if (baseline.samples() < samples) {
                return 0;
            }
            double least =
                    Math.max(floor > 0 ? floor : measure.leastDeviation(), relativeFloor * Math.abs(baseline.median()));
            double deviation = Math.max(Baseline.NORMAL * baseline.mad(), least);
            return deviation == 0 ? 0 : (value - baseline.median()) / deviation;
        }

        @Override
        public boolean holds(Measure measure, double value, double earlier, Baseline baseline, boolean firing) {
            double score = score(measure, value, baseline);
            return Math.abs(score) > sensitivity && (direction == null || direction == Comparison.ABOVE == score > 0);
        }

        @Override
        public String describe() {
            return "further than " + number(sensitivity) + " deviations from what is usual at this hour of the week";
        }
    }

    /**
     * No events. Every group that had events in the time before is expected to have some.
     *
     * @param lookback how long ago a group must have been seen to be missed; at least 1 minute, at most 7 days. A group that
     *     is silent for longer is forgotten, and its alert resolves.
     */
    record Absence(Duration lookback) implements Condition {
        public Absence {
            if (lookback.compareTo(Duration.ofMinutes(1)) < 0 || lookback.compareTo(Duration.ofDays(7)) > 0) {
                throw new IllegalArgumentException(
                        "condition.lookback is " + lookback + ": it must be 1 minute to 7 days");
            }
        }

        @Override
        public boolean holds(Measure measure, double value, double earlier, Baseline baseline, boolean firing) {
            return value == 0;
        }

        @Override
        public String describe() {
            return "no events";
        }
    }

    private static void requireClear(Comparison comparison, double limit, @Nullable Double clear) {
        if (!Double.isFinite(limit)) {
            throw new IllegalArgumentException("condition.limit is " + limit + ": it must be a number");
        }
        if (clear != null && comparison.holds(clear, limit)) {
            throw new IllegalArgumentException(
                    "condition.clear is " + clear + ": it must not lie beyond the limit, " + limit);
        }
    }

    private static String words(Comparison comparison) {
        return comparison == Comparison.ABOVE ? "above" : "below";
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
