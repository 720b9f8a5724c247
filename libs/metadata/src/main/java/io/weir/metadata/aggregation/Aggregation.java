package io.weir.metadata.aggregation;

import io.weir.metadata.user.Role;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A query that was handed in.
 *
 * @param owner who handed it in
 * @param role of the owner at that time: the result holds what that role may see
 * @param tenant of the owner; null for every tenant
 * @param query as JSON, with absolute times
 * @param attempts how often it was begun
 * @param result as JSON, once it has succeeded
 * @param error for a person, once it has failed
 */
public record Aggregation(
        UUID id,
        String owner,
        Role role,
        @Nullable String tenant,
        String query,
        State state,
        int attempts,
        @Nullable String result,
        @Nullable String error,
        Instant submittedAt,
        @Nullable Instant finishedAt) {

    /** How far it is. */
    public enum State {
        PENDING,
        RUNNING,
        SUCCESS,
        ERROR
    }
}
