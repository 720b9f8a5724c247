package io.weir.task;

import io.weir.warehouse.TabSeparated;
import io.weir.warehouse.Warehouse;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Runs a task's statements under names that tell whose they are, so that those of a run that was killed can be found and ended. */
public class RunStatements {

    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    private final Warehouse warehouse;
    private final Map<String, String> settings;
    private final String prefix;

    /**
     * @param task the beginning of the statements' names, such as {@code weir-rollup}; their {@code log_comment} too
     * @param settings of ClickHouse, for every statement, beside those that all tasks need
     */
    protected RunStatements(Warehouse warehouse, String task, Map<String, String> settings) {
        this.warehouse = warehouse;
        this.prefix = task + "-" + warehouse.settings().database() + "-";
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put("log_comment", task);
        all.put("async_insert", "0");
        // A failure after the first byte of an answer would come as success otherwise.
        all.put("wait_end_of_query", "1");
        all.put("send_progress_in_http_headers", "0");
        all.put("http_write_exception_in_output_format", "0");
        // The two copies of a row have the same partition.
        all.put("do_not_merge_across_partitions_select_final", "1");
        all.put("max_partitions_per_insert_block", "0");
        // Rows as they are: what a grouping gives has no two of one key, and a copy has the same ones twice too.
        all.put("optimize_on_insert", "0");
        all.put("join_use_nulls", "0");
        all.put("prefer_column_name_to_alias", "1");
        all.put("alter_sync", "1");
        this.settings = Map.copyOf(all);
    }

    public final String run(String sql) {
        return run(sql, Map.of());
    }

    /** @param parameters values of {@code {name:Type}} in the statement */
    public final String run(String sql, Map<String, String> parameters) {
        return warehouse.query(prefix + UUID.randomUUID(), sql, parameters, settings);
    }

    public final List<String[]> rows(String sql) {
        return rows(sql, Map.of());
    }

    /**
     * The answer's rows, each split into its columns, whatever is in them; a null is {@code \N}, and so is that text. The statement
     * names no format.
     */
    public final List<String[]> rows(String sql, Map<String, String> parameters) {
        return run(sql, parameters)
                .lines()
                .map(line -> Arrays.stream(line.split("\t", -1))
                        .map(TabSeparated::unescaped)
                        .toArray(String[]::new))
                .toList();
    }

    /** A single whole number. */
    public final long number(String sql) {
        return Long.parseLong(run(sql).strip());
    }

    /** Ends what another run has left behind, and waits until it has ended. */
    public final void endOthers() {
        warehouse.query("KILL QUERY" + onCluster() + " WHERE startsWith(query_id, '" + prefix + "') SYNC");
    }

    /** The server's clock: {@code ingested_at} is by it too. */
    public final Instant now() {
        return Instant.ofEpochMilli(number("SELECT toUnixTimestamp64Milli(now64(3))"));
    }

    public final Warehouse warehouse() {
        return warehouse;
    }

    /** The name of a table with its database. */
    public final String table(String name) {
        return warehouse.table(name);
    }

    public final String database() {
        return warehouse.settings().database();
    }

    public final String onCluster() {
        return warehouse.settings().onCluster();
    }

    /** As a parameter of type {@code DateTime64(3)}. */
    public static String millis(Instant time) {
        return MILLIS.format(time);
    }
}
