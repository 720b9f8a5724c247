package io.weir.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir emulate}. */
@Command(
        name = "emulate",
        description =
                "Sends a realistic load to the running platform, by its own key or that of WEIR_API_KEY. All options: ./weir emulate --help")
final class EmulateCommand implements Callable<Integer> {

    @Option(names = "--home", paramLabel = "DIR", description = "The platform's folder.")
    private @Nullable Path path;

    @Option(names = "--port-base", hidden = true, description = "As for the other commands; the home knows it.")
    private @Nullable Integer portBase;

    @CommandLine.Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Installation.java(), "-cp", Installation.current().launcherClasspath(), "io.weir.emulator.Emulator"));
        if (!arguments.contains("--help") && !arguments.contains("-h")) {
            Weir.Where where = new Weir.Where();
            where.path = path;
            Home home = where.running();
            if (!isGiven("--ingest")) {
                command.addAll(List.of(
                        "--ingest", "http://127.0.0.1:" + home.ports(null).ingest()));
            }
            if (!isGiven("--key")
                    && System.getenv().getOrDefault("WEIR_API_KEY", "").isEmpty()) {
                command.addAll(List.of("--key", FirstSteps.key(home, Weir.servers(home))));
            }
        }
        command.addAll(arguments);
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private boolean isGiven(String option) {
        return arguments.stream().anyMatch(argument -> argument.equals(option) || argument.startsWith(option + "="));
    }
}
