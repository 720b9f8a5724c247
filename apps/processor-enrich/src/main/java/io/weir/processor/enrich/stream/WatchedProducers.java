package io.weir.processor.enrich.stream;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.stream.binder.kafka.config.ClientFactoryCustomizer;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.ProducerFactory;

/**
 * Puts a watch on the binder's transactional producers: it sees transactions begin, commit and fail, and turns fencing
 * into a failure like any other.
 *
 * <p>The latter matters: after a {@link ProducerFencedException} the listener container goes on with the next poll,
 * without reading the batch again, because it takes for granted that another instance has it. But a transaction that was
 * open for too long (a pause of the process or of Kafka) fences its producer just the same, and then nobody has the
 * batch: the next commit would skip it.
 */
final class WatchedProducers implements ClientFactoryCustomizer {
    private final BatchProgress progress;
    private final TransactionIds ids;

    WatchedProducers(BatchProgress progress, TransactionIds ids) {
        this.progress = progress;
        this.ids = ids;
    }

    @Override
    public void configure(ProducerFactory<?, ?> factory) {
        if (factory.transactionCapable() && factory instanceof DefaultKafkaProducerFactory<?, ?> transactional) {
            transactional.setTransactionIdSuffixStrategy(ids);
            watch(transactional);
        }
    }

    private <K, V> void watch(DefaultKafkaProducerFactory<K, V> factory) {
        factory.addPostProcessor(this::watched);
    }

    @SuppressWarnings("unchecked")
    private <K, V> Producer<K, V> watched(Producer<K, V> producer) {
        return (Producer<K, V>) Proxy.newProxyInstance(
                Producer.class.getClassLoader(), new Class<?>[] {Producer.class}, (proxy, method, arguments) -> {
                    String name = method.getName();
                    if (name.equals("beginTransaction")) {
                        progress.began();
                    }
                    @Nullable Object result;
                    try {
                        result = method.invoke(producer, arguments);
                    } catch (InvocationTargetException e) {
                        Throwable cause = e.getCause() == null ? e : e.getCause();
                        throw cause instanceof ProducerFencedException
                                ? new KafkaException(
                                        "The producer was fenced: its transaction was open for too long,"
                                                + " or another one has its transactional id",
                                        cause)
                                : cause;
                    }
                    if (name.equals("commitTransaction")) {
                        progress.committed();
                    }
                    return result;
                });
    }
}
