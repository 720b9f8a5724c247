package io.weir.metadata.rule;

/** On which side of its limit a value is wrong. */
public enum Comparison {
    ABOVE,
    BELOW;

    /** Whether the value lies beyond the limit; at the limit it does not. */
    public boolean holds(double value, double limit) {
        return this == ABOVE ? value > limit : value < limit;
    }
}
