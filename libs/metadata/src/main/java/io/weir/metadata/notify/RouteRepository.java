package io.weir.metadata.notify;

import java.util.List;
import java.util.UUID;
import org.springframework.data.repository.Repository;

interface RouteRepository extends Repository<Route, UUID> {
    List<Route> findByTenantOrderByPosition(String tenant);
}
