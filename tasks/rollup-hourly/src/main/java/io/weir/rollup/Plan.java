package io.weir.rollup;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The hours to recompute, by their days. Is kept as text between the steps of a job, so that a restart has the same plan.
 *
 * @param days hours 0 to 23 of each day, in order
 */
record Plan(SortedMap<LocalDate, List<Integer>> days) {

    static Plan of(Collection<Instant> hours) {
        SortedMap<LocalDate, List<Integer>> days = new TreeMap<>();
        hours.stream().sorted().distinct().forEach(hour -> days.computeIfAbsent(
                        LocalDate.ofInstant(hour, ZoneOffset.UTC), day -> new ArrayList<>())
                .add(hour.atOffset(ZoneOffset.UTC).getHour()));
        return new Plan(days);
    }

    /** As {@link #toString} wrote it. */
    static Plan parse(String text) {
        SortedMap<LocalDate, List<Integer>> days = new TreeMap<>();
        for (String day : text.split(";")) {
            if (!day.isEmpty()) {
                String[] parts = day.split(":");
                days.put(LocalDate.parse(parts[0]), hours(parts[1]));
            }
        }
        return new Plan(days);
    }

    static List<Integer> hours(String text) {
        return java.util.Arrays.stream(text.split(","))
                .filter(hour -> !hour.isEmpty())
                .map(Integer::valueOf)
                .toList();
    }

    static String text(List<Integer> hours) {
        return hours.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    int hourCount() {
        return days.values().stream().mapToInt(List::size).sum();
    }

    @Override
    public String toString() {
        return days.entrySet().stream()
                .map((Map.Entry<LocalDate, List<Integer>> day) -> day.getKey() + ":" + text(day.getValue()))
                .collect(Collectors.joining(";"));
    }
}
