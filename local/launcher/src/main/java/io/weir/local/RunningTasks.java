package io.weir.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** The task runs that Data Flow has launched. One that it launches as it ends, it leaves behind. */
final class RunningTasks {

    private static final String MARK = "--spring.cloud.task.executionid=";

    private RunningTasks() {}

    /** Asks the runs of the home that are still going on to end, and makes those end that take longer than the grace. */
    static void end(Home home, Duration grace) {
        List<ProcessHandle> asked = left(home);
        asked.forEach(ProcessHandle::destroy);
        try {
            ends(asked).get(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // Those are made to end now.
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // an end never fails
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // A script that was asked may have started its program meanwhile.
        for (List<ProcessHandle> left = left(home); !left.isEmpty(); left = left(home)) {
            left.forEach(ProcessHandle::destroyForcibly);
            ends(left).join();
        }
    }

    private static CompletableFuture<Void> ends(List<ProcessHandle> processes) {
        return CompletableFuture.allOf(
                processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
    }

    private static List<ProcessHandle> left(Home home) {
        Path folder = home.data("tasks").toAbsolutePath();
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(process -> isRun(process.pid(), folder)).toList();
        }
    }

    /** Works in the folder of runs, and is a run: a user's shell may stand there too. */
    private static boolean isRun(long pid, Path folder) {
        Path process = Path.of("/proc", Long.toString(pid));
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).startsWith(folder.toRealPath())
                    && Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                            .contains(MARK);
        } catch (IOException e) {
            return false; // it has ended meanwhile, or is another user's
        }
    }
}
