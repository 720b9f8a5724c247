package io.weir.console.query;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.RollupCatalogue;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what is rolled up, by one short statement a query. It asks for what can change at any time, and for the version of the
 * ledger, which is read again only when that is another: a run of rollup-hourly writes it, once an hour.
 *
 * <p>Safe to use from several threads. That the ledger is older than the rest, by moments where a run is just writing it, is no harm:
 * see {@link RollupState}.
 */
final class RollupStates {

    private static final String LEDGER = "ledger";
    private static final String DIRTY = "dirty";
    private static final int MOST_REMEMBERED = 10_000;

    /** What can change at any time: kind, number and text. */
    record Row(String kind, long number, String text) {}

    private record Whose(@Nullable String tenant, Rollup.Subject subject) {}

    /** @param until those of the ledger count, if its rows were asked for; otherwise null */
    private record Span(Instant from, @Nullable Instant until) {

        boolean has(Row row) {
            Instant hour = Instant.ofEpochSecond(row.number());
            return until != null && !hour.isBefore(from) && hour.isBefore(until);
        }
    }

    private final ClickHouse clickHouse;
    private final Cache<Whose, List<Row>> latest =
            Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build();
    private volatile Ledger known = Ledger.EMPTY;

    RollupStates(ClickHouse clickHouse) {
        this.clickHouse = clickHouse;
    }

    /** @param tenant null for all */
    RollupState state(Query query, @Nullable String tenant, ClickHouse.Wait wait) {
        boolean onlyEvents = Planner.whyOnlyEvents(query) != null;
        Ledger ledger = onlyEvents ? Ledger.EMPTY : known;
        Span span = span(query, onlyEvents ? null : ledger);
        List<Row> rows = rows(query, ledger, span, tenant, wait);
        if (!onlyEvents && version(rows) != ledger.version()) {
            ledger = Ledger.read(clickHouse, wait);
            known = ledger;
            span = span(query, ledger);
            rows = rows(query, ledger, span, tenant, wait);
        }
        List<Row> now = rows.stream().filter(row -> !row.kind().equals(LEDGER)).toList();
        remember(new Whose(tenant, query.subject()), now, span);
        return new RollupState(ledger, now, query);
    }

    /** As it was when last looked up for that tenant, for this span of time or parts of it; null if it never was. */
    @Nullable
    RollupState remembered(Query query, @Nullable String tenant) {
        List<Row> rows = latest.getIfPresent(new Whose(tenant, query.subject()));
        if (rows == null) {
            return null;
        }
        Ledger ledger = Planner.whyOnlyEvents(query) == null ? known : Ledger.EMPTY;
        Span span = span(query, ledger == Ledger.EMPTY ? null : ledger);
        return new RollupState(
                ledger,
                rows.stream()
                        .filter(row -> !row.kind().equals(DIRTY) || span.has(row))
                        .toList(),
                query);
    }

    private void remember(Whose whose, List<Row> rows, Span span) {
        latest.asMap().compute(whose, (same, before) -> {
            List<Row> all = new ArrayList<>(rows);
            if (before != null) {
                before.stream()
                        .filter(row -> row.kind().equals(DIRTY) && !span.has(row))
                        .forEach(all::add);
            }
            return List.copyOf(all);
        });
    }

    /** @param ledger null if late events do not matter */
    private static Span span(Query query, @Nullable Ledger ledger) {
        Instant from = query.from().truncatedTo(ChronoUnit.HOURS);
        if (ledger == null) {
            return new Span(from, null);
        }
        Instant until = ledger.complete().truncatedTo(ChronoUnit.HOURS);
        return new Span(from, until.isBefore(query.to()) ? until : query.to());
    }

    private static long version(List<Row> rows) {
        return rows.stream()
                .filter(row -> row.kind().equals(LEDGER))
                .mapToLong(Row::number)
                .sum();
    }

    private List<Row> rows(Query query, Ledger ledger, Span span, @Nullable String tenant, ClickHouse.Wait wait) {
        String database = clickHouse.database();
        List<String> parts = new ArrayList<>();
        Map<String, String> parameters = new LinkedHashMap<>();
        String eventsOfTenant = "";
        String partitionsOfTenant = "";
        if (tenant != null) {
            parameters.put("tenant", tenant);
            eventsOfTenant = " AND tenant = {tenant:String}";
            partitionsOfTenant = " AND tenant IN ('', {tenant:String})";
        }
        Instant until = span.until();
        if (until != null) {
            parts.add("SELECT '" + LEDGER + "' AS kind, " + Ledger.VERSION + " AS number, '' AS text FROM " + database
                    + ".rollup_ledger");
            if (span.from().isBefore(until)) {
                parameters.put("from", QuerySql.millis(span.from()));
                parameters.put("until", QuerySql.millis(until));
                parameters.put("complete", QuerySql.millis(ledger.complete()));
                parts.add("""
                        SELECT '%s' AS kind, toInt64(toUnixTimestamp(toStartOfHour(timestamp))) AS number, '' AS text
                        FROM %s.events
                        WHERE timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {until:DateTime64(3, 'UTC')}
                            AND ingested_at > {complete:DateTime64(3, 'UTC')}%s
                        GROUP BY number""".formatted(DIRTY, database, eventsOfTenant));
            }
        }
        String tables = RollupCatalogue.rollups().stream()
                .filter(rollup -> rollup.subject() == query.subject())
                .map(Rollup::table)
                .collect(Collectors.joining("', '", "'", "'"));
        parts.add("""
                SELECT DISTINCT if(state = 'dropped', 'dropped', 'purging') AS kind, toInt64(0) AS number,
                    concat(table, '/', partition) AS text
                FROM %s.archive_manifest FINAL
                WHERE (state = 'dropped' AND table IN ('events', %s) OR state IN ('written', 'verified') AND table = 'events')%s""".formatted(database, tables, partitionsOfTenant));
        return clickHouse.query(String.join("\nUNION ALL\n", parts), parameters, wait).rows().stream()
                .map(row -> new Row(
                        row.get(0).stringValue(),
                        row.get(1).longValue(),
                        row.get(2).stringValue()))
                .toList();
    }
}
