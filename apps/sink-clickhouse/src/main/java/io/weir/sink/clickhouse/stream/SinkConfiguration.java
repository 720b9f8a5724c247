package io.weir.sink.clickhouse.stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.sink.clickhouse.ClickHouseProperties;
import io.weir.sink.clickhouse.SinkProperties;
import io.weir.sink.clickhouse.store.StoreMeters;
import io.weir.warehouse.Warehouse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.cloud.stream.binder.kafka.support.ConsumerConfigCustomizer;
import org.springframework.cloud.stream.config.ListenerContainerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties.AckMode;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.support.converter.BatchMessageConverter;
import org.springframework.messaging.Message;
import org.springframework.util.backoff.ExponentialBackOff;

/** Binds the topic to the store. */
@Configuration(proxyBeanMethods = false)
class SinkConfiguration {

    @Bean
    Warehouse warehouse(ClickHouseProperties properties) {
        return new Warehouse(properties.settings());
    }

    @Bean
    StoreMeters storeMeters(MeterRegistry registry) {
        return new StoreMeters(registry);
    }

    /** The stream function. */
    @Bean
    Consumer<Message<List<ConsumerRecord<ByteBuffer, ByteBuffer>>>> store(
            Stores stores, Readiness readiness, StoreMeters meters) {
        return new BatchStore(stores, readiness, meters);
    }

    /** Hands on the records of a poll as one payload: no object and no map of headers is made for each. */
    @Bean
    BatchMessageConverter wholeBatch() {
        return new WholeBatchConverter();
    }

    /** The size and time of a micro-batch; what the binding itself says of the consumer comes first. */
    @Bean
    ConsumerConfigCustomizer microBatches(SinkProperties properties) {
        return (consumer, binding, destination) -> {
            int bytes = Math.toIntExact(properties.batchBytes().toBytes());
            consumer.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, properties.batchRows());
            consumer.putIfAbsent(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, bytes);
            consumer.putIfAbsent(
                    ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                    Math.toIntExact(properties.batchWait().toMillis()));
            consumer.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 2 * bytes);
            consumer.putIfAbsent(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 2 * bytes);
        };
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
            handler.setClassifications(Map.of(), true);
            handler.setAckAfterHandle(false);
            container.setCommonErrorHandler(handler);
            container.getContainerProperties().setAckMode(AckMode.MANUAL);
        };
    }
}
