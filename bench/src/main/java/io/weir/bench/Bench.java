package io.weir.bench;

import io.weir.bench.fault.FaultRun;
import io.weir.local.clickhouse.ClickHouseUnavailableException;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands of this module: {@code bench} and {@code fault-run}. */
@Command(
        name = "weir",
        description = "Benchmarks and fault runs.",
        subcommands = {BenchCommand.class, FaultRun.class, CommandLine.HelpCommand.class})
public final class Bench {

    private Bench() {}

    public static void main(String[] arguments) {
        // An interrupted run leaves no server behind. A platform is not among these: it outlives the command that
        // starts it.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly)));
        System.exit(new CommandLine(new Bench())
                .setExecutionExceptionHandler((thrown, command, parsed) -> {
                    Throwable e = thrown instanceof ExecutionException && thrown.getCause() != null
                            ? thrown.getCause()
                            : thrown;
                    if (e instanceof IOException || e instanceof ClickHouseUnavailableException) {
                        System.err.println("weir: " + e.getMessage());
                        return 1;
                    }
                    throw thrown;
                })
                .execute(arguments));
    }
}
