package io.weir.console.access;

import io.weir.metadata.user.User;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.DeferredSecurityContext;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.web.context.HttpRequestResponseHolder;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;

/**
 * A session says who signed in, when, and a mark that changes when that one's sessions end, no more: what they may do is looked up, so
 * that a user who is disabled or given less loses it within seconds, and one who changes the password ends all other sessions.
 */
@Component
class Sessions implements SecurityContextRepository {

    private static final String USER = "weir.user";
    private static final String SINCE = "weir.since";
    private static final String VALID_FROM = "weir.valid-from";

    /**
     * What a session says.
     *
     * @param validFrom of the user as it was when its password was looked at: what has been changed since then ends this session,
     *     whatever the clocks of consoles say
     */
    private record Begun(UUID user, Instant since, Instant validFrom) {}

    private final KnownUsers users;
    private final SessionRepository<?> sessions;
    private final AccessProperties.Session terms;

    Sessions(KnownUsers users, SessionRepository<?> sessions, AccessProperties properties) {
        this.users = users;
        this.sessions = sessions;
        this.terms = properties.session();
    }

    @Override
    public DeferredSecurityContext loadDeferredContext(HttpServletRequest request) {
        Supplier<SecurityContext> context = SingletonSupplier.of(() -> load(request));
        return new DeferredSecurityContext() {
            @Override
            public SecurityContext get() {
                return context.get();
            }

            @Override
            public boolean isGenerated() {
                return context.get().getAuthentication() == null;
            }
        };
    }

    @Override
    @SuppressWarnings("deprecation")
    public SecurityContext loadContext(HttpRequestResponseHolder holder) {
        return load(holder.getRequest());
    }

    private SecurityContext load(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        Begun begun = session == null ? null : begun(session::getAttribute);
        if (session == null || begun == null) {
            return SecurityContextHolder.createEmptyContext();
        }
        SignedIn signedIn = signedIn(begun);
        if (signedIn == null) {
            session.invalidate();
            return SecurityContextHolder.createEmptyContext();
        }
        return new SecurityContextImpl(signedIn);
    }

    private static @Nullable Begun begun(Function<String, @Nullable Object> attributes) {
        return attributes.apply(USER) instanceof UUID user
                        && attributes.apply(SINCE) instanceof Instant since
                        && attributes.apply(VALID_FROM) instanceof Instant validFrom
                ? new Begun(user, since, validFrom)
                : null;
    }

    private @Nullable SignedIn signedIn(Begun begun) {
        Predicate<User> same = user -> user.sessionsValidFrom().equals(begun.validFrom());
        if (users.find(begun.user()).filter(same).isEmpty()) {
            // What is known may be older than the session.
            users.forget(begun.user());
        }
        return users.find(begun.user())
                .filter(same)
                .filter(user ->
                        !user.disabled() && !Instant.now().isAfter(begun.since().plus(terms.absoluteTimeout())))
                .map(SignedIn::as)
                .orElse(null);
    }

    /** Whether who made a request with that session, some time ago, would be let through again as the same. */
    boolean stillIs(Caller caller, String sessionId) {
        Session session = sessions.findById(sessionId);
        Begun begun = session == null ? null : begun(session::getAttribute);
        SignedIn signedIn = begun == null ? null : signedIn(begun);
        return signedIn != null && signedIn.caller().equals(caller);
    }

    /** Begins to last as long as a session may. */
    @Override
    public void saveContext(
            SecurityContext context, HttpServletRequest request, @Nullable HttpServletResponse response) {
        Begun begun = begun(context.getAuthentication());
        if (begun == null) {
            HttpSession session = request.getSession(false);
            if (session != null) {
                session.removeAttribute(USER);
                session.removeAttribute(SINCE);
                session.removeAttribute(VALID_FROM);
            }
            return;
        }
        HttpSession session = request.getSession();
        session.setMaxInactiveInterval((int) terms.idleTimeout().toSeconds());
        session.setAttribute(USER, begun.user());
        session.setAttribute(SINCE, begun.since());
        session.setAttribute(VALID_FROM, begun.validFrom());
        session.setAttribute(
                FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME,
                begun.user().toString());
    }

    private static @Nullable Begun begun(@Nullable Authentication authentication) {
        if (authentication instanceof SignedIn signedIn) {
            Instant validFrom = signedIn.sessionsValidFrom();
            return validFrom == null ? null : new Begun(signedIn.userId(), Instant.now(), validFrom);
        }
        return authentication != null && authentication.getPrincipal() instanceof OidcCaller caller
                ? new Begun(caller.user().id(), Instant.now(), caller.user().sessionsValidFrom())
                : null;
    }

    @Override
    public boolean containsContext(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session != null && session.getAttribute(USER) != null;
    }
}
