package io.weir.console.warehouse;

import io.weir.warehouse.WarehouseSettings;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The ClickHouse server, and the console's own account there.
 *
 * @param url of its HTTP interface
 * @param cluster empty for a single server
 */
@ConfigurationProperties("weir.clickhouse")
public record ServerProperties(
        @DefaultValue("http://127.0.0.1:8123") String url,
        @DefaultValue("weir_console") String username,
        @DefaultValue("") String password,
        @DefaultValue("weir") String database,
        @DefaultValue("") String cluster) {

    public WarehouseSettings settings() {
        return new WarehouseSettings(url, username, password, database, cluster);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "ServerProperties[" + url + ", " + username + ", " + database + ", " + cluster + "]";
    }
}
