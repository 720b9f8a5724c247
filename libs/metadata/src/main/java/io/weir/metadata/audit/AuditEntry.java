package io.weir.metadata.audit;

import java.time.Instant;
import java.util.HexFormat;
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
        byte[] hash) {

    /** As one line of JSON, with everything that its hash is over but the hash before it. */
    public String asJson() {
        StringBuilder json = new StringBuilder("{\"number\":").append(number);
        append("at", at.toString(), json);
        append("actor", actor, json);
        append("action", action, json);
        append("tenant", tenant, json);
        append("subject", subject, json);
        json.append(",\"detail\":").append(detail);
        if (key != null) {
            append("key", key, json);
        }
        append("hash", HexFormat.of().formatHex(hash), json);
        return json.append('}').toString();
    }

    private static void append(String name, String value, StringBuilder json) {
        json.append(",\"").append(name).append("\":");
        AuditEvent.quote(value, json);
    }
}
