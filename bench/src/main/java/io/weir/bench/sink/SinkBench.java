package io.weir.bench.sink;

import io.weir.bench.platform.Application;
import io.weir.bench.platform.Checkout;
import io.weir.bench.platform.ClickHouse;
import io.weir.bench.platform.ProcessCpu;
import io.weir.bench.report.Results;
import io.weir.bench.source.BareProducer;
import io.weir.testing.ClickHouseServer;
import io.weir.testing.KafkaServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sink, as its jar, from topic to table, against a bare insert of the same rows and against ClickHouse's own Kafka
 * engine on the same topic; all into {@code weir.events} of the same server, which is emptied in between.
 *
 * <p>The rows are real ones: web requests that went through the processor's jar.
 */
public final class SinkBench {

    private static final String INGEST = "events.source-http";
    private static final String ENRICHED = "events.processor-enrich";
    private static final String TABLE = "weir.events";
    private static final int PARTITIONS = 4;
    private static final List<String> FLAGS = List.of("-Xms1g", "-Xmx1g", "-XX:+ExitOnOutOfMemoryError");
    /** What {@code ./weir up} gives it. */
    private static final List<String> SINK_FLAGS =
            List.of("-Xmx1500m", "-Xmn950m", "-XX:+UseParallelGC", "-XX:+ExitOnOutOfMemoryError");

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /**
     * How to measure.
     *
     * @param rows from topic to table
     * @param rounds how often each contender, in turns
     * @param engine whether ClickHouse's Kafka engine is among them, which takes longer than all the others together
     */
    public record Plan(int eventBytes, int rows, int rounds, boolean engine) {}

    private record Measured(double rowsPerSecond, double clientMicros, double serverMicros) {
        double micros() {
            return clientMicros + serverMicros;
        }
    }

    private static final Comparator<Measured> FASTEST = Comparator.comparingDouble(Measured::rowsPerSecond);

    private final Plan plan;
    private final Results results;
    private final PrintStream out;
    private final Map<String, List<Measured>> measured = new LinkedHashMap<>();

    public SinkBench(Plan plan, Results results, PrintStream out) {
        this.plan = plan;
        this.results = results;
        this.out = out;
    }

    /** Runs it; needs the jars of processor and sink to be built. */
    public void run() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("weir-bench-sink");
        out.println("sink: starting Kafka and ClickHouse; logs in " + directory);
        try (KafkaServer kafka = KafkaServer.fresh()) {
            Set<Long> before = descendants();
            try (ClickHouseServer server = ClickHouseServer.fresh()) {
                Set<Long> serverPids = descendants();
                serverPids.removeAll(before);
                ClickHouse clickhouse = new ClickHouse(server.url(), server.username(), server.password());
                run(directory, kafka, clickhouse, serverPids);
            }
        } finally {
            delete(directory.resolve("blocks"));
        }
        report();
    }

    private void run(Path directory, KafkaServer kafka, ClickHouse clickhouse, Set<Long> server)
            throws IOException, InterruptedException {
        fill(directory, kafka);
        for (int round = 1; round <= plan.rounds; round++) {
            out.printf(Locale.ROOT, "sink: round %d of %d%n", round, plan.rounds);
            sink(directory, kafka, clickhouse, server, round);
            if (round == 1) {
                export(clickhouse, directory.resolve("blocks/large"), 250_000);
                export(clickhouse, directory.resolve("blocks/small"), 100_000);
            }
            for (String size : List.of("large", "small")) {
                for (int connections = 1; connections <= 3; connections++) {
                    bareInsert(directory, clickhouse, server, size, connections);
                }
            }
            for (int rows : List.of(50_000, 150_000)) {
                for (int connections = 1; connections <= 2; connections++) {
                    clientInsert(directory, kafka, clickhouse, server, rows, connections);
                }
            }
            for (int consumers = 1; plan.engine && consumers <= 2; consumers++) {
                kafkaEngine(kafka, clickhouse, server, consumers, round);
            }
        }
        empty(clickhouse);
    }

    /** Makes the topic that all read: web requests as the source writes them, taken through the processor. */
    private void fill(Path directory, KafkaServer kafka) throws IOException, InterruptedException {
        kafka.createTopic(INGEST, PARTITIONS);
        kafka.createTopic(ENRICHED, PARTITIONS);
        kafka.createTopic("weir.dead-letters", 1);
        try (Application producer = Application.ofClass(
                "producer",
                BareProducer.class,
                FLAGS,
                List.of(
                        kafka.address(),
                        INGEST,
                        Integer.toString(plan.eventBytes),
                        "0",
                        "0",
                        Integer.toString(plan.rows),
                        "headers"),
                directory)) {
            producer.output(PATIENCE);
        }
        try (Application processor = Application.ofJar(
                        "processor-enrich",
                        Checkout.appJar("processor-enrich"),
                        FLAGS,
                        List.of(
                                "--server.port=0",
                                "--spring.cloud.stream.kafka.binder.brokers=" + kafka.address(),
                                "--spring.cloud.stream.bindings.input.destination=" + INGEST,
                                "--spring.cloud.stream.bindings.input.group=bench",
                                "--spring.cloud.stream.bindings.output.destination=" + ENRICHED),
                        directory);
                Committed committed = new Committed(kafka.address(), ENRICHED)) {
            long first = 0;
            long firstAt = 0;
            double cpu = 0;
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            long count = 0;
            while (count < plan.rows) {
                // A look costs CPU that the processor wants: ten a second are enough for a rate over seconds.
                Thread.sleep(100);
                count += committed.poll();
                long now = System.nanoTime();
                if (first == 0 && count > plan.rows / 4) {
                    first = count;
                    firstAt = now;
                    cpu = processor.cpuSeconds();
                }
                if (now > deadline) {
                    throw new IOException("The processor handed on " + count + " of " + plan.rows
                            + " records in ten minutes; see " + directory);
                }
            }
            double rows = count - first;
            double seconds = (System.nanoTime() - firstAt) / 1e9;
            put("processor-enrich", new Measured(rows / seconds, (processor.cpuSeconds() - cpu) / rows * 1e6, 0));
        }
    }

    private void sink(Path directory, KafkaServer kafka, ClickHouse clickhouse, Set<Long> server, int round)
            throws IOException, InterruptedException {
        if (round > 1) {
            empty(clickhouse);
        }
        try (Application sink = Application.ofJar(
                "sink-clickhouse",
                Checkout.appJar("sink-clickhouse"),
                SINK_FLAGS,
                List.of(
                        "--server.port=0",
                        "--spring.cloud.stream.kafka.binder.brokers=" + kafka.address(),
                        "--spring.cloud.stream.bindings.input.destination=" + ENRICHED,
                        "--spring.cloud.stream.bindings.input.group=bench-" + round,
                        "--weir.clickhouse.url=" + clickhouse.url(),
                        "--weir.clickhouse.username=" + clickhouse.username(),
                        "--weir.clickhouse.password=" + clickhouse.password()),
                directory)) {
            put("sink-clickhouse", watch(clickhouse, server, sink));
        }
    }

    private void kafkaEngine(KafkaServer kafka, ClickHouse clickhouse, Set<Long> server, int consumers, int round)
            throws IOException, InterruptedException {
        empty(clickhouse);
        KafkaEngine engine = new KafkaEngine(clickhouse, kafka.address(), ENRICHED, TABLE, consumers);
        engine.start("engine-" + consumers + "-" + round);
        try {
            put("Kafka engine, " + consumers + " consumers", watch(clickhouse, server, null));
        } finally {
            engine.stop();
        }
    }

    private void bareInsert(Path directory, ClickHouse clickhouse, Set<Long> server, String size, int connections)
            throws IOException, InterruptedException {
        empty(clickhouse);
        double cpu = cpu(server);
        try (Application insert = Application.ofClass(
                "bare-insert",
                BareInsert.class,
                List.of("-Xmx64m"),
                List.of(
                        clickhouse.url(),
                        clickhouse.username(),
                        clickhouse.password(),
                        "INSERT INTO " + TABLE + " (" + columns(clickhouse) + ") FORMAT Native",
                        directory.resolve("blocks").resolve(size).toString(),
                        Integer.toString(connections)),
                directory)) {
            String[] numbers = insert.output(PATIENCE).strip().split(" ");
            double spent = cpu(server) - cpu;
            long rows = clickhouse.number("SELECT count() FROM " + TABLE);
            if (rows != plan.rows) {
                throw new IOException("The bare insert stored " + rows + " rows of " + plan.rows);
            }
            put(
                    "bare insert, " + size + " blocks, " + connections + " connections",
                    new Measured(
                            plan.rows / Double.parseDouble(numbers[0]),
                            Double.parseDouble(numbers[1]) / plan.rows * 1e6,
                            spent / plan.rows * 1e6));
        }
    }

    private void clientInsert(
            Path directory, KafkaServer kafka, ClickHouse clickhouse, Set<Long> server, int rows, int connections)
            throws IOException, InterruptedException {
        empty(clickhouse);
        double cpu = cpu(server);
        try (Application insert = Application.ofClass(
                "client-insert",
                ClientInsert.class,
                List.of("-Xms6g", "-Xmx6g", "-XX:+UseParallelGC"),
                List.of(
                        kafka.address(),
                        ENRICHED,
                        Integer.toString(plan.rows),
                        clickhouse.url(),
                        clickhouse.username(),
                        clickhouse.password(),
                        Integer.toString(rows),
                        Integer.toString(connections)),
                directory)) {
            String[] numbers = insert.output(PATIENCE).strip().split(" ");
            double spent = cpu(server) - cpu;
            double measuredRows = Double.parseDouble(numbers[2]);
            put(
                    "client insert, " + rows + " rows, " + connections + " connections",
                    new Measured(
                            measuredRows / Double.parseDouble(numbers[0]),
                            Double.parseDouble(numbers[1]) / measuredRows * 1e6,
                            spent / plan.rows * 1e6));
        }
    }

    /** Measures from the moment when a third of the rows is visible until nine tenths are; then waits for the last one. */
    private Measured watch(ClickHouse clickhouse, Set<Long> server, @Nullable Application client)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long first = 0;
        long firstAt = 0;
        double clientCpu = 0;
        double serverCpu = 0;
        Measured sustained = null;
        while (true) {
            long count = rowsOrNone(clickhouse);
            long now = System.nanoTime();
            if (first == 0 && count > plan.rows / 3) {
                first = count;
                firstAt = now;
                clientCpu = client == null ? 0 : client.cpuSeconds();
                serverCpu = cpu(server);
            }
            if (sustained == null && count >= plan.rows / 10L * 9) {
                double rows = count - first;
                sustained = new Measured(
                        rows / ((now - firstAt) / 1e9),
                        client == null ? 0 : (client.cpuSeconds() - clientCpu) / rows * 1e6,
                        (cpu(server) - serverCpu) / rows * 1e6);
            }
            if (sustained != null && count >= plan.rows) {
                return sustained;
            }
            if (client != null) {
                client.requireAlive();
            }
            if (now > deadline) {
                throw new IOException("Only " + count + " of " + plan.rows + " rows were stored in ten minutes");
            }
            // As above; sooner, for the sink is done in a few seconds.
            Thread.sleep(50);
        }
    }

    private static long rowsOrNone(ClickHouse clickhouse) throws IOException {
        return clickhouse.number(
                "SELECT ifNull((SELECT total_rows FROM system.tables WHERE database = 'weir' AND name = 'events'), 0)");
    }

    /** Writes the table's rows as Native blocks of about this many rows, each in the order of the table. */
    private void export(ClickHouse clickhouse, Path directory, int blockRows) throws IOException {
        Files.createDirectories(directory);
        String order = clickhouse.query(
                "SELECT sorting_key FROM system.tables WHERE database = 'weir' AND name = 'events' FORMAT TSVRaw");
        String columns = columns(clickhouse);
        int number = 0;
        for (String partition : clickhouse
                .query("SELECT DISTINCT _partition FROM " + TABLE + " ORDER BY 1")
                .split("\n")) {
            long offsets =
                    clickhouse.number("SELECT max(_offset) + 1 FROM " + TABLE + " WHERE _partition = " + partition);
            for (long offset = 0; offset < offsets; offset += blockRows) {
                String sql = "SELECT " + columns + " FROM " + TABLE + " WHERE _partition = " + partition
                        + " AND _offset >= " + offset + " AND _offset < " + (offset + blockRows) + " ORDER BY " + order
                        + " SETTINGS max_block_size = 1048576, max_memory_usage = 0,"
                        + " max_bytes_before_external_sort = 400000000 FORMAT Native";
                try (InputStream rowsOfBlock = clickhouse.stream(sql, PATIENCE)) {
                    Files.copy(
                            rowsOfBlock,
                            directory.resolve(String.format(Locale.ROOT, "%04d", number++)),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static String columns(ClickHouse clickhouse) throws IOException {
        return clickhouse.query("SELECT arrayStringConcat(groupArray('`' || name || '`'), ', ') FROM (SELECT name FROM"
                + " system.columns WHERE database = 'weir' AND table = 'events' AND name != 'ingested_at' AND default_kind"
                + " NOT IN ('MATERIALIZED', 'ALIAS') ORDER BY position) FORMAT TSVRaw");
    }

    private static void empty(ClickHouse clickhouse) throws IOException, InterruptedException {
        clickhouse.query("TRUNCATE TABLE " + TABLE + " SYNC");
        clickhouse.query("TRUNCATE TABLE IF EXISTS weir.dead_letters SYNC");
        // What still merges would be counted against whoever is measured next, and no statement waits for merges.
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (clickhouse.number("SELECT count() FROM system.merges") > 0) {
            if (System.nanoTime() > deadline) {
                throw new IOException("ClickHouse still merged after " + PATIENCE.toMinutes() + " minutes");
            }
            Thread.sleep(100);
        }
    }

    private static double cpu(Set<Long> pids) {
        return pids.stream().mapToDouble(ProcessCpu::seconds).sum();
    }

    private static Set<Long> descendants() {
        return ProcessHandle.current().descendants().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    private void put(String name, Measured value) {
        measured.computeIfAbsent(name, any -> new ArrayList<>()).add(value);
        out.printf(
                Locale.ROOT,
                "sink:   %-44s %,10.0f rows/s, CPU a row: client %.1f us, server %.1f us%n",
                name,
                value.rowsPerSecond,
                value.clientMicros,
                value.serverMicros);
    }

    private void report() {
        String part = String.format(
                Locale.ROOT,
                "sink: %,d rows of %d bytes, medians of %d rounds",
                plan.rows,
                plan.eventBytes,
                plan.rounds);
        Map<String, Measured> medians = new LinkedHashMap<>();
        measured.forEach((name, values) -> medians.put(name, median(values)));
        medians.forEach((name, value) -> results.add(
                part,
                name,
                value.rowsPerSecond,
                "rows/s",
                String.format(
                        Locale.ROOT,
                        "CPU a row: %.1f us client + %.1f us server",
                        value.clientMicros,
                        value.serverMicros)));
        Measured sink = medians.get("sink-clickhouse");
        if (sink == null) {
            return;
        }
        Measured bare = best(medians, "bare insert", FASTEST);
        Measured client = best(medians, "client insert", FASTEST);
        ratio(part, "sink / best client insert, rows/s", sink.rowsPerSecond / client.rowsPerSecond, 0.8);
        results.add(
                part,
                "sink / best bare insert of ready-made blocks, rows/s",
                sink.rowsPerSecond / bare.rowsPerSecond,
                "",
                "no client can do more: nothing is read or encoded");
        if (plan.engine) {
            Measured engine = best(medians, "Kafka engine", FASTEST);
            Measured cheapest = best(
                    medians,
                    "Kafka engine",
                    Comparator.comparingDouble(Measured::micros).reversed());
            ratio(part, "sink / best Kafka engine, rows/s", sink.rowsPerSecond / engine.rowsPerSecond, 1);
            ratio(part, "CPU a row, cheapest Kafka engine / sink", cheapest.micros() / sink.micros(), 2);
        }
    }

    private static Measured best(Map<String, Measured> medians, String contender, Comparator<Measured> order) {
        return medians.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(contender))
                .map(Map.Entry::getValue)
                .max(order)
                .orElseThrow();
    }

    private void ratio(String part, String name, double ratio, double wanted) {
        results.add(
                part,
                name,
                ratio,
                "",
                String.format(Locale.ROOT, "wanted: at least %.2f: %s", wanted, ratio >= wanted ? "yes" : "NO"));
    }

    private static Measured median(List<Measured> values) {
        return new Measured(
                Results.median(values.stream().map(Measured::rowsPerSecond).toList()),
                Results.median(values.stream().map(Measured::clientMicros).toList()),
                Results.median(values.stream().map(Measured::serverMicros).toList()));
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
