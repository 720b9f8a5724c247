package io.weir.metadata.key;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a new API key may do; null means no limit.
 *
 * @param networks CIDR blocks or single addresses from which the key may be used; empty: from anywhere
 * @param eventsPerSecond sustained rate, at least 1
 * @param bytesPerSecond sustained rate of decompressed bytes, at least 1
 * @param eventsPerDay quota by UTC day, at least 1
 * @param bytesPerDay quota by UTC day, at least 1
 */
public record ApiKeyTerms(
        List<String> networks,
        @Nullable Long eventsPerSecond,
        @Nullable Long bytesPerSecond,
        @Nullable Long eventsPerDay,
        @Nullable Long bytesPerDay,
        @Nullable Instant expiresAt) {

    /** From anywhere, as much as it likes, for ever. */
    public static final ApiKeyTerms UNLIMITED = new ApiKeyTerms(List.of(), null, null, null, null, null);

    public ApiKeyTerms {
        networks = List.copyOf(networks);
        networks.forEach(Network::parse);
        requirePositive("events-per-second", eventsPerSecond);
        requirePositive("bytes-per-second", bytesPerSecond);
        requirePositive("events-per-day", eventsPerDay);
        requirePositive("bytes-per-day", bytesPerDay);
    }

    private static void requirePositive(String name, @Nullable Long value) {
        if (value != null && value < 1) {
            throw new IllegalArgumentException(name + " is " + value + ": it must be at least 1");
        }
    }
}
