package io.weir.bench.platform;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which platform a run uses. A run that starts one gives it a home and ports of its own. */
public final class PlatformOptions {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final String name;

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description =
                    "Home of the platform. One that runs there is used and left running; otherwise one is started and"
                            + " stopped (default: a new one below .weir/).")
    private @Nullable Path home;

    @Option(
            names = "--port-base",
            paramLabel = "N",
            description = "Ports of the platform that is started (default: 21000).")
    private int portBase = 21000;

    /** @param name of the run; part of the name of a home of its own */
    public PlatformOptions(String name) {
        this.name = name;
    }

    /** The platform, running or not. */
    public Platform platform() {
        Path script = Platform.findScript();
        Path chosen = home;
        if (chosen == null) {
            Path checkout = script.toAbsolutePath().getParent();
            chosen = (checkout == null ? Path.of("") : checkout)
                    .resolve(".weir")
                    .resolve(name + "-" + System.currentTimeMillis() / 1000);
        }
        return new Platform(script, chosen.toAbsolutePath(), portBase);
    }

    /** @return whether it had to be started */
    public boolean ensureUp(Platform platform, PrintStream out) throws IOException {
        if (Files.isDirectory(platform.home())) {
            Platform.Status status = platform.status();
            if (status != null && status.ready()) {
                return false;
            }
        }
        out.println("Starting a platform in " + platform.home());
        platform.up();
        return true;
    }

    /** The state, once all is ready. */
    public Platform.Status ready(Platform platform) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Platform.Status status = platform.status();
            if (status != null && status.ready()) {
                return status;
            }
            if (System.nanoTime() > deadline) {
                throw new IOException("The platform was not ready within five minutes: " + status);
            }
            Thread.sleep(1000);
        }
    }

    /** Its ClickHouse, with the account that may do everything. */
    public ClickHouse clickhouse(Platform platform, Platform.Status status) throws IOException {
        return new ClickHouse(status.address("clickhouse"), "weir_admin", platform.secret("clickhouse.admin"));
    }
}
