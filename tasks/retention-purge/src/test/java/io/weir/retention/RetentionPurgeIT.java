package io.weir.retention;

import static io.weir.metadata.retention.RetainedTable.DEAD_LETTERS;
import static io.weir.metadata.retention.RetainedTable.EVENTS;
import static io.weir.metadata.retention.RetainedTable.ROLLUP_DAY;
import static io.weir.metadata.retention.RetainedTable.ROLLUP_HOUR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.metadata.audit.AuditEntry;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.retention.RetainedTable;
import io.weir.metadata.retention.RetentionHolds;
import io.weir.metadata.retention.RetentionPolicies;
import io.weir.retention.ArchivedTable.Content;
import io.weir.task.JobLock;
import io.weir.task.TaskOutcome;
import io.weir.testing.StatementGate;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.step.StepExecution;

/** The job against a real ClickHouse and a real PostgreSQL. */
class RetentionPurgeIT {

    private final Store store = new Store();
    private final StatementGate gate = new StatementGate(store.url());
    private final Task task = new Task(store, gate.url(), "--weir.retention.rows-per-file=400");

    RetentionPurgeIT() throws InterruptedException, IOException {}

    @AfterEach
    void close() {
        task.close();
        gate.close();
    }

    @Test
    void ofFourHundredDaysExactlyThoseThatThePolicyNamesGo() throws Exception {
        // Every day where something begins or ends, every tenth between.
        store.events(1, 6, 40, 0, 1, "acme,beta");
        IntStream.range(5, 36).forEach(day -> store.events(100 + day, 6, 10 * day, "acme,beta"));
        store.events(2, 6, 370, 363, 1, "acme,beta");
        for (int day : new int[] {380, 390, 399}) {
            store.events(day, 6, day, "acme,beta");
        }
        for (int day = 28; day <= 34; day++) {
            store.deadLetters(day, 10, day, "acme,beta");
        }
        store.rollUp();
        Map<RetainedTable, Content> before = new EnumMap<>(RetainedTable.class);
        for (RetainedTable table : RetainedTable.values()) {
            before.put(table, store.live(table));
        }
        String yearly = store.query("SELECT count() FROM " + store.database + ".rollup_year");

        JobExecution run = task.complete();

        assertThat(store.partitions(EVENTS)).isEqualTo(days(30, 0));
        assertThat(store.partitions(DEAD_LETTERS)).isEqualTo(days(30, 28));
        List<String> year = new ArrayList<>(days(365, 363));
        IntStream.range(5, 36).forEach(day -> year.add(3, store.partition(10 * day)));
        year.addAll(days(40, 0));
        assertThat(store.partitions(ROLLUP_HOUR)).isEqualTo(year);
        assertThat(store.partitions(ROLLUP_DAY)).isEqualTo(year);
        assertThat(store.query("SELECT count() FROM " + store.database + ".rollup_year"))
                .isEqualTo(yearly);
        assertThat(step(run, "plan").getReadCount()).isEqualTo(10 + 31 + 8 + 3 + 4 + 4 * 8);
        assertThat(TaskOutcome.of(run)).isEqualTo(TaskOutcome.SUCCESS);
        for (RetainedTable table : RetainedTable.values()) {
            // A rollup's seal is not part of what it says.
            if (table != ROLLUP_HOUR && table != RetainedTable.MEASUREMENT_HOUR) {
                store.assertBooksClose(table, before.get(table));
            }
            assertThat(store.live(table).rows() + store.archived(table).rows())
                    .isEqualTo(before.get(table).rows());
        }
        store.assertNothingIsLeftBehind();
        assertThat(task.bean(AuditLog.class).verify())
                .isEqualTo(new AuditLog.Verification(10 + 31 + 8 + 3 + 4 + 4 * 8, null));

        Content archived = store.archived(EVENTS);
        assertThat(step(task.complete("weir.retention.restore=events:" + store.today.minusDays(200)), "plan")
                        .getReadCount())
                .isZero();
        assertThat(store.query("SELECT count() FROM " + store.database + ".events WHERE _partition_id = '"
                        + store.partition(200) + "'"))
                .isEqualTo("6");
        assertThat(store.archived(EVENTS).rows()).isEqualTo(archived.rows() - 6);
        store.assertBooksClose(EVENTS, before.get(EVENTS));
    }

    @Test
    void anArchiveReadsBackEqualWhateverTheRowsHold() throws Exception {
        store.events(1, 3_000, 40, "acme,beta");
        store.events(1, 500, 40, "acme,beta"); // sent again
        store.deadLetters(1, 500, 40, "acme,");
        store.rollUp();
        Content events = store.live(EVENTS);
        Content letters = store.live(DEAD_LETTERS);

        task.complete();

        assertThat(store.live(EVENTS)).isEqualTo(Content.EMPTY);
        assertThat(store.archived(EVENTS)).isEqualTo(events);
        assertThat(store.archived(DEAD_LETTERS)).isEqualTo(letters);
        List<Manifest.Entry> files = store.manifest.in(Manifest.State.DROPPED).stream()
                .filter(entry -> entry.table().equals("events"))
                .toList();
        assertThat(files).as("of 400 rows at most, by hours").hasSizeGreaterThan(5);
        assertThat(files).allSatisfy(entry -> {
            assertThat(entry.bytes()).isPositive();
            assertThat(entry.minTime()).isBeforeOrEqualTo(entry.maxTime());
        });
        // Types and all: what is a whole number and what is a fraction is told apart.
        assertThat(store.query(
                        "SELECT DISTINCT arrayStringConcat(arraySort(mapValues(JSONAllPathsWithTypes(attributes))), ' ') FROM "
                                + store.database + ".events_archive WHERE toString(attributes) != '{}'"))
                .isEqualTo(
                        "Array(Dynamic) Array(JSON(max_dynamic_types=16, max_dynamic_paths=32)) Array(Nullable(Float64))"
                                + " Bool Float64 Float64 Float64 Int64 String String String");
    }

    @Test
    void aDryRunSaysWhatWouldGoAndChangesNothing() throws Exception {
        store.events(1, 200, 40, "acme");
        store.events(2, 100, 10, "acme");
        store.rollUp();
        Content before = store.live(EVENTS);

        JobExecution run = task.complete("weir.retention.dry-run=true");

        assertThat(step(run, "plan").getExitStatus().getExitDescription())
                .startsWith("dry run: would purge 1 partitions, 200 rows, ")
                .contains("events " + store.partition(40) + " (200 rows, ");
        assertThat(store.live(EVENTS)).isEqualTo(before);
        assertThat(store.query("SELECT count() FROM " + store.database + ".archive_manifest"))
                .isEqualTo("0");
        assertThat(task.bean(AuditLog.class).entries(0, 10)).isEmpty();
    }

    @Test
    void aDryRunThatIsMistypedChangesNothing() throws Exception {
        store.events(1, 200, 40, "acme");
        store.rollUp();
        Content before = store.live(EVENTS);

        assertThatThrownBy(() -> task.run("weir.retention.dryrun=true"))
                .hasMessageContaining("there is no parameter 'weir.retention.dryrun'")
                .hasMessageContaining("weir.retention.dry-run");
        JobExecution run = task.run("weir.retention.dry-run=yes");

        assertThat(run.getStatus()).isEqualTo(BatchStatus.FAILED);
        assertThat(Task.failures(run))
                .anySatisfy(why -> assertThat(why).contains("weir.retention.dry-run is yes: it must be true or false"));
        assertThat(store.live(EVENTS)).isEqualTo(before);
    }

    @Test
    void hoursThatAreNotRolledUpAreNotPurged() throws Exception {
        store.events(1, 200, 40, "acme");
        store.events(2, 200, 41, "acme");
        store.rollUp();
        store.query("INSERT INTO " + store.database
                + ".events (id, tenant, timestamp, ingested_at) VALUES ('late', 'acme', '"
                + store.today.minusDays(40) + " 03:30:00', now64(3) + 1), ('later', 'acme', '"
                + store.today.minusDays(40) + " 14:30:00', now64(3) + 1)");

        JobExecution run = task.complete();

        assertThat(TaskOutcome.of(run)).isEqualTo(TaskOutcome.PARTIAL);
        assertThat(step(run, "plan").getExitStatus().getExitDescription())
                .contains("events " + store.partition(40) + ": hours not rolled up: 03:00, 14:00");
        assertThat(store.partitions(EVENTS)).containsExactly(store.partition(40));
    }

    @Test
    void aDayThatReceivesEventsAfterThePlanWaitsForItsRollup() throws Exception {
        store.events(1, 200, 40, "acme");
        store.events(2, 200, 41, "acme");
        store.rollUp();
        AtomicBoolean once = new AtomicBoolean();
        gate.before(statement -> {
            if (statement.contains("'verified'") && statement.startsWith("INSERT") && once.compareAndSet(false, true)) {
                store.events(3, 20, 40, "acme");
            }
        });

        Process process = task.start();

        assertThat(process.waitFor()).as("exit code").isEqualTo(3);
        assertThat(store.partitions(EVENTS)).containsExactly(store.partition(40));
        assertThat(store.live(EVENTS).rows()).isEqualTo(220);
        assertThat(store.archived(EVENTS).rows()).isEqualTo(200);
        assertThat(store.manifest.of("events", store.partition(40)))
                .as("rollup-hourly must not wait for this day")
                .allSatisfy(entry -> assertThat(entry.state()).isEqualTo(Manifest.State.WRITTEN));
    }

    @Test
    void rollupsThatNothingCoarserHasReadAreNotPurged() throws Exception {
        store.events(1, 50, 370, "acme");
        store.rollUp();
        store.query("INSERT INTO " + store.database + ".rollup_ledger (unit, start, read_until, recomputed_at)"
                + " SELECT 'hour', toDateTime('" + store.today.minusDays(370)
                + " 05:00:00', 'UTC'), now64(3) + 2, now64(3) + 2");
        store.query("INSERT INTO " + store.database + ".rollup_ledger (unit, start, read_until, recomputed_at)"
                + " SELECT 'day', toDateTime('" + store.today.minusDays(370)
                + " 00:00:00', 'UTC'), now64(3) + 1, now64(3) + 3");

        JobExecution run = task.complete();

        assertThat(TaskOutcome.of(run)).isEqualTo(TaskOutcome.PARTIAL);
        assertThat(step(run, "plan").getExitStatus().getExitDescription())
                .contains("rollup_hour " + store.partition(370) + ": the day is not rolled up")
                .contains("rollup_day " + store.partition(370) + ": the month is not rolled up");
        assertThat(store.partitions(ROLLUP_HOUR)).containsExactly(store.partition(370));
        assertThat(store.partitions(ROLLUP_DAY)).containsExactly(store.partition(370));
        assertThat(store.partitions(EVENTS)).isEmpty();
    }

    @Test
    void whatIsLeftOfPurgedEventsIsSealedAndComesBackUnsealed() throws Exception {
        store.events(1, 500, 40, "acme,beta");
        store.rollUp();
        Content rollup = store.live(ROLLUP_HOUR);

        task.complete();
        assertThat(store.query("SELECT min(sealed), max(sealed) FROM " + store.database + ".rollup_hour"))
                .isEqualTo("1\t1");
        assertThat(store.query("SELECT min(sealed), max(sealed) FROM " + store.database + ".measurement_hour"))
                .isEqualTo("1\t1");

        task.complete("weir.retention.restore=events:" + store.today.minusDays(40));
        assertThat(store.live(ROLLUP_HOUR)).isEqualTo(rollup);
    }

    @Test
    void lateEventsOfAPurgedDayAreArchivedInAFurtherFile() throws Exception {
        store.events(1, 200, 40, "acme");
        store.rollUp();
        Content all = store.live(EVENTS);
        task.complete();
        store.events(2, 50, 40, "acme");
        all = all.plus(store.live(EVENTS));
        store.ledger();

        task.complete();

        assertThat(store.live(EVENTS)).isEqualTo(Content.EMPTY);
        store.assertBooksClose(EVENTS, all);
        assertThat(store.manifest.in(Manifest.State.DROPPED))
                .extracting(Manifest.Entry::file)
                .containsExactly(
                        "events/%1$s/events-%1$s-1.parquet".formatted(store.partition(40)),
                        "events/%1$s/events-%1$s-2.parquet".formatted(store.partition(40)));
        task.complete("weir.retention.restore=events:" + store.partition(40));
        assertThat(store.live(EVENTS)).isEqualTo(all);
    }

    @Test
    void anEventThatComesBetweenTheArchiveAndTheDropIsNotLost() throws Exception {
        store.events(1, 200, 40, "acme");
        store.rollUp();
        Content first = store.live(EVENTS);
        AtomicBoolean once = new AtomicBoolean();
        gate.before(statement -> {
            if (statement.contains("MOVE PARTITION") && once.compareAndSet(false, true)) {
                store.events(2, 30, 40, "acme");
                store.ledger();
            }
        });

        task.complete();

        assertThat(store.live(EVENTS)).isEqualTo(Content.EMPTY);
        assertThat(store.archived(EVENTS).rows()).isEqualTo(first.rows() + 30);
        assertThat(store.manifest.in(Manifest.State.DROPPED)).hasSize(1);
        store.assertNothingIsLeftBehind();
    }

    @Test
    void anEventThatComesWhileThePartitionIsBeingDroppedStaysInTheTable() throws Exception {
        store.events(1, 200, 40, "acme");
        store.rollUp();
        Content first = store.live(EVENTS);
        AtomicBoolean once = new AtomicBoolean();
        gate.before(statement -> {
            if (statement.contains("REPLACE PARTITION") && once.compareAndSet(false, true)) {
                store.events(2, 30, 40, "acme");
            }
        });

        task.complete();

        assertThat(store.archived(EVENTS)).isEqualTo(first);
        assertThat(store.live(EVENTS).rows()).isEqualTo(30);
    }

    @Test
    void aTenantWithAShorterRetentionLeavesADayThatStays() throws Exception {
        RetentionPolicies policies = task.bean(RetentionPolicies.class);
        policies.set("acme", EVENTS, OptionalInt.of(5), "somebody");
        policies.set("acme", DEAD_LETTERS, OptionalInt.of(5), "somebody");
        policies.set("acme", ROLLUP_HOUR, OptionalInt.of(20), "somebody");
        policies.set("keeper", EVENTS, OptionalInt.empty(), "somebody");
        store.events(1, 600, 10, "acme,beta,keeper");
        store.events(2, 300, 40, "acme,beta,keeper");
        store.events(3, 300, 21, "acme,beta");
        store.events(4, 50, 4, "acme,beta");
        store.deadLetters(1, 90, 10, "acme,beta,");
        store.rollUp();
        Content events = store.live(EVENTS);
        Content letters = store.live(DEAD_LETTERS);
        Content rollups = store.live(ROLLUP_HOUR);

        task.complete();

        assertThat(tenants("events", 10)).isEqualTo("beta,keeper");
        assertThat(tenants("events", 40)).isEqualTo("keeper");
        assertThat(tenants("events", 4)).isEqualTo("acme,beta");
        assertThat(tenants("dead_letters", 10)).isEqualTo(",beta");
        assertThat(tenants("rollup_hour", 21)).isEqualTo("beta");
        assertThat(tenants("rollup_hour", 10)).isEqualTo("acme,beta,keeper");
        assertThat(store.query("SELECT DISTINCT tenant FROM " + store.database
                        + ".rollup_hour WHERE sealed AND _partition_id = '" + store.partition(10) + "'"))
                .isEqualTo("acme");
        store.assertBooksClose(EVENTS, events);
        store.assertBooksClose(DEAD_LETTERS, letters);
        assertThat(store.live(ROLLUP_HOUR).rows() + store.archived(ROLLUP_HOUR).rows())
                .isEqualTo(rollups.rows());
        store.assertNothingIsLeftBehind();
        assertThat(task.bean(AuditLog.class).entries(0, 100).stream()
                        .filter(entry -> entry.action().equals("retention.purge"))
                        .map(entry -> entry.subject() + " " + entry.tenant()))
                .contains("events:" + store.partition(10) + " acme", "events:" + store.partition(40) + " beta");

        task.complete("weir.retention.restore=events:" + store.partition(10));
        assertThat(tenants("events", 10)).isEqualTo("acme,beta,keeper");
        store.assertBooksClose(EVENTS, events);
    }

    @Test
    void aRestoredDayStaysUntilItsHoldEndsAndItsFileServesAgain() throws Exception {
        store.events(1, 300, 40, "acme,beta");
        store.rollUp();
        Content all = store.live(EVENTS);
        task.complete();

        task.complete("weir.retention.restore=events:" + store.partition(40), "weir.retention.restore-for=3d");
        assertThat(store.live(EVENTS)).isEqualTo(all);
        JobExecution again = task.complete("weir.retention.restore=events:" + store.partition(40));
        assertThat(step(again, "restore:events:" + store.partition(40))
                        .getExitStatus()
                        .getExitDescription())
                .endsWith("is restored already");
        assertThat(store.query("SELECT count() FROM " + store.database + ".events"))
                .isEqualTo("300");
        assertThat(step(task.complete(), "plan").getReadCount()).isZero();
        assertThat(store.live(EVENTS)).isEqualTo(all);

        assertThat(task.bean(RetentionHolds.class).release(EVENTS, store.partition(40)))
                .isTrue();
        task.complete();
        assertThat(store.live(EVENTS)).isEqualTo(Content.EMPTY);
        assertThat(store.archived(EVENTS)).isEqualTo(all);
        assertThat(store.manifest.of("events", store.partition(40))).hasSize(1);
        assertThat(task.bean(AuditLog.class).entries(0, 10))
                .extracting(AuditEntry::action)
                .containsExactly("retention.purge", "retention.restore", "retention.purge");
    }

    @Test
    void rollupsComeBackWithTheirStates() throws Exception {
        store.events(1, 2_000, 370, "acme,beta");
        store.rollUp();
        String asked =
                "SELECT tenant, sum(events), uniqMerge(users), quantilesBFloat16Merge(0.5, 0.9, 0.95, 0.99)(latency_quantiles)"
                        + " FROM " + store.database + ".%s GROUP BY tenant ORDER BY tenant";
        String hourly = store.query(asked.formatted("rollup_hour"));
        String daily = store.query(asked.formatted("rollup_day"));
        task.complete();
        assertThat(store.partitions(ROLLUP_HOUR)).isEmpty();
        assertThat(store.query(asked.formatted("rollup_day_archive"))).isEqualTo(daily);

        task.complete("weir.retention.restore=rollup_hour:" + store.partition(370));
        task.complete("weir.retention.restore=rollup_day:" + store.partition(370));

        assertThat(store.query(asked.formatted("rollup_hour"))).isEqualTo(hourly);
        assertThat(store.query(asked.formatted("rollup_day"))).isEqualTo(daily);
    }

    @Test
    void anArchiveThatDoesNotReadBackEqualDropsNothing() throws Exception {
        store.events(1, 300, 40, "acme");
        store.rollUp();
        Content all = store.live(EVENTS);
        AtomicBoolean once = new AtomicBoolean();
        gate.before(statement -> {
            // Between the archive and its verification somebody writes over the file.
            if (statement.contains("'written'") && statement.startsWith("INSERT") && once.compareAndSet(false, true)) {
                ArchivedTable table = store.table(EVENTS);
                store.statements.run("INSERT INTO FUNCTION file('" + store.archive + "/events/" + store.partition(40)
                        + "/events-" + store.partition(40) + "-1.parquet', 'Parquet', "
                        + Statements.literal(table.structure()) + ") "
                        + table.archived(table.rows(store.database + ".events", "NOT id LIKE '%-7'")));
            }
        });

        JobExecution run = task.run();

        assertThat(run.getStatus()).isEqualTo(BatchStatus.FAILED);
        assertThat(String.join(" ", Task.failures(run)))
                .contains("events-" + store.partition(40) + "-1.parquet holds")
                .contains("nothing has been dropped");
        assertThat(store.live(EVENTS)).isEqualTo(all);

        task.complete();
        store.assertBooksClose(EVENTS, all);
        assertThat(store.live(EVENTS)).isEqualTo(Content.EMPTY);
    }

    @Test
    void nothingIsDroppedWhileTheRollupRuns() throws Exception {
        try (Task impatient = new Task(store, store.url(), "--weir.retention.rollup-wait=1s")) {
            store.events(1, 100, 40, "acme");
            store.rollUp();
            Content all = store.live(EVENTS);
            try (JobLock.Held rollup = impatient.bean(JobLock.class).take("rollup-hourly", Duration.ZERO)) {
                JobExecution run = impatient.run();
                assertThat(run.getStatus()).isEqualTo(BatchStatus.FAILED);
                assertThat(String.join(" ", Task.failures(run))).contains("weir.retention.rollup-wait, PT1S");
                assertThat(store.live(EVENTS)).isEqualTo(all);
            }
            impatient.complete();
            assertThat(store.archived(EVENTS)).isEqualTo(all);
        }
    }

    @Test
    void aFailedRunGoesOnWithTheStepAtRestart() throws Exception {
        store.events(1, 300, 40, "acme");
        store.events(2, 300, 41, "acme");
        store.rollUp();
        Content all = store.live(EVENTS);
        gate.before(statement -> {
            if (statement.contains("MOVE PARTITION " + store.partition(40))) {
                throw new IllegalStateException("held back");
            }
        });
        assertThat(task.runAs("one").getStatus()).isEqualTo(BatchStatus.FAILED);
        assertThat(store.partitions(EVENTS)).containsExactly(store.partition(40));
        gate.before(statement -> {});

        JobExecution restarted = task.runAs("one");

        assertThat(restarted.getStatus()).isEqualTo(BatchStatus.COMPLETED);
        assertThat(restarted.getStepExecutions())
                .extracting(StepExecution::getStepName)
                .doesNotContain("plan", "archive", "drop:events:" + store.partition(41));
        store.assertBooksClose(EVENTS, all);
        assertThat(store.partitions(EVENTS)).isEmpty();
    }

    @Test
    void whatHasNoArchiveCannotBeRestored() throws Exception {
        JobExecution run = task.run("weir.retention.restore=events:2020-01-01");
        assertThat(run.getStatus()).isEqualTo(BatchStatus.FAILED);
        assertThat(Task.failures(run).toString())
                .contains("weir.retention.restore is events:20200101: there is no archive of it");
    }

    private String tenants(String table, int daysAgo) {
        return store.query("SELECT arrayStringConcat(arraySort(groupUniqArray(toString(tenant))), ',') FROM "
                + store.database + "." + table + " WHERE _partition_id = '" + store.partition(daysAgo) + "'");
    }

    private List<String> days(int from, int to) {
        return IntStream.rangeClosed(to, from)
                .map(day -> from + to - day)
                .mapToObj(store::partition)
                .toList();
    }

    private static StepExecution step(JobExecution run, String name) {
        return run.getStepExecutions().stream()
                .filter(step -> step.getStepName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no step " + name + " among "
                        + run.getStepExecutions().stream()
                                .map(StepExecution::getStepName)
                                .toList()));
    }
}
