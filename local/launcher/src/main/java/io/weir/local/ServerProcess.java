package io.weir.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One server as a child process: started, watched, started again when it dies, stopped. */
final class ServerProcess {

    private static final long LARGEST_LOG = 20L << 20;

    private final String name;
    private final Home home;
    private final List<String> command;
    private final Map<String, String> environment;
    private final BooleanSupplier ready;
    private final Duration patience;
    private @Nullable Process process;
    private int restarts;
    private Instant startedAt = Instant.EPOCH;
    private Duration delay = Duration.ZERO;

    ServerProcess(
            String name,
            Home home,
            List<String> command,
            Map<String, String> environment,
            Duration patience,
            BooleanSupplier ready) {
        this.name = name;
        this.home = home;
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
        this.patience = patience;
        this.ready = ready;
    }

    String name() {
        return name;
    }

    synchronized int restarts() {
        return restarts;
    }

    synchronized long pid() {
        return process == null ? -1 : process.pid();
    }

    synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    boolean isReady() {
        return isAlive() && ready.getAsBoolean();
    }

    synchronized void start() {
        try {
            Path log = home.log(name);
            if (Files.exists(log) && Files.size(log) > LARGEST_LOG) {
                Files.move(log, log.resolveSibling(name + ".log.1"), StandardCopyOption.REPLACE_EXISTING);
            }
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(home.root().toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment);
            Process started = builder.start();
            process = started;
            startedAt = Instant.now();
            Leftovers.note(home, name, started.toHandle());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the server answers. */
    void awaitReady() throws InterruptedException {
        Instant deadline = Instant.now().plus(patience);
        while (!ready.getAsBoolean()) {
            if (!isAlive()) {
                throw new Failure(name + " ended while it started; see " + home.log(name));
            }
            if (Instant.now().isAfter(deadline)) {
                throw new Failure(
                        name + " did not answer within " + patience.toSeconds() + " s; see " + home.log(name));
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** Starts the server again if it has died, at once the first time, then less and less often. Returns whether it did. */
    synchronized boolean restartIfDead() {
        if (isAlive()) {
            if (Duration.between(startedAt, Instant.now()).toSeconds() > 60) {
                delay = Duration.ZERO;
            }
            return false;
        }
        if (Instant.now().isBefore(startedAt.plus(delay))) {
            return false;
        }
        delay = delay.isZero()
                ? Duration.ofSeconds(1)
                : delay.multipliedBy(2).compareTo(Duration.ofSeconds(30)) > 0
                        ? Duration.ofSeconds(30)
                        : delay.multipliedBy(2);
        restarts++;
        start();
        return true;
    }

    /** Asks the server to end, and makes it end if it takes too long. */
    void stop(Duration grace) {
        Process running;
        synchronized (this) {
            running = process;
            process = null;
        }
        if (running == null) {
            return;
        }
        running.destroy();
        try {
            if (!running.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                running.descendants().forEach(ProcessHandle::destroyForcibly);
                running.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Leftovers.forget(home, name);
    }
}
