package io.weir.warehouse.account;

import io.weir.warehouse.Tables;
import io.weir.warehouse.WarehouseSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What reader accounts see: views in two databases of their own, {@code <database>_read} with every column and
 * {@code <database>_masked} with personal columns masked.
 *
 * <p>A reader has no right on any table. Its views run as {@link #owner}, a user that cannot sign in, and that user's rows are
 * filtered by the name of the reader. Each of the two alone would leak: with rights on a table, table functions that read its index get
 * round its row filter; with a filter in the view alone, a condition that fails on a foreign row tells of it, because it may be
 * evaluated before the view's own.
 */
public final class ReaderViews {

    /** Columns of events that can tell of a person or hold what a person wrote: hidden from those who may not see them, here as in the
     * console. */
    public static final List<String> PERSONAL_COLUMNS = List.of(
            "user_id", "session_id", "client_ip", "referrer", "user_agent", "endpoint", "message", "attributes");

    /** What stands in place of a masked text. */
    private static final String MASK = "***";

    private static final List<String> GRAINS = List.of("minute", "hour", "day", "year", "all");

    // A subquery can set what the whole query cannot. With parallel replicas another server would read for us, as whom
    // it pleases.
    private static final String OWN_SETTINGS = " SETTINGS enable_parallel_replicas = 0";

    private final WarehouseSettings settings;

    public ReaderViews(WarehouseSettings settings) {
        this.settings = settings;
    }

    /** The database that an account reads. */
    public String database(boolean masked) {
        return settings.database() + (masked ? "_masked" : "_read");
    }

    /** The user as which the views run. What follows its first underscore is no tenant's name, as it has capital letters. */
    String owner() {
        return settings.database() + "_VIEWS";
    }

    /** The row filter of {@link #owner}: {@code currentUser()} is who asks, also inside a view. */
    String rowFilter() {
        String whose = "substring(currentUser(), position(currentUser(), '_') + 1)";
        return "tenant = " + whose + " OR " + whose + " = '" + ReaderAccount.EVERY_TENANT + "'";
    }

    /** The tables behind the views. */
    List<String> tables() {
        return Stream.concat(
                        Stream.of(Tables.EVENTS, Tables.DEAD_LETTERS),
                        GRAINS.stream()
                                .flatMap(grain -> grain.equals("minute")
                                        ? Stream.of("rollup_minute")
                                        : Stream.of("rollup_" + grain, "measurement_" + grain)))
                .toList();
    }

    /**
     * Statements that make the databases and views, anew if they are there; whoever runs them needs the right to, and the
     * tables must be there. On a server that has users by SQL, {@link AccountSql#owner} comes first.
     */
    public List<String> statements() {
        List<String> statements = new ArrayList<>();
        for (boolean masked : new boolean[] {false, true}) {
            statements.add("CREATE DATABASE IF NOT EXISTS " + database(masked) + settings.onCluster());
            definitions(masked)
                    .forEach((name, select) -> statements.add(
                            "CREATE OR REPLACE VIEW " + database(masked) + "." + name + settings.onCluster()
                                    + " DEFINER = " + owner() + " SQL SECURITY DEFINER AS " + select + OWN_SETTINGS));
        }
        return statements;
    }

    private Map<String, String> definitions(boolean masked) {
        Map<String, String> views = new LinkedHashMap<>();
        String kafka = String.join(", ", Tables.TOPIC, Tables.PARTITION, Tables.OFFSET);
        views.put(
                Tables.EVENTS,
                "SELECT * EXCEPT (" + kafka + ")" + (masked ? " REPLACE (" + masks() + ")" : "") + " FROM "
                        + table(Tables.EVENTS) + " FINAL");
        if (!masked) {
            // The bytes of a dead letter can hold anything.
            views.put(
                    Tables.DEAD_LETTERS,
                    "SELECT * EXCEPT (" + kafka + ") FROM " + table(Tables.DEAD_LETTERS) + " FINAL");
        }
        for (String grain : GRAINS) {
            views.put("rollup_" + grain, rollup(grain));
            // That of users holds hashes of their ids: whoever knows an id could ask whether it was there.
            views.put(
                    "rollup_" + grain + "_states",
                    "SELECT *" + (masked ? " EXCEPT (users)" : "") + " FROM " + table("rollup_" + grain));
            if (!grain.equals("minute")) {
                views.put("measurement_" + grain, measurements(grain));
                views.put("measurement_" + grain + "_states", "SELECT * FROM " + table("measurement_" + grain));
            }
        }
        return views;
    }

    private static String masks() {
        return PERSONAL_COLUMNS.stream()
                .map(column -> column.equals("attributes") ? "'{}'::JSON AS attributes" : "'" + MASK + "' AS " + column)
                .collect(Collectors.joining(", "));
    }

    /** Plain numbers, for programs that do not know aggregation states. */
    private String rollup(String grain) {
        return """
                SELECT r.* EXCEPT (events, errors, bytes, latency_count, latency_min, latency_max, latency_ns, latency_quantiles, users),
                    toUInt64(r.events) AS events, toUInt64(r.errors) AS errors, toUInt64(r.bytes) AS bytes,
                    toUInt64(r.latency_count) AS latency_count,
                    CAST(r.latency_min, 'Nullable(Float64)') AS latency_min,
                    CAST(r.latency_max, 'Nullable(Float64)') AS latency_max,
                    toFloat64(r.latency_ns) / 1e6 AS latency_ms_sum,
                    finalizeAggregation(r.latency_quantiles)[1] AS latency_p50,
                    finalizeAggregation(r.latency_quantiles)[2] AS latency_p90,
                    finalizeAggregation(r.latency_quantiles)[3] AS latency_p95,
                    finalizeAggregation(r.latency_quantiles)[4] AS latency_p99,
                    finalizeAggregation(r.users) AS users
                FROM %s AS r""".formatted(table("rollup_" + grain));
    }

    private String measurements(String grain) {
        return """
                SELECT m.* EXCEPT (count, min, max, sum, last),
                    toUInt64(m.count) AS count,
                    toFloat64(m.min) AS min, toFloat64(m.max) AS max, toFloat64(m.sum) AS sum,
                    finalizeAggregation(m.last) AS last
                FROM %s AS m""".formatted(table("measurement_" + grain));
    }

    private String table(String name) {
        return settings.database() + "." + name;
    }
}
