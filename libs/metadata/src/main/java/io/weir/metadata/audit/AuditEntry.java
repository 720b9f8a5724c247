package io.weir.metadata.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of the audit log.
 *
 * @param number 1, 2, 3 and so on without a gap
 * @param at when it was appended, to the microsecond
 * @param detail a JSON object
 * @param key what {@link AuditLog#appendOnce} knows it by; null for what was just appended
 * @param hash SHA-256, 32 bytes, over the hash before it and its own content
 */
public record AuditEntry(
        long number,
        Instant at,
        String actor,
        String action,
        String tenant,
        String subject,
        String detail,
        @Nullable String key,
        byte[] hash) {}
