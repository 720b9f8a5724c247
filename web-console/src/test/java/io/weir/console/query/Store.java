package io.weir.console.query;

import io.weir.testing.ClickHouseServer;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.RollupCatalogue;
import io.weir.warehouse.rollup.RollupSql;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A database of the test's own, with {@code reference}, a copy of all events that nothing purges; and rollups made of any hours and
 * units, written down in the ledger as {@code rollup-hourly} does.
 */
public final class Store {

    public final ClickHouseServer server = ClickHouseServer.shared();
    public final String database = server.freshDatabase();
    public final Warehouse warehouse =
            new Warehouse(new WarehouseSettings(server.url(), server.username(), server.password(), database, ""));

    public Store() throws InterruptedException {
        new Migrations(warehouse).apply();
        query("CREATE TABLE " + database + ".reference AS " + database + ".events");
    }

    public ClickHouse clickHouse() {
        return new ClickHouse(warehouse.settings(), Map.of());
    }

    public String query(String sql) {
        return warehouse
                .query(
                        "test-" + java.util.UUID.randomUUID(),
                        sql,
                        Map.of(),
                        Map.of("prefer_column_name_to_alias", "1", "optimize_on_insert", "0"))
                .stripTrailing();
    }

    void clear() {
        for (String table : List.of("events", "reference", "rollup_ledger", "archive_manifest")) {
            query("TRUNCATE TABLE " + database + "." + table);
        }
        for (Rollup rollup : RollupCatalogue.rollups()) {
            query("TRUNCATE TABLE " + database + "." + rollup.table());
        }
    }

    /**
     * Random events in some hours.
     *
     * @param seed the same seed and number make the same id; another variant the same event enriched otherwise
     * @param at when they were stored
     */
    public void insert(int seed, int count, Collection<Instant> hours, Instant at, int variant) {
        if (hours.isEmpty()) {
            return;
        }
        String starts =
                hours.stream().map(hour -> Long.toString(hour.toEpochMilli())).collect(Collectors.joining(", "));
        query("""
                INSERT INTO %1$s.reference (id, tenant, timestamp, received_at, type, source, user_id, device_id, method,
                    endpoint_template, endpoint, status_code, status_class, latency_ms, bytes, country, device_class,
                    device_group, severity, is_bot, measurements, attributes, ingested_at)
                WITH %2$d AS seed, %6$d AS variant, [%4$s] AS hours,
                     number %% 3 AS kind,
                     fromUnixTimestamp64Milli(toInt64(hours[cityHash64(number, seed, 0) %% length(hours) + 1])
                         + toInt64(cityHash64(number, seed, 1) %% 3600000), 'UTC') AS at,
                     [200, 404, 500][cityHash64(number, seed, 5, variant) %% 3 + 1] AS status
                SELECT concat(toString(seed), '-', toString(number)),
                       ['acme', 'other'][cityHash64(number, seed, 13) %% 2 + 1],
                       at, at,
                       ['request', 'log', 'reading'][kind + 1],
                       concat('s', toString(cityHash64(number, seed, 2) %% 3)),
                       if(cityHash64(number, seed, 14) %% 7 = 0, '', concat('u', toString(cityHash64(number, seed, 3) %% 40))),
                       if(kind = 2 AND cityHash64(number, seed, 20) %% 5 > 0, concat('d', toString(cityHash64(number, seed, 15) %% 4)), ''),
                       if(kind = 0, ['GET', 'POST'][cityHash64(number, seed, 16) %% 2 + 1], ''),
                       if(kind = 0, concat('/p/', toString(cityHash64(number, seed, 4, variant) %% 3)), ''),
                       if(kind = 0, concat('/p/', toString(cityHash64(number, seed, 4) %% 30)), ''),
                       if(kind = 0, status, 0),
                       if(kind = 0, concat(substring(toString(status), 1, 1), 'xx'), ''),
                       if(kind = 0 AND cityHash64(number, seed, 17) %% 9 > 0, (cityHash64(number, seed, 6, variant) %% 1000000) / 7, NULL),
                       if(kind = 0, cityHash64(number, seed, 7) %% 100000, NULL),
                       if(kind = 0, ['', 'DE', 'it\\'s\\\\odd'][cityHash64(number, seed, 8) %% 3 + 1], ''),
                       if(kind = 0, ['', 'mobile'][cityHash64(number, seed, 9) %% 2 + 1], ''),
                       if(kind = 2, ['', 'roof'][cityHash64(number, seed, 18) %% 2 + 1], ''),
                       if(kind = 1, ['info', 'error', 'fatal'][cityHash64(number, seed, 10) %% 3 + 1], ''),
                       cityHash64(number, seed, 19) %% 4 = 0,
                       if(kind = 2, map('temperature', (cityHash64(number, seed, 11) %% 100000) / 333 - 50,
                                        'humidity', (cityHash64(number, seed, 12) %% 1000) / 10), map()),
                       if(kind = 0, concat('{"region":"r', toString(number %% 3), '","cart":{"value":', toString(number %% 50), '}}'), '{}'),
                       fromUnixTimestamp64Milli(toInt64(%5$d), 'UTC')
                FROM numbers(%3$d)""".formatted(database, seed, count, starts, at.toEpochMilli(), variant));
        query("INSERT INTO " + database + ".events SELECT * FROM " + database + ".reference WHERE startsWith(id, '"
                + seed + "-') AND ingested_at = fromUnixTimestamp64Milli(toInt64(" + at.toEpochMilli() + "), 'UTC')");
    }

    /** Makes hours anew, and writes until when they have read. */
    public void rollUpHours(Collection<Instant> hours, Instant readUntil, Instant now) {
        if (hours.isEmpty()) {
            return;
        }
        String in = hours.stream()
                .map(hour -> "toDateTime(" + hour.getEpochSecond() + ", 'UTC')")
                .collect(Collectors.joining(", ", "(", ")"));
        for (Rollup rollup : RollupCatalogue.rollups(Grain.HOUR)) {
            RollupSql sql = new RollupSql(rollup);
            String table = database + "." + rollup.table();
            query("DELETE FROM " + table + " WHERE sealed = 0 AND hour IN " + in);
            query("INSERT INTO " + table + " (" + sql.columns() + ") "
                    + sql.hoursOfEvents(database + ".events", "toStartOfHour(timestamp) IN " + in));
        }
        ledger("hour", hours, readUntil, now);
    }

    /** Derives units from what the finer rollup holds. @param grain any but HOUR; starts of YEAR are months, of ALL years */
    public void derive(Grain grain, Collection<LocalDate> starts, Instant readUntil, Instant now) {
        if (starts.isEmpty()) {
            return;
        }
        Grain source =
                switch (grain) {
                    case DAY -> Grain.HOUR;
                    case WEEK -> Grain.SUMMARY;
                    case ALL -> Grain.YEAR;
                    default -> Grain.DAY;
                };
        String in = starts.stream().map(start -> "'" + start + "'").collect(Collectors.joining(", ", "(", ")"));
        for (Rollup coarse : RollupCatalogue.rollups(grain)) {
            Rollup fine = RollupCatalogue.narrowest(coarse.subject(), source, coarse.dimensionNames())
                    .orElseThrow();
            String column = last(coarse.grain().timeColumns());
            String ofSource = last(fine.grain().timeColumns());
            String unit =
                    switch (grain) {
                        case DAY -> "toDate(" + ofSource + ", 'UTC')";
                        case WEEK -> "toMonday(" + ofSource + ")";
                        case YEAR -> "toStartOfMonth(" + ofSource + ")";
                        case ALL -> "toStartOfYear(" + ofSource + ")";
                        default -> ofSource;
                    };
            query("DELETE FROM " + database + "." + coarse.table() + " WHERE " + column + " IN " + in);
            query("INSERT INTO " + database + "." + coarse.table() + " (" + new RollupSql(coarse).columns() + ") "
                    + new RollupSql(fine).merged(coarse, database + "." + fine.table(), unit + " IN " + in));
        }
        ledger(
                grain.name().toLowerCase(java.util.Locale.ROOT),
                starts.stream()
                        .map(start -> start.atStartOfDay(ZoneOffset.UTC).toInstant())
                        .toList(),
                readUntil,
                now);
    }

    /** A run has come to its end: whatever was stored until then is rolled up. */
    public void complete(Instant until) {
        ledger("run", List.of(Instant.EPOCH), until, until);
    }

    /** What retention-purge does to a day: seals its rollups, drops its events, and says so. */
    void purge(LocalDate day) {
        for (Rollup rollup : RollupCatalogue.rollups(Grain.HOUR)) {
            String table = database + "." + rollup.table();
            String of = " WHERE toDate(hour, 'UTC') = '" + day + "'";
            query("CREATE TABLE " + database + ".sealed AS " + table);
            query("INSERT INTO " + database + ".sealed SELECT * REPLACE (1 AS sealed) FROM " + table + of);
            query("DELETE FROM " + table + of);
            query("INSERT INTO " + table + " SELECT * FROM " + database + ".sealed");
            query("DROP TABLE " + database + ".sealed SYNC");
        }
        String partition = day.toString().replace("-", "");
        query("ALTER TABLE " + database + ".events DROP PARTITION " + partition);
        query("INSERT INTO " + database + ".archive_manifest (table, partition, file, state, at) VALUES ('events', '"
                + partition + "', 'f', 'dropped', now64(3))");
    }

    private void ledger(String unit, Collection<Instant> starts, Instant readUntil, Instant now) {
        query("INSERT INTO " + database
                + ".rollup_ledger (unit, start, rows, checksum, execution, read_until, recomputed_at) VALUES "
                + starts.stream()
                        .map(start -> "('%s', %d, 1, 1, 1, '%s', '%s')"
                                .formatted(
                                        unit, start.getEpochSecond(), QuerySql.millis(readUntil), QuerySql.millis(now)))
                        .collect(Collectors.joining(", ")));
    }

    private static String last(List<String> columns) {
        return columns.get(columns.size() - 1);
    }
}
