package io.weir.task;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Weir's own database in PostgreSQL, apart from Data Flow's, which is {@code spring.datasource.*} because Data Flow hands it over
 * by that name.
 *
 * @param url JDBC address; empty for a task that uses no metadata
 * @param username its owner
 * @param password the owner's password
 * @param poolSize most connections at a time
 */
@ConfigurationProperties("weir.metadata")
public record MetadataProperties(
        @DefaultValue("") String url,
        @DefaultValue("weir") String username,
        @DefaultValue("") String password,
        @DefaultValue("8") int poolSize) {

    public MetadataProperties {
        if (poolSize < 2) {
            throw new IllegalArgumentException("weir.metadata.pool-size is " + poolSize + ": it must be at least 2");
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "MetadataProperties[" + url + ", " + username + "]";
    }
}
