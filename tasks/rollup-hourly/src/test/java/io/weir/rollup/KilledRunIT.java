package io.weir.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
        "hours, rollup_hour REPLACE PARTITION",
        "hours, INSERT INTO %s.rollup_ledger",
        "days, rollup_day REPLACE PARTITION",
        "years, measurement_year REPLACE PARTITION",
        "all-time, rollup_all REPLACE PARTITION",
        "reconcile, sum(checksum)",
        "complete, VALUES ('run'"
    })
    void aKilledRunIsEndedByTheNextAndLosesNothing(String step, String statement) throws Exception {
        Store store = new Store();
        store.insert(1, 1_000, "2026-11-01 00:00:00", 30);
        try (Gate gate = new Gate(store.server.url());
                Task task = new Task(store, gate.url())) {
            store.insert(2, 1_000, "2026-11-01 20:00:00", 20);
            CountDownLatch reached = new CountDownLatch(1);
            CountDownLatch killed = new CountDownLatch(1);
            gate.before(text -> {
                if (text.contains(statement.formatted(store.database))) {
                    reached.countDown();
                    try {
                        killed.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
            });
            Process process = start(task);
            assertThat(reached.await(60, TimeUnit.SECONDS))
                    .as("comes to %s", step)
                    .isTrue();
            process.destroyForcibly().waitFor();
            // Now the statement of the dead process arrives.
            killed.countDown();
            gate.open();

            assertThat(task.run().getStatus()).isEqualTo(BatchStatus.COMPLETED);

            store.assertRollupsEqualEvents();
            store.assertNothingIsLeftBehind();
        }
    }

    @Test
    void aStatementOfADeadRunThatComesLateFindsNothingToPutInPlace() throws Exception {
        Store store = new Store();
        store.insert(1, 1_000, "2026-11-01 00:00:00", 3);
        List<String> late = new ArrayList<>();
        try (Gate gate = new Gate(store.server.url());
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
            await().atMost(Duration.ofSeconds(5)).until(() -> !late.isEmpty());
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> store.query(late.get(0)))
                    .hasMessageContaining("rollup_tmp_");
            store.assertRollupsEqualEvents();
        }
    }

    private static Process start(Task task) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                RollupHourly.class.getName()));
        command.addAll(task.arguments());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
