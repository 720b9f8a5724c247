package io.weir.bench.pipeline;

import io.weir.bench.platform.ClickHouse;
import io.weir.bench.platform.JavaProcess;
import io.weir.bench.platform.Lag;
import io.weir.bench.platform.Platform;
import io.weir.bench.platform.PlatformOptions;
import io.weir.bench.platform.ProcessCpu;
import io.weir.bench.report.Results;
import io.weir.emulator.LatencyHistogram;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Loads a whole platform at a fixed rate for a fixed time and watches it: what it costs by process, whether lag and heap
 * stay where they are, and how long an event takes from its 2xx until it can be queried.
 */
public final class PipelineBench {

    static final String TENANT = "bench";

    private static final long SAMPLE_SECONDS = 10;

    /**
     * The load.
     *
     * @param warmup at the full rate, before anything is measured
     * @param profile name of the process of which a flight recording is made, or null
     */
    public record Plan(
            double eventsPerSecond,
            int eventBytes,
            int batch,
            Duration warmup,
            Duration duration,
            @Nullable String profile,
            Path recording) {}

    private final PlatformOptions options;
    private final Plan plan;
    private final Results results;
    private final PrintStream out;

    public PipelineBench(PlatformOptions options, Plan plan, Results results, PrintStream out) {
        this.options = options;
        this.plan = plan;
        this.results = results;
        this.out = out;
    }

    /** Runs against the platform, starting and stopping one if none runs. */
    public void run() throws IOException, InterruptedException, ExecutionException {
        Platform platform = options.platform();
        boolean ours = options.ensureUp(platform, out);
        try {
            measure(platform);
        } finally {
            if (ours) {
                platform.down();
            }
        }
    }

    private void measure(Platform platform) throws IOException, InterruptedException, ExecutionException {
        Platform.Status status = options.ready(platform);
        ClickHouse clickhouse = options.clickhouse(platform, status);
        String run = "p" + Long.toString(System.currentTimeMillis(), 36);
        String key = platform.createKey(TENANT, run);
        String ingest = status.address("ingest");

        out.printf(Locale.ROOT, "Warming up for %d s%n", plan.warmup.toSeconds());
        emulate(ingest, key, plan.warmup, run + "-w").finish();

        Platform.Status begin = options.ready(platform);
        Map<String, Long> pids = begin.processes().stream()
                .collect(Collectors.toMap(
                        Platform.Member::name, Platform.Member::pid, (one, other) -> one, LinkedHashMap::new));
        Set<Long> members = Set.copyOf(pids.values());
        long rowsBefore = rows(clickhouse);
        Map<String, Double> cpuBefore = cpu(pids, members);
        long beganAt = System.nanoTime();
        long beganAtMillis = System.currentTimeMillis();
        Probes probes = new Probes(URI.create(ingest), key, run, clickhouse);
        Thread probing = new Thread(probes, "probes");
        probing.setDaemon(true);
        probing.start();
        Emulation emulation = emulate(ingest, key, plan.duration, run);
        record(pids);
        Watch watch = new Watch(pids);
        try (Lag lag = new Lag(begin.address("kafka"))) {
            while (emulation.process.isAlive()) {
                watch.sample(lag);
                if (emulation.process.waitFor(SAMPLE_SECONDS, java.util.concurrent.TimeUnit.SECONDS)) {
                    break;
                }
            }
        }
        JsonNode report = emulation.finish();
        double seconds = (System.nanoTime() - beganAt) / 1e9;
        Map<String, Double> cpuAfter = cpu(pids, members);
        long rowsAtEnd = rows(clickhouse) - rowsBefore;
        probes.stop();
        probing.join(90_000);
        Platform.Status end = options.ready(platform);
        report(report, seconds, cpuBefore, cpuAfter, rowsAtEnd, clickhouse, beganAtMillis, probes, watch, begin, end);
    }

    private void report(
            JsonNode load,
            double seconds,
            Map<String, Double> cpuBefore,
            Map<String, Double> cpuAfter,
            long rowsAtEnd,
            ClickHouse clickhouse,
            long beganAtMillis,
            Probes probes,
            Watch watch,
            Platform.Status begin,
            Platform.Status end)
            throws IOException {
        String part = String.format(
                Locale.ROOT,
                "pipeline: %,.0f events/s of %d bytes, batches of %d, %.0f s",
                plan.eventsPerSecond,
                plan.eventBytes,
                plan.batch,
                seconds);
        double accepted = load.path("accepted").asDouble(0);
        results.add(part, "accepted", accepted / seconds, "events/s", "from the first to the last POST");
        results.add(part, "rows when the load ended", rowsAtEnd, "rows", "accepted: " + (long) accepted);
        results.add(part, "POST latency p50", load.at("/latency_ms/p50").asDouble(0), "ms", "from the due time");
        results.add(part, "POST latency p99", load.at("/latency_ms/p99").asDouble(0), "ms", "from the due time");
        results.add(
                part,
                "POSTs repeated",
                load.path("retried").asDouble(0),
                "",
                load.path("troubles").toString());
        LatencyHistogram delays = probes.delays();
        results.add(
                part,
                "2xx to queryable p50",
                delays.quantileMillis(0.5),
                "ms",
                delays.count() + " probes, " + probes.lost() + " lost, " + probes.failed() + " not accepted");
        results.add(part, "2xx to queryable p99", delays.quantileMillis(0.99), "ms", "");
        results.add(part, "2xx to queryable max", delays.maxMillis(), "ms", "");
        String[] stored = clickhouse
                .query("SELECT quantile(0.5)(d), quantile(0.99)(d), max(d) FROM (SELECT date_diff('ms', received_at,"
                        + " ingested_at) AS d FROM weir.events WHERE tenant = '" + TENANT
                        + "' AND received_at >= fromUnixTimestamp64Milli(" + beganAtMillis + "))")
                .split("\t");
        results.add(
                part, "received to stored p50", Double.parseDouble(stored[0]), "ms", "of all rows, by their own times");
        results.add(part, "received to stored p99", Double.parseDouble(stored[1]), "ms", "");
        double sum = 0;
        for (Map.Entry<String, Double> after : cpuAfter.entrySet()) {
            double used = after.getValue() - cpuBefore.getOrDefault(after.getKey(), 0.0);
            sum += used;
            results.add(
                    part,
                    "CPU " + after.getKey(),
                    used,
                    "s",
                    String.format(
                            Locale.ROOT,
                            "%.1f%% of a core, %.1f us an event",
                            used / seconds * 100,
                            used / accepted * 1e6));
        }
        double emulator = load.path("cpu_seconds").asDouble(0);
        results.add(
                part,
                "CPU emulator",
                emulator,
                "s",
                String.format(
                        Locale.ROOT,
                        "%.1f%% of a core, %.1f us an event",
                        emulator / seconds * 100,
                        emulator / accepted * 1e6));
        results.add(
                part,
                "CPU of all",
                sum + emulator,
                "s",
                String.format(
                        Locale.ROOT,
                        "%.0f%% of %d cores",
                        (sum + emulator) / seconds * 100 / Runtime.getRuntime().availableProcessors(),
                        Runtime.getRuntime().availableProcessors()));
        watch.report(part, results);
        int restarts = restarts(end) - restarts(begin);
        results.add(part, "restarts", restarts, "", "");
    }

    private static int restarts(Platform.Status status) {
        return status.processes().stream().mapToInt(Platform.Member::restarts).sum();
    }

    private void record(Map<String, Long> pids) {
        String profile = plan.profile;
        if (profile == null) {
            return;
        }
        pids.forEach((name, pid) -> {
            if (name.contains(profile)) {
                int seconds = (int) Math.min(120, Math.max(10, plan.duration.toSeconds() - 5));
                out.println(
                        JavaProcess.startRecording(pid, seconds, plan.recording).strip());
            }
        });
    }

    private static Map<String, Double> cpu(Map<String, Long> pids, Set<Long> members) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        pids.forEach((name, pid) -> seconds.put(name, ProcessCpu.seconds(pid, members)));
        return seconds;
    }

    private static long rows(ClickHouse clickhouse) throws IOException {
        return clickhouse.number("SELECT count() FROM weir.events WHERE tenant = '" + TENANT + "'");
    }

    /** The emulator, as a process of its own so that its CPU can be told apart. */
    private record Emulation(Process process) {
        JsonNode finish() throws IOException, InterruptedException {
            String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException("The emulator ended with " + code + ": " + report);
            }
            return new JsonMapper().readTree(report);
        }
    }

    private Emulation emulate(String ingest, String key, Duration duration, String ids) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.weir.emulator.Emulator",
                        "--ingest",
                        ingest,
                        "--requests-per-second",
                        Double.toString(plan.eventsPerSecond),
                        "--devices",
                        "0",
                        "--event-bytes",
                        Integer.toString(plan.eventBytes),
                        "--batch",
                        Integer.toString(plan.batch),
                        "--duration",
                        duration.toString(),
                        "--ids",
                        ids,
                        "--json")
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        // Not on the command line, where every user of the machine could read it.
        builder.environment().put("WEIR_API_KEY", key);
        return new Emulation(builder.start());
    }

    /** Lag, heap and memory, minute by minute. */
    private final class Watch {
        private final Map<String, Long> pids;
        private final long startedAt = System.nanoTime();
        private final Map<String, Map<Long, List<Long>>> series = new TreeMap<>();

        Watch(Map<String, Long> pids) {
            this.pids = pids;
        }

        void sample(Lag lag) throws InterruptedException, ExecutionException {
            long minute = (System.nanoTime() - startedAt) / 60_000_000_000L;
            lag.byTopic().forEach((topic, records) -> put("lag " + topic, minute, records));
            pids.forEach((name, pid) -> {
                put("resident MiB " + name, minute, ProcessCpu.residentMebibytes(pid));
                OptionalLong heap = JavaProcess.heapMebibytes(pid);
                if (heap.isPresent()) {
                    put("heap MiB " + name, minute, heap.getAsLong());
                }
            });
        }

        private void put(String name, long minute, long value) {
            series.computeIfAbsent(name, any -> new TreeMap<>())
                    .computeIfAbsent(minute, any -> new ArrayList<>())
                    .add(value);
        }

        void report(String part, Results into) {
            series.forEach((name, minutes) -> {
                // Heap and memory: the least of the minute is closest to what lives; lag: the most.
                boolean most = name.startsWith("lag");
                List<Long> values = minutes.values().stream()
                        .map(samples -> samples.stream()
                                .reduce(most ? Math::max : Math::min)
                                .orElse(0L))
                        .toList();
                into.add(part, name, values.get(values.size() - 1), "", "by minute: " + values);
            });
        }
    }
}
