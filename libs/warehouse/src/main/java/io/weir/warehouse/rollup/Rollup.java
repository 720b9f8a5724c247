package io.weir.warehouse.rollup;

import java.util.List;

/**
 * A table of rollups. Several rows may stand for one combination of time and dimensions: always aggregate with
 * {@link Measure#result}.
 *
 * @param table its name
 * @param subject what is counted
 * @param grain the time of a row
 * @param dimensions what it groups by, beside time
 * @param measures what it holds
 */
public record Rollup(String table, Subject subject, Grain grain, List<Dimension> dimensions, List<Measure> measures) {

    /** What a rollup counts. */
    public enum Subject {
        /** Events of every type. */
        EVENTS,
        /** Each measurement of each event. */
        MEASUREMENTS
    }

    public Rollup {
        dimensions = List.copyOf(dimensions);
        measures = List.copyOf(measures);
    }

    public List<String> dimensionNames() {
        return dimensions.stream().map(Dimension::name).toList();
    }

    /** Whether its counts are those of the events, each counted once however often it was sent. */
    public boolean isExact() {
        return grain != Grain.MINUTE;
    }
}
