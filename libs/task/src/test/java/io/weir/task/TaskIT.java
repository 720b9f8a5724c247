package io.weir.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.weir.testing.PostgresServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks as processes of their own, against Data Flow's tables in a real PostgreSQL. */
class TaskIT {

    private static final String JOB = "select status from boot3_batch_job_execution order by job_execution_id";

    @TempDir
    private Path folder;

    private final PostgresServer postgres = PostgresServer.shared();
    private final List<Process> processes = new ArrayList<>();
    private String url = "";

    @BeforeEach
    void makeDatabase() {
        url = postgres.freshDataFlowDatabase();
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void aRunIsRecordedWithItsStepsAndEndsWithZero() throws Exception {
        assertThat(run()).isZero();
        assertThat(query(JOB)).containsExactly("COMPLETED");
        assertThat(query("select step_name || ' ' || write_count from boot3_batch_step_execution order by 1"))
                .containsExactly("first 0", "second 30");
        assertThat(query(
                        "select exit_code || ' ' || exit_message from boot3_task_execution where end_time is not null"))
                .singleElement()
                .asString()
                .startsWith("0 small-job COMPLETED")
                .contains("second COMPLETED (read 30, written 30, skipped 0)");
        assertThat(query("select count(*) from boot3_task_task_batch")).containsExactly("1");
    }

    @Test
    void aRunPushesItsMetricsAsItEnds() throws Exception {
        BlockingQueue<String> pushed = new LinkedBlockingQueue<>();
        HttpServer gateway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        gateway.createContext("/", exchange -> {
            pushed.add(
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath() + "\n"
                            + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(202, -1);
            exchange.close();
        });
        gateway.start();
        try {
            assertThat(run(
                            "partial=yes",
                            "--weir.task.push-gateway=127.0.0.1:"
                                    + gateway.getAddress().getPort()))
                    .isEqualTo(3);
        } finally {
            gateway.stop(0);
        }
        assertThat(pushed)
                .last()
                .asString()
                .startsWith("POST /metrics/job/small-task")
                .contains("weir_task_exit_code 3.0")
                .contains("weir_task_items{kind=\"written\",step=\"second\"} 30.0")
                .contains("weir_task_duration_seconds ")
                .contains("weir_task_end_timestamp_seconds ");
    }

    @Test
    void aRunWithAParameterThatTheJobDoesNotKnowIsRefusedAndSaysWhichThereAre() throws Exception {
        assertThat(run("dya=2026-01-01")).isEqualTo(1);
        assertThat(query("select count(*) from boot3_batch_job_execution")).containsExactly("0");
        assertThat(query("select exit_code || ' ' || exit_message from boot3_task_execution"))
                .singleElement()
                .asString()
                .startsWith("1 ")
                .contains("there is no parameter 'dya'; there are: day, partial");
    }

    @Test
    void aSecondRunWithTheSameParametersIsAnother() throws Exception {
        assertThat(run("day=2026-01-01")).isZero();
        assertThat(run("day=2026-01-01")).isZero();
        assertThat(query(JOB)).containsExactly("COMPLETED", "COMPLETED");
    }

    @Test
    void aFailedRunEndsWithOneAndItsRestartLeavesOutWhatIsDone() throws Exception {
        Files.createFile(folder.resolve("fail"));
        assertThat(run("run=7")).isEqualTo(1);
        assertThat(query(JOB)).containsExactly("FAILED");
        assertThat(query("select exit_code || ' ' || exit_message from boot3_task_execution"))
                .singleElement()
                .asString()
                .startsWith("1 small-job FAILED")
                .contains("planned failure");
        Files.delete(folder.resolve("fail"));
        assertThat(run("run=7")).isZero();
        assertThat(query(JOB)).containsExactly("FAILED", "COMPLETED");
        assertThat(log()).containsExactly("first", "second 10", "second 10", "second 10", "second 10");
    }

    @Test
    void aRunThatLeavesSomethingUndoneEndsWithThree() throws Exception {
        assertThat(run("partial=yes")).isEqualTo(3);
        assertThat(query(JOB)).containsExactly("COMPLETED");
        assertThat(query("select exit_code || ' ' || exit_message from boot3_task_execution"))
                .singleElement()
                .asString()
                .startsWith("3 small-job COMPLETED")
                .contains("1 of 30 was left out");
    }

    @Test
    void aRunThatWasKilledIsGivenAnEndByTheNextAndCanBeRestarted() throws Exception {
        Path hold = Files.createFile(folder.resolve("hold"));
        Process killed = start("run=1");
        await().until(() -> log().contains("second 10"));
        killed.destroyForcibly().waitFor();
        assertThat(query(JOB)).containsExactly("STARTED");
        Files.delete(hold);

        assertThat(run("run=2")).isZero();
        assertThat(query(JOB)).containsExactly("FAILED", "COMPLETED");
        assertThat(query("select count(*) from boot3_task_execution where end_time is null"))
                .containsExactly("0");

        assertThat(run("run=1")).isZero();
        assertThat(query(JOB)).containsExactly("FAILED", "COMPLETED", "COMPLETED");
        assertThat(log().stream().filter("first"::equals))
                .as("of two runs and one restart")
                .hasSize(2);
    }

    @Test
    void aRunThatIsToldToStopCanBeRestarted() throws Exception {
        Path hold = Files.createFile(folder.resolve("hold"));
        Process stopped = start("run=1", "--weir.task.stop-wait=3m");
        await().until(() -> log().contains("second 10"));
        stopped.destroy();
        await().until(() -> query(JOB).contains("STOPPING"));
        Files.delete(hold);
        assertThat(stopped.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(query(JOB)).containsExactly("STOPPED");
        assertThat(query("select exit_code from boot3_task_execution where end_time is not null"))
                .containsExactly("1");
        assertThat(run("run=1")).isZero();
        assertThat(query(JOB)).containsExactly("STOPPED", "COMPLETED");
    }

    @Test
    void twoRunsOfAJobDoNotGoOnAtOnce() throws Exception {
        Path hold = Files.createFile(folder.resolve("hold"));
        Process first = start("run=1");
        await().until(() -> log().contains("second 10"));
        assertThat(run("run=2", "--weir.task.lock-wait=0s")).isEqualTo(1);
        assertThat(query("select exit_message from boot3_task_execution where exit_code = 1"))
                .singleElement()
                .asString()
                .contains("small-job is running already");
        assertThat(query(JOB)).containsExactly("STARTED");
        Files.delete(hold);
        assertThat(first.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(first.exitValue()).isZero();
        assertThat(query(JOB)).containsExactly("COMPLETED");
    }

    private int run(String... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).as("ends").isTrue();
        return process.exitValue();
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                SmallTask.class.getName(),
                "--spring.application.name=small-task",
                "--spring.datasource.url=" + url,
                "--spring.datasource.username=" + postgres.username(),
                "--spring.datasource.password=" + postgres.password(),
                "--small.log=" + folder.resolve("log")));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        return process;
    }

    private List<String> log() throws IOException {
        Path log = folder.resolve("log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    private List<String> query(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url, postgres.username(), postgres.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }
}
