package io.weir.console.query;

import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.Rollup.Subject;
import io.weir.warehouse.rollup.RollupCatalogue;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What of a span of time has been rolled up, and holds what its events give, as of one moment.
 *
 * <p>An hour is dirty when it has an event, of the tenant that is asked for, that was stored after the time until which its rollup has read. Everything stored until
 * {@code complete} has been rolled up, so that only events stored since are looked at: that is what makes it cheap.
 */
final class RollupState {

    /** A unit that was derived. */
    private record Derived(long readUntil, long recomputedAt) {}

    private final Instant until;
    private final Map<LocalDate, Long> recomputedHours = new HashMap<>();
    private final Map<Grain, Map<LocalDate, Derived>> derived = new HashMap<>();
    private final NavigableSet<Instant> dirty = new TreeSet<>();
    private final Map<Grain, Set<LocalDate>> gone = new HashMap<>();
    private final Set<LocalDate> eventsGone = new HashSet<>();
    private final Set<LocalDate> beingPurged = new HashSet<>();
    private final String signature;

    private RollupState(List<JsonNode> rows, Subject subject) {
        Map<String, Grain> tables = new HashMap<>();
        for (Rollup rollup : RollupCatalogue.rollups()) {
            if (rollup.subject() == subject) {
                tables.put(rollup.table(), rollup.grain());
            }
        }
        Instant complete = Instant.EPOCH;
        StringBuilder stamps = new StringBuilder();
        for (JsonNode row :
                rows.stream().sorted(Comparator.comparing(JsonNode::toString)).toList()) {
            String kind = row.get(0).stringValue();
            long start = row.get(1).longValue();
            long first = row.get(2).longValue();
            long second = row.get(3).longValue();
            String text = row.get(4).stringValue();
            LocalDate day = LocalDate.ofInstant(Instant.ofEpochSecond(start), ZoneOffset.UTC);
            switch (kind) {
                case "run" -> complete = Instant.ofEpochMilli(first);
                case "hour" -> recomputedHours.put(day, second);
                case "dirty" -> dirty.add(Instant.ofEpochSecond(start));
                case "day", "year", "all" ->
                    derived.computeIfAbsent(Grain.valueOf(kind.toUpperCase(Locale.ROOT)), grain -> new HashMap<>())
                            .put(day, new Derived(first, second));
                case "dropped" -> {
                    LocalDate of = ofPartition(text.substring(text.indexOf('/') + 1));
                    Grain grain = tables.get(text.substring(0, text.indexOf('/')));
                    if (grain == null) {
                        eventsGone.add(of);
                    } else {
                        gone.computeIfAbsent(grain, any -> new HashSet<>()).add(of);
                    }
                }
                case "purging" -> beingPurged.add(ofPartition(text.substring(text.indexOf('/') + 1)));
                default -> throw new IllegalStateException(kind);
            }
            if (!kind.equals("run")) {
                stamps.append(kind)
                        .append(start)
                        .append('/')
                        .append(first)
                        .append('/')
                        .append(second)
                        .append(text);
            }
        }
        this.until = complete.truncatedTo(ChronoUnit.HOURS);
        this.signature = UUID.nameUUIDFromBytes(stamps.toString().getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /** One statement. {@code tenant} is null for all. */
    static RollupState read(ClickHouse clickHouse, Query query, @Nullable String tenant, ClickHouse.Wait wait) {
        String tables = RollupCatalogue.rollups().stream()
                .filter(rollup -> rollup.subject() == query.subject())
                .map(rollup -> "'" + rollup.table() + "'")
                .collect(Collectors.joining(", "));
        Map<String, String> parameters = new LinkedHashMap<>();
        Instant from = query.from().truncatedTo(ChronoUnit.HOURS);
        parameters.put("from", QuerySql.millis(from));
        parameters.put("to", QuerySql.millis(query.to()));
        parameters.put(
                "year",
                QuerySql.millis(LocalDate.ofInstant(from, ZoneOffset.UTC)
                        .with(TemporalAdjusters.firstDayOfYear())
                        .atStartOfDay(ZoneOffset.UTC)
                        .toInstant()));
        String eventsOfTenant = "";
        String partitionsOfTenant = "";
        if (tenant != null) {
            parameters.put("tenant", tenant);
            eventsOfTenant = " AND tenant = {tenant:String}";
            partitionsOfTenant = " AND tenant IN ('', {tenant:String})";
        }
        String sql = """
                WITH (SELECT max(read_until) FROM %1$s.rollup_ledger WHERE unit = 'run') AS complete
                SELECT 'run' AS kind, toInt64(0) AS start, toUnixTimestamp64Milli(complete) AS first, toInt64(0) AS second,
                    '' AS text
                UNION ALL
                SELECT 'hour', toInt64(toUnixTimestamp(toStartOfDay(start, 'UTC')) AS day), toInt64(0),
                    toUnixTimestamp64Milli(max(recomputed_at)), ''
                FROM %1$s.rollup_ledger FINAL
                WHERE unit = 'hour' AND start >= {from:DateTime64(3, 'UTC')} AND start < {to:DateTime64(3, 'UTC')}
                GROUP BY day
                UNION ALL
                SELECT unit::String, toInt64(toUnixTimestamp(start)), toUnixTimestamp64Milli(read_until),
                    toUnixTimestamp64Milli(recomputed_at), ''
                FROM %1$s.rollup_ledger FINAL
                WHERE unit IN ('day', 'year', 'all') AND start >= {year:DateTime64(3, 'UTC')}
                    AND start < {to:DateTime64(3, 'UTC')}
                UNION ALL
                SELECT 'dirty', toInt64(toUnixTimestamp(received.hour)), toInt64(0), toInt64(0), ''
                FROM (
                    SELECT toStartOfHour(timestamp) AS hour, max(ingested_at) AS newest
                    FROM %1$s.events
                    WHERE timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
                        AND timestamp < toStartOfHour(complete) AND ingested_at > complete%3$s
                    GROUP BY hour) AS received
                LEFT JOIN (SELECT start, read_until FROM %1$s.rollup_ledger FINAL WHERE unit = 'hour') AS done
                    ON done.start = received.hour
                WHERE newest > read_until
                UNION ALL
                SELECT DISTINCT if(state = 'dropped', 'dropped', 'purging'), toInt64(0), toInt64(0), toInt64(0),
                    concat(table, '/', partition)
                FROM %1$s.archive_manifest FINAL
                WHERE (state = 'dropped' AND table IN ('events', %2$s) OR state IN ('written', 'verified') AND table = 'events')%4$s
                """.formatted(clickHouse.database(), tables, eventsOfTenant, partitionsOfTenant);
        return new RollupState(clickHouse.query(sql, parameters, wait).rows(), query.subject());
    }

    /** Hours that end later are not rolled up, or not known to be: they are taken from events. */
    Instant until() {
        return until;
    }

    /** Changes when what the rollups hold changes. */
    String signature() {
        return signature;
    }

    /** Those of a span whose events must be read. */
    NavigableSet<Instant> dirty(Interval interval) {
        return dirty.subSet(interval.from(), true, interval.to(), false).stream()
                .filter(this::isDirty)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether events of that day have been dropped, of some tenant at least. */
    boolean eventsAreGone(LocalDate day) {
        return eventsGone.contains(day);
    }

    boolean isGone(Grain grain, LocalDate start) {
        return gone.getOrDefault(grain, Set.of()).contains(start);
    }

    /**
     * Whether the events of an hour must be read. Not where its day is being purged: whether they are still there changes under
     * our hands. Nor where the day's rollup has been dropped: late events of such days are in no rollup.
     */
    boolean isDirty(Instant hour) {
        if (!dirty.contains(hour)) {
            return false;
        }
        LocalDate day = LocalDate.ofInstant(hour, ZoneOffset.UTC);
        return !beingPurged.contains(day) && !isGone(Grain.HOUR, day);
    }

    /**
     * Whether a unit holds what its sources hold: it was derived after they were recomputed, or one of them has been dropped since,
     * so that it stands alone. Says nothing about dirty hours.
     *
     * @param grain DAY, YEAR (for a month) or ALL (for a year)
     */
    boolean isFresh(Grain grain, LocalDate start) {
        if (isGone(grain, start)) {
            return false;
        }
        Derived unit = derived.getOrDefault(grain, Map.of()).get(start);
        LocalDate end =
                grain == Grain.DAY ? start.plusDays(1) : grain == Grain.YEAR ? start.plusMonths(1) : start.plusYears(1);
        Grain source = grain == Grain.DAY ? Grain.HOUR : grain == Grain.YEAR ? Grain.DAY : Grain.YEAR;
        boolean standsAlone = false;
        boolean stale = false;
        for (LocalDate day = start;
                day.isBefore(end);
                day = source == Grain.YEAR ? day.plusMonths(1) : day.plusDays(1)) {
            standsAlone |= isGone(source, day);
            long recomputed;
            if (source == Grain.HOUR) {
                recomputed = recomputedHours.getOrDefault(day, 0L);
            } else {
                Derived part = derived.getOrDefault(source, Map.of()).get(day);
                recomputed = part == null ? 0 : part.recomputedAt;
                // A source that is itself behind.
                stale |= !isFresh(source, day);
            }
            stale |= recomputed > (unit == null ? 0 : unit.readUntil);
        }
        return standsAlone ? unit != null : !stale;
    }

    private static LocalDate ofPartition(String partition) {
        String first = partition + "0101".substring(partition.length() - 4); // of a year, a month or a day
        return LocalDate.parse(first, DateTimeFormatter.BASIC_ISO_DATE);
    }
}
