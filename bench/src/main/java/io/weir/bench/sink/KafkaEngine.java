package io.weir.bench.sink;

import io.weir.bench.platform.ClickHouse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * ClickHouse's own way from a topic to a table: a Kafka engine table and a materialized view, made to fit the columns of
 * the target.
 *
 * @param consumers each with a thread of its own
 */
record KafkaEngine(ClickHouse clickhouse, String bootstrap, String topic, String target, int consumers) {

    private record Column(String name, String type) {}

    /** Starts to read the topic from its beginning, as a consumer group of this name. */
    void start(String group) throws IOException {
        stop();
        clickhouse.query("CREATE DATABASE IF NOT EXISTS bench");
        List<String> queue = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (Column column : columns()) {
            boolean time = column.type.startsWith("DateTime64");
            // The value holds milliseconds since the epoch.
            queue.add("`" + column.name + "` " + (time ? "Int64" : column.type));
            names.add("`" + column.name + "`");
            values.add(time ? "fromUnixTimestamp64Milli(`" + column.name + "`)" : "`" + column.name + "`");
        }
        names.addAll(List.of("_topic", "_partition", "_offset"));
        clickhouse.query("CREATE TABLE bench.queue (" + String.join(", ", queue) + ") ENGINE = Kafka SETTINGS"
                + " kafka_broker_list = '" + bootstrap + "', kafka_topic_list = '" + topic + "', kafka_group_name = '"
                + group + "', kafka_format = 'JSONEachRow', kafka_num_consumers = " + consumers
                + ", kafka_thread_per_consumer = " + (consumers > 1 ? 1 : 0)
                + ", kafka_max_block_size = 262144, kafka_poll_max_batch_size = 65536, kafka_flush_interval_ms = 5000"
                + ", input_format_skip_unknown_fields = 1");
        clickhouse.query("CREATE MATERIALIZED VIEW bench.queue_view TO " + target + " (" + String.join(", ", names)
                + ") AS SELECT " + aliased(names, values) + ", _topic, _partition, _offset FROM bench.queue");
    }

    private static String aliased(List<String> names, List<String> values) {
        List<String> selected = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            selected.add(values.get(i) + " AS " + names.get(i));
        }
        return String.join(", ", selected);
    }

    void stop() throws IOException {
        clickhouse.query("DROP TABLE IF EXISTS bench.queue_view SYNC");
        clickhouse.query("DROP TABLE IF EXISTS bench.queue SYNC");
    }

    /** The columns that come from the record itself. */
    private List<Column> columns() throws IOException {
        String[] target = this.target.split("\\.");
        String rows = clickhouse.query("SELECT name, type FROM system.columns WHERE database = '" + target[0]
                + "' AND table = '" + target[1]
                + "' AND NOT startsWith(name, '_') AND name != 'ingested_at' AND default_kind NOT IN ('MATERIALIZED', 'ALIAS')"
                + " ORDER BY position FORMAT TSVRaw");
        return rows.lines()
                .map(line -> line.split("\t", 2))
                .map(parts -> new Column(parts[0], parts[1]))
                .toList();
    }
}
