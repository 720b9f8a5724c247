package io.weir.sink.clickhouse.stream;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Polled records. Says little of itself: a message that fails is logged, and its records are many and nobody's to read there. */
final class Poll extends AbstractList<ConsumerRecord<?, ?>> implements RandomAccess {

    private final List<ConsumerRecord<?, ?>> records;

    Poll(List<ConsumerRecord<?, ?>> records) {
        this.records = records;
    }

    @Override
    public ConsumerRecord<?, ?> get(int index) {
        return records.get(index);
    }

    @Override
    public int size() {
        return records.size();
    }

    @Override
    public String toString() {
        return "a poll of " + size() + " records";
    }
}
