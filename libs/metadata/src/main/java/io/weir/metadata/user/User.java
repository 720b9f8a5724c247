package io.weir.metadata.user;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A person or a program that may ask.
 *
 * @param name {@code [a-z0-9][a-z0-9._@+-]{0,99}}, unique and for good: the audit log names it
 * @param role the most that it may do
 * @param tenant whose rows it sees; null for those of every tenant
 * @param hasPassword whether it can sign in by password
 * @param mustChangePassword whether it has to choose a password of its own before anything else
 * @param sessionsValidFrom changes when all its sessions end: a session is good for as long as this is as it was at its sign-in
 * @param oidcSubject who it is to the identity provider, null for a user of this console alone
 */
public record User(
        UUID id,
        String name,
        Role role,
        @Nullable String tenant,
        boolean hasPassword,
        boolean disabled,
        boolean mustChangePassword,
        Instant sessionsValidFrom,
        @Nullable String oidcIssuer,
        @Nullable String oidcSubject,
        Instant createdAt) {

    /** Whether it is a program's: nobody can sign in as it, it has tokens alone. */
    public boolean isService() {
        return !hasPassword && oidcSubject == null;
    }
}
