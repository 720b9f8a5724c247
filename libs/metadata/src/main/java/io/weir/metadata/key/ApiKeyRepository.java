package io.weir.metadata.key;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jdbc.repository.query.Modifying;
import org.springframework.data.jdbc.repository.query.Query;
import org.springframework.data.repository.Repository;

interface ApiKeyRepository extends Repository<ApiKey, UUID> {

    @Query("select * from api_key where hash = :hash")
    Optional<ApiKey> findByHash(byte[] hash);

    List<ApiKey> findAllByOrderByTenantAscNameAscCreatedAtAsc();

    @Modifying
    @Query("update api_key set revoked_at = :now where tenant = :tenant and name = :name and revoked_at is null")
    int revoke(String tenant, String name, Instant now);
}
