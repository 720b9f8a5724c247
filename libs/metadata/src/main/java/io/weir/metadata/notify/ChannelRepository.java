package io.weir.metadata.notify;

import java.util.List;
import java.util.UUID;
import org.springframework.data.repository.Repository;

interface ChannelRepository extends Repository<Channel, UUID> {
    List<Channel> findByTenantOrderByName(String tenant);
}
