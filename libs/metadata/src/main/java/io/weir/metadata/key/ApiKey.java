package io.weir.metadata.key;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A credential with which a producer sends events, and what it may do.
 *
 * @param tenant whose events it sends: {@code [a-z0-9][a-z0-9_-]{0,62}}
 * @param name what its owner calls it, unique among the tenant's keys that are not revoked; the default {@code source} of its events
 * @param hash SHA-256 of the key; the key itself is stored nowhere
 * @param hint the first characters of the key, enough to tell keys apart
 * @param networks comma-separated CIDR blocks from which it may be used; empty: from anywhere
 * @param eventsPerSecond sustained rate, or null for no limit of its own
 * @param bytesPerSecond sustained rate of decompressed bytes, or null
 * @param eventsPerDay quota by UTC day, or null
 * @param bytesPerDay quota by UTC day, or null
 */
@Table("api_key")
public record ApiKey(
        @Id UUID id,
        String tenant,
        String name,
        byte[] hash,
        String hint,
        String networks,
        @Nullable Long eventsPerSecond,
        @Nullable Long bytesPerSecond,
        @Nullable Long eventsPerDay,
        @Nullable Long bytesPerDay,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant revokedAt) {

    /** Whether the key may be used at that time. */
    public boolean isActive(Instant now) {
        return revokedAt == null && (expiresAt == null || now.isBefore(expiresAt));
    }
}
