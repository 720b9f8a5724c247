package io.weir.task;

import io.weir.warehouse.WarehouseSettings;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where ClickHouse is.
 *
 * @param url of its HTTP interface; https for TLS
 * @param username a user that may read and write the database and define its tables
 * @param password its password
 * @param database created if it does not exist
 * @param cluster the cluster to define replicated tables on; empty for one server and for ClickHouse Cloud
 * @param connectTimeout how long to wait for a connection
 * @param readTimeout how long ClickHouse may say nothing before it counts as away
 */
@ConfigurationProperties("weir.clickhouse")
public record ClickHouseProperties(
        @DefaultValue("http://127.0.0.1:8123") String url,
        @DefaultValue("weir_task") String username,
        @DefaultValue("") String password,
        @DefaultValue("weir") String database,
        @DefaultValue("") String cluster,
        @DefaultValue("3s") Duration connectTimeout,
        @DefaultValue("5m") Duration readTimeout) {

    public ClickHouseProperties {
        if (url.isBlank() || username.isBlank()) {
            throw new IllegalArgumentException(
                    "weir.clickhouse." + (url.isBlank() ? "url" : "username") + " must not be empty");
        }
    }

    WarehouseSettings settings() {
        return new WarehouseSettings(url, username, password, database, cluster, connectTimeout, readTimeout);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "ClickHouseProperties[" + url + ", " + username + ", " + database + ", " + cluster + "]";
    }
}
