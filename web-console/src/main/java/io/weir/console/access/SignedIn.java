package io.weir.console.access;

import io.weir.metadata.user.User;
import java.io.Serial;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/** Somebody who has shown who they are; the principal is a {@link Caller}. It is never stored: see {@link Sessions}. */
final class SignedIn extends AbstractAuthenticationToken {

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Caller caller;
    private final transient Credential credential;
    private final UUID userId;
    private final boolean mustChangePassword;
    private final @Nullable Instant sessionsValidFrom;

    private SignedIn(
            Caller caller,
            Credential credential,
            UUID userId,
            boolean mustChangePassword,
            @Nullable Instant sessionsValidFrom) {
        super(List.of(new SimpleGrantedAuthority("ROLE_" + caller.role().name())));
        this.caller = caller;
        this.credential = credential;
        this.userId = userId;
        this.mustChangePassword = mustChangePassword;
        this.sessionsValidFrom = sessionsValidFrom;
        setAuthenticated(true);
    }

    /** As a person with a session. */
    static SignedIn as(User user) {
        return new SignedIn(
                new Caller(user.name(), user.role(), user.tenant()),
                Credential.SESSION,
                user.id(),
                user.mustChangePassword(),
                user.sessionsValidFrom());
    }

    /** As a program with a token. */
    static SignedIn by(Caller caller, Credential credential, UUID userId) {
        return new SignedIn(caller, credential, userId, false, null);
    }

    Credential credential() {
        return credential;
    }

    Caller caller() {
        return caller;
    }

    UUID userId() {
        return userId;
    }

    boolean mustChangePassword() {
        return mustChangePassword;
    }

    /** Of the user when it was looked up; null with a token, which begins no session. */
    @Nullable
    Instant sessionsValidFrom() {
        return sessionsValidFrom;
    }

    @Override
    public Object getPrincipal() {
        return caller;
    }

    @Override
    public @Nullable Object getCredentials() {
        return null;
    }

    @Override
    public String getName() {
        return caller.name();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
