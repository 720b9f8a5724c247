package io.weir.sink.clickhouse.store;

import com.clickhouse.client.api.insert.InsertSettings;
import java.util.Map;

/** The server's settings for an insert: each is said, because their defaults have changed between releases. */
final class InsertSettingsSource {

    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("async_insert", "0"),
            Map.entry("wait_end_of_query", "1"),
            Map.entry("insert_deduplicate", "1"),
            Map.entry("deduplicate_blocks_in_dependent_materialized_views", "1"),
            Map.entry("optimize_on_insert", "0"),
            Map.entry("max_insert_threads", "1"),
            Map.entry("max_partitions_per_insert_block", "0"),
            Map.entry("max_insert_block_size", "1000000000"),
            Map.entry("min_insert_block_size_rows", "1000000000"),
            Map.entry("min_insert_block_size_bytes", "0"),
            Map.entry("input_format_native_allow_types_conversion", "1"),
            Map.entry("input_format_parallel_parsing", "0"),
            Map.entry("type_json_skip_duplicated_paths", "0"),
            Map.entry("insert_null_as_default", "0"),
            Map.entry("max_execution_time", "0"),
            Map.entry("use_query_cache", "0"),
            Map.entry("fsync_metadata", "1"));

    private InsertSettingsSource() {}

    static void apply(InsertSettings settings) {
        SETTINGS.forEach(settings::serverSetting);
    }
}
