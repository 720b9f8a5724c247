package io.weir.metadata.notify;

import java.util.List;
import java.util.UUID;
import org.springframework.data.repository.Repository;

interface EscalationPolicyRepository extends Repository<EscalationPolicy, UUID> {
    List<EscalationPolicy> findByTenantOrderByName(String tenant);
}
