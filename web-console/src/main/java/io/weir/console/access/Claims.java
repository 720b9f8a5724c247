package io.weir.console.access;

import io.weir.metadata.tenant.NameTakenException;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What an identity provider says of somebody, in our words. */
@Component
class Claims {

    /** Somebody whom we cannot let in; the message is for the log, not for them. */
    static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    private final AccessProperties.Oidc terms;
    private final Users users;

    Claims(AccessProperties properties, Users users) {
        this.terms = properties.oidc();
        this.users = users;
    }

    /** Who signs in: known to us from then on, with the role and tenant of these claims. */
    User signIn(String issuer, String subject, Map<String, Object> claims) throws RefusedException {
        Caller caller = caller(claims);
        User user = provision(issuer, subject, caller);
        return follow(user, caller);
    }

    /** Whoever is disabled meanwhile stays so. */
    User follow(User user, Caller caller) throws RefusedException {
        if (user.role() == caller.role() && Objects.equals(user.tenant(), caller.tenant())) {
            return user;
        }
        try {
            User changed = users.change(user.id(), caller.role(), caller.tenant(), "oidc")
                    .orElseThrow();
            return enabled(changed);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(e.getMessage() + "");
        }
    }

    /** Whom a program speaks for; with the role and tenant of these claims, for this call. */
    User bearer(String issuer, String subject, Map<String, Object> claims) throws RefusedException {
        return provision(issuer, subject, caller(claims));
    }

    private User provision(String issuer, String subject, Caller caller) throws RefusedException {
        try {
            User user = users.provision(issuer, subject, caller.name(), caller.role(), caller.tenant());
            return enabled(user);
        } catch (IllegalArgumentException | NameTakenException e) {
            throw new RefusedException(e.getMessage() + "");
        }
    }

    private static User enabled(User user) throws RefusedException {
        if (user.disabled()) {
            throw new RefusedException("user '" + user.name() + "' is disabled");
        }
        return user;
    }

    Caller caller(Map<String, Object> claims) throws RefusedException {
        List<String> names = texts(claims, terms.nameClaim());
        if (names.size() != 1) {
            throw new RefusedException("there is no claim " + terms.nameClaim());
        }
        Role role = terms.defaultRole();
        for (String name : texts(claims, terms.roleClaim())) {
            Role mapped = terms.roles().get(name);
            if (mapped != null && (role == null || mapped.includes(role))) {
                role = mapped;
            }
        }
        if (role == null) {
            throw new RefusedException("claim " + terms.roleClaim() + " has none of the roles that are known here");
        }
        List<String> tenants = texts(claims, terms.tenantClaim());
        String tenant = tenants.isEmpty() ? terms.defaultTenant() : tenants.get(0);
        if (tenant == null || tenants.size() > 1) {
            throw new RefusedException("claim " + terms.tenantClaim() + " does not name one tenant");
        }
        return new Caller(names.get(0), role, tenant.equals(terms.allTenants()) ? null : tenant);
    }

    private static List<String> texts(Map<String, Object> claims, String path) {
        Object value = claims.get(path);
        if (value == null) {
            Object inner = claims;
            for (String step : path.split("\\.")) {
                inner = inner instanceof Map<?, ?> map ? map.get(step) : null;
            }
            value = inner;
        }
        return texts(value);
    }

    private static List<String> texts(@Nullable Object value) {
        if (value instanceof Collection<?> several) {
            return several.stream()
                    .filter(String.class::isInstance)
                    .map(String.class::cast)
                    .toList();
        }
        return value instanceof String text && !text.isBlank() ? List.of(text) : List.of();
    }
}
