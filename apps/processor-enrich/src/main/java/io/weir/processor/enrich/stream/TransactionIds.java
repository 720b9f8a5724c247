package io.weir.processor.enrich.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.kafka.core.TransactionIdSuffixStrategy;

/**
 * Numbers the transactional ids of this instance from 0 and gives out the lowest free one, so that a producer that
 * replaces a failed one takes its id, and so ends its transaction.
 */
final class TransactionIds implements TransactionIdSuffixStrategy {
    private final TreeSet<Integer> used = new TreeSet<>();
    private int everUsed;

    @Override
    public synchronized String acquireSuffix(@Nullable String prefix) {
        int free = 0;
        while (!used.add(free)) {
            free++;
        }
        everUsed = Math.max(everUsed, used.size());
        return Integer.toString(free);
    }

    @Override
    public synchronized void releaseSuffix(@Nullable String prefix, @Nullable String suffix) {
        used.remove(Integer.valueOf(String.valueOf(suffix)));
    }

    /**
     * Ends the transactions that failed producers have left open, now instead of at their timeout: a new producer of the
     * same id does that.
     *
     * @throws org.apache.kafka.common.KafkaException if Kafka does not answer
     */
    void endOpenTransactions(ProducerFactory<byte[], byte[]> producers) {
        List<Producer<byte[], byte[]>> held = new ArrayList<>();
        try {
            while (someAreFree()) {
                held.add(producers.createProducer()); // an idle one, which is then held, or one of a free id
            }
        } finally {
            held.forEach(Producer::close); // which keeps them for later
        }
    }

    private synchronized boolean someAreFree() {
        return used.size() < everUsed;
    }
}
