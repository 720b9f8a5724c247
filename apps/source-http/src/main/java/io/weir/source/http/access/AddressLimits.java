package io.weir.source.http.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.weir.source.http.SourceProperties;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Token buckets by client address; an IPv6 client is known by its /64, of which it may use any address. */
@Component
class AddressLimits {

    private final long requestsPerSecond;
    private final @Nullable LoadingCache<ByteBuffer, Bucket> requests;
    private final LoadingCache<ByteBuffer, Bucket> failures;
    private final long failuresPerMinute;

    AddressLimits(SourceProperties properties) {
        this.requestsPerSecond = properties.ipRequestsPerSecond();
        this.requests = requestsPerSecond == 0
                ? null
                : buckets(2 * requestsPerSecond, requestsPerSecond, Duration.ofSeconds(1));
        this.failuresPerMinute = properties.ipFailuresPerMinute();
        this.failures = buckets(failuresPerMinute, failuresPerMinute, Duration.ofMinutes(1));
    }

    private static LoadingCache<ByteBuffer, Bucket> buckets(long capacity, long refill, Duration period) {
        return Caffeine.newBuilder()
                .maximumSize(100_000)
                .expireAfterAccess(Duration.ofMinutes(10))
                .build(address -> Bucket.builder()
                        .addLimit(limit -> limit.capacity(capacity).refillGreedy(refill, period))
                        .build());
    }

    /** Takes one request from the address; says why it may not make one now, or null. */
    Allowance.@Nullable LimitExceeded request(InetAddress address) {
        if (requests == null) {
            return null;
        }
        var probe = requests.get(network(address)).tryConsumeAndReturnRemaining(1);
        return probe.isConsumed()
                ? null
                : new Allowance.LimitExceeded(
                        "ip-requests-per-second", requestsPerSecond, Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }

    /** Whether the address has failed too often to be listened to; does not count as a failure. */
    Allowance.@Nullable LimitExceeded tooManyFailures(InetAddress address) {
        Bucket bucket = failures.getIfPresent(network(address));
        if (bucket == null || bucket.getAvailableTokens() > 0) {
            return null;
        }
        return new Allowance.LimitExceeded(
                "ip-failures-per-minute",
                failuresPerMinute,
                Duration.ofNanos(bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill()));
    }

    /** Counts a request without a valid key. */
    void failed(InetAddress address) {
        failures.get(network(address)).tryConsume(1);
    }

    private static ByteBuffer network(InetAddress address) {
        byte[] bytes = address.getAddress();
        return ByteBuffer.wrap(bytes.length == 16 ? Arrays.copyOf(bytes, 8) : bytes);
    }
}
