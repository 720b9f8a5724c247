package io.weir.retention;

import static io.weir.metadata.retention.RetainedTable.EVENTS;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.retention.RetentionPolicies;
import io.weir.retention.ArchivedTable.Content;
import io.weir.testing.StatementGate;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The task as a process of its own, killed while a statement of one of its steps is under way. */
class KilledRunIT {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plan | FROM system.parts",
                "archive | ATTACH PARTITION",
                "archive | ^INSERT INTO FUNCTION",
                "archive | ^INSERT INTO \\S*archive_manifest .*'written'",
                "verify | ^INSERT INTO \\S*archive_manifest .*'verified'",
                "drop | CREATE TABLE \\S*retention_hold_",
                "drop | MOVE PARTITION",
                "drop | FROM \\S*retention_hold_",
                "drop, sealing | REPLACE PARTITION",
                "drop | ^INSERT INTO \\S*archive_manifest .*'dropped'",
                "drop | ^DROP TABLE IF EXISTS \\S*retention_hold_",
                "drop of a tenant | ^DELETE FROM",
                "drop of a tenant | ^INSERT INTO \\S*archive_manifest .*'early', '[0-9]*', 'events/.*'dropped'",
                "views | CREATE OR REPLACE VIEW"
            })
    void aKilledPurgeIsEndedByTheNextAndTheBooksClose(String step, String statement) throws Exception {
        Store store = new Store();
        try (StatementGate gate = new StatementGate(store.url());
                Task task = new Task(store, gate.url())) {
            task.bean(RetentionPolicies.class).set("early", EVENTS, OptionalInt.of(3), "somebody");
            store.events(1, 400, 40, "acme,beta,early");
            store.events(2, 400, 41, "acme,early");
            store.events(3, 400, 5, "acme,early");
            store.rollUp();
            Content all = store.live(EVENTS);
            kill(task, gate, step, statement);

            task.complete();

            store.assertBooksClose(EVENTS, all);
            assertThat(store.partitions(EVENTS)).containsExactly(store.partition(5));
            assertThat(store.query("SELECT DISTINCT tenant FROM " + store.database + ".events"))
                    .isEqualTo("acme");
            store.assertNothingIsLeftBehind();
            assertThat(store.query(
                            "SELECT countIf(NOT sealed AND (tenant = 'early' OR hour < '" + store.today.minusDays(6)
                                    + " 00:00:00')), countIf(sealed AND tenant = 'acme' AND hour >= '"
                                    + store.today.minusDays(6)
                                    + " 00:00:00'), sum(events) FROM " + store.database + ".rollup_hour"))
                    .as("not sealed though gone, sealed though there, events")
                    .isEqualTo("0\t0\t1200");
            AuditLog audit = task.bean(AuditLog.class);
            assertThat(audit.verify().problem()).isNull();
            assertThat(audit.entries(0, 100).stream()
                            .filter(entry -> entry.action().equals("retention.purge"))
                            .map(entry -> entry.subject() + " " + entry.tenant()))
                    .as("each purge on record once")
                    .containsExactlyInAnyOrder(
                            "events:" + store.partition(40) + " ",
                            "events:" + store.partition(41) + " ",
                            "events:" + store.partition(5) + " early");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO \\S*retention_restore_",
                "FROM \\S*retention_restore_",
                "MOVE PARTITION",
                "REPLACE PARTITION",
                "^INSERT INTO \\S*archive_manifest .*'restored'",
                "^DROP TABLE IF EXISTS \\S*retention_restore_"
            })
    void aKilledRestoreIsCompletedByRunningItAgain(String statement) throws Exception {
        Store store = new Store();
        try (StatementGate gate = new StatementGate(store.url());
                Task task = new Task(store, gate.url())) {
            store.events(1, 400, 40, "acme,beta");
            store.rollUp();
            Content all = store.live(EVENTS);
            task.complete();
            assertThat(store.live(EVENTS)).isEqualTo(Content.EMPTY);
            String restore = "weir.retention.restore=events:" + store.partition(40);
            kill(task, gate, "restore", statement, restore);

            task.complete(restore);

            assertThat(store.live(EVENTS)).isEqualTo(all);
            assertThat(store.query("SELECT count() FROM " + store.database + ".events"))
                    .isEqualTo("400");
            assertThat(store.archived(EVENTS)).isEqualTo(Content.EMPTY);
            assertThat(store.query("SELECT max(sealed), sum(events) FROM " + store.database + ".rollup_hour"))
                    .isEqualTo("0\t400");
            store.assertNothingIsLeftBehind();
            assertThat(task.bean(AuditLog.class).entries(0, 10).stream()
                            .filter(entry -> entry.action().equals("retention.restore")))
                    .hasSize(1);
        }
    }

    private static void kill(Task task, StatementGate gate, String step, String statement, String... parameters)
            throws Exception {
        Pattern pattern = Pattern.compile(statement, Pattern.DOTALL);
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        gate.before(text -> {
            if (pattern.matcher(text).find()) {
                reached.countDown();
                try {
                    killed.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        Process process = task.start(parameters);
        assertThat(reached.await(90, TimeUnit.SECONDS)).as("comes to %s", step).isTrue();
        process.destroyForcibly().waitFor();
        // Now the statement of the dead process arrives.
        killed.countDown();
        gate.before(text -> {});
    }
}
