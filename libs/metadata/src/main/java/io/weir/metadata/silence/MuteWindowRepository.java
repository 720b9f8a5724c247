package io.weir.metadata.silence;

import java.util.List;
import java.util.UUID;
import org.springframework.data.repository.Repository;

interface MuteWindowRepository extends Repository<MuteWindow, UUID> {
    List<MuteWindow> findByTenantOrderByName(String tenant);
}
