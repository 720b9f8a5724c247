package io.weir.metadata.label;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Names and values that tell one alert from another, sorted by name. Immutable; equal if they hold the same.
 *
 * <p>{@link #toString} is unambiguous, and the same for equal labels in every process: it serves as a key.
 */
public final class Labels {

    public static final Labels NONE = new Labels(Map.of());

    private final SortedMap<String, String> values;

    private Labels(Map<String, String> values) {
        this.values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    @JsonCreator
    public static Labels of(Map<String, String> values) {
        return values.isEmpty() ? NONE : new Labels(values);
    }

    public static Labels of(String name, String value) {
        return new Labels(Map.of(name, value));
    }

    /** What {@link #toString} writes. */
    public static Labels parse(String text) {
        return of(Matcher.parseList(text).stream().collect(Collectors.toMap(Matcher::name, Matcher::value)));
    }

    @JsonValue
    public Map<String, String> values() {
        return values;
    }

    /** The value of that name; empty if there is none. */
    public String get(String name) {
        return values.getOrDefault(name, "");
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    /** These and the others; where both have a name, the others' value. */
    public Labels and(Labels others) {
        Map<String, String> both = new TreeMap<>(values);
        both.putAll(others.values);
        return of(both);
    }

    /** Only those names; a name that is not here is left out. */
    public Labels only(Iterable<String> names) {
        Map<String, String> some = new TreeMap<>();
        for (String name : names) {
            String value = values.get(name);
            if (value != null) {
                some.put(name, value);
            }
        }
        return of(some);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Labels labels && labels.values.equals(values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    /** Such as {@code endpoint="/a", method="GET"}. */
    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(label -> label.getKey() + "=\""
                        + label.getValue().replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                .collect(Collectors.joining(", "));
    }
}
