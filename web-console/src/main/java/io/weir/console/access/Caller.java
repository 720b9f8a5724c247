package io.weir.console.access;

import io.weir.metadata.user.Role;
import org.jspecify.annotations.Nullable;

/**
 * Who asks: made from the credential alone, never from what a request says. A controller gets it as an argument.
 *
 * @param name of the user; a token speaks in the name of its user
 * @param role what the caller may do
 * @param tenant whose rows the caller sees; null for those of every tenant
 */
public record Caller(String name, Role role, @Nullable String tenant) {

    /** Whether the caller sees the rows of that tenant; null stands for all tenants. */
    public boolean sees(@Nullable String other) {
        return tenant == null || tenant.equals(other);
    }
}
