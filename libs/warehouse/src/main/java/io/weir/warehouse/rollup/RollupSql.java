package io.weir.warehouse.rollup;

import io.weir.warehouse.rollup.Rollup.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

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
        columns.addAll(rollup.dimensionNames());
        rollup.measures().forEach(measure -> columns.add(measure.column()));
        return String.join(", ", columns);
    }

    /**
     * The rows of hours, from events; each event once.
     *
     * @param events a table like {@code events}
     * @param condition which events: those of whole hours
     */
    public String hoursOfEvents(String events, String condition) {
        List<String> selected = new ArrayList<>(keysOfEvents());
        rollup.measures().forEach(measure -> selected.add(measure.state()));
        return "SELECT " + String.join(", ", selected) + fromEvents(events) + " WHERE " + condition
                + groupBy(keysOfEvents());
    }

    /**
     * The rows of a coarser rollup from this one.
     *
     * @param coarse the coarser one: it has no dimension that this one does not have
     * @param table this one's
     * @param condition which rows, such as {@code hour >= ...}
     */
    public String merged(Rollup coarse, String table, String condition) {
        List<String> selected = keys(coarse);
        rollup.measures().forEach(measure -> selected.add(measure.merged()));
        return "SELECT " + String.join(", ", selected) + " FROM " + table + " WHERE " + condition
                + groupBy(keys(coarse));
    }

    /**
     * For each hour: its start in seconds, how many combinations of dimensions there are in events, and a sum over the hashes of
     * each with its measures; each event once.
     *
     * @param condition which events: those of whole hours
     */
    public String checksumsOfEvents(String events, String condition) {
        return checksums(rowsOfEvents(events, condition, List.of("toStartOfHour(timestamp)", dimensionsHash(rollup))));
    }

    /**
     * What {@link #checksumsOfEvents} gives, from this rollup.
     *
     * @param coarse the rollup by whose time and dimensions to group: this one or a coarser one
     * @param condition which rows
     */
    public String checksums(Rollup coarse, String table, String condition) {
        List<String> keys = new ArrayList<>(timeExpressions(coarse.grain()));
        keys.add(dimensionsHash(coarse));
        return checksums(rows(table, condition, keys));
    }

    /** The rows of an hour that the checksum is of, as tuples {@code r} that say what they are of. */
    public String rowsOfEvents(String events, String condition) {
        return rowsOfEvents(events, condition, keysOfEvents());
    }

    /** What {@link #rowsOfEvents} gives, from this rollup. */
    public String rows(String table, String condition) {
        return rows(table, condition, keys(rollup));
    }

    private String rowsOfEvents(String events, String condition, List<String> keys) {
        return row(keys, Measure::ofEvents) + fromEvents(events) + " WHERE " + condition + groupBy(keys);
    }

    private String rows(String table, String condition, List<String> keys) {
        return row(keys, Measure::result) + " FROM " + table + " WHERE " + condition + groupBy(keys);
    }

    private String row(List<String> keys, Function<Measure, String> aggregate) {
        List<String> selected = new ArrayList<>(keys);
        rollup.measures().stream()
                .filter(Measure::compared)
                // A null has no hash. Measures that cannot be null stay as they are.
                .forEach(measure -> selected.add("ifNull(" + aggregate.apply(measure) + ", nan)"));
        return "SELECT tuple(" + String.join(", ", selected) + ") AS r";
    }

    private static String checksums(String rows) {
        return "SELECT toUnixTimestamp(r.1) AS start, count(), sum(cityHash64(r)) FROM (" + rows + ") GROUP BY start";
    }

    /** A third of the cost of grouping by the dimensions. Two with one hash are added up, on both sides of a comparison. */
    private static String dimensionsHash(Rollup rollup) {
        return "cityHash64(" + String.join(", ", rollup.dimensionNames()) + ")";
    }

    /** The first row that is not among others. */
    public static String firstBeside(String rows, String others) {
        return "SELECT r FROM (" + rows + ") WHERE cityHash64(r) NOT IN (SELECT cityHash64(r) FROM (" + others
                + ")) ORDER BY r LIMIT 1";
    }

    private List<String> keysOfEvents() {
        List<String> keys = new ArrayList<>();
        keys.add("toStartOfHour(timestamp)");
        keys.addAll(rollup.dimensionNames());
        return keys;
    }

    private List<String> keys(Rollup coarse) {
        List<String> keys = new ArrayList<>(timeExpressions(coarse.grain()));
        keys.addAll(coarse.dimensionNames());
        return keys;
    }

    private String fromEvents(String events) {
        return " FROM " + events + " FINAL"
                + (rollup.subject() == Subject.MEASUREMENTS
                        ? " ARRAY JOIN mapKeys(measurements) AS name, mapValues(measurements) AS value"
                        : "");
    }

    private static String groupBy(List<String> keys) {
        return " GROUP BY " + String.join(", ", keys);
    }

    private List<String> timeExpressions(Grain grain) {
        String finest =
                rollup.grain().timeColumns().get(rollup.grain().timeColumns().size() - 1);
        if (grain == rollup.grain()) {
            return rollup.grain().timeColumns();
        }
        return switch (grain) {
            case DAY -> List.of("toDate(" + finest + ", 'UTC')");
            case SUMMARY -> List.of("toDate(" + finest + ")");
            case WEEK -> List.of("toMonday(" + finest + ")");
            case YEAR -> List.of("toStartOfYear(" + finest + ")", "toStartOfMonth(" + finest + ")");
            case ALL -> List.of("toStartOfYear(" + finest + ")");
            case MINUTE, HOUR -> throw new IllegalArgumentException(rollup.table() + " has no " + grain);
        };
    }
}
