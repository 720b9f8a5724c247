package io.weir.local;

import io.weir.local.clickhouse.ClickHouseEngine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir up}. */
@Command(name = "up", description = "Starts everything, waits until it is ready, and says where it is.")
final class UpCommand implements Callable<Integer> {

    @Mixin
    private Weir.Where where = new Weir.Where();

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT",
            description = "Use this Kafka instead of an own one, 'own' for an own one again; remembered in the home.")
    private @Nullable String kafka;

    @Option(
            names = "--clickhouse",
            paramLabel = "URL",
            description = "Use this ClickHouse, as http://USER@HOST:8123 with the password in the variable"
                    + " WEIR_CLICKHOUSE_PASSWORD; remembered in the home.")
    private @Nullable String clickhouse;

    @Option(
            names = "--postgresql",
            paramLabel = "URL",
            description = "Use this PostgreSQL, as postgresql://USER@HOST:5432 with the password in the variable"
                    + " WEIR_POSTGRESQL_PASSWORD; it makes the databases weir, dataflow and skipper where they are"
                    + " missing; remembered in the home.")
    private @Nullable String postgresql;

    @Override
    public Integer call() throws Exception {
        Home home = where.home();
        boolean running = home.exists() && Leftovers.find(home, Supervisor.NAME).isPresent();
        boolean others = kafka != null || clickhouse != null || postgresql != null;
        if (running && others) {
            throw new Failure("the platform in " + home.root() + " is running: ./weir down first");
        }
        if (running && where.portBase != null && !home.ports(null).equals(Ports.of(where.portBase))) {
            throw new Failure("the platform in " + home.root() + " is running on other ports: ./weir down first");
        }
        if (!running) {
            home.create();
            try (FileChannel lock =
                            FileChannel.open(home.run("up.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = lock.lock()) {
                // Another up may have come first, and be where this one wants to be.
                if (held.isValid() && Leftovers.find(home, Supervisor.NAME).isEmpty()) {
                    start(home);
                }
            }
        }
        if (!follow(home, !running)) {
            return 1;
        }
        Summary.print(home, home.ports(null), !running);
        return 0;
    }

    private void start(Home home) throws IOException {
        boolean fresh = !Files.exists(home.config("secrets.properties"));
        int ended = Leftovers.end(home);
        RunningApps.end(home);
        RunningTasks.end(home, Duration.ZERO);
        if (ended > 0) {
            System.out.println("Ended " + ended + " processes that an earlier run left behind");
        }
        Existing existing = Existing.read(home).with(kafka, clickhouse, postgresql);
        Preflight.check(home, home.ports(where.portBase), existing);
        existing.write(home);
        if (postgresql != null) {
            FirstSteps.forget(home);
        }
        Files.deleteIfExists(home.run("progress"));
        Files.deleteIfExists(home.run("state.json"));
        System.out.println((fresh ? "A new platform in " : "Starting the platform in ") + home.root());
        if (existing.clickhouse() == null) {
            fetchClickHouse();
        }
        Process supervisor = new ProcessBuilder(
                        "setsid",
                        Installation.java(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-Dweir.root=" + Installation.current().root(),
                        "-cp",
                        Installation.current().copyLauncher(home.data("jars").resolve("launcher")),
                        Supervisor.class.getName(),
                        home.root().toString())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.log(Supervisor.NAME).toFile()))
                .start();
        Leftovers.note(home, Supervisor.NAME, supervisor.toHandle());
    }

    /** A large download shows how far it is; later calls find it in the cache. */
    private static void fetchClickHouse() {
        ClickHouseEngine.fetch(ClickHouseEngine.defaultCache(), new FetchProgress());
    }

    private static boolean follow(Home home, boolean verbose) throws IOException, InterruptedException {
        Path progress = home.run("progress");
        int seen = 0;
        while (true) {
            List<String> lines = Files.exists(progress) ? Files.readAllLines(progress) : List.of();
            for (String line : lines.subList(Math.min(seen, lines.size()), lines.size())) {
                String[] words = line.split(" ", 2);
                if (words.length < 2) {
                    continue;
                }
                String what = words[1];
                if (what.equals("ready")) {
                    if (verbose) {
                        System.out.printf("  ready after %.1f s%n%n", Long.parseLong(words[0]) / 1000.0);
                    }
                    return true;
                }
                if (what.startsWith("failed: ")) {
                    System.err.println("weir: " + what.substring("failed: ".length()));
                    // It still stops what it had started.
                    Leftovers.find(home, Supervisor.NAME)
                            .ifPresent(supervisor -> supervisor.onExit().join());
                    return false;
                }
                if (verbose && what.startsWith("step ")) {
                    int space = what.lastIndexOf(' ');
                    System.out.printf(
                            "  %-12s %5.1f s%n",
                            what.substring("step ".length(), space),
                            Long.parseLong(what.substring(space + 1)) / 1000.0);
                }
            }
            seen = lines.size();
            if (Leftovers.find(home, Supervisor.NAME).isEmpty()) {
                System.err.println("weir: the supervisor ended; see " + home.log(Supervisor.NAME));
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** What {@code up} says at its end. */
    private static final class Summary {

        static void print(Home home, Ports ports, boolean justStarted) {
            String key = FirstSteps.key(home, Weir.servers(home));
            Map<String, String> addresses =
                    new LinkedHashMap<>(Weir.servers(home).addresses());
            addresses.put("dataflow", addresses.get("dataflow") + "/dashboard");
            System.out.println(justStarted ? "Weir is ready." : "Weir is running already.");
            addresses.forEach((name, address) -> System.out.printf("  %-12s %s%n", name, address));
            boolean usual = home.equals(new Weir.Where().home());
            String option = usual ? "" : " --home '" + home.root() + "'";
            FirstSteps.takePassword(home).ifPresent(password -> System.out.printf("""

                    Sign in to the console as admin with the password %s
                    It is shown this once, and changed at the first sign-in; a lost one: ./weir users reset-password admin%s
                    """, password, option));
            System.out.printf("""

                    Send an event, then look at it:
                      curl -H 'X-Api-Key: %s' -d '{"type":"log","message":"hello"}' http://127.0.0.1:%d/v1/events
                      ./weir sql%s "SELECT timestamp, type, message FROM weir.events ORDER BY received_at DESC LIMIT 5"

                    Stop with ./weir down%s; the data stays.
                    """, key, ports.ingest(), option, option);
        }
    }
}
