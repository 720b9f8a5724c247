package io.weir.console.access;

import io.weir.metadata.user.User;
import java.io.Serial;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

/** Whom the identity provider has just named; the session keeps only which of our users it is. */
final class OidcCaller extends DefaultOidcUser {

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient User user;

    OidcCaller(OidcUser named, User user) {
        super(named.getAuthorities(), named.getIdToken(), named.getUserInfo());
        this.user = user;
    }

    User user() {
        return user;
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
