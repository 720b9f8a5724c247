package io.weir.warehouse;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Where ClickHouse is, and as whom to speak to it.
 *
 * @param url of its HTTP interface, such as {@code http://127.0.0.1:8123} or {@code https://name.clickhouse.cloud:8443}
 * @param database created if it does not exist; letters, digits and {@code _}
 * @param cluster the cluster to define replicated tables on; empty for a single server and for ClickHouse Cloud, which
 *     replicates by itself
 * @param connectTimeout how long to wait for a connection, at least 1 ms
 * @param readTimeout how long ClickHouse may say nothing before it counts as away, at least 1 ms
 */
public record WarehouseSettings(
        String url,
        String username,
        String password,
        String database,
        String cluster,
        Duration connectTimeout,
        Duration readTimeout) {

    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    public WarehouseSettings {
        if (!IDENTIFIER.matcher(database).matches()) {
            throw new IllegalArgumentException(
                    "database '" + database + "' is not valid: letters, digits and '_' only");
        }
        if (!cluster.isEmpty() && !IDENTIFIER.matcher(cluster).matches()) {
            throw new IllegalArgumentException("cluster '" + cluster + "' is not valid: letters, digits and '_' only");
        }
        if (connectTimeout.toMillis() < 1 || readTimeout.toMillis() < 1) {
            throw new IllegalArgumentException("timeouts must be at least 1 ms");
        }
    }

    /** With timeouts of 3 and 60 seconds. */
    public WarehouseSettings(String url, String username, String password, String database, String cluster) {
        this(url, username, password, database, cluster, Duration.ofSeconds(3), Duration.ofSeconds(60));
    }

    /** {@code  ON CLUSTER name}, with a space before it, or nothing: what a statement that defines something needs. */
    public String onCluster() {
        return cluster.isEmpty() ? "" : " ON CLUSTER " + cluster;
    }

    String replicated() {
        return cluster.isEmpty() ? "" : "Replicated";
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "WarehouseSettings[" + url + ", " + username + ", " + database + ", " + cluster + "]";
    }
}
