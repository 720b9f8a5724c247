package io.weir.local;

import io.weir.local.clickhouse.ClickHouseUnavailableException;
import io.weir.metadata.key.ApiKeyExistsException;
import io.weir.metadata.tenant.NameTakenException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
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
        synopsisSubcommandLabel = "COMMAND",
        footer = "Every command knows --home DIR and --port-base N: see COMMAND --help.")
public final class Weir {

    /** What every command knows. */
    static final class Where {

        @Option(
                names = "--home",
                paramLabel = "DIR",
                description = "The platform's folder. Variable WEIR_HOME, else .weir beside the weir script.")
        @Nullable
        Path path;

        @Option(
                names = "--port-base",
                paramLabel = "N",
                description =
                        "For up: listen on N, N+1, ... instead of the usual ports, 0 for the usual ones again; remembered in the"
                                + " home.")
        @Nullable
        Integer portBase;

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
                throw new Failure("the platform in " + home.root() + " is not running: start it with ./weir up"
                        + (path == null ? "" : " --home '" + path + "'"));
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
        line.addSubcommand(new UpCommand());
        line.addSubcommand(new Status());
        line.addSubcommand(new Logs());
        line.addSubcommand(new Down());
        line.addSubcommand(new Reset());
        line.addSubcommand(new KeysCommand());
        line.addSubcommand(new UsersCommand());
        line.addSubcommand(new TokensCommand());
        line.addSubcommand(new AuditCommand());
        line.addSubcommand(new SqlCommand());
        line.addSubcommand(new EmulateCommand());
        line.addSubcommand(new TaskCommands());
        line.addSubcommand(new MailCommand());
        line.addSubcommand(new RulesCommand());
        line.addSubcommand(new AlertsCommand());
        line.addSubcommand(new SilencesCommand());
        line.addSubcommand(new ChannelsCommand());
        line.addSubcommand(new Benchmarks());
        line.addSubcommand(new FaultRun());
        line.registerConverter(UUID.class, Weir::id);
        line.registerConverter(Instant.class, Weir::time);
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

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new CommandLine.TypeConversionException(
                    "'" + text + "' is not a time in UTC such as 2027-01-01T00:00:00Z");
        }
    }

    static Servers servers(Home home) {
        return new Servers(home, home.ports(null), Installation.current());
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
}
