package io.weir.bench.report;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Measured numbers of one run, as a plain table and as JSON. */
public final class Results {

    private static final int CELL = 12;

    /**
     * One number.
     *
     * @param part of the benchmark, such as {@code source}
     * @param remark how it was measured; may be empty
     */
    public record Result(String part, String name, double value, String unit, String remark) {}

    private final List<Result> results = new ArrayList<>();
    private final Map<String, Map<String, Map<String, Double>>> tables = new LinkedHashMap<>();

    public void add(String part, String name, double value, String unit, String remark) {
        results.add(new Result(part, name, value, unit, remark));
    }

    /**
     * Adds a row to a table.
     *
     * @param columns by name, those of every row of the part in the same order; NaN where there is no number
     */
    public void addRow(String part, String name, Map<String, Double> columns) {
        tables.computeIfAbsent(part, any -> new LinkedHashMap<>()).put(name, columns);
    }

    /** Prints the tables. */
    public void print(PrintStream out) {
        int width =
                results.stream().mapToInt(result -> result.name.length()).max().orElse(0);
        String part = "";
        for (Result result : results) {
            if (!part.equals(result.part)) {
                part = result.part;
                out.printf(Locale.ROOT, "%n%s%n", part);
            }
            out.printf(
                    Locale.ROOT,
                    "  %-" + width + "s %12s %-9s %s%n",
                    result.name,
                    number(result.value),
                    result.unit,
                    result.remark);
        }
        tables.forEach((title, rows) -> print(out, title, rows));
        out.println();
    }

    private static void print(PrintStream out, String title, Map<String, Map<String, Double>> rows) {
        int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
        out.printf(Locale.ROOT, "%n%s%n  %-" + width + "s", title, "");
        rows.values().stream().limit(1).forEach(columns -> columns.keySet()
                .forEach(column -> out.printf(Locale.ROOT, " | %" + CELL + "s", column)));
        out.println();
        rows.forEach((name, columns) -> {
            out.printf(Locale.ROOT, "  %-" + width + "s", name);
            columns.values()
                    .forEach(value -> out.printf(Locale.ROOT, " | %" + CELL + "s", value.isNaN() ? "" : number(value)));
            out.println();
        });
    }

    private static String number(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 1000 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }

    /** One JSON object: a list of results by part. */
    public String json() {
        Map<String, List<Map<String, @Nullable Object>>> parts = new LinkedHashMap<>();
        for (Result result : results) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("name", result.name);
            fields.put("value", result.value);
            fields.put("unit", result.unit);
            fields.put("remark", result.remark);
            parts.computeIfAbsent(result.part, any -> new ArrayList<>()).add(fields);
        }
        tables.forEach((part, rows) -> rows.forEach((name, columns) -> {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("name", name);
            columns.forEach((column, value) -> fields.put(column, value.isNaN() ? null : value));
            parts.computeIfAbsent(part, any -> new ArrayList<>()).add(fields);
        }));
        return new JsonMapper().writeValueAsString(parts);
    }

    /** The middle one of several measurements. */
    public static double median(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
