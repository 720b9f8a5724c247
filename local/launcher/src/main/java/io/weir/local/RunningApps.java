package io.weir.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The apps that Skipper runs, as the script that runs them notes them down. */
final class RunningApps {

    /**
     * An app.
     *
     * @param name stream and label, such as {@code events.source-http}
     * @param pid of the app's Java process
     */
    record App(String name, long pid, int restarts, long runner) {

        boolean isAlive() {
            return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
        }

        /** Whether the script that runs it is there. */
        boolean isSupervised() {
            return ProcessHandle.of(runner).map(ProcessHandle::isAlive).orElse(false);
        }
    }

    private RunningApps() {}

    static List<App> list(Home home) {
        List<App> apps = new ArrayList<>();
        try (Stream<Path> files = Files.list(home.root().resolve("run"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".app")).toList()) {
                String[] words;
                try {
                    words = Files.readString(file).strip().split(" ");
                } catch (NoSuchFileException e) {
                    continue; // the app has ended meanwhile
                }
                String name = file.getFileName().toString().replaceFirst("\\.app$", "");
                if (words.length == 3) {
                    apps.add(new App(
                            name, Long.parseLong(words[0]), Integer.parseInt(words[1]), Long.parseLong(words[2])));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        apps.sort(Comparator.comparing(App::name));
        return apps;
    }

    /** Ends those that are still there: a Skipper that was killed leaves its apps behind. */
    static void end(Home home) {
        if (!home.exists()) {
            return;
        }
        for (App app : list(home)) {
            for (long pid : new long[] {app.runner(), app.pid()}) {
                owned(home, pid).ifPresent(process -> {
                    process.destroyForcibly();
                    try {
                        process.onExit().get(10, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (Exception e) {
                        throw new Failure(app.name() + " (process " + pid + ") does not end; end it by hand", e);
                    }
                });
            }
            try {
                Files.deleteIfExists(home.run(app.name() + ".app"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Numbers are used again: only a process that works in this home is meant. */
    private static Optional<ProcessHandle> owned(Home home, long pid) {
        try {
            Path folder = Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd"));
            return folder.startsWith(home.root().toRealPath()) ? ProcessHandle.of(pid) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
