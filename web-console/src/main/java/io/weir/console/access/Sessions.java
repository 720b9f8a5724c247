package io.weir.console.access;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.time.Instant;
import java.util.UUID;
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
 * A session says who signed in and when, no more: what they may do is looked up, so that a user who is disabled or given less loses
 * it within seconds, and one who changes the password ends all other sessions.
 */
@Component
class Sessions implements SecurityContextRepository {

    private static final String USER = "weir.user";
    private static final String SINCE = "weir.since";

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
        if (session == null
                || !(session.getAttribute(USER) instanceof UUID id)
                || !(session.getAttribute(SINCE) instanceof Instant since)) {
            return SecurityContextHolder.createEmptyContext();
        }
        SignedIn signedIn = signedIn(id, since);
        if (signedIn == null) {
            session.invalidate();
            return SecurityContextHolder.createEmptyContext();
        }
        return new SecurityContextImpl(signedIn);
    }

    private @Nullable SignedIn signedIn(UUID id, Instant since) {
        return users.find(id)
                .filter(user -> !user.disabled()
                        && !user.sessionsValidFrom().isAfter(since)
                        && !Instant.now().isAfter(since.plus(terms.absoluteTimeout())))
                .map(SignedIn::as)
                .orElse(null);
    }

    /** Whether who made a request with that session, some time ago, would be let through again as the same. */
    boolean stillIs(Caller caller, String sessionId) {
        Session session = sessions.findById(sessionId);
        if (session == null
                || !(session.getAttribute(USER) instanceof UUID id)
                || !(session.getAttribute(SINCE) instanceof Instant since)) {
            return false;
        }
        SignedIn signedIn = signedIn(id, since);
        return signedIn != null && signedIn.caller().equals(caller);
    }

    /** Begins to last as long as a session may. */
    @Override
    public void saveContext(
            SecurityContext context, HttpServletRequest request, @Nullable HttpServletResponse response) {
        UUID id = userId(context.getAuthentication());
        if (id == null) {
            HttpSession session = request.getSession(false);
            if (session != null) {
                session.removeAttribute(USER);
                session.removeAttribute(SINCE);
            }
            return;
        }
        HttpSession session = request.getSession();
        session.setMaxInactiveInterval((int) terms.idleTimeout().toSeconds());
        session.setAttribute(USER, id);
        session.setAttribute(SINCE, Instant.now());
        session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, id.toString());
    }

    private static @Nullable UUID userId(@Nullable Authentication authentication) {
        if (authentication instanceof SignedIn signedIn) {
            return signedIn.userId();
        }
        return authentication != null && authentication.getPrincipal() instanceof OidcCaller caller
                ? caller.user().id()
                : null;
    }

    @Override
    public boolean containsContext(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session != null && session.getAttribute(USER) != null;
    }
}
