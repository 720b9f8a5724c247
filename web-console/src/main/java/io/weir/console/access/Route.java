package io.weir.console.access;

import io.weir.metadata.user.Role;
import org.springframework.http.HttpMethod;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Who may use a method of a path.
 *
 * @param pattern as in the controller's mapping, to the letter
 */
record Route(HttpMethod method, String pattern, Who who) {

    /** From everybody to few; each of the last four may do all that those before it may. */
    enum Who {
        ANYONE,
        /** Also whoever has to choose a password first. */
        SIGNED_IN,
        VIEWER,
        ANALYST,
        OPERATOR,
        ADMIN,
        /** An administrator who is not one tenant's. */
        ADMIN_OF_ALL_TENANTS
    }

    RequestMatcher matcher() {
        RequestMatcher exact = PathPatternRequestMatcher.withDefaults().matcher(method, pattern);
        // Whoever may read may ask whether there is something to read.
        return method.equals(HttpMethod.GET)
                ? new OrRequestMatcher(
                        exact, PathPatternRequestMatcher.withDefaults().matcher(HttpMethod.HEAD, pattern))
                : exact;
    }

    RequestMatcher anyMethod() {
        return PathPatternRequestMatcher.withDefaults().matcher(pattern);
    }

    boolean allows(SignedIn signedIn) {
        if (who.compareTo(Who.SIGNED_IN) <= 0) {
            return true;
        }
        Caller caller = signedIn.caller();
        return !signedIn.mustChangePassword()
                && switch (who) {
                    case ANYONE, SIGNED_IN -> true;
                    case VIEWER -> caller.role().includes(Role.VIEWER);
                    case ANALYST -> caller.role().includes(Role.ANALYST);
                    case OPERATOR -> caller.role().includes(Role.OPERATOR);
                    case ADMIN -> caller.role().includes(Role.ADMIN);
                    case ADMIN_OF_ALL_TENANTS -> caller.role().includes(Role.ADMIN) && caller.tenant() == null;
                };
    }
}
