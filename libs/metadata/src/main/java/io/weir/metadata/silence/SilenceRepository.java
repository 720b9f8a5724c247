package io.weir.metadata.silence;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.springframework.data.jdbc.repository.query.Modifying;
import org.springframework.data.jdbc.repository.query.Query;
import org.springframework.data.repository.Repository;

interface SilenceRepository extends Repository<Silence, UUID> {

    List<Silence> findByTenantAndEndsAtAfterOrderByEndsAt(String tenant, Instant now);

    List<Silence> findByEndsAtBetween(Instant from, Instant to);

    @Modifying
    @Query("delete from alert_silence where ends_at < :before")
    int deleteEndedBefore(Instant before);

    @Modifying
    @Query(
            "update alert_silence set ends_at = greatest(:now, starts_at + interval '1 millisecond') where tenant = :tenant and id = :id and ends_at > :now")
    int expire(String tenant, UUID id, Instant now);
}
