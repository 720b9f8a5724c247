package io.weir.local;

import io.weir.local.clickhouse.ClickHouseEngine;
import io.weir.local.clickhouse.ClickHouseUnavailableException;
import io.weir.metadata.key.ApiKey;
import io.weir.metadata.key.ApiKeyExistsException;
import io.weir.metadata.key.ApiKeyTerms;
import io.weir.metadata.tenant.NameTakenException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of the platform on one machine. Exit codes: 0 done, 1 it failed, 2 the command line is wrong. */
@Command(
        name = "weir",
        description = "Weir on one machine: PostgreSQL, Kafka, ClickHouse, Data Flow and the streams, without Docker.",
        subcommands = {CommandLine.HelpCommand.class},
        synopsisSubcommandLabel = "COMMAND")
public final class Weir {

    /** What every command knows. */
    static final class Where {

        @Option(
                names = "--home",
                paramLabel = "DIR",
                description = "The platform's folder. Variable WEIR_HOME, else .weir beside the weir script.")
        private @Nullable Path path;

        @Option(
                names = "--port-base",
                paramLabel = "N",
                description =
                        "For up: listen on N, N+1, ... instead of the usual ports, 0 for the usual ones again; remembered in the"
                                + " home.")
        private @Nullable Integer portBase;

        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "This text.")
        private boolean help;

        Home home() {
            String variable = System.getenv("WEIR_HOME");
            Path root = path != null
                    ? path
                    : variable != null && !variable.isEmpty()
                            ? Path.of(variable)
                            : Installation.current().root().resolve(".weir");
            return new Home(root.toAbsolutePath().normalize());
        }

        Home running() {
            Home home = home();
            if (!home.exists() || Leftovers.find(home, Supervisor.NAME).isEmpty()) {
                throw new Failure("the platform in " + home.root() + " is not running: start it with ./weir up");
            }
            return home;
        }
    }

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    private Weir() {}

    /** Runs a command and exits. */
    public static void main(String[] args) {
        CommandLine line = new CommandLine(new Weir());
        line.addSubcommand(new Up());
        line.addSubcommand(new Status());
        line.addSubcommand(new Logs());
        line.addSubcommand(new Down());
        line.addSubcommand(new Reset());
        line.addSubcommand(new Keys());
        line.addSubcommand(new UsersCommand());
        line.addSubcommand(new TokensCommand());
        line.addSubcommand(new AuditCommand());
        line.addSubcommand(new Sql());
        line.addSubcommand(new Emulate());
        line.addSubcommand(new TaskCommands());
        line.addSubcommand(new MailCommand());
        line.addSubcommand(new RulesCommand());
        line.addSubcommand(new AlertsCommand());
        line.addSubcommand(new SilencesCommand());
        line.addSubcommand(new ChannelsCommand());
        line.addSubcommand(new Benchmarks());
        line.addSubcommand(new FaultRun());
        line.registerConverter(UUID.class, Weir::id);
        line.setExecutionExceptionHandler((e, command, result) -> {
            if (e instanceof Failure
                    || e instanceof IllegalArgumentException
                    || e instanceof ApiKeyExistsException
                    || e instanceof NameTakenException
                    || e instanceof ClickHouseUnavailableException
                    || e instanceof DataAccessException
                    || e instanceof IOException) {
                System.err.println("weir: " + e.getMessage());
            } else {
                e.printStackTrace();
            }
            return 1;
        });
        System.exit(line.execute(args));
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.TypeConversionException("'" + text + "' is not an id");
        }
    }

    private static Servers servers(Home home) {
        return new Servers(home, home.ports(null), Installation.current());
    }

    @Command(name = "up", description = "Starts everything, waits until it is ready, and says where it is.")
    static final class Up implements java.util.concurrent.Callable<Integer> {

        @Mixin
        private Where where = new Where();

        @Option(
                names = "--kafka",
                paramLabel = "HOST:PORT",
                description =
                        "Use this Kafka instead of an own one, 'own' for an own one again; remembered in the home.")
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
            boolean running =
                    home.exists() && Leftovers.find(home, Supervisor.NAME).isPresent();
            boolean others = kafka != null || clickhouse != null || postgresql != null;
            if (running && others) {
                throw new Failure("the platform in " + home.root() + " is running: ./weir down first");
            }
            if (running && where.portBase != null && !home.ports(null).equals(Ports.of(where.portBase))) {
                throw new Failure("the platform in " + home.root() + " is running on other ports: ./weir down first");
            }
            if (!running) {
                home.create();
                try (FileChannel lock = FileChannel.open(
                                home.run("up.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
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
                            Installation.current()
                                    .copyLauncher(home.data("jars").resolve("launcher")),
                            Supervisor.class.getName(),
                            home.root().toString())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
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
    }

    @Command(name = "status", description = "Says what is running.")
    static final class Status implements java.util.concurrent.Callable<Integer> {

        @Mixin
        private Where where = new Where();

        @Option(names = "--json", description = "For programs.")
        private boolean json;

        @Override
        public Integer call() {
            Home home = where.home();
            PlatformStatus status = PlatformStatus.of(home);
            System.out.print(json ? status.toJson() + "\n" : status.toText());
            return 0;
        }
    }

    @Command(name = "logs", description = "Shows the logs: of one process, or the names of all.")
    static final class Logs implements java.util.concurrent.Callable<Integer> {

        @Mixin
        private Where where = new Where();

        @Parameters(
                arity = "0..1",
                paramLabel = "NAME",
                description = "As in ./weir status, such as kafka or events.source-http.")
        private @Nullable String name;

        @Option(
                names = {"-f", "--follow"},
                description = "Go on showing what is written.")
        private boolean follow;

        @Option(
                names = "-n",
                paramLabel = "LINES",
                defaultValue = "200",
                description = "How many lines from the end (default ${DEFAULT-VALUE}).")
        private int lines;

        @Override
        public Integer call() throws Exception {
            Home home = where.home();
            Map<String, Path> logs = LogFiles.find(home);
            if (name == null) {
                logs.forEach((log, path) -> System.out.printf("%-32s %s%n", log, path));
                return 0;
            }
            Path log = logs.get(name);
            if (log == null) {
                throw new Failure("there is no log of '" + name + "'; there are: " + String.join(", ", logs.keySet()));
            }
            List<String> command = new ArrayList<>(List.of("tail", "-n", Integer.toString(lines)));
            if (follow) {
                command.add("-F");
            }
            command.add(log.toString());
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        }
    }

    @Command(name = "down", description = "Stops everything; the data stays.")
    static final class Down implements java.util.concurrent.Callable<Integer> {

        @Mixin
        private Where where = new Where();

        @Override
        public Integer call() throws Exception {
            Home home = where.home();
            System.out.println(stop(home) ? "Stopped; the data stays in " + home.root() : "Nothing was running");
            return 0;
        }

        static boolean stop(Home home) throws InterruptedException {
            if (!home.exists()) {
                return false;
            }
            boolean running = false;
            var supervisor = Leftovers.find(home, Supervisor.NAME);
            if (supervisor.isPresent()) {
                running = true;
                supervisor.get().destroy();
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
                while (supervisor.get().isAlive() && System.nanoTime() < deadline) {
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            }
            running |= Leftovers.end(home) > 0;
            RunningApps.end(home);
            RunningTasks.end(home, Duration.ZERO);
            return running;
        }
    }

    @Command(name = "reset", description = "Stops everything and deletes the data.")
    static final class Reset implements java.util.concurrent.Callable<Integer> {

        @Mixin
        private Where where = new Where();

        @Option(names = "--yes", description = "Do not ask.")
        private boolean yes;

        @Override
        public Integer call() throws Exception {
            Home home = where.home();
            if (!home.exists()) {
                System.out.println("There is no platform in " + home.root());
                return 0;
            }
            if (!yes) {
                if (System.console() == null) {
                    throw new Failure("this deletes all data in " + home.root() + ": say --yes if you mean it");
                }
                String answer = System.console().readLine("Delete all data in %s? Type yes: ", home.root());
                if (!"yes".equals(answer)) {
                    return 1;
                }
            }
            Down.stop(home);
            for (String folder : List.of("data", "config", "logs", "run")) {
                Home.deleteTree(home.root().resolve(folder));
            }
            System.out.println("Deleted all data in " + home.root());
            return 0;
        }
    }

    @Command(
            name = "keys",
            description = "Creates, lists and revokes the API keys of producers.",
            subcommands = {KeysCreate.class, KeysList.class, KeysRevoke.class},
            synopsisSubcommandLabel = "COMMAND")
    static final class Keys {

        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "This text.")
        private boolean help;
    }

    @Command(name = "create", description = "Creates a key and prints it, and nothing else, on standard output.")
    static final class KeysCreate implements java.util.concurrent.Callable<Integer> {

        @Mixin
        private Where where = new Where();

        @Option(names = "--tenant", required = true, description = "Whose events it sends.")
        private String tenant = "";

        @Option(names = "--name", required = true, description = "What it is called; the default source of its events.")
        private String name = "";

        @Option(
                names = "--network",
                paramLabel = "CIDR",
                description = "From where it may be used; can be given again.")
        private List<String> networks = new ArrayList<>();

        @Option(names = "--events-per-second", paramLabel = "N", description = "Its sustained rate.")
        private @Nullable Long eventsPerSecond;

        @Option(names = "--bytes-per-second", paramLabel = "N", description = "Its sustained rate of unpacked bytes.")
        private @Nullable Long bytesPerSecond;

        @Option(names = "--events-per-day", paramLabel = "N", description = "Its quota by UTC day.")
        private @Nullable Long eventsPerDay;

        @Option(names = "--bytes-per-day", paramLabel = "N", description = "Its quota by UTC day.")
        private @Nullable Long bytesPerDay;

        @Option(names = "--expires", paramLabel = "TIME", description = "When it ends, such as 2027-01-01T00:00:00Z.")
        private @Nullable Instant expires;

        @Override
        public Integer call() {
            ApiKeyTerms terms =
                    new ApiKeyTerms(networks, eventsPerSecond, bytesPerSecond, eventsPerDay, bytesPerDay, expires);
            try (Metadata metadata = Metadata.open(servers(where.running()))) {
                System.out.println(metadata.keys().create(tenant, name, terms));
            }
            return 0;
        }
    }

    @Command(name = "list", description = "Lists the keys; the keys themselves are stored nowhere.")
    static final class KeysList implements java.util.concurrent.Callable<Integer> {

        @Mixin
        private Where where = new Where();

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(servers(where.running()))) {
                for (ApiKey key : metadata.keys().list()) {
                    System.out.println(String.join(
                            "\t",
                            key.tenant(),
                            key.name(),
                            key.hint() + "...",
                            key.revokedAt() != null
                                    ? "revoked " + key.revokedAt()
                                    : key.isActive(Instant.now()) ? "active" : "expired " + key.expiresAt()));
                }
            }
            return 0;
        }
    }

    @Command(name = "revoke", description = "Revokes a key for good; it stops working within seconds.")
    static final class KeysRevoke implements java.util.concurrent.Callable<Integer> {

        @Mixin
        private Where where = new Where();

        @Option(names = "--tenant", required = true, description = "Whose key it is.")
        private String tenant = "";

        @Option(names = "--name", required = true, description = "What it is called.")
        private String name = "";

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(servers(where.running()))) {
                if (!metadata.keys().revoke(tenant, name)) {
                    throw new Failure("tenant '" + tenant + "' has no active key named '" + name + "'");
                }
            }
            FirstSteps.revoked(where.home(), tenant, name);
            return 0;
        }
    }

    @Command(
            name = "sql",
            description = "Runs a statement in ClickHouse and prints tab-separated rows; without one, asks for them.")
    static final class Sql implements java.util.concurrent.Callable<Integer> {

        @Mixin
        private Where where = new Where();

        @Option(
                names = "--format",
                defaultValue = "TabSeparated",
                description = "Any of ClickHouse's output formats (default ${DEFAULT-VALUE}).")
        private String format = "TabSeparated";

        @Parameters(arity = "0..1", paramLabel = "STATEMENT", description = "'-' reads it from standard input.")
        private @Nullable String statement;

        @Override
        public Integer call() throws IOException {
            ClickHouseSql sql = servers(where.running()).sql(Servers.DATABASE);
            if (statement != null) {
                String text = statement.equals("-")
                        ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                        : statement;
                try {
                    sql.query(text, format, System.out);
                } catch (java.net.ConnectException e) {
                    throw new Failure("ClickHouse does not answer at " + sql.uri() + "; see ./weir status");
                }
                return 0;
            }
            return prompt(sql);
        }

        /** Statements that end in a semicolon at a line's end, the last one also without; from a file the first error is the end. */
        private static int prompt(ClickHouseSql sql) throws IOException {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            boolean terminal = System.console() != null;
            StringBuilder statement = new StringBuilder();
            while (true) {
                if (terminal) {
                    System.out.print(statement.length() == 0 ? "weir> " : "   -> ");
                    System.out.flush();
                }
                String line = in.readLine();
                boolean over = line == null
                        || statement.length() == 0
                                && List.of("exit", "quit", "\\q").contains(line.strip());
                if (line != null && !over) {
                    statement.append(line).append('\n');
                    if (!line.stripTrailing().endsWith(";")) {
                        continue;
                    }
                }
                String text = statement.toString().strip();
                statement.setLength(0);
                if (!text.isEmpty()) {
                    try {
                        sql.query(
                                text.endsWith(";") ? text.substring(0, text.length() - 1) : text,
                                terminal ? "PrettyCompactMonoBlock" : "TabSeparated",
                                System.out);
                    } catch (Failure e) {
                        if (!terminal) {
                            throw e;
                        }
                        System.err.println(e.getMessage());
                    }
                }
                if (over) {
                    return 0;
                }
            }
        }
    }

    @Command(
            name = "emulate",
            description =
                    "Sends a realistic load to the running platform, by its own key or that of WEIR_API_KEY. All options: ./weir emulate --help")
    static final class Emulate implements java.util.concurrent.Callable<Integer> {

        @Option(names = "--home", paramLabel = "DIR", description = "The platform's folder.")
        private @Nullable Path path;

        @Option(names = "--port-base", hidden = true, description = "As for the other commands; the home knows it.")
        private @Nullable Integer portBase;

        @CommandLine.Unmatched
        private List<String> arguments = new ArrayList<>();

        @Override
        public Integer call() throws Exception {
            List<String> command = new ArrayList<>(List.of(
                    Installation.java(),
                    "-cp",
                    Installation.current().launcherClasspath(),
                    "io.weir.emulator.Emulator"));
            if (!arguments.contains("--help") && !arguments.contains("-h")) {
                Where where = new Where();
                where.path = path;
                Home home = where.running();
                if (!isGiven("--ingest")) {
                    command.addAll(List.of(
                            "--ingest", "http://127.0.0.1:" + home.ports(null).ingest()));
                }
                if (!isGiven("--key")
                        && System.getenv().getOrDefault("WEIR_API_KEY", "").isEmpty()) {
                    command.addAll(List.of("--key", FirstSteps.key(home, servers(home))));
                }
            }
            command.addAll(arguments);
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        }

        private boolean isGiven(String option) {
            return arguments.stream()
                    .anyMatch(argument -> argument.equals(option) || argument.startsWith(option + "="));
        }
    }

    @Command(
            name = "bench",
            description = "Measures source, sink and pipeline as ratios in one run. All options: ./weir bench --help")
    static final class Benchmarks implements java.util.concurrent.Callable<Integer> {

        @CommandLine.Unmatched
        private List<String> arguments = new ArrayList<>();

        @Override
        public Integer call() throws Exception {
            return run("bench", arguments);
        }

        static int run(String command, List<String> arguments) throws Exception {
            List<String> line = new ArrayList<>(List.of(
                    Installation.java(), "-jar", Installation.current().bench().toString(), command));
            line.addAll(arguments);
            return new ProcessBuilder(line).inheritIO().start().waitFor();
        }
    }

    @Command(
            name = "fault-run",
            description =
                    "Kills processes at random under load, then closes the books. All options: ./weir fault-run --help")
    static final class FaultRun implements java.util.concurrent.Callable<Integer> {

        @CommandLine.Unmatched
        private List<String> arguments = new ArrayList<>();

        @Override
        public Integer call() throws Exception {
            return Benchmarks.run("fault-run", arguments);
        }
    }

    /** What {@code up} says at its end. */
    private static final class Summary {

        static void print(Home home, Ports ports, boolean justStarted) {
            String key = FirstSteps.key(home, servers(home));
            Map<String, String> addresses = new LinkedHashMap<>(servers(home).addresses());
            addresses.put("dataflow", addresses.get("dataflow") + "/dashboard");
            System.out.println(justStarted ? "Weir is ready." : "Weir is running already.");
            addresses.forEach((name, address) -> System.out.printf("  %-12s %s%n", name, address));
            FirstSteps.takePassword(home).ifPresent(password -> System.out.printf("""

                    Sign in to the console as admin with the password %s
                    It is shown this once, and changed at the first sign-in; a lost one: ./weir users reset-password admin
                    """, password));
            boolean usual = home.equals(new Where().home());
            String option = usual ? "" : " --home '" + home.root() + "'";
            System.out.printf("""

                    Send an event, then look at it:
                      curl -H 'X-Api-Key: %s' -d '{"type":"log","message":"hello"}' http://127.0.0.1:%d/v1/events
                      ./weir sql%s "SELECT timestamp, type, message FROM weir.events ORDER BY received_at DESC LIMIT 5"

                    Stop with ./weir down%s; the data stays.
                    """, key, ports.ingest(), option, option);
        }
    }
}
