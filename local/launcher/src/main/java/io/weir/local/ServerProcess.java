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
    private boolean stopped;
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

    /** Starts the server, unless it has been stopped: what is about to start it may not know yet. */
    synchronized void start() {
        if (stopped) {
            return;
        }
        // Whether it succeeds or not: the next time is counted from here.
        startedAt = Instant.now();
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
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            Leftovers.note(home, name, process.toHandle());
        } catch (UncheckedIOException e) {
            // It runs all the same.
            System.out.println(Instant.now() + " " + name + " is not on record: " + e);
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
        if (stopped || Instant.now().isBefore(startedAt.plus(delay))) {
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

    /**
     * Ends the server and starts it anew. Who stops it meanwhile stops the new one. One that cannot be ended is not started beside itself, but
     * when it has died.
     */
    synchronized void restart(Duration grace) {
        if (process == null || end(process, grace)) {
            start();
        }
    }

    /** Asks the server to end, and makes it end if it takes too long; it is not started again. */
    synchronized void stop(Duration grace) {
        stopped = true;
        // One that cannot be ended stays on record: it is in the way of the next.
        if (process != null && end(process, grace)) {
            process = null;
            Leftovers.forget(home, name);
        }
    }

    /** Returns whether it has ended. An interrupt waits: a server that still listens is in the way of the next. */
    private static boolean end(Process running, Duration grace) {
        running.destroy();
        if (hasEnded(running, grace)) {
            return true;
        }
        running.descendants().forEach(ProcessHandle::destroyForcibly);
        running.destroyForcibly();
        return hasEnded(running, Duration.ofSeconds(10));
    }

    private static boolean hasEnded(Process running, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return running.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
