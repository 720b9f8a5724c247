package io.weir.console.query;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.warehouse.Tables;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Finds out what is rolled up. For each query one statement, the cheapest that there is, asks which parts the tables consist of; what
 * they hold is read again only where these are others than the last time. Parts are never changed, so that the same parts hold the same
 * rows. Others may hold the same too, after a merge: that costs a look.
 *
 * <p>Safe to use from several threads. What is read is at least as new as the parts that it is remembered by. That some of it is newer
 * than the rest is no harm: see {@link RollupState}.
 */
final class RollupStates {

    private static final int MOST_TENANTS = 10_000;

    /**
     * Which parts there are, as one number each.
     *
     * @param ofEvents by partition
     */
    private record Parts(long ofLedger, long ofManifest, Map<String, Long> ofEvents) {

        static Parts read(ClickHouse clickHouse, ClickHouse.Wait wait) {
            String sql = """
                    SELECT table, partition_id, reinterpretAsInt64(sum(cityHash64(name, modification_time)))
                    FROM system.parts
                    WHERE active AND database = {database:String} AND table IN ('%s', '%s', '%s')
                    GROUP BY table, partition_id
                    """.formatted(Tables.EVENTS, Tables.ROLLUP_LEDGER, Tables.ARCHIVE_MANIFEST);
            long ledger = 0;
            long manifest = 0;
            Map<String, Long> events = new HashMap<>();
            for (JsonNode row : clickHouse
                    .query(sql, Map.of("database", clickHouse.database()), wait)
                    .rows()) {
                String table = row.get(0).stringValue();
                String partition = row.get(1).stringValue();
                long parts = row.get(2).longValue();
                if (table.equals(Tables.ROLLUP_LEDGER)) {
                    ledger = parts;
                } else if (table.equals(Tables.ARCHIVE_MANIFEST)) {
                    manifest = parts;
                } else {
                    events.put(partition, parts);
                }
            }
            return new Parts(ledger, manifest, events);
        }
    }

    /** @param first partition of it @param last partition of it */
    private record Span(Instant from, Instant until, String first, String last) {

        static Span of(Query query) {
            Instant from = query.from().truncatedTo(ChronoUnit.HOURS);
            return new Span(from, query.to(), partition(from), partition(query.to()));
        }

        boolean has(Instant hour) {
            return !hour.isBefore(from) && hour.isBefore(until);
        }

        boolean has(String partition) {
            return partition.compareTo(first) >= 0 && partition.compareTo(last) <= 0;
        }
    }

    private record KnownLedger(long parts, Ledger ledger) {}

    private record KnownPurges(long parts, List<RollupState.Purge> purges) {}

    /** Hours of a partition of which events were stored after a run that came to its end, as of these parts. */
    private record LateHours(long parts, Instant complete, Set<Instant> hours) {}

    /** What is known of a tenant, or of all together. */
    private static final class OfTenant {
        private volatile @Nullable KnownPurges purges;
        private final Map<String, LateHours> late = new ConcurrentHashMap<>();
    }

    private static final DateTimeFormatter PARTITION =
            DateTimeFormatter.ofPattern("yyyyMMdd", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final ClickHouse clickHouse;
    private final Cache<String, OfTenant> known = Caffeine.newBuilder()
            .maximumSize(MOST_TENANTS)
            .expireAfterAccess(Duration.ofHours(1))
            .build();
    private volatile @Nullable KnownLedger ledger;

    RollupStates(ClickHouse clickHouse) {
        this.clickHouse = clickHouse;
    }

    /** @param tenant null for all */
    RollupState state(Query query, @Nullable String tenant, ClickHouse.Wait wait) {
        OfTenant of = of(tenant);
        Span span = Span.of(query);
        Parts parts = Parts.read(clickHouse, wait);
        if (Planner.whyOnlyEvents(query) != null) {
            return new RollupState(Ledger.EMPTY, Set.of(), purges(of, parts.ofManifest(), tenant, wait), query);
        }
        Ledger now = ledger(parts.ofLedger(), wait);
        Set<Instant> late = late(of, span, parts.ofEvents(), now.complete(), tenant, wait);
        // Last: what is purged until the query begins should be known to it.
        return new RollupState(now, late, purges(of, parts.ofManifest(), tenant, wait), query);
    }

    /** As it was when last looked up for that tenant, for this span of time or parts of it; null if it never was. */
    @Nullable
    RollupState remembered(Query query, @Nullable String tenant) {
        OfTenant of = of(tenant);
        KnownPurges purges = of.purges;
        if (purges == null) {
            return null;
        }
        if (Planner.whyOnlyEvents(query) != null) {
            return new RollupState(Ledger.EMPTY, Set.of(), purges.purges(), query);
        }
        KnownLedger last = ledger;
        if (last == null) {
            return null;
        }
        Span span = Span.of(query);
        Set<Instant> late = of.late.values().stream()
                .flatMap(known -> known.hours().stream())
                .filter(span::has)
                .collect(Collectors.toSet());
        return new RollupState(last.ledger(), late, purges.purges(), query);
    }

    private OfTenant of(@Nullable String tenant) {
        return known.get(tenant == null ? "" : tenant, any -> new OfTenant());
    }

    private Ledger ledger(long parts, ClickHouse.Wait wait) {
        KnownLedger last = ledger;
        if (last != null && last.parts() == parts) {
            return last.ledger();
        }
        Ledger now = Ledger.read(clickHouse, wait);
        ledger = new KnownLedger(parts, now);
        return now;
    }

    private List<RollupState.Purge> purges(OfTenant of, long parts, @Nullable String tenant, ClickHouse.Wait wait) {
        KnownPurges last = of.purges;
        if (last != null && last.parts() == parts) {
            return last.purges();
        }
        String sql = """
                SELECT DISTINCT table, partition, state = 'dropped'
                FROM %s.%s FINAL
                WHERE (state = 'dropped' OR state IN ('written', 'verified') AND table = '%s')%s
                ORDER BY ALL
                """.formatted(
                        clickHouse.database(),
                        Tables.ARCHIVE_MANIFEST,
                        Tables.EVENTS,
                        tenant == null ? "" : " AND tenant IN ('', {tenant:String})");
        List<RollupState.Purge> purges = new ArrayList<>();
        for (JsonNode row : clickHouse.query(sql, ofTenant(tenant), wait).rows()) {
            purges.add(new RollupState.Purge(
                    row.get(0).stringValue(),
                    row.get(1).stringValue(),
                    row.get(2).intValue() == 1));
        }
        of.purges = new KnownPurges(parts, List.copyOf(purges));
        return purges;
    }

    /** As of these parts, whatever others remember meanwhile. */
    private Set<Instant> late(
            OfTenant of,
            Span span,
            Map<String, Long> parts,
            Instant complete,
            @Nullable String tenant,
            ClickHouse.Wait wait) {
        of.late.keySet().retainAll(parts.keySet());
        Set<Instant> late = new HashSet<>();
        Map<String, Set<Instant>> changed = new TreeMap<>();
        parts.forEach((partition, version) -> {
            if (span.has(partition)) {
                LateHours last = of.late.get(partition);
                if (last != null && last.parts() == version && last.complete().equals(complete)) {
                    late.addAll(last.hours());
                } else {
                    changed.put(partition, new HashSet<>());
                }
            }
        });
        if (!changed.isEmpty()) {
            lookForLate(changed, complete, tenant, wait);
            changed.forEach((partition, hours) -> {
                late.addAll(hours);
                of.late.put(
                        partition,
                        new LateHours(Objects.requireNonNull(parts.get(partition)), complete, Set.copyOf(hours)));
            });
        }
        late.removeIf(hour -> !span.has(hour));
        return late;
    }

    private void lookForLate(
            Map<String, Set<Instant>> hours, Instant complete, @Nullable String tenant, ClickHouse.Wait wait) {
        Map<String, String> parameters = new LinkedHashMap<>(ofTenant(tenant));
        parameters.put("partitions", hours.keySet().stream().collect(Collectors.joining("','", "['", "']")));
        parameters.put("until", QuerySql.millis(complete.truncatedTo(ChronoUnit.HOURS)));
        parameters.put("complete", QuerySql.millis(complete));
        String sql = """
                SELECT toUnixTimestamp(toStartOfHour(timestamp)) AS hour
                FROM %s.%s
                WHERE _partition_id IN {partitions:Array(String)} AND timestamp < {until:DateTime64(3, 'UTC')}
                    AND ingested_at > {complete:DateTime64(3, 'UTC')}%s
                GROUP BY hour
                """.formatted(
                        clickHouse.database(), Tables.EVENTS, tenant == null ? "" : " AND tenant = {tenant:String}");
        for (JsonNode row : clickHouse.query(sql, parameters, wait).rows()) {
            Instant hour = Instant.ofEpochSecond(row.get(0).longValue());
            Objects.requireNonNull(hours.get(partition(hour))).add(hour);
        }
    }

    private static Map<String, String> ofTenant(@Nullable String tenant) {
        return tenant == null ? Map.of() : Map.of("tenant", tenant);
    }

    private static String partition(Instant time) {
        return PARTITION.format(time);
    }
}
