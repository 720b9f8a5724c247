package io.weir.bootstrap.server;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** How the bootstrap signs in to the server; the text form shows no secret. */
public final class Credentials {

    /** For a server without sign-in. */
    public static final Credentials NONE = new Credentials(null);

    private final @Nullable String authorization;

    private Credentials(@Nullable String authorization) {
        this.authorization = authorization;
    }

    /** HTTP Basic. */
    public static Credentials basic(String username, String password) {
        byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new Credentials("Basic " + Base64.getEncoder().encodeToString(pair));
    }

    /** An OAuth 2 access token. */
    public static Credentials token(String token) {
        return new Credentials("Bearer " + token);
    }

    @Nullable
    String authorization() {
        return authorization;
    }

    @Override
    public String toString() {
        return authorization == null ? "none" : "given";
    }
}
