package io.weir.rollup;

import io.weir.warehouse.Tables;
import io.weir.warehouse.Warehouse;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.util.unit.DataSize;

/** Runs statements under names that tell whose they are, so that those of a run that was killed can be found and ended. */
final class Statements {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    private final Warehouse warehouse;
    private final Map<String, String> settings;

    Statements(Warehouse warehouse, DataSize memory) {
        this.warehouse = warehouse;
        Map<String, String> values = new LinkedHashMap<>();
        values.put("log_comment", "weir-rollup");
        values.put("async_insert", "0");
        // A failure after the first byte of an answer would come as success otherwise.
        values.put("wait_end_of_query", "1");
        values.put("send_progress_in_http_headers", "0");
        values.put("http_write_exception_in_output_format", "0");
        // The two copies of an event have the same day.
        values.put("do_not_merge_across_partitions_select_final", "1");
        values.put("max_partitions_per_insert_block", "0");
        // What a grouping gives has no two rows of one key.
        values.put("optimize_on_insert", "0");
        values.put("max_bytes_before_external_group_by", Long.toString(memory.toBytes()));
        values.put("max_bytes_ratio_before_external_group_by", "0");
        values.put("join_use_nulls", "0");
        values.put("prefer_column_name_to_alias", "1");
        values.put("alter_sync", "1");
        this.settings = Map.copyOf(values);
    }

    String run(String sql) {
        return run(sql, Map.of());
    }

    String run(String sql, Map<String, String> parameters) {
        return warehouse.query(prefix() + UUID.randomUUID(), sql, parameters, settings);
    }

    /** The answer's rows, each split into its columns. */
    List<String[]> rows(String sql, Map<String, String> parameters) {
        return run(sql, parameters).lines().map(line -> line.split("\t", -1)).toList();
    }

    /** Ends what another run has left behind, and waits until it has ended. */
    void endOthers() {
        warehouse.query("KILL QUERY" + onCluster() + " WHERE startsWith(query_id, '" + prefix() + "') SYNC");
    }

    /** The server's clock: {@code ingested_at} is by it too. */
    Instant now() {
        return instant(run("SELECT toUnixTimestamp64Milli(now64(3))").strip());
    }

    String table(String name) {
        return warehouse.table(name);
    }

    String events() {
        return table(Tables.EVENTS);
    }

    String database() {
        return warehouse.settings().database();
    }

    String cluster() {
        return warehouse.settings().cluster();
    }

    String onCluster() {
        return warehouse.settings().onCluster();
    }

    private String prefix() {
        return "weir-rollup-" + database() + "-";
    }

    /** From milliseconds. */
    static Instant instant(String millis) {
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }

    /** As a parameter of type {@code DateTime}. */
    static String seconds(Instant time) {
        return SECONDS.format(time);
    }

    /** As a parameter of type {@code DateTime64(3)}. */
    static String millis(Instant time) {
        return MILLIS.format(time);
    }

    /** @param hour 0 to 23 */
    static Instant hour(LocalDate day, int hour) {
        return begin(day).plus(Duration.ofHours(hour));
    }

    /** A condition: the events of some of a day's hours. Its parts are what the partitions and what the key of the table know. */
    static String eventsOf(LocalDate day, List<Integer> hours) {
        return "timestamp >= " + literal(begin(day)) + " AND timestamp < " + literal(begin(day.plusDays(1)))
                + " AND toStartOfHour(timestamp) IN " + literals(day, hours);
    }

    /** A condition: the rows of hourly rollups of some of a day's hours. */
    static String rowsOf(LocalDate day, List<Integer> hours) {
        return "hour IN " + literals(day, hours);
    }

    private static String literals(LocalDate day, List<Integer> hours) {
        return hours.stream().map(hour -> literal(hour(day, hour))).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String literal(Instant time) {
        return "toDateTime('" + seconds(time) + "', 'UTC')";
    }

    static Instant begin(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
