package io.weir.warehouse.rollup;

import io.weir.warehouse.rollup.Rollup.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The statements that fill and check the rollups, made from the catalogue. Table names come with their database.
 *
 * <p>Columns are selected by position and without names: many are called like a column that they are made of.
 */
public final class RollupSql {

    private final Rollup rollup;

    public RollupSql(Rollup rollup) {
        this.rollup = rollup;
    }

    /** The columns that the selects below give, for an insert. */
    public String columns() {
        List<String> columns = new ArrayList<>(rollup.grain().timeColumns());
        columns.addAll(dimensions());
        rollup.measures().forEach(measure -> columns.add(measure.column()));
        return String.join(", ", columns);
    }

    /**
     * The rows of one hour, {@code {hour:DateTime('UTC')}}, from events; each event once.
     *
     * @param events a table like {@code events}
     */
    public String hourOfEvents(String events) {
        List<String> selected = new ArrayList<>(keysOfEvents());
        rollup.measures().forEach(measure -> selected.add(measure.state()));
        return "SELECT " + String.join(", ", selected) + ofEvents(events);
    }

    /**
     * The rows of a coarser rollup from this one.
     *
     * @param grain of the coarser one
     * @param table this one's
     * @param condition which rows, such as {@code hour >= ...}
     */
    public String merged(Grain grain, String table, String condition) {
        List<String> selected = keys(grain);
        rollup.measures().forEach(measure -> selected.add(measure.merged()));
        return "SELECT " + String.join(", ", selected) + " FROM " + table + " WHERE " + condition + groupBy(grain);
    }

    /**
     * How many combinations of dimensions there are in an hour of events, and a sum over the hashes of each with its measures:
     * what {@link #checksum} gives over a rollup of them.
     */
    public String checksumOfEvents(String events) {
        List<String> selected = new ArrayList<>(keysOfEvents());
        rollup.measures().forEach(measure -> selected.add(comparable(measure.ofEvents())));
        return checksum("SELECT tuple(" + String.join(", ", selected) + ") AS r" + ofEvents(events));
    }

    /**
     * How many combinations of time and dimensions there are in a rollup, and a sum over the hashes of each with its measures.
     *
     * @param grain the time to group by: this one's or a coarser one's
     */
    public String checksum(Grain grain, String table, String condition) {
        List<String> selected = keys(grain);
        rollup.measures().forEach(measure -> selected.add(comparable(measure.result())));
        return checksum("SELECT tuple(" + String.join(", ", selected) + ") AS r FROM " + table + " WHERE " + condition
                + groupBy(grain));
    }

    /**
     * The measures of each hour, tenant and type of event, or measurement, from events; each event once. In the order of the keys.
     *
     * @param condition which events
     */
    public String totalsOfEvents(String events, String condition) {
        List<String> selected = new ArrayList<>(List.of("toStartOfHour(timestamp)", "tenant", totalKey()));
        rollup.measures().forEach(measure -> selected.add(measure.ofEvents()));
        return totals(selected) + fromEvents(events) + " WHERE " + condition + " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
    }

    /**
     * What {@link #totalsOfEvents} gives, from an hourly rollup.
     *
     * @param condition which rows
     */
    public String totals(String table, String condition) {
        List<String> selected = new ArrayList<>(List.of("hour", "tenant", totalKey()));
        rollup.measures().forEach(measure -> selected.add(measure.result()));
        return totals(selected) + " FROM " + table + " WHERE " + condition + " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
    }

    private static String totals(List<String> selected) {
        return "SELECT " + String.join(", ", selected);
    }

    private String totalKey() {
        return rollup.subject() == Subject.MEASUREMENTS ? "name" : "type";
    }

    private static String checksum(String rows) {
        return "SELECT count(), sum(cityHash64(r)) FROM (" + rows + ")";
    }

    /** A null has no hash. Measures that cannot be null stay as they are. */
    private static String comparable(String measure) {
        return "ifNull(" + measure + ", nan)";
    }

    private List<String> keysOfEvents() {
        List<String> keys = new ArrayList<>();
        keys.add("toStartOfHour(timestamp)");
        keys.addAll(dimensions());
        return keys;
    }

    private List<String> keys(Grain grain) {
        List<String> keys = new ArrayList<>(timeExpressions(grain));
        keys.addAll(dimensions());
        return keys;
    }

    private String fromEvents(String events) {
        return " FROM " + events + " FINAL"
                + (rollup.subject() == Subject.MEASUREMENTS
                        ? " ARRAY JOIN mapKeys(measurements) AS name, mapValues(measurements) AS value"
                        : "");
    }

    private String ofEvents(String events) {
        // The first condition is what the key of the table knows, the others what its partitions do.
        return fromEvents(events) + " WHERE toStartOfHour(timestamp) = {hour:DateTime('UTC')}"
                + " AND timestamp >= {hour:DateTime('UTC')} AND timestamp < {hour:DateTime('UTC')} + INTERVAL 1 HOUR"
                + " GROUP BY " + String.join(", ", keysOfEvents());
    }

    private String groupBy(Grain grain) {
        return " GROUP BY " + String.join(", ", keys(grain));
    }

    private List<String> timeExpressions(Grain grain) {
        String finest =
                rollup.grain().timeColumns().get(rollup.grain().timeColumns().size() - 1);
        if (grain == rollup.grain()) {
            return rollup.grain().timeColumns();
        }
        return switch (grain) {
            case DAY -> List.of("toDate(" + finest + ", 'UTC')");
            case YEAR -> List.of("toStartOfYear(" + finest + ")", "toStartOfMonth(" + finest + ")");
            case ALL -> List.of("toStartOfYear(" + finest + ")");
            case MINUTE, HOUR -> throw new IllegalArgumentException(rollup.table() + " has no " + grain);
        };
    }

    private List<String> dimensions() {
        return rollup.dimensions().stream().map(Dimension::name).collect(Collectors.toList());
    }
}
