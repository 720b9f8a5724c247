package io.weir.emulator;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code weir emulate}: sends a realistic load and says what became of it. */
@Command(
        name = "emulate",
        description = "Sends a realistic load: web requests, device readings and, if wanted, access log lines.",
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every event has its final answer",
            "1:some events have none: nobody knows whether they arrived",
            "2:an option is wrong",
            "3:the server refused the load (such as an unknown key)"
        })
public final class Emulator implements Callable<Integer> {

    private static final int UNKNOWN_EVENTS = 1;
    private static final int REFUSED = 3;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Option(
            names = "--ingest",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8090",
            description = "Address of the ingestion, plain HTTP (default: ${DEFAULT-VALUE}).")
    private URI ingest = URI.create("http://127.0.0.1:8090");

    @Option(
            names = "--key",
            paramLabel = "KEY",
            defaultValue = "${env:WEIR_API_KEY}",
            description = "API key (default: the variable WEIR_API_KEY).")
    private @Nullable String key;

    @Option(
            names = "--requests-per-second",
            paramLabel = "N",
            description = "Web requests a second; 0 for none (default: 50).")
    private double requestsPerSecond = 50;

    @Option(names = "--devices", paramLabel = "N", description = "Devices; 0 for none (default: 50).")
    private int devices = 50;

    @Option(
            names = "--device-interval",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Time between two readings of one device (default: 1s).")
    private Duration deviceInterval = Duration.ofSeconds(1);

    @Option(
            names = "--logs-per-second",
            paramLabel = "N",
            description = "Lines of an access log a second (default: 0).")
    private double logsPerSecond;

    @Option(
            names = "--error-rate",
            paramLabel = "SHARE",
            description = "Share of requests that end with 5xx, 0 to 1 (default: 0.02).")
    private double errorRate = 0.02;

    @Option(
            names = "--invalid-rate",
            paramLabel = "SHARE",
            description = "Share of requests that break the event contract, 0 to 1 (default: 0).")
    private double invalidRate;

    @Option(
            names = "--event-bytes",
            paramLabel = "N",
            description = "Pads requests and readings to this size, such as 1024 (default: not padded).")
    private int eventBytes;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Most events in one POST; no event waits longer than a second for its batch (default: 100).")
    private int batch = 100;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "Connections, hence most POSTs at once (default: 16).")
    private int connections = 16;

    @Option(
            names = "--pending",
            paramLabel = "N",
            description = "Most batches that may wait for a final answer (default: 256).")
    private int pending = 256;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long one attempt may take (default: 30s).")
    private Duration timeout = Duration.ofSeconds(30);

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long, such as 30s, 10m or 1h (default: until interrupted).")
    private @Nullable Duration duration;

    @Option(
            names = "--drain",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long to repeat, at the end, what has no final answer yet (default: 60s).")
    private Duration drain = Duration.ofSeconds(60);

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "The same seed makes the same events, but for their times (default: by the clock).")
    private @Nullable Long seed;

    @Option(names = "--gzip", description = "Compresses the bodies.")
    private boolean gzip;

    @Option(
            names = "--ids",
            paramLabel = "PREFIX",
            arity = "0..1",
            fallbackValue = "",
            description =
                    "Events bring their own ids: PREFIX-<lane>-<number>. Use a new prefix for every run; without one it is made from the clock.")
    private @Nullable String ids;

    @Option(names = "--json", description = "Prints the report as one JSON object.")
    private boolean json;

    @Option(
            names = "--progress",
            negatable = true,
            description = "A line of progress every second on standard error (default: on a terminal).")
    private @Nullable Boolean progress;

    public static void main(String[] arguments) {
        int code = new CommandLine(new Emulator()).execute(arguments);
        System.exit(code);
    }

    @Override
    public Integer call() throws IOException {
        long clock = System.currentTimeMillis();
        Long chosenSeed = seed;
        long seedOfRun = chosenSeed == null ? clock : chosenSeed;
        String run = Long.toString(clock, 36);
        Load load = prepare(seedOfRun, run);
        CountDownLatch finished = new CountDownLatch(1);
        Thread onInterrupt = new Thread(() -> {
            load.stop();
            try {
                // The report is printed by the main thread; ending the process must wait for it.
                finished.await(drain.toSeconds() + 5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        try {
            Totals totals = load.run();
            Report report = new Report(totals);
            System.out.print(json ? report.json() : report.text());
            System.out.flush();
            if (totals.refusal() != null && totals.accepted() == 0) {
                return REFUSED;
            }
            return totals.unknown() > 0 ? UNKNOWN_EVENTS : CommandLine.ExitCode.OK;
        } finally {
            finished.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(onInterrupt);
            } catch (IllegalStateException endingAlready) {
                // The hook is running: it is what ended the load.
                finished.countDown();
            }
        }
    }

    private Load prepare(long seedOfRun, String run) {
        List<Lane> lanes = new ArrayList<>();
        try {
            if (requestsPerSecond > 0) {
                RequestEvents.Mix mix =
                        new RequestEvents.Mix(errorRate, invalidRate, eventBytes, idsOf("r", run), null);
                lanes.add(lane("r", new RequestEvents(mix, seedOfRun), requestsPerSecond));
            }
            if (devices > 0) {
                double rate = devices / (deviceInterval.toNanos() / 1e9);
                lanes.add(lane("d", new DeviceReadings(devices, eventBytes, idsOf("d", run), seedOfRun + 1), rate));
            }
            if (logsPerSecond > 0) {
                lanes.add(lane("l", new AccessLog(errorRate, seedOfRun + 2), logsPerSecond));
            }
            if (lanes.isEmpty()) {
                throw new IllegalArgumentException("Nothing to send: requests, devices and logs are all 0");
            }
            Load.Settings settings = new Load.Settings(
                    ingest,
                    key == null || key.isEmpty() ? null : key,
                    run,
                    connections,
                    Math.max(pending, connections),
                    timeout,
                    duration,
                    drain,
                    gzip,
                    seedOfRun);
            boolean showProgress = progress == null ? System.console() != null && !json : progress;
            return new Load(settings, lanes, showProgress ? new Progress(System.err) : new Load.Observer() {});
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private Lane lane(String name, Workload workload, double rate) {
        return new Lane(name, workload, rate, batch, Lane.Repeat.UNTIL_ANSWERED);
    }

    private @Nullable EventIds idsOf(String lane, String run) {
        String prefix = ids;
        if (prefix == null) {
            return null;
        }
        return new EventIds((prefix.isEmpty() ? run : prefix) + '-' + lane);
    }

    /** Reads {@code 500ms}, {@code 30s}, {@code 10m}, {@code 1h} or the ISO form {@code PT10M}. */
    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                String value = text.strip().toLowerCase(Locale.ROOT);
                if (value.startsWith("pt")) {
                    return positive(text, Duration.parse(value));
                }
                if (value.endsWith("ms")) {
                    return positive(text, Duration.ofMillis(Long.parseLong(value.substring(0, value.length() - 2))));
                }
                return positive(text, Duration.parse("PT" + value));
            } catch (RuntimeException e) {
                throw new TypeConversionException("'" + text + "' is not a time such as 500ms, 30s, 10m or 1h");
            }
        }

        private static Duration positive(String text, Duration duration) {
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException(text);
            }
            return duration;
        }
    }
}
