package io.weir.metadata.silence;

import java.util.List;
import java.util.UUID;
import org.springframework.data.repository.Repository;

interface InhibitionRepository extends Repository<Inhibition, UUID> {
    List<Inhibition> findByTenantOrderById(String tenant);
}
