package io.weir.bench.rollup;

import io.weir.bench.platform.Application;
import io.weir.bench.platform.Checkout;
import io.weir.bench.platform.ProcessCpu;
import io.weir.bench.report.Results;
import io.weir.testing.ClickHouseServer;
import io.weir.testing.PostgresServer;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Tables;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One run of rollup-hourly, as its jar, over events that nothing has rolled up yet; and the insert of the same rows with and
 * without the view that fills {@code rollup_minute}.
 */
public final class RollupBench {

    private static final LocalDate FIRST = LocalDate.of(2026, 1, 1);
    private static final long EVENTS_AN_INSERT = 5_000_000;
    private static final Duration PATIENCE = Duration.ofHours(1);
    private static final int ROWS_A_BATCH = 30_000;
    private static final int BATCHES = 10;

    /**
     * What to measure.
     *
     * @param events to roll up
     * @param days that they are of
     */
    public record Plan(long events, int days) {}

    private final Plan plan;
    private final Results results;
    private final PrintStream out;

    public RollupBench(Plan plan, Results results, PrintStream out) {
        this.plan = plan;
        this.results = results;
        this.out = out;
    }

    /** Runs it; needs the jar of rollup-hourly to be built. */
    public void run() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("weir-bench-rollup");
        out.println("rollup: starting ClickHouse and PostgreSQL; logs in " + directory);
        Set<Long> before = descendants();
        try (ClickHouseServer server = ClickHouseServer.fresh()) {
            Set<Long> serverPids = descendants();
            serverPids.removeAll(before);
            Warehouse warehouse = new Warehouse(new WarehouseSettings(
                    server.url(),
                    server.username(),
                    server.password(),
                    "weir",
                    "",
                    Duration.ofSeconds(3),
                    Duration.ofMinutes(10)));
            new Migrations(warehouse).apply();
            minuteView(warehouse);
            fill(warehouse);
            rollUp(directory, server, serverPids, warehouse);
        }
    }

    private void minuteView(Warehouse warehouse) throws IOException {
        warehouse.query(resource("wide-events.sql"), Map.of("rows", Long.toString((long) ROWS_A_BATCH * BATCHES)));
        warehouse.query("SYSTEM STOP MERGES");
        for (int batch = 0; batch < BATCHES; batch++) {
            insertBatch(warehouse, batch, "with");
            warehouse.query("DETACH TABLE weir.rollup_minute_of_events SYNC");
            insertBatch(warehouse, batch, "without");
            warehouse.query("ATTACH TABLE weir.rollup_minute_of_events");
        }
        warehouse.query("SYSTEM START MERGES");
        double with = microsARow(warehouse, "with");
        double without = microsARow(warehouse, "without");
        results.add("rollup", "insert without the minute view", without, "us CPU", "a row, batches of 30,000 of 1 KB");
        results.add("rollup", "insert with the minute view", with, "us CPU", "a row, the same rows in turns");
        results.add("rollup", "what the view adds", 100 * (with / without - 1), "%", "of the plain insert");
        warehouse.query("DROP TABLE weir.wide_events SYNC");
        warehouse.query("TRUNCATE TABLE " + warehouse.table(Tables.EVENTS) + " SYNC");
    }

    private static void insertBatch(Warehouse warehouse, int batch, String kind) {
        long begin = (long) batch * ROWS_A_BATCH;
        String columns = warehouse
                .query("SELECT arrayStringConcat(groupArray(name), ', ') FROM system.columns"
                        + " WHERE database = 'weir' AND table = 'wide_events'")
                .strip();
        warehouse.query(
                "bench-" + kind + "-" + batch,
                "INSERT INTO weir.events (" + columns + ") SELECT " + columns
                        + " FROM weir.wide_events WHERE _offset >= {begin:Int64} AND _offset < {end:Int64}",
                Map.of("begin", Long.toString(begin), "end", Long.toString(begin + ROWS_A_BATCH)),
                Map.of("max_threads", "1"));
    }

    private static double microsARow(Warehouse warehouse, String kind) {
        warehouse.query("SYSTEM FLUSH LOGS");
        return Double.parseDouble(warehouse
                        .query("SELECT median(ProfileEvents['OSCPUVirtualTimeMicroseconds']) FROM system.query_log"
                                + " WHERE type = 'QueryFinish' AND startsWith(query_id, 'bench-" + kind + "-')")
                        .strip())
                / ROWS_A_BATCH;
    }

    private void fill(Warehouse warehouse) throws IOException {
        long began = System.nanoTime();
        for (long begin = 0; begin < plan.events; begin += EVENTS_AN_INSERT) {
            warehouse.query(
                    resource("events.sql"),
                    Map.of(
                            "first", FIRST.toString(),
                            "days", Integer.toString(plan.days),
                            "events", Long.toString(plan.events),
                            "begin", Long.toString(begin),
                            "end", Long.toString(Math.min(plan.events, begin + EVENTS_AN_INSERT))));
        }
        out.printf(Locale.ROOT, "rollup: made %,d events in %.0f s%n", plan.events, (System.nanoTime() - began) / 1e9);
    }

    private void rollUp(Path directory, ClickHouseServer server, Set<Long> serverPids, Warehouse warehouse)
            throws IOException, InterruptedException {
        PostgresServer postgres = PostgresServer.shared();
        String database = postgres.freshDataFlowDatabase();
        double serverCpu = cpu(serverPids);
        long serverMebibytes = 0;
        long taskMebibytes = 0;
        double taskCpu = 0;
        long began = System.nanoTime();
        try (Application task = Application.ofJar(
                "rollup-hourly",
                Checkout.taskJar("rollup-hourly"),
                List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                List.of(
                        "--spring.datasource.url=" + database,
                        "--spring.datasource.username=" + postgres.username(),
                        "--spring.datasource.password=" + postgres.password(),
                        "--weir.clickhouse.url=" + server.url(),
                        "--weir.clickhouse.username=" + server.username(),
                        "--weir.clickhouse.password=" + server.password(),
                        "--weir.clickhouse.database=weir",
                        "--weir.rollup.settle=0s"),
                directory)) {
            while (ProcessHandle.of(task.pid()).map(ProcessHandle::isAlive).orElse(false)) {
                serverMebibytes = Math.max(
                        serverMebibytes,
                        serverPids.stream()
                                .mapToLong(ProcessCpu::residentMebibytes)
                                .sum());
                taskMebibytes = Math.max(taskMebibytes, ProcessCpu.residentMebibytes(task.pid()));
                taskCpu = Math.max(taskCpu, task.cpuSeconds());
                if (System.nanoTime() - began > PATIENCE.toNanos()) {
                    throw new IOException("rollup-hourly did not end in an hour; see " + directory);
                }
                // The most that several processes hold together is kept by no counter: it has to be sampled.
                Thread.sleep(100);
            }
            task.output(PATIENCE);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        String counted = warehouse
                .query("SELECT sum(events) FROM " + warehouse.table("rollup_all"))
                .strip();
        if (!counted.equals(Long.toString(plan.events))) {
            throw new IOException("rollup_all has " + counted + " events of " + plan.events);
        }
        results.add("rollup", "events", plan.events, "", "of " + plan.days + " days, in one run");
        results.add("rollup", "time of the run", seconds, "s", "start of the JVM to its end");
        steps(database, postgres);
        results.add("rollup", "rate", plan.events / seconds, "events/s", "");
        results.add("rollup", "CPU of ClickHouse", (cpu(serverPids) - serverCpu) / plan.events * 1e6, "us/event", "");
        results.add("rollup", "CPU of the task", taskCpu, "s", "");
        results.add("rollup", "ClickHouse, most resident", serverMebibytes, "MiB", "during the run");
        warehouse.query("SYSTEM FLUSH LOGS");
        results.add(
                "rollup",
                "ClickHouse, most of one statement",
                number(
                        warehouse,
                        "SELECT max(memory_usage) / 1048576 FROM system.query_log WHERE log_comment = 'weir-rollup'"),
                "MiB",
                "");
        results.add("rollup", "task, most resident", taskMebibytes, "MiB", "");
        for (String table : List.of("rollup_hour", "measurement_hour")) {
            results.add(
                    "rollup",
                    "rows of " + table,
                    number(warehouse, "SELECT count() FROM " + warehouse.table(table)),
                    "",
                    "");
        }
    }

    private static double number(Warehouse warehouse, String sql) {
        return Double.parseDouble(warehouse.query(sql).strip());
    }

    private void steps(String database, PostgresServer postgres) throws IOException {
        try (Connection connection = DriverManager.getConnection(database, postgres.username(), postgres.password());
                Statement statement = connection.createStatement();
                ResultSet steps = statement.executeQuery(
                        "select step_name, extract(epoch from end_time - start_time) from boot3_batch_step_execution"
                                + " where step_name not like '%:%' order by start_time")) {
            while (steps.next()) {
                results.add("rollup", "  step " + steps.getString(1), steps.getDouble(2), "s", "");
            }
        } catch (SQLException e) {
            throw new IOException("the steps could not be read: " + e.getMessage(), e);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = RollupBench.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static double cpu(Set<Long> pids) {
        return pids.stream().mapToDouble(ProcessCpu::seconds).sum();
    }

    private static Set<Long> descendants() {
        return ProcessHandle.current()
                .descendants()
                .map(ProcessHandle::pid)
                .collect(Collectors.toCollection(HashSet::new));
    }
}
