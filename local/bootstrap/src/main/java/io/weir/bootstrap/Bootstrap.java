package io.weir.bootstrap;

import io.weir.bootstrap.script.Script;
import io.weir.bootstrap.script.ScriptException;
import io.weir.bootstrap.server.Credentials;
import io.weir.bootstrap.server.DataFlow;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command line: runs a Data Flow shell script against a server.
 *
 * <p>Exit codes: 0 the server is as the script says; 1 a command failed or a stream did not come to run; 2 the options, the
 * script or a file are wrong, and nothing was done.
 */
@Command(
        name = "weir-bootstrap",
        sortOptions = false,
        description = "Runs a script in the Data Flow shell's language against a Data Flow server. Running it again"
                + " changes nothing; what changed in the script, the apps or the properties is upgraded.",
        footer = {
            "",
            "Exit codes: 0 the server is as the script says; 1 a command failed or a stream does not run;",
            "2 options, script or files are wrong, and nothing was done."
        })
public final class Bootstrap implements Callable<Integer> {

    @Parameters(paramLabel = "SCRIPT", description = "The script, such as scdf-streams.dsl.")
    private Path script = Path.of("scdf-streams.dsl");

    @Option(
            names = "--server",
            paramLabel = "URI",
            defaultValue = "${env:WEIR_DATAFLOW_URI:-http://127.0.0.1:9393}",
            description = "Data Flow server. Variable WEIR_DATAFLOW_URI, else http://127.0.0.1:9393.")
    private URI server = URI.create("http://127.0.0.1:9393");

    @Option(
            names = "--apps",
            paramLabel = "FILE",
            description = "Apps to register first: <type>.<name>=<uri>, .metadata, .bootVersion.")
    private @Nullable String apps;

    @Option(
            names = "--properties",
            paramLabel = "FILE",
            description = "Deployment properties of this platform: <stream or *>.<property>=<value>.")
    private @Nullable Path properties;

    @Option(
            names = "--schedules",
            paramLabel = "FILE",
            description = "Where to write the schedules if the server has no scheduler. With it, tasks whose app is not"
                    + " registered are left out.")
    private @Nullable Path schedules;

    @Option(
            names = "--username",
            paramLabel = "NAME",
            defaultValue = "${env:WEIR_DATAFLOW_USERNAME}",
            description = "For HTTP Basic; the password comes from the variable WEIR_DATAFLOW_PASSWORD. An access token"
                    + " comes from WEIR_DATAFLOW_TOKEN.")
    private @Nullable String username;

    @Option(
            names = "--wait-for-server",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait for the server to answer (default ${DEFAULT-VALUE}).")
    private int waitForServer;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long a stream may take to run (default ${DEFAULT-VALUE}).")
    private int timeout;

    @Option(names = "--check", description = "Only read the script and the files; contact no server.")
    private boolean check;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    private Bootstrap() {}

    /** Runs and exits with the code. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** As {@link #main}, but returns the exit code. */
    static int run(String... args) {
        return new CommandLine(new Bootstrap()).execute(args);
    }

    @Override
    public Integer call() {
        Script commands;
        PlatformProperties platform;
        try {
            commands = Script.parse(Files.readString(script));
            platform = properties == null ? PlatformProperties.NONE : PlatformProperties.read(properties);
            if (apps != null) {
                AppsFile.read(apps);
            }
        } catch (ScriptException e) {
            return fail(2, script + ", " + e.getMessage());
        } catch (IOException e) {
            return fail(2, "a file cannot be read: " + e.getMessage());
        } catch (BootstrapException e) {
            return fail(2, e.getMessage());
        }
        if (check) {
            return 0;
        }
        try {
            DataFlow dataFlow = new DataFlow(server, credentials());
            awaitServer(dataFlow);
            ScriptRun run = new ScriptRun(
                    dataFlow,
                    platform,
                    Duration.ofSeconds(timeout),
                    System.out::println,
                    schedules == null ? null : new SchedulesFile(schedules));
            if (apps != null) {
                run.registerApps(apps);
            }
            run.run(commands);
            return 0;
        } catch (BootstrapException e) {
            return fail(1, script + ": " + e.getMessage());
        }
    }

    private void awaitServer(DataFlow dataFlow) {
        ScriptRun.await(
                dataFlow::answers,
                Duration.ofSeconds(waitForServer),
                "no Data Flow server answers at " + server + " after " + waitForServer + " s");
    }

    private Credentials credentials() {
        String token = System.getenv("WEIR_DATAFLOW_TOKEN");
        if (token != null && !token.isBlank()) {
            return Credentials.token(token);
        }
        String password = System.getenv("WEIR_DATAFLOW_PASSWORD");
        return username == null || username.isBlank()
                ? Credentials.NONE
                : Credentials.basic(username, password == null ? "" : password);
    }

    private static int fail(int code, @Nullable String problem) {
        System.err.println("weir-bootstrap: " + problem);
        return code;
    }
}
