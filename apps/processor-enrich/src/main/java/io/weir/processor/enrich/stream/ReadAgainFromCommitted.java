package io.weir.processor.enrich.stream;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.AfterRollbackProcessor;
import org.springframework.kafka.listener.ContainerProperties.EOSMode;
import org.springframework.kafka.listener.ListenerUtils;
import org.springframework.kafka.listener.MessageListenerContainer;

/**
 * After a failed transaction: waits, longer each time, and then goes back to what the group has committed. Without end; no
 * record is given up.
 *
 * <p>Not to where the batch began: a commit whose answer was lost may have succeeded, and then the batch must not be read
 * again. Kafka answers for committed offsets only after open transactions on them are decided (KIP-447).
 */
final class ReadAgainFromCommitted implements AfterRollbackProcessor<byte[], byte[]> {
    private static final Logger log = LoggerFactory.getLogger(ReadAgainFromCommitted.class);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

    private final BatchProgress progress;
    private final Runnable endOpenTransactions;
    private final Duration first;
    private final Duration longest;

    /** @param endOpenTransactions decides, with Kafka, what becomes of the transactions of failed producers */
    ReadAgainFromCommitted(BatchProgress progress, Runnable endOpenTransactions, Duration first, Duration longest) {
        this.progress = progress;
        this.endOpenTransactions = endOpenTransactions;
        this.first = first;
        this.longest = longest;
    }

    @Override
    public void process(
            List<ConsumerRecord<byte[], byte[]>> records,
            Consumer<byte[], byte[]> consumer,
            @Nullable MessageListenerContainer container,
            Exception exception,
            boolean recoverable,
            EOSMode eosMode) {
        progress.failed(exception);
        Map<TopicPartition, Long> starts = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> ingested : records) {
            starts.putIfAbsent(new TopicPartition(ingested.topic(), ingested.partition()), ingested.offset());
        }
        do {
            Duration pause = pause(progress.own().failures());
            log.warn("A batch of {} records failed and will be read again in {}", records.size(), pause);
            if (!sleep(container, pause) || container != null && !container.isRunning()) {
                // Whoever has the partitions next begins at what is committed. Until it has stopped, this container may
                // poll once more, and must not get what comes after the batch.
                consumer.pause(consumer.assignment());
                return;
            }
        } while (!goBack(starts, consumer));
    }

    @Override
    public void clearThreadState() {
        progress.forget();
    }

    private boolean goBack(Map<TopicPartition, Long> starts, Consumer<byte[], byte[]> consumer) {
        starts.keySet().retainAll(consumer.assignment());
        try {
            endOpenTransactions.run();
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(starts.keySet(), ANSWER_TIMEOUT);
            starts.forEach((partition, start) -> {
                @Nullable OffsetAndMetadata offset = committed.get(partition);
                consumer.seek(partition, offset == null ? start : offset.offset());
            });
            return true;
        } catch (WakeupException e) {
            return false; // the container stops, or was asked something: its state tells
        } catch (RuntimeException e) {
            // Kafka's or Spring's, whatever it is: the container only logs what leaves here, and would go on after the
            // batch.
            log.warn("The way back to the committed offsets failed: {}", e.toString());
            progress.stillFails(e);
            return false;
        }
    }

    private Duration pause(int failures) {
        long doubled = first.toMillis() << Math.min(Math.max(failures - 1, 0), 20);
        return Duration.ofMillis(Math.min(doubled, longest.toMillis()));
    }

    private static boolean sleep(@Nullable MessageListenerContainer container, Duration pause) {
        try {
            if (container == null) {
                // Spring may name no container: then there is none whose end could cut the pause short.
                Thread.sleep(pause.toMillis());
            } else {
                ListenerUtils.stoppableSleep(container, pause.toMillis());
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
