package io.weir.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The task runs that Data Flow has launched. One that it launches as it ends, it leaves behind. */
final class RunningTasks {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long LOOK_EVERY_NANOS = 20_000_000;
    private static final String MARK = "--spring.cloud.task.executionid=";

    private RunningTasks() {}

    /** Asks the runs of the home that are still going on to end, and makes those end that take longer than the grace. */
    static void end(Home home, Duration grace) {
        long asked = System.nanoTime();
        left(home).forEach(ProcessHandle::destroy);
        // Looked for again each time: a script that has been asked to end may start its program yet.
        for (List<ProcessHandle> left = left(home); !left.isEmpty(); left = left(home)) {
            Duration waited = Duration.ofNanos(System.nanoTime() - asked);
            if (waited.compareTo(grace.plus(PATIENCE)) > 0) {
                throw new Failure("process " + left.get(0).pid() + ", a run of a task, does not end; end it by hand");
            }
            if (waited.compareTo(grace) >= 0) {
                left.forEach(ProcessHandle::destroyForcibly);
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
    }

    private static List<ProcessHandle> left(Home home) {
        Path folder = home.data("tasks");
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
            return false; // it has ended, or is another user's
        }
    }
}
