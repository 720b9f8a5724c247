package io.weir.console.access;

import io.weir.metadata.user.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may come in, and for how long.
 *
 * @param firstPasswordFile where the generated password of the first administrator is written, for its owner's eyes; without it no
 *     first administrator is made
 */
@ConfigurationProperties("weir.console")
record AccessProperties(
        @Nullable Path firstPasswordFile,
        @DefaultValue Session session,
        @DefaultValue Oidc oidc) {

    /**
     * @param idleTimeout after which a session that is not used is over
     * @param absoluteTimeout after which any session is over
     */
    record Session(
            @DefaultValue("30m") Duration idleTimeout,
            @DefaultValue("12h") Duration absoluteTimeout) {

        Session {
            require("weir.console.session.idle-timeout", idleTimeout);
            require("weir.console.session.absolute-timeout", absoluteTimeout);
        }

        private static void require(String key, Duration timeout) {
            if (timeout.toSeconds() < 1 || timeout.toDays() > 30) {
                throw new IllegalArgumentException(key + " is " + timeout + ": it must be 1s to 30d");
            }
        }
    }

    /**
     * What the identity provider's claims mean here, in ID tokens of people and in bearer tokens of programs alike. A claim may lie
     * inside another, as {@code realm_access.roles}.
     *
     * @param nameClaim the user's name
     * @param roleClaim one name or a list of them
     * @param roles what each of these names may do here; of several the highest counts
     * @param defaultRole for whoever has none of them; null: they are refused
     * @param tenantClaim whose rows the user sees
     * @param allTenants the value of that claim that means all tenants
     * @param defaultTenant as if it were the claim's value, where there is none; null: they are refused
     */
    record Oidc(
            @DefaultValue("preferred_username") String nameClaim,
            @DefaultValue("roles") String roleClaim,
            @DefaultValue Map<String, Role> roles,
            @Nullable Role defaultRole,
            @DefaultValue("tenant") String tenantClaim,
            @DefaultValue("*") String allTenants,
            @Nullable String defaultTenant) {}
}
