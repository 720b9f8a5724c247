package io.weir.warehouse;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Every setting that an insert depends on. None is left to the server: their defaults changed several times between releases,
 * and a profile may change them too.
 */
final class InsertSettings {

    static final Map<String, String> VALUES = values();

    private InsertSettings() {}

    private static Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        // One insert is stored before it is answered, by the query that is known by its id.
        values.put("async_insert", "0");
        values.put("wait_end_of_query", "1");
        values.put("send_progress_in_http_headers", "0");
        values.put("http_write_exception_in_output_format", "0");
        // Once per token.
        values.put("insert_deduplicate", "1");
        values.put("deduplicate_insert", "enable");
        values.put("deduplicate_insert_select", "enable_when_possible");
        values.put("insert_select_deduplicate", "1");
        values.put("deduplicate_blocks_in_dependent_materialized_views", "1");
        // One part per day, whatever the days; and as few blocks as the memory of a small server allows.
        values.put("max_partitions_per_insert_block", "0");
        values.put("max_insert_block_size", "1048576");
        values.put("min_insert_block_size_rows", "1048576");
        values.put("min_insert_block_size_bytes", "268435456");
        values.put("max_insert_threads", "1");
        values.put("max_threads", "1");
        values.put("optimize_on_insert", "0");
        // Objects as they came: a text that looks like a date is a text.
        values.put("input_format_try_infer_dates", "0");
        values.put("input_format_try_infer_datetimes", "0");
        values.put("type_json_skip_duplicated_paths", "1");
        values.put("json_type_escape_dots_in_keys", "0");
        values.put("log_comment", "weir-sink");
        return values;
    }
}
