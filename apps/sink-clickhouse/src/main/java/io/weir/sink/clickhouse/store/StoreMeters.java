package io.weir.sink.clickhouse.store;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;

/** What is stored, how long that takes, and what is not stored. */
public final class StoreMeters {

    private final MeterRegistry registry;
    private final Counter retries;
    private final Counter splits;
    private final Counter claims;
    private final Timer freshness;
    private final Map<TopicPartition, AtomicLong> lags = new ConcurrentHashMap<>();

    public StoreMeters(MeterRegistry registry) {
        this.registry = registry;
        this.retries = Counter.builder("weir.sink.retries")
                .description("Batches that were tried again because ClickHouse could not store them")
                .register(registry);
        this.splits = Counter.builder("weir.sink.splits")
                .description("Batches that were halved to find a record that ClickHouse does not store")
                .register(registry);
        this.claims = Counter.builder("weir.sink.claims")
                .description("Times that a partition was made this process's own")
                .register(registry);
        this.freshness = Timer.builder("weir.sink.freshness")
                .description("From the reception of a batch's oldest event until it can be queried")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(10))
                .maximumExpectedValue(Duration.ofMinutes(5))
                .register(registry);
    }

    void inserted(String table, int rows, long bytes, long nanos) {
        registry.counter("weir.sink.rows", "table", table).increment(rows);
        registry.counter("weir.sink.bytes", "table", table).increment(bytes);
        DistributionSummary.builder("weir.sink.insert.rows")
                .description("Rows of an insert")
                .tag("table", table)
                .register(registry)
                .record(rows);
        Timer.builder("weir.sink.inserts")
                .description("Inserts that ClickHouse has acknowledged")
                .tag("table", table)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(5))
                .maximumExpectedValue(Duration.ofMinutes(1))
                .register(registry)
                .record(Duration.ofNanos(nanos));
    }

    void fresh(long millis) {
        freshness.record(Duration.ofMillis(Math.max(0, millis)));
    }

    void failed(String table, int code) {
        registry.counter("weir.sink.insert.failures", "table", table, "code", Integer.toString(code))
                .increment();
    }

    void poison(String reason) {
        registry.counter("weir.sink.poison", "reason", reason).increment();
    }

    void split() {
        splits.increment();
    }

    void claimed() {
        claims.increment();
    }

    /** A batch is tried again. */
    public void retried() {
        retries.increment();
    }

    /** So many records of the partition are on the topic and not yet stored. */
    public void lag(TopicPartition partition, long records) {
        lags.computeIfAbsent(
                        partition,
                        key -> registry.gauge(
                                "weir.sink.lag",
                                Tags.of("topic", key.topic(), "partition", Integer.toString(key.partition())),
                                new AtomicLong()))
                .set(records);
    }

    /** The partition is another process's now. */
    public void released(TopicPartition partition) {
        AtomicLong lag = lags.get(partition);
        if (lag != null) {
            lag.set(0);
        }
    }
}
