package io.weir.metadata.tenant;

import java.time.Instant;

/**
 * Somebody whose rows are kept apart from everybody else's.
 *
 * @param name {@code [a-z0-9][a-z0-9_-]{0,62}}, for good: it stands in every row
 * @param displayName what people read
 */
public record Tenant(String name, String displayName, Instant createdAt) {}
