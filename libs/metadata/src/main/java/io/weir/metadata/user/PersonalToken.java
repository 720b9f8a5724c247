package io.weir.metadata.user;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A credential with which a user's programs ask in its name.
 *
 * @param hint the first characters of the token, enough to tell tokens apart
 * @param role the most that it may do, and never more than its owner
 * @param tenant whose rows it sees, null for all that its owner sees
 * @param lastUsedAt to the minute or so
 */
public record PersonalToken(
        UUID id,
        User owner,
        String name,
        String hint,
        Role role,
        @Nullable String tenant,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant revokedAt,
        @Nullable Instant lastUsedAt) {

    /** Whether it may be used at that time: neither expired nor revoked, and its owner may still see the tenant. */
    public boolean isActive(Instant now) {
        return revokedAt == null
                && (expiresAt == null || now.isBefore(expiresAt))
                && !owner.disabled()
                && (owner.tenant() == null || tenant == null || tenant.equals(owner.tenant()));
    }

    /** What it may do now, whatever its owner could do when it was made. */
    public Role effectiveRole() {
        return owner.role().includes(role) ? role : owner.role();
    }

    /** Whose rows it sees now; null for those of every tenant. */
    public @Nullable String effectiveTenant() {
        return owner.tenant() == null ? tenant : owner.tenant();
    }
}
