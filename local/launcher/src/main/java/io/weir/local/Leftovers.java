package io.weir.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Which processes belong to a home, on disk, so that those that a crash left behind are found and ended. A process is known
 * by its number and the time it started: numbers are used again.
 */
final class Leftovers {

    private static final String SUFFIX = ".pid";

    private Leftovers() {}

    static void note(Home home, String name, ProcessHandle process) {
        Home.write(home.run(name + SUFFIX), process.pid() + " " + startOf(process) + "\n");
    }

    static void forget(Home home, String name) {
        try {
            Files.deleteIfExists(home.run(name + SUFFIX));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process by that name, if it is running. */
    static Optional<ProcessHandle> find(Home home, String name) {
        return read(home.run(name + SUFFIX));
    }

    /** Ends every process of the home that is still running; returns how many there were. */
    static int end(Home home) {
        if (!home.exists()) {
            return 0;
        }
        List<ProcessHandle> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(home.root().resolve("run"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(SUFFIX)).toList()) {
                read(file).ifPresent(process -> {
                    found.add(process);
                    process.descendants().forEach(found::add);
                });
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        found.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle process : found) {
            try {
                process.onExit().get(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                throw new Failure("process " + process.pid() + " of an earlier run does not end; end it by hand", e);
            }
        }
        return found.size();
    }

    private static Optional<ProcessHandle> read(Path file) {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            String[] words = Files.readString(file).strip().split(" ");
            return ProcessHandle.of(Long.parseLong(words[0]))
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> words.length > 1 && startOf(process).equals(words[1]));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static String startOf(ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(Instant::toEpochMilli)
                .map(String::valueOf)
                .orElse("?");
    }
}
