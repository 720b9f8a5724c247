package io.weir.source.http.kafka;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The records of one piece of a request on their way to Kafka: one callback object for all of them.
 *
 * <p>One thread sends; acknowledgements come on Kafka's thread. The listener is called once, after {@link #sealed} and
 * the last acknowledgement, by whichever thread comes last.
 */
public final class Delivery implements Callback {

    /** Learns how a delivery ended. */
    public interface Listener {

        /** @param failure the first failure, or null if Kafka has acknowledged every record */
        void delivered(@Nullable Exception failure);
    }

    private final EventPublisher publisher;
    private final Listener listener;
    private final AtomicInteger outstanding = new AtomicInteger(1);
    private long bytes;
    private volatile @Nullable Exception failure;

    Delivery(EventPublisher publisher, Listener listener) {
        this.publisher = publisher;
        this.listener = listener;
    }

    /** Whether a record of it has failed already. */
    public boolean hasFailed() {
        return failure != null;
    }

    void sent(int size) {
        bytes += size;
        outstanding.incrementAndGet();
    }

    /** Says that nothing more will be sent as a part of this delivery. */
    public void sealed() {
        complete();
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception exception) {
        if (exception != null && failure == null) {
            failure = exception;
        }
        complete();
    }

    private void complete() {
        if (outstanding.decrementAndGet() == 0) {
            publisher.released(bytes, failure);
            listener.delivered(failure);
        }
    }
}
