package io.weir.source.http.kafka;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.stereotype.Component;

/** Out of service while events cannot be handed to Kafka; part of readiness, never of liveness: a restart would not help. */
@Component("ingestHealthIndicator")
class KafkaHealthIndicator extends AbstractHealthIndicator {

    private final EventPublisher publisher;

    KafkaHealthIndicator(EventPublisher publisher) {
        this.publisher = publisher;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        if (publisher.isConnected()) {
            builder.up();
        } else {
            builder.outOfService().withDetail("reason", "Kafka does not acknowledge events");
        }
    }
}
