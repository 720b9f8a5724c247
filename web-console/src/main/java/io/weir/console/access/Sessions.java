package io.weir.console.access;

import io.weir.metadata.user.User;
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
    private final AccessProperties.Session terms;

    Sessions(KnownUsers users, AccessProperties properties) {
        this.users = users;
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
        User user = users.find(id).orElse(null);
        if (user == null
                || user.disabled()
                || user.sessionsValidFrom().isAfter(since)
                || Instant.now().isAfter(since.plus(terms.absoluteTimeout()))) {
            session.invalidate();
            return SecurityContextHolder.createEmptyContext();
        }
        return new SecurityContextImpl(SignedIn.as(user));
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
