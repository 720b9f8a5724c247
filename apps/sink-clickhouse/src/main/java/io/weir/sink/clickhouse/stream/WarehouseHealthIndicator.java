package io.weir.sink.clickhouse.stream;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.stereotype.Component;

/** Out of service while records cannot be stored; part of readiness, never of liveness: a restart would not help. */
@Component("warehouseHealthIndicator")
class WarehouseHealthIndicator extends AbstractHealthIndicator {

    private final Readiness readiness;

    WarehouseHealthIndicator(Readiness readiness) {
        this.readiness = readiness;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        @Nullable String problem = readiness.problem();
        if (problem == null) {
            builder.up();
        } else {
            builder.outOfService().withDetail("reason", problem);
        }
    }
}
