package io.weir.metadata.rule;

import java.util.Arrays;

/**
 * What is usual for a series in one hour of the week: the median of its earlier values, and their median absolute deviation
 * (MAD). Half of the values may be anything without moving either far, so past incidents need not be cut out.
 *
 * @param samples how many values it was made from
 */
public record Baseline(double median, double mad, int samples) {

    /** Makes the MAD of normally distributed values their standard deviation: 1 / Φ⁻¹(3/4). */
    public static final double NORMAL = 1.4826;

    public static final Baseline NONE = new Baseline(Double.NaN, Double.NaN, 0);

    /** Of those values; {@link #NONE} without any. */
    public static Baseline of(double[] values) {
        double[] sorted =
                Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        if (sorted.length == 0) {
            return NONE;
        }
        double median = middle(sorted);
        double[] deviations = Arrays.stream(sorted)
                .map(value -> Math.abs(value - median))
                .sorted()
                .toArray();
        return new Baseline(median, middle(deviations), sorted.length);
    }

    private static double middle(double[] sorted) {
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
