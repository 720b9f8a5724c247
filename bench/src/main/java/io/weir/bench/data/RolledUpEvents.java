package io.weir.bench.data;

import io.weir.bench.platform.Application;
import io.weir.bench.platform.Checkout;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Events of twenty tenants, evenly over some days, made by ClickHouse itself in tables that the migrations have made; and their
 * rollups, made by rollup-hourly as its jar.
 */
public final class RolledUpEvents {

    private static final long EVENTS_AN_INSERT = 5_000_000;
    private static final Duration PATIENCE = Duration.ofHours(1);

    private final WarehouseSettings server;
    private final Warehouse warehouse;
    private final long events;

    /**
     * @param server as an account that owns the database
     * @param events how many there are to be
     */
    public RolledUpEvents(WarehouseSettings server, long events) {
        this.server = server;
        this.warehouse = new Warehouse(server);
        this.events = events;
    }

    /** Makes the events. */
    public void insert(LocalDate first, int days, PrintStream out) throws IOException {
        long began = System.nanoTime();
        for (long begin = 0; begin < events; begin += EVENTS_AN_INSERT) {
            warehouse.query(
                    resource(),
                    Map.of(
                            "first", first.toString(),
                            "days", Integer.toString(days),
                            "events", Long.toString(events),
                            "begin", Long.toString(begin),
                            "end", Long.toString(Math.min(events, begin + EVENTS_AN_INSERT))));
        }
        out.printf(Locale.ROOT, "data: made %,d events in %.0f s%n", events, (System.nanoTime() - began) / 1e9);
    }

    /**
     * Runs the task, and waits for its end.
     *
     * @param postgres where tasks are recorded; user and password are {@code postgres}
     * @param watch is called ten times a second while it runs
     */
    public void rollUp(String postgres, Path directory, Consumer<Application> watch)
            throws IOException, InterruptedException {
        try (Application task = Application.ofJar(
                "rollup-hourly",
                Checkout.taskJar("rollup-hourly"),
                List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                List.of(
                        "--spring.datasource.url=" + postgres,
                        "--spring.datasource.username=postgres",
                        "--spring.datasource.password=postgres",
                        "--weir.clickhouse.url=" + server.url(),
                        "--weir.clickhouse.username=" + server.username(),
                        "--weir.clickhouse.password=" + server.password(),
                        "--weir.clickhouse.database=" + server.database(),
                        "--weir.rollup.settle=0s"),
                directory)) {
            long began = System.nanoTime();
            while (ProcessHandle.of(task.pid()).map(ProcessHandle::isAlive).orElse(false)) {
                watch.accept(task);
                if (System.nanoTime() - began > PATIENCE.toNanos()) {
                    throw new IOException("rollup-hourly did not end in an hour; see " + directory);
                }
                // What it holds at most is kept by no counter: it has to be sampled.
                Thread.sleep(100);
            }
            task.output(PATIENCE);
        }
        requireAll();
    }

    private void requireAll() throws IOException {
        String counted = warehouse
                .query("SELECT sum(events) FROM " + warehouse.table("rollup_all"))
                .strip();
        if (!counted.equals(Long.toString(events))) {
            throw new IOException("rollup_all has " + counted + " events of " + events);
        }
    }

    private static String resource() throws IOException {
        try (InputStream in = RolledUpEvents.class.getResourceAsStream("events.sql")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
