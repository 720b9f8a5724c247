package io.weir.source.http.ingest;

import io.weir.event.Ids;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Gives ids to the events of one request that bring none: UUIDv7, or, for a request with an idempotency key, the key's
 * digest and the event's position, so that a retry gives the same ids without anything being stored for each.
 */
final class EventIds {

    private final byte @Nullable [] base;

    private EventIds(byte @Nullable [] base) {
        this.base = base;
    }

    static EventIds random() {
        return new EventIds(null);
    }

    static EventIds derived(byte[] keyHash) {
        byte[] half = Arrays.copyOf(keyHash, 16);
        return new EventIds((Base64.getUrlEncoder().withoutPadding().encodeToString(half) + "-")
                .getBytes(StandardCharsets.US_ASCII));
    }

    /** SHA-256 over tenant and key, told apart by the tenant's length. */
    static byte[] hash(String tenant, String idempotencyKey) {
        byte[] tenantBytes = tenant.getBytes(StandardCharsets.UTF_8);
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ByteBuffer.allocate(4).putInt(tenantBytes.length).flip());
            digest.update(tenantBytes);
            return digest.digest(idempotencyKey.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The id of the event at that position. */
    byte[] at(long position) {
        if (base == null) {
            byte[] id = new byte[36];
            Ids.uuid7(id, 0);
            return id;
        }
        byte[] digits = Long.toString(position).getBytes(StandardCharsets.US_ASCII);
        byte[] id = Arrays.copyOf(base, base.length + digits.length);
        System.arraycopy(digits, 0, id, base.length, digits.length);
        return id;
    }
}
