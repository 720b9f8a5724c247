package io.weir.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningTasksTest {

    private static final String RUN = "--spring.cloud.task.executionid=8";
    private static final String WAITS = "read line";
    private static final String WILL_NOT_END = "trap '' TERM; echo ready; read line; read line";

    @TempDir
    private Path folder;

    private Home home;
    private Path runs;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void aHomeWithRuns() throws IOException {
        home = new Home(folder.resolve("home"));
        home.create();
        runs = Files.createDirectories(home.data("tasks").resolve("alert-scan-1/alert-scan"));
    }

    @AfterEach
    void nothingIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void endsARunThatDataFlowLeftBehind() throws Exception {
        Process run = start(runs, WAITS, RUN);
        RunningTasks.end(home, Duration.ofMinutes(1));
        assertThat(run.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void makesARunEndThatDoesNotListen() throws Exception {
        Process run = start(runs, WILL_NOT_END, RUN);
        assertThat(run.inputReader().readLine()).isEqualTo("ready");
        RunningTasks.end(home, Duration.ofMillis(1));
        assertThat(run.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void leavesAShellThatStandsInTheFolderOfRuns() throws IOException {
        Process shell = start(runs, WAITS, "of a user");
        RunningTasks.end(home, Duration.ofMinutes(1));
        assertThat(shell.isAlive()).isTrue();
    }

    @Test
    void leavesTheRunsOfAnotherHome() throws IOException {
        Process other = start(Files.createDirectories(folder.resolve("other/data/tasks")), WAITS, RUN);
        RunningTasks.end(home, Duration.ofMinutes(1));
        assertThat(other.isAlive()).isTrue();
    }

    @Test
    void aHomeThatHasNeverRunATaskHasNone() throws IOException {
        Home fresh = new Home(folder.resolve("fresh"));
        fresh.create();
        RunningTasks.end(fresh, Duration.ofMinutes(1));
    }

    private Process start(Path where, String script, String argument) throws IOException {
        Process process = new ProcessBuilder("/bin/sh", "-c", script, "run-task", argument)
                .directory(where.toFile())
                .start();
        started.add(process);
        return process;
    }
}
