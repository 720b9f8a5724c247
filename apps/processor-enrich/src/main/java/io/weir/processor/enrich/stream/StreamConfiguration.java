package io.weir.processor.enrich.stream;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.stream.binder.Binder;
import org.springframework.cloud.stream.binder.BinderFactory;
import org.springframework.cloud.stream.binder.kafka.KafkaMessageChannelBinder;
import org.springframework.cloud.stream.config.BindingServiceProperties;
import org.springframework.cloud.stream.config.ListenerContainerCustomizer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.support.converter.BatchMessageConverter;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageChannel;

/** Ties the enricher to the binder: batches of whole records in, one transaction each. */
@Configuration(proxyBeanMethods = false)
class StreamConfiguration {
    @Bean
    BatchProgress batchProgress(MeterRegistry meters) {
        return new BatchProgress(meters);
    }

    @Bean
    BatchHealth batchesHealthIndicator(BatchProgress progress) {
        return new BatchHealth(progress);
    }

    @Bean
    TransactionIds transactionIds() {
        return new TransactionIds();
    }

    @Bean
    WatchedProducers watchedProducers(BatchProgress progress, TransactionIds ids) {
        return new WatchedProducers(progress, ids);
    }

    @Bean
    Consumer<Message<List<ConsumerRecord<byte[], byte[]>>>> enrich(
            EnrichProperties properties,
            BindingServiceProperties bindings,
            BinderFactory binders,
            BatchProgress progress) {
        return new EnrichBatch(
                properties.settings(bindings.getBindingDestination("output")),
                () -> transactionalProducers(binders),
                progress);
    }

    @Bean
    ListenerContainerCustomizer<AbstractMessageListenerContainer<byte[], byte[]>> readAgainFromCommitted(
            EnrichProperties properties,
            BatchProgress progress,
            TransactionIds ids,
            ObjectProvider<BinderFactory> binders) {
        return (container, destination, group) -> container.setAfterRollbackProcessor(new ReadAgainFromCommitted(
                progress,
                () -> ids.endOpenTransactions(transactionalProducers(binders.getObject())),
                properties.retryInterval(),
                properties.maximumRetryInterval()));
    }

    /** Hands the polled records on as they are, without a message or a conversion for each. */
    @Bean
    BatchMessageConverter wholeRecords() {
        return new WholeRecords();
    }

    @Bean
    ConsumerWatch consumerWatch(ApplicationContext context) {
        return new ConsumerWatch(context);
    }

    private static ProducerFactory<byte[], byte[]> transactionalProducers(BinderFactory binders) {
        Binder<MessageChannel, ?, ?> ofDefault = binders.getBinder(null, MessageChannel.class);
        if (!(ofDefault instanceof KafkaMessageChannelBinder binder)) {
            throw new IllegalStateException("The binder is not Kafka's, but " + ofDefault);
        }
        @Nullable ProducerFactory<byte[], byte[]> producers = binder.getTransactionalProducerFactory();
        if (producers == null) {
            throw new IllegalStateException(
                    "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix is not set");
        }
        return producers;
    }
}
