package io.weir.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {

    private static final Duration GRACE = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private Path mayEnd;
    private Path begun;
    private Home home;
    private ServerProcess server;

    @BeforeEach
    void start() throws Exception {
        begun = directory.resolve("begun");
        mayEnd = directory.resolve("may-end");
        // One that takes its time to end.
        String script = "trap 'while [ ! -f " + mayEnd + " ]; do sleep 0.05; done; exit' TERM; touch " + begun
                + "; while :; do sleep 0.05; done";
        home = new Home(directory.resolve("home"));
        home.create();
        server = new ServerProcess(
                "slow", home, List.of("sh", "-c", script), Map.of(), Duration.ofMinutes(2), () -> Files.exists(begun));
        server.start();
        server.awaitReady();
    }

    @AfterEach
    void end() {
        server.stop(Duration.ZERO);
    }

    @Test
    void whoStopsAServerThatIsJustBeingRestartedLeavesNoneBehind() throws Exception {
        ProcessHandle first = ProcessHandle.of(server.pid()).orElseThrow();
        Thread restarting = new Thread(() -> server.restart(GRACE));
        restarting.start();
        await().until(() -> restarting.getState() == Thread.State.TIMED_WAITING);
        restarting.interrupt();
        Thread stopping = new Thread(() -> server.stop(GRACE));
        stopping.start();
        await().until(() -> stopping.getState() == Thread.State.BLOCKED);
        assertThat(first.isAlive()).as("nobody has gone on without it").isTrue();

        Files.createFile(mayEnd);
        restarting.join();
        stopping.join();

        assertThat(first.isAlive()).isFalse();
        assertNoneIsLeft();
    }

    @Test
    void aServerThatWasStoppedIsNotStartedByWhoeverTookItForDead() throws Exception {
        Files.createFile(mayEnd);
        server.stop(GRACE);

        assertThat(server.restartIfDead()).isFalse();
        server.restart(GRACE);

        assertNoneIsLeft();
    }

    @Test
    void aServerThatCannotBeStartedIsNotTriedAgainAtOnce() throws Exception {
        ServerProcess missing = new ServerProcess(
                "missing", home, List.of(directory + "/missing"), Map.of(), Duration.ofMinutes(2), () -> true);

        int tried = 0;
        for (int i = 0; i < 1000; i++) {
            try {
                missing.restartIfDead();
            } catch (UncheckedIOException e) {
                tried++;
            }
        }

        assertThat(tried).isPositive().isLessThan(100);
    }

    private void assertNoneIsLeft() {
        assertThat(ProcessHandle.current().children())
                .noneMatch(child -> child.info().commandLine().orElse("").contains(begun.toString()));
    }
}
