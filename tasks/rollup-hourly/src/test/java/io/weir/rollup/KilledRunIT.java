package io.weir.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.testing.StatementGate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.batch.core.BatchStatus;

/** The task as a process of its own, killed while a statement of one of its steps is under way. */
class KilledRunIT {

    @ParameterizedTest
    @CsvSource({
        "plan, max(ingested_at)",
        "drop, FROM %s.tenant_day WHERE _partition_id IN",
        "hours, rollup_hour REPLACE PARTITION",
        "hours, INSERT INTO %s.rollup_ledger",
        "days, rollup_day REPLACE PARTITION",
        "summaries, endpoint_day REPLACE PARTITION",
        "weeks, tenant_week REPLACE PARTITION",
        "years, measurement_year REPLACE PARTITION",
        "all-time, rollup_all REPLACE PARTITION",
        "reconcile, FINAL WHERE unit = 'hour' AND start >=",
        "complete, VALUES ('run'"
    })
    void aKilledRunIsMadeGoodByItsRestartAndByAFreshRun(String step, String statement) throws Exception {
        Store store = new Store();
        store.insert(1, 1_000, "2026-11-01 00:00:00", 30);
        try (StatementGate gate = new StatementGate(store.server.url());
                Task task = new Task(store, gate.url())) {
            store.insert(2, 1_000, "2026-11-01 20:00:00", 20);
            killAt(step, statement.formatted(store.database), gate, task, "one");
            // As Data Flow's dashboard restarts it: with the parameters that it had.
            assertThat(task.launch("run=one")).isZero();
            assertThat(task.statusOf("one")).containsExactly("FAILED", "COMPLETED");
            store.assertRollupsEqualEvents();
            store.assertNothingIsLeftBehind();

            store.insert(3, 1_000, "2026-11-01 21:00:00", 10);
            killAt(step, statement.formatted(store.database), gate, task, "two");
            assertThat(task.launch("run=three")).isZero();
            assertThat(task.statusOf("two")).containsExactly("FAILED");
            store.assertRollupsEqualEvents();
            store.assertNothingIsLeftBehind();
        }
    }

    /** The statement that the dead process sent arrives after its death. */
    private static void killAt(String step, String statement, StatementGate gate, Task task, String run)
            throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        gate.before(text -> {
            if (text.contains(statement)) {
                reached.countDown();
                await(killed);
            }
        });
        Process process = start(task, run);
        assertThat(reached.await(60, TimeUnit.SECONDS)).as("comes to %s", step).isTrue();
        process.destroyForcibly().waitFor();
        killed.countDown();
        gate.open();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aStatementOfADeadRunThatComesLateFindsNothingToPutInPlace() throws Exception {
        Store store = new Store();
        store.insert(1, 1_000, "2026-11-01 00:00:00", 3);
        List<String> late = new ArrayList<>();
        try (StatementGate gate = new StatementGate(store.server.url());
                Task task = new Task(store, gate.url())) {
            store.insert(2, 100, "2026-11-01 00:00:00", 3);
            gate.before(text -> {
                if (text.contains("rollup_hour REPLACE PARTITION")) {
                    late.add(text);
                    throw new IllegalStateException("held back");
                }
            });
            assertThat(task.run().getStatus()).isEqualTo(BatchStatus.FAILED);
            gate.open();
            store.insert(3, 100, "2026-11-01 00:00:00", 3);
            assertThat(task.run().getStatus()).isEqualTo(BatchStatus.COMPLETED);
            assertThatThrownBy(() -> store.query(late.get(0))).hasMessageContaining("rollup_tmp_");
            store.assertRollupsEqualEvents();
        }
    }

    private static Process start(Task task, String run) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                RollupHourly.class.getName()));
        command.addAll(task.arguments("run=" + run));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
