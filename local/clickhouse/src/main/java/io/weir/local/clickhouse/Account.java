package io.weir.local.clickhouse;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A ClickHouse user as it is written to {@code users.xml}, reachable from loopback only.
 *
 * @param name letters, digits and underscores
 * @param password as the client sends it; only its SHA-256 is written
 * @param grants whole {@code GRANT} statements without a grantee; none means everything, with the right to manage access
 * @param settings settings of the user's profile, such as {@code max_memory_usage}
 */
public record Account(String name, String password, List<String> grants, Map<String, String> settings) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    public Account {
        if (!NAME.matcher(name).matches() || name.equals("default")) {
            throw new IllegalArgumentException("not a name for an account: " + name);
        }
        grants = List.copyOf(grants);
        settings = Map.copyOf(settings);
    }

    /** May do everything. */
    public static Account admin(String name, String password) {
        return new Account(name, password, List.of(), Map.of());
    }

    /** Owns one database: its tables and their rows; and may see and end its own queries. */
    public static Account owner(String name, String password, String database) {
        if (!NAME.matcher(database).matches()) {
            throw new IllegalArgumentException("not a name for a database: " + database);
        }
        return new Account(
                name,
                password,
                List.of(
                        "GRANT SELECT, INSERT, ALTER, CREATE, DROP, TRUNCATE, OPTIMIZE, SHOW, dictGet ON " + database
                                + ".*",
                        "GRANT TABLE ENGINE ON MergeTree",
                        "GRANT TABLE ENGINE ON ReplacingMergeTree",
                        "GRANT TABLE ENGINE ON SummingMergeTree",
                        "GRANT TABLE ENGINE ON AggregatingMergeTree",
                        "GRANT KILL QUERY ON *.*",
                        "GRANT SELECT ON system.processes",
                        "GRANT SELECT ON system.parts",
                        "GRANT SELECT ON system.tables",
                        "GRANT SELECT ON system.columns"),
                Map.of());
    }

    /**
     * As {@link #owner}; and may read and write files and S3, where archives are. Of files it may read and write all that the
     * server's process may: the engine confines nobody to a folder.
     */
    public static Account archivist(String name, String password, String database) {
        List<String> grants = new ArrayList<>(owner(name, password, database).grants());
        grants.add("GRANT CREATE TEMPORARY TABLE ON *.*");
        grants.add("GRANT READ, WRITE ON FILE");
        grants.add("GRANT READ, WRITE ON S3");
        return new Account(name, password, grants, Map.of());
    }

    /** Reads one database, and may see and end what others run. */
    public static Account console(String name, String password, String database) {
        if (!NAME.matcher(database).matches()) {
            throw new IllegalArgumentException("not a name for a database: " + database);
        }
        return new Account(
                name,
                password,
                List.of(
                        "GRANT SELECT, SHOW ON " + database + ".*",
                        "GRANT KILL QUERY ON *.*",
                        "GRANT SELECT ON system.processes",
                        "GRANT SELECT ON system.parts",
                        "GRANT SELECT ON system.tables",
                        "GRANT SELECT ON system.columns"),
                Map.of());
    }

    boolean isAdmin() {
        return grants.isEmpty();
    }

    String passwordSha256() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(password.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "Account[" + name + "]";
    }
}
