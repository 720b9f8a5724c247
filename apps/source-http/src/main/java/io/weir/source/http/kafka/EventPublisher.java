package io.weir.source.http.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.source.http.SourceProperties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Writes records to the ingest topic without ever blocking, within a budget of bytes that wait for Kafka's acknowledgement.
 *
 * <p>The budget is smaller than the producer's buffer, and nothing is sent before the topic's metadata is known, so that
 * {@link Producer#send} has no reason to wait. After a failed delivery it refuses for a moment, then tries again by
 * itself.
 */
@Component
public class EventPublisher implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(EventPublisher.class);
    /** What a piece of a body is counted as until its records are: the most that the server reads at once. */
    private static final long PIECE_BYTES = 64 << 10;

    private static final long REFUSAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final IngestTopic topic;
    private final long budget;
    private final AtomicLong inFlight = new AtomicLong();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    private volatile @Nullable Producer<byte[], byte[]> producer;
    private volatile String topicName = "";
    private volatile boolean failing;
    private volatile long failedAt;
    private @Nullable Thread connecting;

    EventPublisher(IngestTopic topic, SourceProperties properties, MeterRegistry meters) {
        this.topic = topic;
        this.budget = properties.inFlightSize().toBytes();
        meters.gauge("weir.source.in.flight.bytes", inFlight);
    }

    /** Whether records are taken: Kafka is known, answers, and the budget is not used up. */
    public boolean isAvailable() {
        return isConnected() && inFlight.get() < budget;
    }

    /** Whether Kafka is known and the last delivery did not fail just now. */
    public boolean isConnected() {
        return producer != null && !(failing && System.nanoTime() - failedAt < REFUSAL_NANOS);
    }

    /** Whether more waits for Kafka than pieces that were asked for can have brought: a piece was packed beyond measure. */
    public boolean isOverfull() {
        return inFlight.get() > 2 * budget;
    }

    /**
     * Takes {@link #PIECE_BYTES} of the budget for a piece of a body that will be asked for. If there is no room, the
     * continuation runs once the same has been taken for it. Either is given back by {@link #giveBack}.
     */
    public boolean takeRoomOrElse(Runnable continuation) {
        if (takeRoom()) {
            return true;
        }
        waiting.add(continuation);
        // The last release may have come between the look at the budget and the queue.
        wakeWaiting();
        return false;
    }

    /** Gives back what was taken for a piece: its records count from now on, or it will not come. */
    public void giveBack() {
        inFlight.addAndGet(-PIECE_BYTES);
        wakeWaiting();
    }

    private boolean takeRoom() {
        if (inFlight.get() >= budget) {
            return false;
        }
        inFlight.addAndGet(PIECE_BYTES);
        return true;
    }

    private void wakeWaiting() {
        while (!waiting.isEmpty() && takeRoom()) {
            Runnable next = waiting.poll();
            if (next == null) {
                inFlight.addAndGet(-PIECE_BYTES);
                return;
            }
            next.run();
        }
    }

    /**
     * Sends one record as a part of the delivery, which learns of the outcome. Never blocks.
     *
     * @throws KafkaException if Kafka is not to be reached; the record was not sent
     */
    public void send(byte[] key, byte[] value, Iterable<Header> headers, Delivery delivery) {
        Producer<byte[], byte[]> connected = producer;
        if (connected == null) {
            throw new org.apache.kafka.common.errors.TimeoutException("Kafka has not been reached yet");
        }
        delivery.sent(value.length);
        inFlight.addAndGet(value.length);
        try {
            connected.send(new ProducerRecord<>(topicName, null, key, value, headers), delivery);
        } catch (RuntimeException e) {
            delivery.onCompletion(null, e instanceof KafkaException kafka ? kafka : new KafkaException(e));
            if (e instanceof IllegalStateException && producer == connected) {
                log.warn("The producer is closed, a new one is made: {}", e.toString());
                producer = null;
                start();
            }
        }
    }

    /** A delivery of a request that goes on with the action when every record of it is acknowledged or has failed. */
    public Delivery delivery(Delivery.Listener listener) {
        return new Delivery(this, listener);
    }

    void released(long bytes, @Nullable Exception failure) {
        if (failure != null) {
            failedAt = System.nanoTime();
            if (!failing) {
                failing = true;
                log.warn("Kafka does not take events: {}", failure.toString());
            }
        } else if (failing) {
            failing = false;
            log.info("Kafka takes events again");
        }
        inFlight.addAndGet(-bytes);
        wakeWaiting();
    }

    @Override
    public void start() {
        Thread thread = new Thread(this::connect, "kafka-connect");
        thread.setDaemon(true);
        connecting = thread;
        thread.start();
    }

    /** The first send would wait for the topic's metadata: this waits instead, as long as it takes. */
    private void connect() {
        try {
            Producer<byte[], byte[]> candidate = topic.producer();
            topicName = topic.name();
            while (true) {
                try {
                    int partitions = candidate.partitionsFor(topicName).size();
                    producer = candidate;
                    log.info("Events go to topic {} with {} partitions", topicName, partitions);
                    return;
                } catch (KafkaException e) {
                    log.warn("Topic {} is not to be reached yet: {}", topicName, e.toString());
                    TimeUnit.MILLISECONDS.sleep(500);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        if (connecting != null) {
            connecting.interrupt();
            connecting = null;
        }
    }

    @Override
    public boolean isRunning() {
        return connecting != null;
    }
}
