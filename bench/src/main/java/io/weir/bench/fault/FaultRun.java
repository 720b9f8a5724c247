package io.weir.bench.fault;

import io.weir.bench.books.Books;
import io.weir.bench.books.BooksReport;
import io.weir.bench.books.Claims;
import io.weir.bench.books.Drain;
import io.weir.bench.books.IdHashes;
import io.weir.bench.books.Lanes;
import io.weir.bench.books.Line;
import io.weir.bench.platform.ClickHouse;
import io.weir.bench.platform.Platform;
import io.weir.bench.platform.PlatformOptions;
import io.weir.emulator.DeviceReadings;
import io.weir.emulator.EventIds;
import io.weir.emulator.Lane;
import io.weir.emulator.Load;
import io.weir.emulator.RequestEvents;
import io.weir.emulator.Totals;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir fault-run}: load, random kills of every kind of process, and then the books. */
@Command(
        name = "fault-run",
        description =
                "Kills processes of a platform at random while it is under load, then closes the books: every accepted"
                        + " event stands in ClickHouse exactly once.",
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the books close", "1:they do not, or the run itself failed", "2:an option is wrong"})
public final class FaultRun implements Callable<Integer> {

    /** Clients that send every event at most once, whatever happens. */
    private static final String ONCE = "once";
    /** Clients that repeat until there is an answer; their events bring ids. Some events are broken on purpose. */
    private static final String AGAIN = "again";
    /** Devices that repeat until there is an answer; their events bring ids. */
    private static final String DEVICES = "devices";
    /** Clients that repeat until there is an answer; the source names their events by their Idempotency-Key. */
    private static final String KEYED = "keyed";

    private static final double BROKEN_SHARE = 0.005;

    @Mixin
    private final PlatformOptions options = new PlatformOptions("fault-run");

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Option(names = "--minutes", paramLabel = "N", description = "How long the load lasts (default: 10).")
    private double minutes = 10;

    @Option(names = "--kills", paramLabel = "N", description = "How many processes die (default: 30).")
    private int kills = 30;

    @Option(names = "--seed", paramLabel = "N", description = "Order and times of the kills (default: by the clock).")
    private @Nullable Long seed;

    @Option(names = "--rate", paramLabel = "N", description = "Events a second (default: 2000).")
    private double rate = 2000;

    @Option(names = "--batch", paramLabel = "N", description = "Events in one POST (default: 100).")
    private int batch = 100;

    @Option(
            names = "--merges",
            description =
                    "Lets ClickHouse merge during the run. Without merges no doubled row can hide: every record must be"
                            + " a row of its own.")
    private boolean merges;

    @Option(names = "--keep", description = "Leaves the platform and its home as they are.")
    private boolean keep;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws Exception {
        long clock = System.currentTimeMillis();
        Long chosen = seed;
        long seedOfRun = chosen == null ? clock % 1_000_000 : chosen;
        String run = "f" + Long.toString(clock, 36);
        Platform platform = options.platform();
        boolean ours = options.ensureUp(platform, out);
        boolean closed = false;
        try {
            closed = run(platform, seedOfRun, run);
            return closed ? 0 : 1;
        } finally {
            if (ours && !keep && closed) {
                platform.down();
            } else if (ours) {
                out.println("The platform is left as it is: " + platform.home());
            }
        }
    }

    private boolean run(Platform platform, long seedOfRun, String run) throws Exception {
        Platform.Status status = options.ready(platform);
        ClickHouse clickhouse = options.clickhouse(platform, status);
        String key = platform.createKey("fault-run", run);
        if (!merges) {
            stopMerges(clickhouse);
        }
        out.printf(
                Locale.ROOT,
                "Fault run with seed %d: %.0f events/s for %.1f minutes, %d kills, merges %s%n",
                seedOfRun,
                rate,
                minutes,
                kills,
                merges ? "on" : "off");

        EventIds onceIds = new EventIds(run + "-o");
        EventIds againIds = new EventIds(run + "-a");
        EventIds deviceIds = new EventIds(run + "-d");
        List<Lane> lanes = List.of(
                new Lane(ONCE, requests(0, onceIds, null, seedOfRun), rate * 0.25, batch, Lane.Repeat.NEVER),
                new Lane(
                        AGAIN,
                        requests(BROKEN_SHARE, againIds, null, seedOfRun + 1),
                        rate * 0.35,
                        batch,
                        Lane.Repeat.UNTIL_ANSWERED),
                new Lane(
                        DEVICES,
                        new DeviceReadings(50, 0, deviceIds, seedOfRun + 2),
                        rate * 0.15,
                        batch,
                        Lane.Repeat.UNTIL_ANSWERED),
                new Lane(
                        KEYED,
                        requests(0, null, KEYED, seedOfRun + 3),
                        rate * 0.25,
                        batch,
                        Lane.Repeat.UNTIL_ANSWERED));
        Duration length = Duration.ofMillis((long) (minutes * 60_000));
        Ledger ledger = new Ledger();
        Load load = new Load(
                new Load.Settings(
                        URI.create(status.address("ingest")),
                        key,
                        run,
                        24,
                        512,
                        Duration.ofSeconds(20),
                        null,
                        Duration.ofMinutes(5),
                        false,
                        seedOfRun),
                lanes,
                ledger);
        Killer killer = new Killer(platform, seedOfRun, out);
        ExecutorService background = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "load");
            thread.setDaemon(true);
            return thread;
        });
        Totals totals;
        try {
            Future<Totals> running = background.submit(load::run);
            killer.run(length, kills, () -> !running.isDone());
            load.stop();
            totals = running.get(10, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            throw new IOException("The load failed: " + e.getCause(), e);
        } finally {
            load.stop();
            background.shutdown();
        }
        out.printf(
                Locale.ROOT,
                "Load over: %,d events sent in %.0f s, %,d accepted, %,d rejected, %,d without an answer; %,d POSTs repeated%n",
                totals.sent(),
                totals.seconds(),
                totals.accepted(),
                totals.rejected(),
                totals.unknown(),
                totals.retried());
        out.println("Why POSTs were repeated or given up: " + totals.troubles());

        Platform.Status after = options.ready(platform);
        Lanes books = new Lanes(List.of(
                new Lanes.Lane(ONCE, run + "-o-", ""),
                new Lanes.Lane(AGAIN, run + "-a-", ""),
                new Lanes.Lane(DEVICES, run + "-d-", ""),
                new Lanes.Lane(KEYED, "", KEYED)));
        Map<String, IdHashes> accepted = new TreeMap<>();
        accepted.put(ONCE, ledger.acceptedIds(ONCE, onceIds));
        accepted.put(AGAIN, ledger.acceptedIds(AGAIN, againIds));
        accepted.put(DEVICES, ledger.acceptedIds(DEVICES, deviceIds));
        Claims claims = new Claims(accepted, Map.of(KEYED, ledger.counted(KEYED)), Set.of(ONCE), ledger.miscounted());
        Books.Scope scope = new Books.Scope(
                after.address("kafka"),
                clickhouse,
                "events.source-http",
                List.of("events.processor-enrich", "weir.dead-letters"),
                merges);
        new Drain(scope, out).await();
        List<Line> lines = new ArrayList<>(new Books(scope, books, claims).close());
        lines.addAll(ofTheRun(killer, totals, lanes, ledger));
        boolean closes = BooksReport.print(lines, out);
        printKills(killer, seedOfRun);
        return closes;
    }

    private static RequestEvents requests(
            double broken, @Nullable EventIds ids, @Nullable String source, long seedOfLane) {
        return new RequestEvents(new RequestEvents.Mix(0.02, broken, 0, ids, source), seedOfLane);
    }

    /** What must hold for the run to have shown anything. */
    private List<Line> ofTheRun(Killer killer, Totals totals, List<Lane> lanes, Ledger ledger) {
        long repeating = lanes.stream()
                .filter(lane -> lane.repeat() == Lane.Repeat.UNTIL_ANSWERED)
                .mapToLong(Lane::sent)
                .sum();
        long answered = ledger.counted(AGAIN) + ledger.counted(DEVICES) + ledger.counted(KEYED);
        return List.of(
                new Line(
                        "Every POST of a client that repeats got its final answer",
                        String.format(Locale.ROOT, "%,d events sent, %,d with an answer", repeating, answered),
                        repeating == answered,
                        List.of()),
                new Line(
                        "Every event that was broken on purpose was refused, and nothing else",
                        String.format(
                                Locale.ROOT, "%,d broken, %,d rejected", ledger.refusedEvents(), totals.rejected()),
                        ledger.refusedEvents() == totals.rejected(),
                        List.of()),
                new Line(
                        "Every victim came back, every kind was killed",
                        killer.count() + " kills " + killer.kills(),
                        killer.problems().isEmpty()
                                && killer.count() >= kills
                                && (kills < Killer.Victim.values().length
                                        || killer.kills().size() == Killer.Victim.values().length),
                        killer.problems()));
    }

    private void printKills(Killer killer, long seedOfRun) {
        out.printf(Locale.ROOT, "%d kills %s, seed %d%n", killer.count(), killer.kills(), seedOfRun);
    }

    /** No merge of any size, and no refusal because of many parts; the setting stays with the table over restarts. */
    private static void stopMerges(ClickHouse clickhouse) throws IOException {
        for (String table : List.of("weir.events", "weir.dead_letters")) {
            clickhouse.query("ALTER TABLE " + table + " MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1,"
                    + " max_bytes_to_merge_at_min_space_in_pool = 1, parts_to_delay_insert = 100000,"
                    + " parts_to_throw_insert = 100000");
        }
    }
}
