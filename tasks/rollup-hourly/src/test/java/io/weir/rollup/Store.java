package io.weir.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.ClickHouseServer;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A database of the test's own: made events, and what rollups of them should be, written down without the catalogue. */
final class Store {

    private static final String EVENT_KEYS =
            "tenant, type, source, endpoint_template, method, status_class, severity, country, device_class, device_group";
    private static final String MEASUREMENT_KEYS = "tenant, type, source, device_id, name, endpoint_template, method,"
            + " status_class, severity, country, device_class, device_group";
    private static final String EVENT_MEASURES =
            "count(), countIf(status_code >= 500 OR severity = 'error' OR severity = 'fatal'), ifNull(sum(bytes), 0),"
                    + " countIf(latency_ms IS NOT NULL), min(latency_ms), max(latency_ms),"
                    + " ifNull(sum(toInt128(round(latency_ms * 1000000))), 0), uniqExactIf(user_id, user_id != ''),"
                    + " quantilesBFloat16If(0.5, 0.9, 0.95, 0.99)(ifNull(latency_ms, 0), latency_ms IS NOT NULL)";
    private static final String ROLLUP_MEASURES =
            "sum(events), sum(errors), sum(bytes), sum(latency_count), min(latency_min), max(latency_max),"
                    + " sum(latency_ns), uniqMerge(users),"
                    + " quantilesBFloat16Merge(0.5, 0.9, 0.95, 0.99)(latency_quantiles)";

    final ClickHouseServer server = ClickHouseServer.shared();
    final String database = server.freshDatabase();
    final Warehouse warehouse =
            new Warehouse(new WarehouseSettings(server.url(), server.username(), server.password(), database, ""));

    Store() throws InterruptedException {
        new Migrations(warehouse).apply();
    }

    String query(String sql) {
        return warehouse.query(sql).stripTrailing();
    }

    /**
     * Random events, spread evenly.
     *
     * @param seed the same seed makes the same events with the same ids, so that they are repetitions
     * @param begin such as {@code 2026-11-01 00:00:00}
     */
    void insert(int seed, int count, String begin, int hours) {
        query("""
                INSERT INTO %1$s.events (id, tenant, timestamp, received_at, type, source, user_id, device_id, method,
                    endpoint_template, status_code, status_class, latency_ms, bytes, country, device_class, device_group,
                    severity, measurements)
                WITH %2$d AS seed,
                     number %% 3 AS kind,
                     fromUnixTimestamp64Milli(toUnixTimestamp64Milli(toDateTime64('%4$s', 3, 'UTC'))
                         + toInt64(cityHash64(number, seed, 1) %% (%5$d * 3600000)), 'UTC') AS at,
                     [200, 404, 500][cityHash64(number, seed, 5) %% 3 + 1] AS status
                SELECT concat(toString(seed), '-', toString(number)),
                       concat('t', toString(cityHash64(number, seed, 13) %% 23)),
                       at, at,
                       ['request', 'log', 'reading'][kind + 1],
                       concat('s', toString(cityHash64(number, seed, 2) %% 4)),
                       if(cityHash64(number, seed, 14) %% 7 = 0, '', concat('u', toString(cityHash64(number, seed, 3) %% 300))),
                       if(kind = 2, concat('d', toString(cityHash64(number, seed, 15) %% 11)), ''),
                       if(kind = 0, ['GET', 'POST'][cityHash64(number, seed, 16) %% 2 + 1], ''),
                       if(kind = 0, concat('/p/', toString(cityHash64(number, seed, 4) %% 3)), ''),
                       if(kind = 0, status, 0),
                       if(kind = 0, concat(substring(toString(status), 1, 1), 'xx'), ''),
                       if(kind = 0 AND cityHash64(number, seed, 17) %% 9 > 0, (cityHash64(number, seed, 6) %% 1000000) / 7, NULL),
                       if(kind = 0, cityHash64(number, seed, 7) %% 100000, NULL),
                       if(kind = 0, ['', 'DE', 'US'][cityHash64(number, seed, 8) %% 3 + 1], ''),
                       if(kind = 0, ['', 'mobile'][cityHash64(number, seed, 9) %% 2 + 1], ''),
                       if(kind = 2, ['', 'roof'][cityHash64(number, seed, 18) %% 2 + 1], ''),
                       if(kind = 1, ['info', 'error', 'fatal'][cityHash64(number, seed, 10) %% 3 + 1], ''),
                       if(kind = 2, map('temperature', (cityHash64(number, seed, 11) %% 100000) / 333 - 50,
                                        'humidity', (cityHash64(number, seed, 12) %% 1000) / 10), map())
                FROM numbers(%3$d)""".formatted(database, seed, count, begin, hours));
    }

    /** Every rollup against the events, to the key and measure. */
    void assertRollupsEqualEvents() {
        String measured =
                "count(), min(value), max(value), sum(toDecimal256(value, 18)), argMax(value, (timestamp, value))";
        String measurement = "sum(count), min(min), max(max), sum(sum), argMaxMerge(last)";
        String[][] grains = {
            {"hour", "toStartOfHour(timestamp)", "hour"},
            {"day", "toDate(timestamp)", "day"},
            {"year", "toStartOfYear(timestamp)", "year"},
            {"all", "'always'", "'always'"}
        };
        for (String[] grain : grains) {
            assertEqual(
                    "rollup_" + grain[0],
                    rows(database + ".rollup_" + grain[0], grain[2], EVENT_KEYS, ROLLUP_MEASURES),
                    rows(once(), grain[1], EVENT_KEYS, EVENT_MEASURES));
            assertEqual(
                    "measurement_" + grain[0],
                    rows(database + ".measurement_" + grain[0], grain[2], MEASUREMENT_KEYS, measurement),
                    rows(
                            once() + " ARRAY JOIN mapKeys(measurements) AS name, mapValues(measurements) AS value",
                            grain[1],
                            MEASUREMENT_KEYS,
                            measured));
        }
        assertSummariesEqualEvents();
    }

    /** The rollups of fewer dimensions, alone. */
    void assertSummariesEqualEvents() {
        String[][] tables = {
            {"endpoint_", "endpoint_template"},
            {"tenant_", "tenant, endpoint_template"}
        };
        for (String[] table : tables) {
            assertEqual(
                    table[0] + "day",
                    rows(database + "." + table[0] + "day", "day", table[1], ROLLUP_MEASURES),
                    rows(once(), "toDate(timestamp)", table[1], EVENT_MEASURES));
            assertEqual(
                    table[0] + "week",
                    rows(database + "." + table[0] + "week", "week", table[1], ROLLUP_MEASURES),
                    rows(once(), "toMonday(timestamp)", table[1], EVENT_MEASURES));
        }
    }

    /** Each event, however often it was sent. */
    private String once() {
        return "(SELECT * FROM " + database
                + ".events ORDER BY ingested_at LIMIT 1 BY tenant, type, device_id, source, timestamp, id)";
    }

    private List<String> rows(String source, String time, String keys, String measures) {
        return query("SELECT " + time + ", " + keys + ", " + measures + " FROM " + source + " GROUP BY " + time + ", "
                        + keys + " ORDER BY " + time + ", " + keys + " SETTINGS prefer_column_name_to_alias = 1")
                .lines()
                .toList();
    }

    /** Names the first rows that differ: all of them would be too many to read. */
    private static void assertEqual(String table, List<String> found, List<String> expected) {
        Set<String> known = new HashSet<>(found);
        assertThat(expected.stream().filter(row -> !known.contains(row)).limit(3))
                .as("what the events give and %s does not have", table)
                .isEmpty();
        assertThat(found).as(table).hasSameSizeAs(expected);
    }

    void assertNothingIsLeftBehind() {
        assertThat(query("SELECT name FROM system.tables WHERE database = '" + database
                        + "' AND name LIKE 'rollup\\_tmp\\_%'"))
                .isEmpty();
    }
}
