package io.weir.processor.enrich.stream;

import java.lang.reflect.Type;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.support.Acknowledgment;
import org.springframework.kafka.support.converter.BatchMessageConverter;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

/** Makes one message of a poll, whose payload is the polled records as they are. */
final class WholeRecords implements BatchMessageConverter {
    @Override
    public Message<?> toMessage(
            List<ConsumerRecord<?, ?>> records,
            @Nullable Acknowledgment acknowledgment,
            @Nullable Consumer<?, ?> consumer,
            Type payloadType) {
        return new GenericMessage<>(new Poll(records));
    }

    @Override
    public List<ProducerRecord<?, ?>> fromMessage(Message<?> message, String defaultTopic) {
        throw new UnsupportedOperationException("records are sent by the transaction's producer");
    }

    /** Says little of itself: a message that fails is logged, and its records may be many and are nobody's to read there. */
    private static final class Poll extends AbstractList<ConsumerRecord<?, ?>> implements RandomAccess {
        private final List<ConsumerRecord<?, ?>> records;

        private Poll(List<ConsumerRecord<?, ?>> records) {
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
}
