package io.weir.sink.clickhouse.stream;

import io.weir.sink.clickhouse.SinkProperties;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.kafka.event.ConsumerStoppedEvent;
import org.springframework.stereotype.Component;

/** Whether the tables are there and the last batch of every consumer could be stored. */
@Component
class Readiness implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Readiness.class);

    private static final int CONSUMER_LOST = 70; // sysexits.h: an internal error

    private final Warehouse warehouse;
    private final SinkProperties properties;
    private final Set<Thread> failing = ConcurrentHashMap.newKeySet();
    private volatile boolean migrated;
    private volatile @Nullable String reason = "the tables have not been looked at yet";
    private @Nullable Thread migrating;

    Readiness(Warehouse warehouse, SinkProperties properties) {
        this.warehouse = warehouse;
        this.properties = properties;
    }

    /** Why records cannot be stored now; null if they can, as far as is known. */
    @Nullable
    String problem() {
        if (!migrated || failing.stream().anyMatch(Thread::isAlive)) {
            return reason;
        }
        try {
            warehouse.query("SELECT 1");
            return null;
        } catch (WarehouseException e) {
            return e.getMessage();
        }
    }

    /**
     * To be called before anything is stored.
     *
     * @throws WarehouseException if the tables are not there and cannot be made now
     */
    synchronized void requireTables() {
        if (migrated) {
            return;
        }
        try {
            int applied = new Migrations(warehouse).apply();
            migrated = true;
            log.info("The tables of {} are up to date, {} migrations were applied", warehouse.settings(), applied);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the tables were made", e);
        }
    }

    void stored() {
        failing.remove(Thread.currentThread());
    }

    void failed(RuntimeException why) {
        reason = String.valueOf(why.getMessage());
        if (failing.add(Thread.currentThread())) {
            log.warn("Records cannot be stored, and wait: {}", reason);
        }
    }

    /** Ends the process when a consumer thread dies, so that it is started again: its partitions have nobody else here. */
    @EventListener
    void consumerStopped(ConsumerStoppedEvent event) {
        if (event.getReason() != ConsumerStoppedEvent.Reason.NORMAL) {
            log.error("A consumer has stopped ({}): the process ends to be started again", event.getReason());
            // Like a crash, which loses nothing here; an orderly end would wait for the container, and that for this
            // event.
            Runtime.getRuntime().halt(CONSUMER_LOST);
        }
    }

    /** The tables are wanted even while there is nothing to store: people query as soon as the platform stands. */
    @Override
    public void start() {
        Thread thread = new Thread(this::migrate, "migrate");
        thread.setDaemon(true);
        migrating = thread;
        thread.start();
    }

    private void migrate() {
        while (!migrated && !Thread.currentThread().isInterrupted()) {
            try {
                requireTables();
            } catch (RuntimeException e) {
                reason = String.valueOf(e.getMessage());
                log.warn("The tables cannot be made yet: {}", reason);
                try {
                    Thread.sleep(properties.longestRetry().toMillis());
                } catch (InterruptedException interrupted) {
                    return;
                }
            }
        }
    }

    @Override
    public void stop() {
        Thread thread = migrating;
        if (thread != null) {
            thread.interrupt();
            migrating = null;
        }
    }

    @Override
    public boolean isRunning() {
        return migrating != null;
    }
}
