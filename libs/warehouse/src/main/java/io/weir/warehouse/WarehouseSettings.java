package io.weir.warehouse;

import java.util.regex.Pattern;

/**
 * Where ClickHouse is, and as whom to speak to it.
 *
 * @param url of its HTTP interface, such as {@code http://127.0.0.1:8123}
 * @param database created if it does not exist; letters, digits and {@code _}
 * @param cluster the cluster to define tables on, replicated; empty for a single server and for ClickHouse Cloud
 */
public record WarehouseSettings(String url, String username, String password, String database, String cluster) {

    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    public WarehouseSettings {
        if (!IDENTIFIER.matcher(database).matches()) {
            throw new IllegalArgumentException(
                    "database '" + database + "' is not valid: letters, digits and '_' only");
        }
        if (!cluster.isEmpty() && !IDENTIFIER.matcher(cluster).matches()) {
            throw new IllegalArgumentException("cluster '" + cluster + "' is not valid: letters, digits and '_' only");
        }
    }

    @Override
    public String toString() {
        return "WarehouseSettings[" + url + ", " + username + ", " + database + ", " + cluster + "]";
    }
}
