package io.weir.processor.enrich.stream;

import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.TransactionIdSuffixStrategy;

/**
 * Numbers the transactional ids of an instance from 0 and gives out the lowest free one, so that a producer that replaces
 * a failed one takes its id, and so ends its transaction.
 */
final class TransactionIds implements TransactionIdSuffixStrategy {
    private final Map<String, TreeSet<Integer>> used = new ConcurrentHashMap<>();

    @Override
    public String acquireSuffix(@Nullable String prefix) {
        TreeSet<Integer> numbers = used.computeIfAbsent(String.valueOf(prefix), p -> new TreeSet<>());
        synchronized (numbers) {
            int free = 0;
            while (!numbers.add(free)) {
                free++;
            }
            return Integer.toString(free);
        }
    }

    @Override
    public void releaseSuffix(@Nullable String prefix, @Nullable String suffix) {
        TreeSet<Integer> numbers = used.get(String.valueOf(prefix));
        if (numbers != null && suffix != null) {
            synchronized (numbers) {
                numbers.remove(Integer.valueOf(suffix));
            }
        }
    }
}
