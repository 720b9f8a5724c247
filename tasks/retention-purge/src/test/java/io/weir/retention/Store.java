package io.weir.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.metadata.retention.RetainedTable;
import io.weir.retention.ArchivedTable.Content;
import io.weir.testing.ClickHouseServer;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A database and an archive of the test's own. */
final class Store {

    final String database;
    final Warehouse warehouse;
    final Statements statements;
    final Manifest manifest;
    final LocalDate today;
    final String archive;

    /** On the server that all tests share. */
    Store() throws InterruptedException, IOException {
        this(new WarehouseSettings(
                ClickHouseServer.shared().url(),
                ClickHouseServer.shared().username(),
                ClickHouseServer.shared().password(),
                ClickHouseServer.shared().freshDatabase(),
                ""));
    }

    Store(WarehouseSettings settings) throws InterruptedException, IOException {
        database = settings.database();
        warehouse = new Warehouse(settings);
        statements = new Statements(warehouse);
        manifest = new Manifest(statements);
        new Migrations(warehouse).apply();
        // Days are counted from the one on which the task runs: none begins between now and then.
        await().atMost(Duration.ofMinutes(10))
                .until(() -> Long.parseLong(query("SELECT toUnixTimestamp(now()) % 86400")) < 86_400 - 300);
        today = LocalDate.parse(query("SELECT toDate(now('UTC'))"));
        archive = folder();
    }

    /** A folder that the server may write to: any, or, where it confines itself, one below its own. */
    private String folder() throws IOException {
        Path folder = Files.createTempDirectory("weir-archive");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
        try {
            query("INSERT INTO FUNCTION file('" + folder + "/try.tsv', 'TSV', 'x UInt8') SELECT 1");
            return folder.toString();
        } catch (io.weir.warehouse.WarehouseException e) {
            return "archive_" + database;
        }
    }

    String url() {
        return warehouse.settings().url();
    }

    String query(String sql) {
        return warehouse.query(sql).stripTrailing();
    }

    String partition(int daysAgo) {
        return Item.partition(today.minusDays(daysAgo));
    }

    /** Events of a day, with all that is hard to archive: a number of each kind, texts that look like something else, nulls. */
    void events(int seed, int count, int daysAgo, String tenants) {
        events(seed, count, daysAgo, daysAgo, 24, tenants);
    }

    /**
     * Events of several days, so many a day.
     *
     * @param hours how many of the day's have events
     * @param tenants names, with commas
     */
    void events(int seed, int count, int fromDaysAgo, int toDaysAgo, int hours, String tenants) {
        int days = fromDaysAgo - toDaysAgo + 1;
        query("""
                INSERT INTO %1$s.events (id, tenant, timestamp, received_at, type, source, user_id, device_id, method,
                    endpoint_template, status_code, status_class, latency_ms, bytes, severity, message, is_bot, measurements,
                    attributes, _topic, _partition, _offset)
                WITH %2$d AS seed,
                     number %% 3 AS kind,
                     splitByChar(',', '%7$s') AS tenants,
                     toDateTime64('%4$s 00:00:00', 3, 'UTC') + toIntervalDay(number %% %5$d)
                         + toIntervalMillisecond(cityHash64(number, seed, 1) %% (%6$d * 3600000)) AS at
                SELECT concat(toString(seed), '-', toString(number)),
                       tenants[cityHash64(number, seed, 13) %% length(tenants) + 1],
                       at, at,
                       ['request', 'log', 'reading'][kind + 1],
                       concat('s', toString(cityHash64(number, seed, 2) %% 4)),
                       concat('u', toString(cityHash64(number, seed, 3) %% 300)),
                       if(kind = 2, concat('d', toString(cityHash64(number, seed, 15) %% 11)), ''),
                       if(kind = 0, 'GET', ''), if(kind = 0, '/p/{id}', ''), if(kind = 0, 200, 0), if(kind = 0, '2xx', ''),
                       if(number %% 4 = 0, NULL, (cityHash64(number, seed, 6) %% 1000000) / 7),
                       if(number %% 5 = 0, NULL, cityHash64(number, seed, 7)),
                       if(kind = 1, 'error', ''),
                       concat('a "message"\\twith\\nlines ', toString(number)), number %% 2,
                       if(kind = 2, map('temperature', (cityHash64(number, seed, 11) %% 100000) / 333 - 50), map()),
                       if(number %% 7 = 0, '{}', concat('{"integer":', toString(toInt64(cityHash64(number, seed, 12))),
                           ',"whole":', toString(number %% 9), '.0,"large":1e20,"small":-1e-7,"date":"2026-01-01",',
                           '"digits":"', toString(number), '","deep":{"list":[1.0,2,', toString(number %% 3),
                           '.5],"flag":true,"text":"ü\\\\"}{,:[3]"},"objects":[{"x":1},{"x":2.0}],"mixed":[1,null,"x"]}')),
                       'events', number %% 4, number
                FROM numbers(%3$d)
                SETTINGS input_format_try_infer_dates = 0, input_format_try_infer_datetimes = 0,
                    max_partitions_per_insert_block = 0
                """.formatted(database, seed, count * days, today.minusDays(fromDaysAgo), days, hours, tenants));
    }

    void deadLetters(int seed, int count, int daysAgo, String tenants) {
        query("""
                INSERT INTO %1$s.dead_letters (id, tenant, received_at, stage, reason, detail, position, original, _offset)
                WITH splitByChar(',', '%5$s') AS tenants
                SELECT concat(toString(%2$d), '-', toString(number)), tenants[number %% length(tenants) + 1],
                       toDateTime64('%4$s 00:00:00', 3, 'UTC') + toIntervalSecond(number %% 86000), 'ingest', 'malformed_json',
                       'detail', if(number %% 2 = 0, NULL, number), unhex('ff00fe7b80'), number
                FROM numbers(%3$d)""".formatted(database, seed, count, today.minusDays(daysAgo), tenants));
    }

    /** Rolls all events up, much as rollup-hourly would. */
    void rollUp() {
        String keys =
                "tenant, type, source, %s endpoint_template, method, status_class, severity, country, device_class,"
                        + " device_group";
        String[][] grains = {{"hour", "toStartOfHour(timestamp)"}, {"day", "toDate(timestamp)"}};
        for (String[] grain : grains) {
            String counted = grain[0] + ", " + keys.formatted("");
            fill(
                    "rollup_" + grain[0],
                    counted
                            + ", events, errors, bytes, latency_count, latency_min, latency_max, latency_ns, latency_quantiles, users",
                    "SELECT " + grain[1] + " AS time, " + keys.formatted("")
                            + ", count(), countIf(severity = 'error'), sum(ifNull(e.bytes, 0)), count(latency_ms), min(latency_ms),"
                            + " max(latency_ms), sum(toInt128(round(ifNull(latency_ms, 0) * 1e6))),"
                            + " quantilesBFloat16StateIf(0.5, 0.9, 0.95, 0.99)(assumeNotNull(latency_ms), isNotNull(latency_ms)),"
                            + " uniqStateIf(user_id, user_id != '') FROM " + database
                            + ".events AS e FINAL GROUP BY time, "
                            + keys.formatted(""));
            fill(
                    "measurement_" + grain[0],
                    grain[0] + ", " + keys.formatted("device_id, name,") + ", count, min, max, sum, last",
                    "SELECT " + grain[1] + " AS time, " + keys.formatted("device_id, name,")
                            + ", count(), min(value), max(value), sum(toDecimal256(value, 18)),"
                            + " argMaxState(value, (timestamp, value)) FROM " + database
                            + ".events FINAL ARRAY JOIN mapKeys(measurements) AS name, mapValues(measurements) AS value"
                            + " GROUP BY time, " + keys.formatted("device_id, name,"));
        }
        query("INSERT INTO " + database + ".rollup_year (year, month, tenant, events) SELECT toStartOfYear(timestamp),"
                + " toStartOfMonth(timestamp) AS month, tenant, count() FROM " + database
                + ".events GROUP BY 1, month, tenant");
        ledger();
    }

    private void fill(String table, String columns, String select) {
        query("TRUNCATE TABLE " + database + "." + table);
        query("INSERT INTO " + database + "." + table + " (" + columns + ") " + select
                + " SETTINGS max_partitions_per_insert_block = 0");
    }

    /** Says of every hour, day and month that has events that it is rolled up. */
    void ledger() {
        for (String[] unit : new String[][] {
            {"hour", "toStartOfHour(timestamp)"},
            {"day", "toStartOfDay(timestamp)"},
            {"year", "toStartOfMonth(timestamp)"}
        }) {
            query("INSERT INTO " + database
                    + ".rollup_ledger (unit, start, read_until, recomputed_at) SELECT DISTINCT '" + unit[0]
                    + "', toDateTime(" + unit[1] + ", 'UTC'), now64(3), now64(3) FROM " + database + ".events");
        }
    }

    ArchivedTable table(RetainedTable table) {
        return ArchivedTable.read(table, statements);
    }

    /** What readers of a table see. */
    Content live(RetainedTable retained) {
        ArchivedTable table = table(retained);
        return table.content(table.rows(database + "." + table.name(), "1"), statements);
    }

    /** What readers of its archive see. */
    Content archived(RetainedTable retained) {
        String view = ArchiveViews.name(retained);
        if (query("EXISTS TABLE " + database + "." + view).equals("0")) {
            return Content.EMPTY;
        }
        return table(retained).content("SELECT * FROM " + database + "." + view, statements);
    }

    /** Nothing lost, nothing twice: what is in the table and what is in its archive make up what there was. */
    void assertBooksClose(RetainedTable table, Content all) {
        assertThat(live(table).plus(archived(table))).as(table.table()).isEqualTo(all);
        // Once more without the checksums: each row has an id of its own.
        if (table == RetainedTable.EVENTS
                && query("EXISTS TABLE " + database + ".events_archive").equals("1")) {
            assertThat(query("SELECT count() = uniqExact(id) FROM (SELECT id FROM " + database
                            + ".events FINAL UNION ALL SELECT id FROM " + database + ".events_archive)"))
                    .isEqualTo("1");
        }
        List<Manifest.Entry> entries = manifest.in(Manifest.State.DROPPED).stream()
                .filter(entry -> entry.table().equals(table.table()))
                .toList();
        assertThat(Manifest.content(entries)).as("manifest of " + table.table()).isEqualTo(archived(table));
    }

    List<String> partitions(RetainedTable table) {
        String answer = query("SELECT DISTINCT _partition_id FROM " + database + "." + table.table() + " ORDER BY 1");
        return answer.isEmpty() ? List.of() : List.of(answer.split("\n"));
    }

    void assertNothingIsLeftBehind() {
        assertThat(query("SELECT name FROM system.tables WHERE database = '" + database
                        + "' AND name LIKE 'retention\\_%'"))
                .isEmpty();
        assertThat(manifest.in(Manifest.State.VERIFIED)).isEmpty();
    }
}
