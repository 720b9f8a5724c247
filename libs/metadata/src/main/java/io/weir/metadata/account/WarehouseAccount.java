package io.weir.metadata.account;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An account of ClickHouse that reads and does nothing else.
 *
 * @param label unique among the tenant's accounts that are not revoked: {@code [a-z][a-z0-9]{0,30}}
 * @param tenant whose rows it sees; null for those of every tenant
 * @param masked whether personal columns are masked
 * @param forPeople whether it is the one that people share through the console
 * @param passwordSha256 in hexadecimal
 * @param createdBy a user's name
 * @param rotatedAt when it got its present password, if not at its creation
 */
public record WarehouseAccount(
        UUID id,
        String label,
        @Nullable String tenant,
        boolean masked,
        boolean forPeople,
        String passwordSha256,
        String createdBy,
        Instant createdAt,
        @Nullable Instant rotatedAt,
        @Nullable Instant revokedAt) {

    /** Without the password's hash. */
    @Override
    public String toString() {
        return "WarehouseAccount[" + label + " of " + (tenant == null ? "every tenant" : tenant) + "]";
    }
}
