package io.weir.sink.clickhouse;

import io.weir.warehouse.Tables;
import io.weir.warehouse.Warehouse.Compression;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The options of sink-clickhouse.
 *
 * @param table which table to fill, and so which records to expect: events or dead_letters
 * @param batchRows how many records one micro-batch holds at most, over all partitions of a consumer
 * @param batchBytes how many bytes the brokers gather for a micro-batch before they answer, if batch-wait does not end first;
 *     a poll may hold what twice as many unpack to
 * @param batchWait how long the brokers gather at most; what a record waits under light load
 * @param firstRetry how long to wait before the first retry while ClickHouse cannot store
 * @param longestRetry how long the waits between retries may become
 * @param compression of what is sent to ClickHouse: none for the same machine, lz4 over a network
 */
@Validated
@ConfigurationProperties("weir.sink")
public record SinkProperties(
        @NotNull @DefaultValue("events") Table table,
        @Min(1) @Max(1_000_000) @DefaultValue("200000") int batchRows,
        @NotNull @DefaultValue("24MB") DataSize batchBytes,

        @NotNull @DurationMin(millis = 1) @DefaultValue("500ms")
        Duration batchWait,

        @NotNull @DurationMin(millis = 1) @DefaultValue("250ms")
        Duration firstRetry,

        @NotNull @DurationMin(millis = 1) @DefaultValue("5s")
        Duration longestRetry,

        @NotNull @DefaultValue("none") Compression compression) {

    /** What the sink stores. */
    public enum Table {
        EVENTS(Tables.EVENTS),
        DEAD_LETTERS(Tables.DEAD_LETTERS);

        private final String tableName;

        Table(String tableName) {
            this.tableName = tableName;
        }

        /** The table's name in ClickHouse. */
        public String tableName() {
            return tableName;
        }
    }
}
