package io.weir.sink.clickhouse;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The options of sink-clickhouse; the size and time of micro-batches are those of the Kafka consumer (see README).
 *
 * @param table which table to fill, and so which records to expect: events or dead_letters
 * @param firstRetry how long to wait before the first retry while ClickHouse cannot store
 * @param longestRetry how long the waits between retries may become
 */
@Validated
@ConfigurationProperties("weir.sink")
public record SinkProperties(
        @NotNull @DefaultValue("events") Table table,

        @NotNull @DurationMin(millis = 1) @DefaultValue("250ms")
        Duration firstRetry,

        @NotNull @DurationMin(millis = 1) @DefaultValue("5s")
        Duration longestRetry) {

    /** What the sink stores. */
    public enum Table {
        EVENTS,
        DEAD_LETTERS
    }
}
