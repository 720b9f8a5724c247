package io.weir.bench.rollup;

import io.weir.bench.data.RolledUpEvents;
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
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.stream.Collectors;

/**
 * One run of rollup-hourly, as its jar, over events that nothing has rolled up yet; and the insert of the same rows with and
 * without the view that fills {@code rollup_minute}.
 */
public final class RollupBench {

    private static final LocalDate FIRST = LocalDate.of(2026, 1, 1);
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
            WarehouseSettings settings = new WarehouseSettings(
                    server.url(),
                    server.username(),
                    server.password(),
                    "weir",
                    "",
                    Duration.ofSeconds(3),
                    Duration.ofMinutes(10));
            Warehouse warehouse = new Warehouse(settings);
            new Migrations(warehouse).apply();
            minuteView(warehouse);
            RolledUpEvents events = new RolledUpEvents(settings, plan.events);
            events.insert(FIRST, plan.days, out);
            rollUp(directory, events, serverPids, warehouse, PostgresServer.durable());
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

    private void rollUp(
            Path directory, RolledUpEvents events, Set<Long> serverPids, Warehouse warehouse, PostgresServer postgres)
            throws IOException, InterruptedException {
        String database = postgres.freshDataFlowDatabase();
        double serverCpu = cpu(serverPids);
        AtomicLong serverMebibytes = new AtomicLong();
        AtomicLong taskMebibytes = new AtomicLong();
        DoubleAccumulator taskCpu = new DoubleAccumulator(Math::max, 0);
        long began = System.nanoTime();
        events.rollUp(database, directory, task -> {
            serverMebibytes.accumulateAndGet(
                    serverPids.stream().mapToLong(ProcessCpu::residentMebibytes).sum(), Math::max);
            taskMebibytes.accumulateAndGet(ProcessCpu.residentMebibytes(task.pid()), Math::max);
            taskCpu.accumulate(task.cpuSeconds());
        });
        double seconds = (System.nanoTime() - began) / 1e9;
        results.add("rollup", "events", plan.events, "", "of " + plan.days + " days, in one run");
        results.add("rollup", "time of the run", seconds, "s", "start of the JVM to its end");
        steps(database, postgres);
        results.add("rollup", "rate", plan.events / seconds, "events/s", "");
        results.add("rollup", "CPU of ClickHouse", (cpu(serverPids) - serverCpu) / plan.events * 1e6, "us/event", "");
        results.add("rollup", "CPU of the task", taskCpu.get(), "s", "");
        results.add("rollup", "ClickHouse, most resident", serverMebibytes.get(), "MiB", "during the run");
        warehouse.query("SYSTEM FLUSH LOGS");
        results.add(
                "rollup",
                "ClickHouse, most of one statement",
                number(
                        warehouse,
                        "SELECT max(memory_usage) / 1048576 FROM system.query_log WHERE log_comment = 'weir-rollup'"),
                "MiB",
                "");
        results.add("rollup", "task, most resident", taskMebibytes.get(), "MiB", "");
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
