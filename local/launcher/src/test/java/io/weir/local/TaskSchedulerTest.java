package io.weir.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskSchedulerTest {

    /** Stands still until it is moved. */
    private static final class Hand extends Clock {
        private Instant now = Instant.parse("2026-03-28T10:00:30Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @TempDir
    private Path folder;

    private final Hand hand = new Hand();
    private final List<String> launched = new ArrayList<>();
    private boolean running;
    private boolean refusing;

    private TaskScheduler scheduler() {
        return new TaskScheduler(
                folder.resolve("served.properties"),
                new TaskScheduler.Launcher() {
                    @Override
                    public boolean isRunning(String task) {
                        return running;
                    }

                    @Override
                    public void launch(String task, List<String> arguments) throws IOException {
                        if (refusing) {
                            throw new IOException("Data Flow is away");
                        }
                        launched.add(hand.now + " " + task + arguments);
                    }
                },
                hand);
    }

    private final List<Schedule> eachMinute = List.of(Schedule.of("s", "scan", "* * * * *", "UTC", "a=1 b=2"));

    private void at(TaskScheduler scheduler, String time) throws IOException {
        hand.now = Instant.parse(time);
        scheduler.tick(eachMinute);
    }

    @Test
    void launchesOnceAtEachTimeAndNotWhenFirstSeen() throws IOException {
        TaskScheduler scheduler = scheduler();
        at(scheduler, "2026-03-28T10:00:30Z");
        at(scheduler, "2026-03-28T10:00:59Z");
        at(scheduler, "2026-03-28T10:01:00Z");
        at(scheduler, "2026-03-28T10:01:01Z");
        at(scheduler, "2026-03-28T10:02:00Z");
        assertThat(launched)
                .containsExactly("2026-03-28T10:01:00Z scan[a=1, b=2]", "2026-03-28T10:02:00Z scan[a=1, b=2]");
    }

    @Test
    void makesUpForAnOutageWithOneRun() throws IOException {
        at(scheduler(), "2026-03-28T10:00:30Z");
        TaskScheduler later = scheduler();
        at(later, "2026-03-28T17:44:10Z");
        at(later, "2026-03-28T17:44:11Z");
        at(later, "2026-03-28T17:45:00Z");
        assertThat(launched)
                .containsExactly("2026-03-28T17:44:10Z scan[a=1, b=2]", "2026-03-28T17:45:00Z scan[a=1, b=2]");
    }

    @Test
    void waitsForTheRunThatIsGoingOn() throws IOException {
        TaskScheduler scheduler = scheduler();
        at(scheduler, "2026-03-28T10:00:30Z");
        running = true;
        at(scheduler, "2026-03-28T10:01:00Z");
        at(scheduler, "2026-03-28T10:03:30Z");
        assertThat(launched).isEmpty();
        running = false;
        at(scheduler, "2026-03-28T10:03:40Z");
        at(scheduler, "2026-03-28T10:03:41Z");
        assertThat(launched).containsExactly("2026-03-28T10:03:40Z scan[a=1, b=2]");
    }

    @Test
    void aLaunchThatFailedIsTriedAgain() throws IOException {
        TaskScheduler scheduler = scheduler();
        at(scheduler, "2026-03-28T10:00:30Z");
        refusing = true;
        assertThatThrownBy(() -> at(scheduler, "2026-03-28T10:01:00Z")).isInstanceOf(IOException.class);
        refusing = false;
        at(scheduler, "2026-03-28T10:01:05Z");
        assertThat(launched).containsExactly("2026-03-28T10:01:05Z scan[a=1, b=2]");
    }

    @Test
    void timesAreMeantInTheScheduleZoneOverTheChangeOfClocks() {
        Schedule nightly = Schedule.of("n", "purge", "30 2 * * *", "Europe/Berlin", "");
        assertThat(nightly.next(Instant.parse("2026-03-27T12:00:00Z"))).isEqualTo("2026-03-28T01:30:00Z");
        // On 29 March there is no 02:30 in Berlin.
        assertThat(nightly.next(Instant.parse("2026-03-28T02:00:00Z"))).isEqualTo("2026-03-30T00:30:00Z");
    }

    @Test
    void aScheduleThatCannotBeLaunchedHoldsUpNoOther() throws IOException {
        TaskScheduler scheduler = new TaskScheduler(
                folder.resolve("served.properties"),
                new TaskScheduler.Launcher() {
                    @Override
                    public boolean isRunning(String task) throws IOException {
                        if (task.equals("gone")) {
                            throw new IOException("no such task");
                        }
                        return false;
                    }

                    @Override
                    public void launch(String task, List<String> arguments) {
                        launched.add(task);
                    }
                },
                hand);
        List<Schedule> schedules = List.of(
                Schedule.of("a", "gone", "* * * * *", "UTC", ""), Schedule.of("b", "scan", "* * * * *", "UTC", ""));
        scheduler.tick(schedules);
        hand.now = Instant.parse("2026-03-28T10:01:00Z");
        assertThatThrownBy(() -> scheduler.tick(schedules)).hasMessageContaining("a: no such task");
        assertThat(launched).containsExactly("scan");
    }

    @Test
    void aRunThatNeverBeganItsJobCountsAsGoneAfterTenMinutes() {
        Instant now = Instant.parse("2026-03-28T10:10:30Z");
        assertThat(run("2026-03-28T10:00:31.000+0000", List.of()).isGoingOn(now))
                .isTrue();
        assertThat(run("2026-03-28T10:00:29.000+0000", List.of()).isGoingOn(now))
                .isFalse();
        assertThat(run("2026-03-28T09:00:00.000+0000", List.of(7L)).isGoingOn(now))
                .isTrue();
        assertThat(run(null, List.of()).isGoingOn(now)).isFalse();
    }

    private static Tasks.Run run(@Nullable String start, List<Long> jobs) {
        return new Tasks.Run(1, "scan", "RUNNING", start, null, null, "", jobs);
    }
}
