package io.weir.sink.clickhouse.stream;

import io.weir.sink.clickhouse.ClickHouseProperties;
import io.weir.sink.clickhouse.SinkProperties;
import io.weir.sink.clickhouse.store.RecordStore;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.cloud.stream.config.ListenerContainerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.support.converter.BatchMessageConverter;
import org.springframework.messaging.Message;
import org.springframework.util.backoff.ExponentialBackOff;

/** Binds the topic to the store. */
@Configuration(proxyBeanMethods = false)
class SinkConfiguration {

    @Bean(destroyMethod = "close")
    Warehouse warehouse(ClickHouseProperties properties) {
        return new Warehouse(new WarehouseSettings(
                properties.url(),
                properties.username(),
                properties.password(),
                properties.database(),
                properties.cluster()));
    }

    /** The stream function: polled records go to the store as they are. */
    @Bean
    Consumer<Message<List<ConsumerRecord<byte[], byte[]>>>> store(RecordStore store) {
        return batch -> store.store(batch.getPayload());
    }

    /** Hands on the records of a poll as one payload: no object and no map of headers is made for each. */
    @Bean
    BatchMessageConverter wholeBatch() {
        return new WholeBatchConverter();
    }

    /**
     * A batch that cannot be stored is kept and tried again for as long as it takes; the consumer is paused and goes on
     * polling meanwhile, so that it stays in its group. An error that is not ClickHouse's is treated alike: to lose records is
     * worse than to wait for a person.
     */
    @Bean
    ListenerContainerCustomizer<AbstractMessageListenerContainer<?, ?>> retryForEver(SinkProperties properties) {
        return (container, destination, group) -> {
            ExponentialBackOff backOff =
                    new ExponentialBackOff(properties.firstRetry().toMillis(), 2);
            backOff.setMaxInterval(properties.longestRetry().toMillis());
            backOff.setMaxElapsedTime(Long.MAX_VALUE);
            DefaultErrorHandler handler = new DefaultErrorHandler(backOff);
            handler.defaultFalse();
            handler.setClassifications(java.util.Map.of(), true);
            container.setCommonErrorHandler(handler);
        };
    }
}
