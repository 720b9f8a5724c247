package io.weir.warehouse;

import com.clickhouse.client.api.query.GenericRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the schema up to date: each migration once, in order, whoever starts first.
 *
 * <p>Every migration is one statement that does nothing where its work is done already, so that one that was carried out
 * but not recorded (a crash in between) is harmless. One process migrates at a time: creating a table that must not exist
 * is atomic and serves as the lock; its name carries no state but its comment says who took it and when, and a lock older
 * than {@link #LEASE} is taken over.
 */
public final class Migrations {

    private static final Logger log = LoggerFactory.getLogger(Migrations.class);

    /** In order; a released one is never changed. */
    private static final List<String> NAMES = List.of("V001__events", "V002__dead_letters", "V003__sink_owners");

    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final int TABLE_EXISTS = 57;

    private final Warehouse warehouse;

    public Migrations(Warehouse warehouse) {
        this.warehouse = warehouse;
    }

    /**
     * Applies what has not been applied yet; waits while another process does.
     *
     * @throws WarehouseException if ClickHouse cannot be asked or refuses a migration
     * @throws IllegalStateException if an applied migration is not the one that this version has
     */
    public void apply() throws InterruptedException {
        warehouse.execute(expand("CREATE DATABASE IF NOT EXISTS ${database} ${on_cluster}"));
        warehouse.execute(expand("""
                CREATE TABLE IF NOT EXISTS ${database}.%s ${on_cluster}
                (name String, checksum String, applied_at DateTime DEFAULT now())
                ENGINE = ${replacing_merge_tree} ORDER BY name
                """.formatted(Tables.MIGRATIONS)));
        if (pending().isEmpty()) {
            return;
        }
        lock();
        try {
            for (String name : pending()) {
                log.info("Migrating the warehouse: {}", name);
                String sql = read(name);
                warehouse.execute(expand(sql));
                warehouse.execute(
                        "INSERT INTO " + warehouse.table(Tables.MIGRATIONS)
                                + " (name, checksum) VALUES ({name:String}, {checksum:String})",
                        Map.of("name", name, "checksum", checksum(sql)));
            }
        } finally {
            unlock();
        }
    }

    private List<String> pending() {
        Map<String, String> applied = new HashMap<>();
        for (GenericRecord row : warehouse.query(
                "SELECT name, checksum FROM " + warehouse.table(Tables.MIGRATIONS) + " FINAL", Map.of())) {
            applied.put(row.getString("name"), row.getString("checksum"));
        }
        for (Map.Entry<String, String> entry : applied.entrySet()) {
            if (NAMES.contains(entry.getKey())
                    && !checksum(read(entry.getKey())).equals(entry.getValue())) {
                throw new IllegalStateException("migration " + entry.getKey()
                        + " was applied in another form: a migration that has been applied must not be changed");
            }
        }
        return NAMES.stream().filter(name -> !applied.containsKey(name)).toList();
    }

    private void lock() throws InterruptedException {
        String owner = UUID.randomUUID().toString();
        while (true) {
            try {
                warehouse.execute("CREATE TABLE " + warehouse.table(Tables.MIGRATION_LOCK)
                        + " (owner String) ENGINE = MergeTree ORDER BY tuple() COMMENT '" + owner + "'");
                return;
            } catch (WarehouseException e) {
                if (e.code() != TABLE_EXISTS) {
                    throw e;
                }
            }
            List<GenericRecord> stale = warehouse.query(
                    """
                    SELECT uuid FROM system.tables
                    WHERE database = {database:String} AND name = {name:String}
                      AND metadata_modification_time < now() - INTERVAL {lease:UInt32} SECOND
                    """,
                    Map.of(
                            "database", warehouse.settings().database(),
                            "name", Tables.MIGRATION_LOCK,
                            "lease", LEASE.toSeconds()));
            if (stale.isEmpty()) {
                Thread.sleep(200);
            } else {
                log.warn("Another process began to migrate more than {} ago and did not end: taking over", LEASE);
                unlock();
            }
        }
    }

    private void unlock() {
        warehouse.execute("DROP TABLE IF EXISTS " + warehouse.table(Tables.MIGRATION_LOCK) + " SYNC");
    }

    private String expand(String sql) {
        String cluster = warehouse.settings().cluster();
        return sql.replace("${database}", warehouse.settings().database())
                .replace("${on_cluster}", cluster.isEmpty() ? "" : "ON CLUSTER " + cluster)
                .replace(
                        "${replacing_merge_tree}",
                        cluster.isEmpty() ? "ReplacingMergeTree" : "ReplicatedReplacingMergeTree");
    }

    private static String read(String name) {
        try (InputStream in = Migrations.class.getResourceAsStream("migrations/" + name + ".sql")) {
            if (in == null) {
                throw new IllegalStateException("migration " + name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String checksum(String sql) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(sql.getBytes(StandardCharsets.UTF_8));
            return new BigInteger(1, digest).toString(16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
