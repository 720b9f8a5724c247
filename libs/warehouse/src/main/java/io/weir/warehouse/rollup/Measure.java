package io.weir.warehouse.rollup;

/**
 * What a rollup holds for each combination of its dimensions. All are states that can be merged in any order with one result, to
 * the bit: sums are of integers or decimals, and the approximate ones are of a kind that does not depend on the order. So every
 * rollup gives what {@link #ofEvents} gives over the events it stands for.
 *
 * @param column of the rollup
 * @param unit of the result, empty for none
 * @param exactness of the result, compared with what a person means by it
 * @param meaning for a person
 * @param state an aggregate over events that gives what the column stores
 * @param merged an aggregate over rows of a rollup that gives what the column of a coarser one stores
 * @param result an aggregate over rows of a rollup that gives the measure
 * @param ofEvents an aggregate over events that gives the same
 * @param compared whether every run compares it with the events: what is left out would cost as much as all the others together
 */
public record Measure(
        String column,
        String unit,
        Exactness exactness,
        String meaning,
        String state,
        String merged,
        String result,
        String ofEvents,
        boolean compared) {

    /** Whether a measure is what it says or close to it. */
    public enum Exactness {
        EXACT,
        /** With an error that {@link Measure#meaning} gives. */
        APPROXIMATE
    }
}
