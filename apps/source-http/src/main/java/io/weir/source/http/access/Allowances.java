package io.weir.source.http.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.metadata.ingest.IngestUsage;
import io.weir.metadata.key.ApiKey;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** The allowance of each key that has been used lately. */
@Component
class Allowances {

    private static final Logger log = LoggerFactory.getLogger(Allowances.class);

    private final IngestUsage usage;
    private final Cache<UUID, Allowance> byKey =
            Caffeine.newBuilder().expireAfterAccess(Duration.ofHours(1)).build();

    Allowances(IngestUsage usage) {
        this.usage = usage;
    }

    /** Called on a thread that may wait: a key that is new here learns first what it has sent today. */
    Allowance of(ApiKey key) {
        return byKey.asMap().compute(key.id(), (id, known) -> {
            if (known != null && known.fits(key)) {
                return known;
            }
            Allowance fresh = new Allowance(key, Clock.systemUTC());
            fresh.save(usage);
            return fresh;
        });
    }

    @Scheduled(fixedDelayString = "2s")
    void save() {
        try {
            byKey.asMap().values().stream().filter(Allowance::hasUnsaved).forEach(allowance -> allowance.save(usage));
        } catch (DataAccessException e) {
            log.warn("Usage could not be saved, it will be with the next try: {}", e.toString());
        }
    }
}
