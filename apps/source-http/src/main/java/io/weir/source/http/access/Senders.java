package io.weir.source.http.access;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.metadata.key.ApiKeys;
import io.weir.source.http.SourceProperties;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Finds the sender of a request by its API key, from memory for as long as a key is trusted.
 *
 * <p>Keys are held by their hash only. While PostgreSQL cannot be reached, keys that were good within the last hour go on
 * working: nobody can revoke one during that time either.
 */
@Component
class Senders implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(Senders.class);

    private final ApiKeys keys;
    private final Allowances allowances;
    private final ExecutorService lookups;
    private final AsyncLoadingCache<ByteBuffer, Optional<Sender>> trusted;
    private final Cache<ByteBuffer, Sender> lastGood;
    private final long retryNanos;
    private volatile boolean databaseFailed;
    private volatile long databaseFailedAt;

    Senders(ApiKeys keys, Allowances allowances, SourceProperties properties) {
        this.keys = keys;
        this.allowances = allowances;
        this.retryNanos = properties.keyCacheTime().toNanos();
        this.lookups = new ThreadPoolExecutor(2, 2, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(10_000), lookup -> {
            Thread thread = new Thread(lookup, "key-lookup");
            thread.setDaemon(true);
            return thread;
        });
        this.trusted = Caffeine.newBuilder()
                .maximumSize(100_000)
                .expireAfterWrite(properties.keyCacheTime())
                .executor(lookups)
                .buildAsync(this::lookUp);
        this.lastGood = Caffeine.newBuilder()
                .maximumSize(100_000)
                .expireAfterWrite(Duration.ofHours(1))
                .build();
    }

    /** The sender with that key, active or not; empty if there is none. Fails if PostgreSQL cannot say. */
    CompletableFuture<Optional<Sender>> find(String key) {
        return trusted.get(ByteBuffer.wrap(ApiKeys.hash(key)));
    }

    private Optional<Sender> lookUp(ByteBuffer hash) {
        // One lookup that waited is enough: the others would queue behind its like.
        if (databaseFailed && System.nanoTime() - databaseFailedAt < retryNanos) {
            Sender known = lastGood.getIfPresent(hash);
            if (known != null) {
                return Optional.of(known);
            }
        }
        try {
            Optional<Sender> found = keys.find(hash.array()).map(key -> new Sender(key, allowances.of(key)));
            databaseFailed = false;
            found.ifPresentOrElse(sender -> lastGood.put(hash, sender), () -> lastGood.invalidate(hash));
            return found;
        } catch (DataAccessException e) {
            databaseFailedAt = System.nanoTime();
            databaseFailed = true;
            Sender known = lastGood.getIfPresent(hash);
            if (known == null) {
                throw e;
            }
            log.warn("API keys cannot be looked up, the last known state is used: {}", e.toString());
            return Optional.of(known);
        }
    }

    @Override
    public void destroy() {
        lookups.shutdownNow();
    }
}
