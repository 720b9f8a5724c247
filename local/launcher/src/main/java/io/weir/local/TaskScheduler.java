package io.weir.local;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/**
 * Launches tasks on their schedules. A task of which a run is going on is not launched; it is once that run has ended. However
 * many times were missed, whether by that or because the platform was down, one run makes up for them all.
 */
final class TaskScheduler {

    /** What the scheduler needs of Data Flow. */
    interface Launcher {
        /** Whether a run of the task is going on. */
        boolean isRunning(String task) throws IOException;

        void launch(String task, List<String> arguments) throws IOException;
    }

    private final Path file;
    private final Launcher launcher;
    private final Clock clock;

    /** @param file remembers when each schedule was last served */
    TaskScheduler(Path file, Launcher launcher, Clock clock) {
        this.file = file;
        this.launcher = launcher;
        this.clock = clock;
    }

    /** By Data Flow's REST API. */
    static Launcher through(Tasks tasks) {
        return new Launcher() {
            @Override
            public boolean isRunning(String task) throws IOException {
                Instant now = Instant.now();
                return tasks.runs(task, 20).stream().anyMatch(run -> run.isGoingOn(now));
            }

            @Override
            public void launch(String task, List<String> arguments) throws IOException {
                tasks.launch(task, arguments);
            }
        };
    }

    /**
     * Launches what is due; to be called every second or so.
     *
     * @throws IOException if one of them could not be launched; the others were
     */
    void tick(List<Schedule> schedules) throws IOException {
        Properties served = Home.read(file);
        boolean changed = false;
        Set<String> launched = new HashSet<>();
        Instant now = clock.instant();
        IOException failure = null;
        for (Schedule schedule : schedules) {
            String last = served.getProperty(schedule.name());
            if (last == null) {
                served.setProperty(schedule.name(), now.toString());
                changed = true;
            } else if (!schedule.next(Instant.parse(last)).isAfter(now) && !launched.contains(schedule.task())) {
                try {
                    if (!launcher.isRunning(schedule.task())) {
                        launcher.launch(schedule.task(), schedule.arguments());
                        launched.add(schedule.task());
                        served.setProperty(schedule.name(), now.toString());
                        Home.write(file, served);
                    }
                } catch (IOException | RuntimeException e) {
                    failure = new IOException(schedule.name() + ": " + e.getMessage(), e);
                }
            }
        }
        if (changed) {
            Home.write(file, served);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Runs until interrupted; an error is said and tried again, less often. */
    void run(Home home, Tasks tasks, int keptDays) throws InterruptedException {
        Instant nextTrim = clock.instant().plus(Duration.ofMinutes(10));
        while (true) {
            Thread.sleep(1000);
            try {
                tick(Schedule.read(home));
                if (clock.instant().isAfter(nextTrim)) {
                    nextTrim = clock.instant().plus(Duration.ofHours(6));
                    tasks.trim(keptDays);
                }
            } catch (IOException | RuntimeException e) {
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                System.out.println(clock.instant() + " scheduled tasks wait: " + e);
                Thread.sleep(5000);
            }
        }
    }
}
