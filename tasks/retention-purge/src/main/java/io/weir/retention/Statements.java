package io.weir.retention;

import io.weir.warehouse.Warehouse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Runs statements under names that tell whose they are, so that those of a run that was killed can be found and ended. */
final class Statements {

    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    private final Warehouse warehouse;
    private final Map<String, String> settings;

    Statements(Warehouse warehouse) {
        this.warehouse = warehouse;
        Map<String, String> values = new LinkedHashMap<>();
        values.put("log_comment", "weir-retention");
        values.put("async_insert", "0");
        // A failure after the first byte of an answer would come as success otherwise.
        values.put("wait_end_of_query", "1");
        values.put("send_progress_in_http_headers", "0");
        values.put("http_write_exception_in_output_format", "0");
        // The two copies of a row have the same partition.
        values.put("do_not_merge_across_partitions_select_final", "1");
        values.put("max_partitions_per_insert_block", "0");
        values.put("short_circuit_function_evaluation", "enable");
        values.put("prefer_column_name_to_alias", "1");
        values.put("join_use_nulls", "0");
        values.put("alter_sync", "1");
        values.put("mutations_sync", "1");
        values.put("lightweight_deletes_sync", "1");
        // Rows as they are, the same ones twice too.
        values.put("optimize_on_insert", "0");
        values.put("insert_deduplicate", "0");
        values.put("deduplicate_insert_select", "disable");
        // Objects as they were: a text that looks like a date is a text.
        values.put("input_format_try_infer_dates", "0");
        values.put("input_format_try_infer_datetimes", "0");
        values.put("input_format_json_try_infer_numbers_from_strings", "0");
        values.put("type_json_skip_duplicated_paths", "1");
        values.put("json_type_escape_dots_in_keys", "0");
        values.put("output_format_json_quote_64bit_integers", "0");
        values.put("output_format_json_quote_64bit_floats", "0");
        // A file as any program reads it, in groups of rows that fit a small memory.
        values.put("output_format_parquet_compression_method", "zstd");
        values.put("output_format_parquet_string_as_string", "1");
        values.put("output_format_parquet_datetime_as_uint32", "0");
        values.put("output_format_parquet_date_as_uint16", "0");
        values.put("output_format_parquet_write_checksums", "1");
        values.put("output_format_parquet_row_group_size", "250000");
        values.put("output_format_parquet_row_group_size_bytes", "134217728");
        values.put("engine_file_truncate_on_insert", "1");
        values.put("s3_truncate_on_insert", "1");
        this.settings = Map.copyOf(values);
    }

    String run(String sql) {
        return warehouse.query(prefix() + UUID.randomUUID(), sql, Map.of(), settings);
    }

    /** The answer's rows, each split into its columns. */
    List<String[]> rows(String sql) {
        return run(sql).lines().map(line -> line.split("\t", -1)).toList();
    }

    long number(String sql) {
        return Long.parseLong(run(sql).strip());
    }

    /** Ends what another run has left behind, and waits until it has ended. */
    void endOthers() {
        warehouse.query("KILL QUERY" + onCluster() + " WHERE startsWith(query_id, '" + prefix() + "') SYNC");
    }

    /** The server's clock: {@code ingested_at} is by it too. */
    Instant now() {
        return Instant.ofEpochMilli(number("SELECT toUnixTimestamp64Milli(now64(3))"));
    }

    /**
     * Until when everything that was ingested can be seen: an insert gives its rows the time at which it began, and they are
     * seen when it ends.
     *
     * @param settle how long an insert may be under way without ClickHouse knowing
     */
    Instant settled(Duration settle) {
        String cluster = warehouse.settings().cluster();
        String processes =
                cluster.isEmpty() ? "system.processes" : "clusterAllReplicas('" + cluster + "', system.processes)";
        // The time is taken first. An insert that begins after it has later rows.
        Instant now = now();
        long longest = number("SELECT toInt64(ceil(1000 * max(elapsed))) FROM " + processes
                + " WHERE query_kind IN ('Insert', 'AsyncInsertFlush') AND NOT startsWith(query_id, 'weir-retention-')"
                + " AND NOT startsWith(query_id, 'weir-rollup-')");
        return now.minusMillis(longest).minus(settle).minusMillis(1);
    }

    String table(String name) {
        return warehouse.table(name);
    }

    Warehouse warehouse() {
        return warehouse;
    }

    String database() {
        return warehouse.settings().database();
    }

    String onCluster() {
        return warehouse.settings().onCluster();
    }

    private String prefix() {
        return "weir-retention-" + database() + "-";
    }

    /** A text in a statement. */
    static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** A {@code DateTime64(3)} in a statement. */
    static String literal(Instant time) {
        return "toDateTime64('" + MILLIS.format(time) + "', 3, 'UTC')";
    }
}
