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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

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

    private static final Duration FIRST_TRIM = Duration.ofMinutes(10);
    private static final Duration TRIM_INTERVAL = Duration.ofHours(6);

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

    /** Ticks every second, and trims runs older than so many days now and then, for as long as the process lives. */
    void start(Home home, Tasks tasks, int keptDays) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "schedules");
            thread.setDaemon(true);
            return thread;
        });
        Runnable ticks = reporting(() -> tick(Schedule.read(home)));
        Runnable trims = reporting(() -> tasks.trim(keptDays));
        executor.scheduleWithFixedDelay(ticks, 1, 1, TimeUnit.SECONDS);
        executor.scheduleWithFixedDelay(trims, FIRST_TRIM.toSeconds(), TRIM_INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    private interface Work {
        void run() throws IOException;
    }

    /** What fails is tried again at its next time. Said is each failure once, until another comes or all is well. */
    private Runnable reporting(Work work) {
        AtomicReference<String> said = new AtomicReference<>("");
        return () -> {
            try {
                work.run();
                said.set("");
            } catch (Throwable e) {
                // Whatever it is: an executor would never call again, and say nothing.
                if (!said.getAndSet(e.toString()).equals(e.toString())) {
                    System.out.println(clock.instant() + " scheduled tasks wait: " + e);
                }
            }
        };
    }
}
