package io.weir.retention;

import io.weir.task.RunStatements;
import io.weir.warehouse.Warehouse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** The statements of this task, and how they name texts and times. */
final class Statements extends RunStatements {

    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("short_circuit_function_evaluation", "enable"),
            Map.entry("mutations_sync", "1"),
            Map.entry("lightweight_deletes_sync", "1"),
            Map.entry("insert_deduplicate", "0"),
            Map.entry("deduplicate_insert_select", "disable"),
            // Objects as they were: a text that looks like a date is a text.
            Map.entry("input_format_try_infer_dates", "0"),
            Map.entry("input_format_try_infer_datetimes", "0"),
            Map.entry("input_format_json_try_infer_numbers_from_strings", "0"),
            Map.entry("type_json_skip_duplicated_paths", "1"),
            Map.entry("json_type_escape_dots_in_keys", "0"),
            Map.entry("output_format_json_quote_64bit_integers", "0"),
            Map.entry("output_format_json_quote_64bit_floats", "0"),
            // A file as any program reads it, in groups of rows that fit a small memory.
            Map.entry("output_format_parquet_compression_method", "zstd"),
            Map.entry("output_format_parquet_string_as_string", "1"),
            Map.entry("output_format_parquet_datetime_as_uint32", "0"),
            Map.entry("output_format_parquet_date_as_uint16", "0"),
            Map.entry("output_format_parquet_write_checksums", "1"),
            Map.entry("output_format_parquet_row_group_size", "250000"),
            Map.entry("output_format_parquet_row_group_size_bytes", "134217728"),
            Map.entry("engine_file_truncate_on_insert", "1"),
            Map.entry("s3_truncate_on_insert", "1"));

    Statements(Warehouse warehouse) {
        super(warehouse, "weir-retention", SETTINGS);
    }

    /**
     * Until when everything that was ingested can be seen: an insert gives its rows the time at which it began, and they are
     * seen when it ends.
     *
     * @param settle how long an insert may be under way without ClickHouse knowing
     */
    Instant settled(Duration settle) {
        String cluster = warehouse().settings().cluster();
        String processes =
                cluster.isEmpty() ? "system.processes" : "clusterAllReplicas('" + cluster + "', system.processes)";
        // The time is taken first. An insert that begins after it has later rows.
        Instant now = now();
        long longest = number("SELECT toInt64(ceil(1000 * max(elapsed))) FROM " + processes
                + " WHERE query_kind IN ('Insert', 'AsyncInsertFlush') AND NOT startsWith(query_id, 'weir-retention-')"
                + " AND NOT startsWith(query_id, 'weir-rollup-')");
        return now.minusMillis(longest).minus(settle).minusMillis(1);
    }

    /** A text in a statement. */
    static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** A {@code DateTime64(3)} in a statement. */
    static String literal(Instant time) {
        return "toDateTime64('" + millis(time) + "', 3, 'UTC')";
    }
}
