package io.weir.bench;

import io.weir.bench.pipeline.PipelineBench;
import io.weir.bench.platform.PlatformOptions;
import io.weir.bench.query.QueryBench;
import io.weir.bench.report.Results;
import io.weir.bench.rollup.RollupBench;
import io.weir.bench.sink.SinkBench;
import io.weir.bench.source.SourceBench;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir bench}: ratios from one run on one machine. */
@Command(
        name = "bench",
        description =
                "Measures the source, the sink, the whole pipeline, the rollups and the query API against what the machine can"
                        + " do.",
        sortOptions = false)
final class BenchCommand implements Callable<Integer> {

    /** What can be measured. */
    enum Part {
        source,
        sink,
        pipeline,
        rollup,
        query,
        all
    }

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Parameters(arity = "0..1", paramLabel = "PART", description = "${COMPLETION-CANDIDATES} (default: all).")
    private Part part = Part.all;

    @Mixin
    private final PlatformOptions platform = new PlatformOptions("bench");

    @Option(names = "--rate", paramLabel = "N", description = "pipeline: events a second (default: 10000).")
    private double rate = 10_000;

    @Option(names = "--minutes", paramLabel = "N", description = "pipeline: how long the load lasts (default: 10).")
    private double minutes = 10;

    @Option(
            names = "--warmup",
            paramLabel = "SECONDS",
            description = "pipeline: load before anything is measured (default: 30).")
    private int warmup = 30;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "source, sink: how often each is measured, in turns (default: 3).")
    private int rounds = 3;

    @Option(names = "--without-engine", description = "sink: leaves out ClickHouse's Kafka engine, the slowest by far.")
    private boolean withoutEngine;

    @Option(names = "--seconds", paramLabel = "N", description = "source: length of one measurement (default: 8).")
    private int seconds = 8;

    @Option(names = "--rows", paramLabel = "N", description = "sink: rows from topic to table (default: 2000000).")
    private int rows = 2_000_000;

    @Option(
            names = "--events",
            paramLabel = "N",
            description = "rollup, query: events to roll up (default: 100000000).")
    private long events = 100_000_000;

    @Option(names = "--days", paramLabel = "N", description = "rollup, query: days that they are of (default: 30).")
    private int days = 30;

    @Option(
            names = "--requests",
            paramLabel = "N",
            description = "query: requests of each case to each contender (default: 200).")
    private int requests = 200;

    @Option(
            names = "--clients",
            paramLabel = "N",
            description = "query: clients at once in the second round; 1 leaves it out (default: 8).")
    private int clients = 8;

    @Option(
            names = "--only",
            paramLabel = "TEXT",
            description = "query: only cases with that in their names (default: all).")
    private String only = "";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "query: keeps the events there, and uses those that are there (default: a folder that is deleted).")
    private @Nullable Path data;

    @Option(names = "--event-bytes", paramLabel = "N", description = "Size of an event (default: 1024).")
    private int eventBytes = 1024;

    @Option(names = "--batch", paramLabel = "N", description = "pipeline: events in one POST (default: 100).")
    private int batch = 100;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description =
                    "pipeline: makes a flight recording of the process of that name, as NAME.jfr in the working directory.")
    private @Nullable String profile;

    @Option(
            names = "--json",
            description = "Prints the results as one JSON object on standard output, all else on standard error.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        PrintStream out = json ? System.err : System.out;
        Results results = new Results();
        if (part == Part.source || part == Part.all) {
            new SourceBench(new SourceBench.Plan(eventBytes, rounds, seconds, 20), results, out).run();
        }
        if (part == Part.sink || part == Part.all) {
            new SinkBench(new SinkBench.Plan(eventBytes, rows, rounds, !withoutEngine), results, out).run();
        }
        if (part == Part.pipeline || part == Part.all) {
            new PipelineBench(
                            platform,
                            new PipelineBench.Plan(
                                    rate,
                                    eventBytes,
                                    batch,
                                    Duration.ofSeconds(warmup),
                                    Duration.ofMillis((long) (minutes * 60_000)),
                                    profile,
                                    Path.of(profile + ".jfr")),
                            results,
                            out)
                    .run();
        }
        if (part == Part.rollup || part == Part.all) {
            new RollupBench(new RollupBench.Plan(events, days), results, out).run();
        }
        if (part == Part.query || part == Part.all) {
            new QueryBench(new QueryBench.Plan(events, days, requests, clients, only, data), results, out).run();
        }
        if (json) {
            System.out.println(results.json());
        } else {
            results.print(out);
        }
        return 0;
    }
}
