package io.weir.console.admin;

import io.weir.console.access.Caller;
import io.weir.metadata.user.Role;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a request may name: an administrator of one tenant looks after that one alone. */
final class Scope {

    private Scope() {}

    /**
     * The tenant that a request names; the caller's own where it names none.
     *
     * @throws IllegalArgumentException if it is somebody else's
     */
    static @Nullable String tenant(Caller caller, @Nullable String named) {
        String tenant = named == null ? caller.tenant() : named;
        if (!caller.sees(tenant)) {
            throw new IllegalArgumentException(
                    "tenant '" + named + "' is not yours, which is '" + caller.tenant() + "'");
        }
        return tenant;
    }

    /**
     * @throws IllegalArgumentException if there is no such role, or the caller's own is less
     */
    static Role role(Caller caller, @Nullable String named) {
        String name = required("role", named);
        Role role = Arrays.stream(Role.values())
                .filter(one -> text(one).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("role '" + name + "' is not one of "
                        + Arrays.stream(Role.values()).map(Scope::text).collect(Collectors.joining(", "))));
        if (!caller.role().includes(role)) {
            throw new IllegalArgumentException("role '" + name + "' is more than yours, " + text(caller.role()));
        }
        return role;
    }

    static String text(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException if there is none
     */
    static String required(String field, @Nullable String value) {
        if (value == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
        return value;
    }
}
