package io.weir.console.query;

import io.weir.warehouse.rollup.Grain;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What {@code rollup_ledger} said at one moment, about all of time. */
final class Ledger {

    /** A unit that was derived. */
    record Derived(long readUntil, long recomputedAt) {}

    /** Of a table without rows. */
    static final Ledger EMPTY = new Ledger(List.of());

    /** Of all rows, in any order. */
    static final String VERSION =
            "reinterpretAsInt64(sumWithOverflow(cityHash64(unit, start, read_until, recomputed_at)))";

    private final long version;
    private final Instant complete;
    private final NavigableMap<LocalDate, Long> recomputedHours = new TreeMap<>();
    private final Map<Grain, NavigableMap<LocalDate, Derived>> derived = new EnumMap<>(Grain.class);

    private Ledger(List<JsonNode> rows) {
        long all = 0;
        Instant last = Instant.EPOCH;
        for (JsonNode row : rows) {
            String unit = row.get(0).stringValue();
            LocalDate day = LocalDate.ofInstant(Instant.ofEpochSecond(row.get(1).longValue()), ZoneOffset.UTC);
            long readUntil = row.get(2).longValue();
            long recomputedAt = row.get(3).longValue();
            all += row.get(4).longValue();
            switch (unit) {
                case "run" -> last = Instant.ofEpochMilli(readUntil);
                case "hour" -> recomputedHours.put(day, recomputedAt);
                // Those of a later release are not known yet.
                default ->
                    Stream.of(Grain.values())
                            .filter(grain -> grain.name().equalsIgnoreCase(unit))
                            .forEach(grain -> derived.computeIfAbsent(grain, any -> new TreeMap<>())
                                    .put(day, new Derived(readUntil, recomputedAt)));
            }
        }
        this.version = all;
        this.complete = last;
    }

    /** Reads the table once, so that all is of the same moment. */
    static Ledger read(ClickHouse clickHouse, ClickHouse.Wait wait) {
        String sql = """
                SELECT unit::String AS kind, toInt64(toUnixTimestamp(toStartOfDay(start, 'UTC'))) AS day,
                    toUnixTimestamp64Milli(if(kind = 'run', max(read_until), argMax(read_until, recomputed_at))),
                    toUnixTimestamp64Milli(max(recomputed_at)), %s
                FROM %s.rollup_ledger
                GROUP BY kind, day
                """.formatted(VERSION, clickHouse.database());
        return new Ledger(clickHouse.query(sql, Map.of(), wait).rows());
    }

    /** Changes when a row does. */
    long version() {
        return version;
    }

    /** Everything that was stored until then is rolled up. */
    Instant complete() {
        return complete;
    }

    /** When an hour of that day was last made anew, in ms; 0 for never. */
    long hoursRecomputedAt(LocalDate day) {
        return recomputedHours.getOrDefault(day, 0L);
    }

    /** @param grain DAY, YEAR (for a month) or ALL (for a year) */
    @Nullable
    Derived derived(Grain grain, LocalDate start) {
        NavigableMap<LocalDate, Derived> units = derived.get(grain);
        return units == null ? null : units.get(start);
    }

    /** All that concerns a span of days; changes when one of their rollups is made anew. */
    String stamps(LocalDate from, LocalDate to) {
        StringBuilder stamps = new StringBuilder();
        stamps.append(recomputedHours.subMap(from, true, to, true));
        derived.forEach(
                (grain, units) -> stamps.append(grain).append(units.subMap(from.withDayOfYear(1), true, to, true)));
        return stamps.toString();
    }
}
