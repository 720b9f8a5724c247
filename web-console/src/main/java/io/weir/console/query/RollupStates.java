package io.weir.console.query;

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
import tools.jackson.databind.JsonNode;

/**
 * Finds out what is rolled up, by one short statement a query. It asks for what can change at any time, and for the version of the
 * ledger, which is read again only when that is another: a run of rollup-hourly writes it, once an hour.
 *
 * <p>Safe to use from several threads. That the ledger is older than the rest, by moments where a run is just writing it, is no harm:
 * see {@link RollupState}.
 */
final class RollupStates {

    private static final String LEDGER = "ledger";

    private final ClickHouse clickHouse;
    private volatile Ledger known = Ledger.EMPTY;

    RollupStates(ClickHouse clickHouse) {
        this.clickHouse = clickHouse;
    }

    /** @param tenant null for all */
    RollupState state(Query query, @Nullable String tenant, ClickHouse.Wait wait) {
        if (Planner.whyOnlyEvents(query) != null) {
            return new RollupState(Ledger.EMPTY, rows(query, null, tenant, wait), query);
        }
        Ledger ledger = known;
        List<JsonNode> rows = rows(query, ledger, tenant, wait);
        if (version(rows) != ledger.version()) {
            ledger = Ledger.read(clickHouse, wait);
            known = ledger;
            rows = rows(query, ledger, tenant, wait);
        }
        return new RollupState(
                ledger,
                rows.stream()
                        .filter(row -> !row.get(0).stringValue().equals(LEDGER))
                        .toList(),
                query);
    }

    private static long version(List<JsonNode> rows) {
        return rows.stream()
                .filter(row -> row.get(0).stringValue().equals(LEDGER))
                .mapToLong(row -> row.get(1).longValue())
                .sum();
    }

    /** @param ledger null if it does not matter, nor whether there are late events */
    private List<JsonNode> rows(Query query, @Nullable Ledger ledger, @Nullable String tenant, ClickHouse.Wait wait) {
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
        if (ledger != null) {
            parts.add("SELECT '" + LEDGER + "' AS kind, " + Ledger.VERSION + " AS number, '' AS text FROM " + database
                    + ".rollup_ledger");
            Instant from = query.from().truncatedTo(ChronoUnit.HOURS);
            Instant until = ledger.complete().truncatedTo(ChronoUnit.HOURS);
            until = until.isBefore(query.to()) ? until : query.to();
            if (from.isBefore(until)) {
                parameters.put("from", QuerySql.millis(from));
                parameters.put("until", QuerySql.millis(until));
                parameters.put("complete", QuerySql.millis(ledger.complete()));
                parts.add("""
                        SELECT 'dirty' AS kind, toInt64(toUnixTimestamp(toStartOfHour(timestamp))) AS number, '' AS text
                        FROM %s.events
                        WHERE timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {until:DateTime64(3, 'UTC')}
                            AND ingested_at > {complete:DateTime64(3, 'UTC')}%s
                        GROUP BY number""".formatted(database, eventsOfTenant));
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
        return clickHouse
                .query(String.join("\nUNION ALL\n", parts), parameters, wait)
                .rows();
    }
}
