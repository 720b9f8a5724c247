package io.weir.warehouse;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * At most one process changes the schema at a time: a lease, made of what every ClickHouse has.
 *
 * <p>To create a table that exists fails, so of several that create {@code schema_lock_5} one wins: it holds the lock as long
 * as no {@code schema_lock_6} exists. The holder touches the table's comment every few seconds, which ClickHouse notes by its
 * own clock; from one that has not been touched for the lease, anybody may take over by creating the next. A holder that
 * gives the lock back says so in the comment. On a cluster the tables are made by {@code ON CLUSTER}, whose queue decides.
 */
final class SchemaLock implements AutoCloseable {

    private static final String PREFIX = "schema_lock_";
    private static final String RELEASED = "released";
    private static final int TABLE_ALREADY_EXISTS = 57;

    private final Warehouse warehouse;
    private final long number;
    private final ScheduledExecutorService heart;
    private final AtomicBoolean lost = new AtomicBoolean();
    private boolean closed;

    private SchemaLock(Warehouse warehouse, long number, Duration lease) {
        this.warehouse = warehouse;
        this.number = number;
        this.heart = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "schema-lock");
            thread.setDaemon(true);
            return thread;
        });
        long interval = lease.toMillis() / 4;
        heart.scheduleWithFixedDelay(this::beat, interval, interval, TimeUnit.MILLISECONDS);
    }

    /** Waits until nobody else holds the lock, or holds it and has shown no life for the lease; then takes it. */
    static SchemaLock acquire(Warehouse warehouse, Duration lease) throws InterruptedException {
        while (true) {
            long highest = 0;
            boolean free = true;
            for (String line : locks(warehouse, lease)) {
                String[] parts = line.split("\t", -1);
                long lock = Long.parseLong(parts[0]);
                if (lock > highest) {
                    highest = lock;
                    free = parts[1].equals("1");
                }
            }
            if (free && create(warehouse, highest + 1)) {
                SchemaLock lock = new SchemaLock(warehouse, highest + 1, lease);
                try {
                    lock.dropOlder(highest);
                } catch (WarehouseException e) {
                    // Without a holder it must not look alive, least of all to the next attempt from here.
                    lock.abandon();
                    throw e;
                }
                return lock;
            }
            TimeUnit.MILLISECONDS.sleep(Math.min(250, lease.toMillis() / 4));
        }
    }

    private static List<String> locks(Warehouse warehouse, Duration lease) {
        return warehouse
                .query("""
                        SELECT substring(name, %d),
                               comment = '%s' OR now() - metadata_modification_time > %d
                        FROM system.tables
                        WHERE database = '%s' AND startsWith(name, '%s')""".formatted(
                                PREFIX.length() + 1,
                                RELEASED,
                                lease.toSeconds(),
                                warehouse.settings().database(),
                                PREFIX))
                .lines()
                .toList();
    }

    private static boolean create(Warehouse warehouse, long number) {
        try {
            warehouse.query("CREATE TABLE " + warehouse.table(PREFIX + number)
                    + warehouse.settings().onCluster()
                    + " (nothing UInt8) ENGINE = MergeTree ORDER BY nothing COMMENT 'held'");
            return true;
        } catch (WarehouseException e) {
            if (e.code() == TABLE_ALREADY_EXISTS) {
                return false;
            }
            throw e;
        }
    }

    private void dropOlder(long highest) {
        for (long old = Math.max(1, highest - 2); old <= highest; old++) {
            warehouse.query("DROP TABLE IF EXISTS " + warehouse.table(PREFIX + old)
                    + warehouse.settings().onCluster());
        }
    }

    private synchronized void beat() {
        if (closed) {
            return;
        }
        try {
            comment("held " + System.nanoTime());
        } catch (WarehouseException e) {
            // Dropped by who took over; or ClickHouse is away, and then nothing of ours runs either.
            lost.set(true);
        }
    }

    private void comment(String text) {
        warehouse.query("ALTER TABLE " + warehouse.table(PREFIX + number)
                + warehouse.settings().onCluster() + " MODIFY COMMENT '" + text + "'");
    }

    /** Whether the lock may belong to somebody else by now. */
    boolean isLost() {
        return lost.get();
    }

    /** Stops showing life without giving the lock back: what a crash looks like to the others. Waits for a sign that is under way. */
    void abandon() {
        heart.shutdown();
        synchronized (this) {
            closed = true;
        }
    }

    @Override
    public void close() {
        heart.shutdown();
        // After a beat that is under way: what it says must not come after this.
        synchronized (this) {
            closed = true;
            if (!isLost()) {
                comment(RELEASED);
            }
        }
    }
}
