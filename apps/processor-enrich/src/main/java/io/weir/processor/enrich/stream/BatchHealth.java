package io.weir.processor.enrich.stream;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Down while batches fail again and again, or hang: part of readiness. */
final class BatchHealth implements HealthIndicator {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final BatchProgress progress;

    BatchHealth(BatchProgress progress) {
        this.progress = progress;
    }

    @Override
    public Health health() {
        @Nullable String trouble = progress.trouble(PATIENCE);
        return trouble == null
                ? Health.up().build()
                : Health.down().withDetail("trouble", trouble).build();
    }
}
