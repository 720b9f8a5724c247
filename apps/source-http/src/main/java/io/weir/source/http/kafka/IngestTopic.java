package io.weir.source.http.kafka;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.stream.config.BindingServiceProperties;
import org.springframework.cloud.stream.config.ProducerMessageHandlerCustomizer;
import org.springframework.integration.kafka.outbound.KafkaProducerMessageHandler;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.stereotype.Component;

/**
 * The output binding's topic and Kafka producer.
 *
 * <p>The binding is declared, provisioned and configured as in any stream app, but records go to its producer directly:
 * a {@code Message} and a channel for each event cost more than all the rest of the way (see the module's RATIONALE).
 */
@Component
public class IngestTopic implements ProducerMessageHandlerCustomizer<KafkaProducerMessageHandler<?, ?>> {

    private static final Logger log = LoggerFactory.getLogger(IngestTopic.class);
    private static final String BINDING = "output";

    private final BindingServiceProperties bindings;
    private final CompletableFuture<ProducerFactory<byte[], byte[]>> factory = new CompletableFuture<>();

    IngestTopic(BindingServiceProperties bindings) {
        this.bindings = bindings;
    }

    @Override
    @SuppressWarnings("unchecked") // the binding's serializers are byte[] ones: native encoding, set in application.yml
    public void configure(KafkaProducerMessageHandler<?, ?> handler, String destination) {
        if (destination.equals(name())) {
            factory.complete(
                    (ProducerFactory<byte[], byte[]>) handler.getKafkaTemplate().getProducerFactory());
        }
    }

    /** The topic's name. */
    String name() {
        return bindings.getBindingDestination(BINDING);
    }

    /** A producer of the binding; waits, as long as it takes, for the binding to be made: the binder tries again by itself. */
    Producer<byte[], byte[]> producer() throws InterruptedException {
        while (true) {
            try {
                return factory.get(1, TimeUnit.MINUTES).createProducer();
            } catch (TimeoutException e) {
                log.warn("The output binding has not been made yet");
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
    }
}
