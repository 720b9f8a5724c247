package io.weir.processor.enrich.stream;

import io.weir.processor.enrich.EnrichSettings;
import io.weir.processor.enrich.Enricher;
import io.weir.processor.enrich.Tally;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.kafka.core.ProducerFactoryUtils;
import org.springframework.messaging.Message;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Sends what follows from each record of a batch, within the transaction that the listener container has opened on this
 * thread and will commit together with the batch's offsets.
 *
 * <p>It sends through the transaction's own producer and waits for nothing: the commit fails if a single send did, and
 * then the whole batch is read again.
 */
final class EnrichBatch implements Consumer<Message<List<ConsumerRecord<byte[], byte[]>>>> {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final String outputTopic;
    private final Supplier<ProducerFactory<byte[], byte[]>> producers;
    private final BatchProgress progress;
    private final ThreadLocal<Enricher> enrichers;

    EnrichBatch(EnrichSettings settings, Supplier<ProducerFactory<byte[], byte[]>> producers, BatchProgress progress) {
        outputTopic = settings.outputTopic();
        this.producers = producers;
        this.progress = progress;
        enrichers = ThreadLocal.withInitial(() -> new Enricher(settings));
    }

    @Override
    public void accept(Message<List<ConsumerRecord<byte[], byte[]>>> batch) {
        List<ConsumerRecord<byte[], byte[]>> records = batch.getPayload();
        if (records.isEmpty()) {
            return;
        }
        ProducerFactory<byte[], byte[]> factory = producers.get();
        if (!TransactionSynchronizationManager.hasResource(factory)) {
            throw new IllegalStateException("There is no Kafka transaction on this thread: set"
                    + " spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix");
        }
        Producer<byte[], byte[]> producer = ProducerFactoryUtils.getTransactionalResourceHolder(factory, CLOSE_TIMEOUT)
                .getProducer();
        Enricher enricher = enrichers.get();
        Tally tally = progress.own().tally(records.size());
        int outputPartitions = producer.partitionsFor(outputTopic).size();
        String topic = "";
        boolean keepPartition = false;
        for (ConsumerRecord<byte[], byte[]> ingested : records) {
            if (!topic.equals(ingested.topic())) {
                topic = ingested.topic();
                keepPartition = producer.partitionsFor(topic).size() == outputPartitions;
            }
            producer.send(enricher.enrich(ingested, keepPartition ? ingested.partition() : null, tally));
        }
    }
}
