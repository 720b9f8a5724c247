package io.weir.processor.enrich.stream;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.TimeoutException;
import org.springframework.cloud.stream.binder.kafka.config.ClientFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.ProducerFactory;

/** Lets commits go wrong in the ways that a network makes them, in the order in which the faults were added. */
final class FaultyCommits implements ClientFactoryCustomizer, Ordered {
    /** What happens in place of a commit, or around it. */
    interface Fault {
        void run(Runnable commit);

        /** The request is lost. */
        static Fault lostRequest() {
            return commit -> {
                throw new TimeoutException("the commit was never sent");
            };
        }

        /** The answer is lost: the commit takes place. */
        static Fault lostAnswer() {
            return commit -> {
                commit.run();
                throw new TimeoutException("the answer never came");
            };
        }
    }

    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();

    void add(Fault fault) {
        faults.add(fault);
    }

    /** From now on commits go well. */
    void clear() {
        faults.clear();
    }

    boolean isExhausted() {
        return faults.isEmpty();
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE; // next to the real producer
    }

    @Override
    public void configure(ProducerFactory<?, ?> factory) {
        if (factory instanceof DefaultKafkaProducerFactory<?, ?> real) {
            real.addPostProcessor(this::faulty);
        }
    }

    @SuppressWarnings("unchecked")
    private <K, V> Producer<K, V> faulty(Producer<K, V> producer) {
        return (Producer<K, V>) Proxy.newProxyInstance(
                Producer.class.getClassLoader(), new Class<?>[] {Producer.class}, (proxy, method, arguments) -> {
                    Fault fault = method.getName().equals("commitTransaction") ? faults.poll() : null;
                    if (fault != null) {
                        fault.run(producer::commitTransaction);
                        return null;
                    }
                    try {
                        return method.invoke(producer, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
