package io.weir.console.api;

import io.weir.metadata.user.Role;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many requests to the API a caller may make in a minute; as many may come at once.
 *
 * @param viewer with the role viewer
 * @param analyst with the role analyst
 * @param operator with the role operator
 * @param admin with the role admin
 */
@ConfigurationProperties("weir.api.rate")
public record RateProperties(
        @DefaultValue("300") int viewer,
        @DefaultValue("600") int analyst,
        @DefaultValue("1200") int operator,
        @DefaultValue("1200") int admin) {

    public RateProperties {
        if (Math.min(Math.min(viewer, analyst), Math.min(operator, admin)) < 1) {
            throw new IllegalArgumentException("weir.api.rate: each rate must be at least 1 a minute");
        }
    }

    int of(Role role) {
        return switch (role) {
            case VIEWER -> viewer;
            case ANALYST -> analyst;
            case OPERATOR -> operator;
            case ADMIN -> admin;
        };
    }
}
