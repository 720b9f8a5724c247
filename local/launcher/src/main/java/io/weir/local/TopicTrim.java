package io.weir.local;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Keeps topics from filling the disk without taking what is unread: Kafka's own limits go by age or size alone, whoever has read
 * what. A partition that is larger than its share loses its oldest half, but nothing at or above the lowest offset that any
 * consumer group has committed; a partition that no group reads is left alone.
 */
final class TopicTrim {

    private static final long TIMEOUT_SECONDS = 20;

    private final Admin admin;
    private final long keepBytesPerPartition;

    TopicTrim(Admin admin, long keepBytesPerPartition) {
        this.admin = admin;
        this.keepBytesPerPartition = keepBytesPerPartition;
    }

    /** Looks once, and trims what is too large. */
    void run() throws InterruptedException, ExecutionException, TimeoutException {
        Set<TopicPartition> large = largePartitions();
        if (large.isEmpty()) {
            return;
        }
        Map<TopicPartition, Long> read = lowestCommitted();
        Map<TopicPartition, RecordsToDelete> deletions = new HashMap<>();
        for (TopicPartition partition : large) {
            Long committed = read.get(partition);
            if (committed == null) {
                continue;
            }
            long first = offset(partition, OffsetSpec.earliest());
            long end = offset(partition, OffsetSpec.latest());
            long before = Math.min(committed, first + (end - first) / 2);
            if (before > first) {
                deletions.put(partition, RecordsToDelete.beforeOffset(before));
            }
        }
        if (!deletions.isEmpty()) {
            admin.deleteRecords(deletions).all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            System.out.println("trimmed topics: " + deletions);
        }
    }

    private Set<TopicPartition> largePartitions() throws InterruptedException, ExecutionException, TimeoutException {
        Set<TopicPartition> large = new HashSet<>();
        Map<Integer, Map<String, LogDirDescription>> brokers =
                admin.describeLogDirs(List.of(1)).allDescriptions().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        for (Map<String, LogDirDescription> folders : brokers.values()) {
            for (LogDirDescription folder : folders.values()) {
                for (Map.Entry<TopicPartition, ReplicaInfo> replica :
                        folder.replicaInfos().entrySet()) {
                    boolean ours = !replica.getKey().topic().startsWith("__");
                    if (ours && replica.getValue().size() > keepBytesPerPartition) {
                        large.add(replica.getKey());
                    }
                }
            }
        }
        return large;
    }

    private Map<TopicPartition, Long> lowestCommitted()
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<String, ListConsumerGroupOffsetsSpec> groups = new HashMap<>();
        for (ConsumerGroupListing group : admin.listConsumerGroups().all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            groups.put(group.groupId(), new ListConsumerGroupOffsetsSpec());
        }
        Map<TopicPartition, Long> lowest = new HashMap<>();
        Map<String, Map<TopicPartition, OffsetAndMetadata>> committed =
                admin.listConsumerGroupOffsets(groups).all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        for (Map<TopicPartition, OffsetAndMetadata> group : committed.values()) {
            group.forEach((partition, offset) -> {
                if (offset != null) {
                    lowest.merge(partition, offset.offset(), Math::min);
                }
            });
        }
        return lowest;
    }

    private long offset(TopicPartition partition, OffsetSpec which)
            throws InterruptedException, ExecutionException, TimeoutException {
        return admin.listOffsets(Map.of(partition, which))
                .partitionResult(partition)
                .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .offset();
    }
}
