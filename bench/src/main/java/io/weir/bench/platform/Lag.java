package io.weir.bench.platform;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** How far the consumer groups of a broker are behind the ends of their topics. */
public final class Lag implements AutoCloseable {

    private final Admin admin;

    public Lag(String bootstrap) {
        this.admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap));
    }

    /**
     * The lag of every topic that a group has committed offsets for, in records. Markers of transactions count as records,
     * so a topic written in transactions keeps a lag of a few even at rest.
     */
    public Map<String, Long> byTopic() throws InterruptedException, ExecutionException {
        Map<TopicPartition, Long> committed = new HashMap<>();
        Collection<GroupListing> groups =
                admin.listGroups(ListGroupsOptions.forConsumerGroups()).all().get();
        for (GroupListing group : groups) {
            admin.listConsumerGroupOffsets(group.groupId())
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .forEach((partition, offset) -> {
                        if (offset != null) {
                            committed.put(partition, offset.offset());
                        }
                    });
        }
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        committed.keySet().forEach(partition -> ends.put(partition, OffsetSpec.latest()));
        Map<String, Long> lag = new TreeMap<>();
        admin.listOffsets(ends)
                .all()
                .get()
                .forEach((partition, end) -> lag.merge(
                        partition.topic(),
                        Math.max(0, end.offset() - committed.getOrDefault(partition, 0L)),
                        Long::sum));
        return lag;
    }

    @Override
    public void close() {
        admin.close();
    }
}
