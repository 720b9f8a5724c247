package io.weir.sink.clickhouse.store;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** What is stored and what is not. */
final class StoreMeters {

    private final MeterRegistry registry;
    private final Counter splits;

    StoreMeters(MeterRegistry registry) {
        this.registry = registry;
        this.splits = Counter.builder("weir.sink.splits")
                .description("Batches that were halved to find a record that ClickHouse does not store")
                .register(registry);
    }

    void inserted(String table, int rows, long bytes, long nanos) {
        registry.counter("weir.sink.rows", "table", table).increment(rows);
        registry.counter("weir.sink.bytes", "table", table).increment(bytes);
        Timer.builder("weir.sink.inserts")
                .description("Inserts that ClickHouse has acknowledged")
                .tag("table", table)
                .register(registry)
                .record(Duration.ofNanos(nanos));
    }

    void failed(String table) {
        registry.counter("weir.sink.insert.failures", "table", table).increment();
    }

    void poison(String reason) {
        registry.counter("weir.sink.poison", "reason", reason).increment();
    }

    void split() {
        splits.increment();
    }
}
