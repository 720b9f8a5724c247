package io.weir.metadata.alert;

import io.weir.metadata.label.Labels;
import io.weir.metadata.rule.Baseline;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a rule's query gave for the window that ends at {@code at}.
 *
 * @param error why it could not be asked; null if it could
 * @param noData why groups that are not among the samples have no value, for a person; null if that is no more than it says
 */
public record Evaluation(
        UUID rule,
        Instant at,
        List<Sample> samples,
        @Nullable String error,
        @Nullable String noData) {

    public Evaluation(UUID rule, Instant at, List<Sample> samples, @Nullable String error) {
        this(rule, at, samples, error, null);
    }

    /**
     * One group's value. Numbers that are absent are NaN.
     *
     * @param earlier the value of the earlier period, for a rule about change
     * @param baseline what is usual, for a rule about anomalies
     */
    public record Sample(Labels group, double value, double earlier, Baseline baseline) {
        public static Sample of(Labels group, double value) {
            return new Sample(group, value, Double.NaN, Baseline.NONE);
        }
    }

    public Evaluation {
        samples = List.copyOf(samples);
    }
}
