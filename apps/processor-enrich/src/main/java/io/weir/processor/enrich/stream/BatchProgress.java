package io.weir.processor.enrich.stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.weir.processor.enrich.EventKind;
import io.weir.processor.enrich.Tally;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How the batches are doing: told by each consumer thread about its own transactions, asked by health and metrics.
 *
 * <p>Counts are those of committed transactions; a batch that is tried again counts once.
 */
final class BatchProgress {
    private static final int MAXIMUM_REASONS = 64;

    private final MeterRegistry meters;
    private final Map<EventKind, Counter> events = new ConcurrentHashMap<>();
    private final Map<String, Counter> deadLetters = new ConcurrentHashMap<>();
    private final Counter writtenBytes;
    private final Counter failures;
    private final DistributionSummary batchSize;
    private final Timer transactionTime;

    private final Set<Batch> batches = ConcurrentHashMap.newKeySet();
    private final ThreadLocal<Batch> own = ThreadLocal.withInitial(() -> {
        Batch batch = new Batch();
        batches.add(batch);
        return batch;
    });

    BatchProgress(MeterRegistry meters) {
        this.meters = meters;
        writtenBytes = Counter.builder("weir.enrich.output")
                .description("Bytes of enriched records that were committed")
                .baseUnit("bytes")
                .register(meters);
        failures = Counter.builder("weir.enrich.transaction.failures")
                .description("Transactions that were rolled back; their records are read again")
                .register(meters);
        batchSize = DistributionSummary.builder("weir.enrich.batch.records")
                .description("Records of a committed transaction")
                .register(meters);
        transactionTime = Timer.builder("weir.enrich.transaction")
                .description("Time from the begin of a transaction to the end of its commit")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(2))
                .maximumExpectedValue(Duration.ofSeconds(30))
                .register(meters);
        for (EventKind kind : EventKind.values()) {
            count(kind, 0);
        }
    }

    /** The current thread's batch. */
    Batch own() {
        return own.get();
    }

    void began() {
        Batch batch = own();
        batch.records = 0;
        batch.tally.clear();
        batch.openSince = System.nanoTime();
        batch.open = true;
    }

    void committed() {
        Batch batch = own();
        batch.open = false;
        batch.failures = 0;
        batch.failure = null;
        if (batch.records == 0) {
            return; // a transaction that is none of a batch
        }
        transactionTime.record(Duration.ofNanos(System.nanoTime() - batch.openSince));
        batchSize.record(batch.records);
        writtenBytes.increment(batch.tally.bytes());
        batch.tally.forEachKind(this::count);
        batch.tally.forEachReason(this::count);
        batch.records = 0;
    }

    /** The batch was rolled back, or what became of its commit is unknown; it will be read again. */
    void failed(Throwable cause) {
        Batch batch = own();
        batch.open = false;
        if (batch.failures == 0) {
            batch.failingSince = System.nanoTime();
        }
        stillFails(cause);
        failures.increment();
    }

    /** Nor can it be read again yet. */
    void stillFails(Throwable cause) {
        Batch batch = own();
        batch.failure = cause.getClass().getSimpleName() + ": " + cause.getMessage();
        batch.failures++;
    }

    /** The current thread is no consumer any more. */
    void forget() {
        batches.remove(own());
        own.remove();
    }

    /**
     * What stands in the way of the worst batch; null if all is well. A single failure is none: a rebalance does that.
     *
     * @param patience how long a transaction may be open
     */
    @Nullable
    String trouble(Duration patience) {
        for (Batch batch : batches) {
            if (batch.failures > 1) {
                return "a batch failed " + batch.failures + " times in "
                        + Duration.ofNanos(System.nanoTime() - batch.failingSince)
                                .toSeconds() + " s, last with "
                        + batch.failure;
            }
            Duration open = Duration.ofNanos(System.nanoTime() - batch.openSince);
            if (batch.open && open.compareTo(patience) > 0) {
                return "a transaction has been open for " + open.toSeconds() + " s";
            }
        }
        return null;
    }

    private void count(EventKind kind, int number) {
        events.computeIfAbsent(kind, k -> Counter.builder("weir.enrich.events")
                        .description("Events that were committed")
                        .tag("type", k.label())
                        .register(meters))
                .increment(number);
    }

    private void count(String reason, int number) {
        // Reasons of refused records come with the record: their number must not grow without bound.
        String label = deadLetters.containsKey(reason) || deadLetters.size() < MAXIMUM_REASONS ? reason : "other";
        deadLetters
                .computeIfAbsent(label, r -> Counter.builder("weir.enrich.dead.letters")
                        .description("Records that became dead letters and were committed")
                        .tag("reason", r)
                        .register(meters))
                .increment(number);
    }

    /** The batch that a consumer thread works at. Written by that thread, read by others for its state. */
    static final class Batch {
        private final Tally tally = new Tally();
        private int records;

        private volatile boolean open;
        private volatile long openSince;
        private volatile int failures;
        private volatile long failingSince;
        private volatile @Nullable String failure;

        /** Begins to count the records of the batch. */
        Tally tally(int size) {
            records = size;
            return tally;
        }

        /** Consecutive tries that failed. */
        int failures() {
            return failures;
        }
    }
}
