package io.weir.sink.clickhouse.stream;

import io.weir.sink.clickhouse.store.RecordStore;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.stereotype.Component;

/** Out of service while records cannot be stored; part of readiness, never of liveness: a restart would not help. */
@Component("warehouseHealthIndicator")
class WarehouseHealthIndicator extends AbstractHealthIndicator {

    private final RecordStore store;

    WarehouseHealthIndicator(RecordStore store) {
        this.store = store;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        if (store.isHealthy()) {
            builder.up();
        } else {
            builder.outOfService().withDetail("reason", "ClickHouse does not store records");
        }
    }
}
