package io.weir.warehouse;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Brings the tables up to date: versioned migrations, applied once, in order.
 *
 * <p>May be called by several processes at once, and again after a crash at any point. Each migration is recorded with its
 * checksum after it has been applied; one that was changed after that is refused.
 */
public final class Migrations {

    private static final Duration LEASE = Duration.ofSeconds(20);

    private final Warehouse warehouse;
    private final List<Migration> migrations;
    private final Duration lease;

    public Migrations(Warehouse warehouse) {
        this(warehouse, Migration.released(), LEASE);
    }

    Migrations(Warehouse warehouse, List<Migration> migrations, Duration lease) {
        this.warehouse = warehouse;
        this.migrations = List.copyOf(migrations);
        this.lease = lease;
    }

    /**
     * Applies what is missing. Returns when the schema is that of this release, or a newer one's: what a release adds does
     * not disturb the one before it, so that one may go back to it.
     *
     * @return how many migrations were applied
     * @throws WarehouseException if ClickHouse is away or refuses; to call it again is safe
     * @throws SchemaMismatchException if an applied migration is not the one that this release knows
     */
    public int apply() throws InterruptedException {
        if (isUpToDate()) {
            return 0; // most starts: nothing to lock
        }
        warehouse.query("CREATE DATABASE IF NOT EXISTS " + warehouse.settings().database()
                + warehouse.settings().onCluster());
        try (SchemaLock lock = SchemaLock.acquire(warehouse, lease)) {
            warehouse.query("""
                    CREATE TABLE IF NOT EXISTS %s%s
                    (version UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
                    ENGINE = %sReplacingMergeTree ORDER BY version""".formatted(
                            warehouse.table(Tables.MIGRATIONS),
                            warehouse.settings().onCluster(),
                            warehouse.settings().replicated()));
            Map<Integer, String> applied = applied();
            int count = 0;
            for (Migration migration : migrations) {
                if (applied.containsKey(migration.version())) {
                    continue;
                }
                if (lock.isLost()) {
                    throw new WarehouseException(
                            WarehouseException.UNREACHABLE, "the lock on the schema was lost while it was changed");
                }
                run(migration);
                count++;
            }
            return count;
        }
    }

    private void run(Migration migration) {
        migration.statements(warehouse.settings()).forEach(warehouse::query);
        warehouse.query(
                "INSERT INTO " + warehouse.table(Tables.MIGRATIONS)
                        + " (version, name, checksum) SELECT {version:UInt32}, {name:String}, {checksum:String}",
                Map.of(
                        "version", Integer.toString(migration.version()),
                        "name", migration.name(),
                        "checksum", migration.checksum()));
    }

    private boolean isUpToDate() {
        String tables = warehouse.query(
                "SELECT count() FROM system.tables WHERE database = {database:String} AND name = {name:String}",
                Map.of("database", warehouse.settings().database(), "name", Tables.MIGRATIONS));
        return tables.strip().equals("1") && applied().size() >= migrations.size();
    }

    /** Checksums by version; checked. */
    private Map<Integer, String> applied() {
        Map<Integer, String> applied = new TreeMap<>();
        warehouse
                .query("SELECT DISTINCT version, checksum FROM " + warehouse.table(Tables.MIGRATIONS)
                        + " ORDER BY version")
                .lines()
                .map(line -> line.split("\t", -1))
                .forEach(row -> applied.put(Integer.parseInt(row[0]), row[1]));
        for (Migration migration : migrations) {
            String checksum = applied.get(migration.version());
            if (checksum != null && !checksum.equals(migration.checksum())) {
                throw new SchemaMismatchException("migration " + migration.name()
                        + " was changed after it had been applied to "
                        + warehouse.settings().database()
                        + ": a released migration must stay as it is, and a change needs a new one");
            }
        }
        return applied;
    }
}
