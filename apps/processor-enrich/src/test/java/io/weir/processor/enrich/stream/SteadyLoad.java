package io.weir.processor.enrich.stream;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;

/** Writes ingest records at a steady rate until it is closed, whatever becomes of Kafka meanwhile. */
final class SteadyLoad implements AutoCloseable {
    private static final int RECORDS = 100;
    private static final long EVERY_MILLIS = 100;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Producer<byte[], byte[]> producer;
    private volatile int written;

    SteadyLoad(Topics topics) {
        producer = topics.producer(java.util.Map.of());
        clock.scheduleWithFixedDelay(
                () -> {
                    Ingested.records(topics, written, written + RECORDS).forEach(producer::send);
                    written += RECORDS;
                },
                0,
                EVERY_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /** Records that were written; final once the load is closed. */
    int written() {
        return written;
    }

    @Override
    public void close() {
        clock.shutdown();
        await().atMost(Duration.ofSeconds(90)).until(clock::isTerminated);
        producer.close();
    }
}
