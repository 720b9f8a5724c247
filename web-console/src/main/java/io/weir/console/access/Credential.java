package io.weir.console.access;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * With what the {@link Caller} has shown who asks. A controller gets it as an argument.
 *
 * @param token the personal token; null for a session and for a JWT
 * @param until when a token expires; null for never, and for a session
 */
public record Credential(@Nullable UUID token, @Nullable Instant until) {

    static final Credential SESSION = new Credential(null, null);
}
