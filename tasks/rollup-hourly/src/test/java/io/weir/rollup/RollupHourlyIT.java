package io.weir.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.testing.StatementGate;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.util.unit.DataSize;

/** The job against a real ClickHouse and Data Flow's tables in a real PostgreSQL. */
class RollupHourlyIT {

    private final Store store = new Store();
    private final StatementGate gate = new StatementGate(store.server.url());
    private final Task task = new Task(store, gate.url());

    RollupHourlyIT() throws InterruptedException {}

    @AfterEach
    void close() {
        task.close();
        gate.close();
    }

    @Test
    void everyRollupIsWhatTheEventsGive() throws Exception {
        store.insert(1, 20_000, "2026-10-30 05:00:00", 72);
        store.insert(2, 3_000, "2025-12-31 20:00:00", 8);
        assertCompleted(task.run());
        store.assertRollupsEqualEvents();
        store.assertNothingIsLeftBehind();
    }

    @Test
    void anEventThatIsSentAgainIsCountedOnce() throws Exception {
        store.insert(1, 2_000, "2026-11-01 00:00:00", 5);
        store.insert(1, 1_000, "2026-11-01 00:00:00", 5);
        assertCompleted(task.run());
        assertThat(store.query("SELECT sum(events) FROM " + store.database + ".rollup_all"))
                .isEqualTo("2000");
        store.insert(1, 2_000, "2026-11-01 00:00:00", 5);
        assertCompleted(task.run());
        assertThat(store.query("SELECT sum(events) FROM " + store.database + ".rollup_all"))
                .isEqualTo("2000");
        store.assertRollupsEqualEvents();
    }

    @Test
    void lateEventsMakeTheirHoursAnewAndNoOthers() throws Exception {
        store.insert(1, 5_000, "2026-11-01 00:00:00", 48);
        store.insert(2, 500, "2025-11-20 00:00:00", 3);
        assertCompleted(task.run());
        store.insert(3, 100, "2026-11-01 07:00:00", 1);
        store.insert(4, 100, "2026-11-02 23:00:00", 1);
        store.insert(5, 100, "2025-11-20 01:00:00", 1);
        store.insert(6, 100, "2025-10-18 01:00:00", 1);

        JobExecution run = task.run();

        assertCompleted(run);
        assertThat(step(run, "plan").getReadCount()).isEqualTo(4);
        store.assertRollupsEqualEvents();
        assertThat(step(task.run(), "plan").getReadCount())
                .as("hours that nothing was added to")
                .isZero();
    }

    @Test
    void aRangeIsRecomputedOnDemand() throws Exception {
        store.insert(1, 3_000, "2026-11-01 00:00:00", 48);
        assertCompleted(task.run());
        store.query("ALTER TABLE " + store.database
                + ".rollup_hour DELETE WHERE hour < '2026-11-01 09:30:00' SETTINGS mutations_sync = 2");

        JobExecution run = task.run("weir.rollup.from=2026-11-01T03:10:00Z", "weir.rollup.to=2026-11-01T08:10:00Z");

        assertCompleted(run);
        assertThat(step(run, "plan").getReadCount()).isEqualTo(6);
        assertThat(store.query("SELECT min(hour), max(hour), uniq(hour) FROM " + store.database
                        + ".rollup_hour WHERE hour < '2026-11-01 10:00:00'"))
                .isEqualTo("2026-11-01 03:00:00\t2026-11-01 08:00:00\t6");
        assertCompleted(task.run("weir.rollup.from=2026-11-01"));
        store.assertRollupsEqualEvents();
    }

    @Test
    void aRangeThatCannotBeReadFailsWithItsName() throws Exception {
        JobExecution run = task.run("weir.rollup.from=yesterday");
        assertThat(run.getStatus()).isEqualTo(BatchStatus.FAILED);
        assertThat(run.getAllFailureExceptions().get(0)).hasMessageContaining("weir.rollup.from is yesterday");
    }

    /** The connection breaks after each statement of a run in turn; the next run begins with what is there then. */
    @Test
    void aRunThatEndsAfterAnyStatementIsMadeGoodByTheNext() throws Exception {
        int statements = Integer.MAX_VALUE;
        int tried = 0;
        for (int after = 1; after < statements; after += 17) {
            store.insert(100 + after, 60, "2026-11-01 22:00:00", 4);
            gate.closeAfter(after, tried % 2 == 1);
            JobExecution broken = task.run();
            gate.open();
            if (broken.getStatus() == BatchStatus.COMPLETED) {
                statements = after;
            } else {
                assertCompleted(task.run());
            }
            tried++;
            assertThat(store.query("SELECT sum(events) FROM " + store.database + ".rollup_all"))
                    .isEqualTo(store.query("SELECT count() FROM " + store.database + ".events FINAL"));
        }
        assertThat(tried).as("places where it was broken").isGreaterThan(12);
        store.assertRollupsEqualEvents();
        store.assertNothingIsLeftBehind();
    }

    @Test
    void aRestartGoesOnWithWhatIsNotDone() throws Exception {
        store.insert(1, 2_000, "2026-11-01 00:00:00", 48);
        AtomicInteger replaced = new AtomicInteger();
        gate.before(statement -> {
            if (statement.contains("rollup_hour REPLACE PARTITION 20261102")) {
                replaced.incrementAndGet();
                throw new IllegalStateException("planned failure");
            }
        });
        assertThat(task.runAs("one").getStatus()).isEqualTo(BatchStatus.FAILED);
        assertThat(replaced).hasPositiveValue();
        gate.open();

        JobExecution restarted = task.runAs("one");

        assertCompleted(restarted);
        assertThat(restarted.getStepExecutions().stream().map(StepExecution::getStepName))
                .contains("prepare", "hours:20261102")
                .doesNotContain("plan", "hours:20261101");
        store.assertRollupsEqualEvents();
        store.assertNothingIsLeftBehind();
    }

    @Test
    void ofTwoRunsAtOnceOneWorks() throws Exception {
        store.insert(1, 5_000, "2026-11-01 00:00:00", 48);
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        gate.before(statement -> {
            if (statement.contains("rollup_hour REPLACE PARTITION")) {
                working.countDown();
                try {
                    refused.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        ExecutorService threads = Executors.newSingleThreadExecutor();
        Future<Integer> first = threads.submit(() -> task.launch("run=first"));
        assertThat(working.await(60, TimeUnit.SECONDS)).isTrue();

        assertThat(task.launch("run=second", "--weir.task.lock-wait=0s")).isOne();
        assertThat(task.statusOf("second")).as("jobs of the second").isEmpty();

        refused.countDown();
        assertThat(first.get()).isZero();
        threads.shutdown();
        assertThat(task.statusOf("first")).containsExactly("COMPLETED");
        store.assertRollupsEqualEvents();
        store.assertNothingIsLeftBehind();
    }

    @Test
    void ofTwoRunsStartedAtOnceTheSecondWaitsAndFindsItDone() throws Exception {
        store.insert(1, 5_000, "2026-11-01 00:00:00", 48);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        Future<Integer> one = threads.submit(() -> task.launch("run=one", "--weir.task.lock-wait=60s"));
        Future<Integer> other = threads.submit(() -> task.launch("run=other", "--weir.task.lock-wait=60s"));
        assertThat(List.of(one.get(), other.get())).containsOnly(0);
        threads.shutdown();
        store.assertRollupsEqualEvents();
        assertThat(store.query("SELECT uniqExact(execution), count() FROM " + store.database
                        + ".rollup_ledger WHERE unit = 'hour'"))
                .as("runs that recomputed hours, and hours")
                .isEqualTo("1\t48");
    }

    @Test
    void eventsThatArriveDuringARunAreInTheNext() throws Exception {
        store.insert(1, 2_000, "2026-11-01 00:00:00", 4);
        AtomicInteger seed = new AtomicInteger(1000);
        gate.before(statement -> {
            if (statement.startsWith("INSERT INTO " + store.database + ".rollup_tmp")
                    || statement.contains("cityHash64")) {
                store.insert(seed.incrementAndGet(), 5, "2026-11-01 00:00:00", 4);
            }
        });
        assertCompleted(task.run());
        gate.open();
        assertThat(seed).as("inserts in between").hasValueGreaterThan(1008);
        assertCompleted(task.run());
        store.assertRollupsEqualEvents();
    }

    @Test
    void aReaderSeesADayBeforeOrAfterAndNothingElse() throws Exception {
        store.insert(1, 20_000, "2026-11-01 00:00:00", 24);
        assertCompleted(task.run());
        Set<String> seen = new ConcurrentSkipListSet<>();
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService reader = Executors.newSingleThreadExecutor();
        Future<?> reading = reader.submit(() -> {
            while (!done.get()) {
                seen.add("hour " + store.query("SELECT sum(events) FROM " + store.database + ".rollup_hour"));
                seen.add("day " + store.query("SELECT sum(events) FROM " + store.database + ".rollup_day"));
            }
        });
        for (int i = 0; i < 3; i++) {
            assertCompleted(task.run("weir.rollup.from=2026-11-01"));
        }
        store.insert(2, 10, "2026-11-01 10:00:00", 1);
        assertCompleted(task.run());
        done.set(true);
        reading.get();
        reader.shutdown();
        assertThat(Set.of("hour 20000", "hour 20010", "day 20000", "day 20010")).containsAll(seen);
    }

    @Test
    void aDifferenceFailsTheRun() throws Exception {
        store.insert(1, 2_000, "2026-11-01 00:00:00", 4);
        AtomicBoolean once = new AtomicBoolean();
        gate.before(statement -> {
            // After the rollups are in place, and before they are compared.
            if (statement.contains("unit = 'hour' AND start >=") && once.compareAndSet(false, true)) {
                store.query("ALTER TABLE " + store.database
                        + ".rollup_hour UPDATE bytes = bytes + 1 WHERE tenant = 't3' AND hour = '2026-11-01 02:00:00'"
                        + " SETTINGS mutations_sync = 2");
                store.query(
                        "ALTER TABLE " + store.database + ".rollup_hour DELETE WHERE 0 SETTINGS mutations_sync = 2");
            }
        });
        JobExecution run = task.run();
        assertThat(run.getStatus()).isEqualTo(BatchStatus.FAILED);
        assertThat(run.getAllFailureExceptions().toString()
                        + step(run, "reconcile:20261101").getFailureExceptions())
                .contains("rollup_hour of hour 2026-11-01T02:00:00Z is not what its events give", "'t3'");
    }

    @Test
    void whatADeadRunDidNotCompareTheNextCompares() throws Exception {
        store.insert(1, 2_000, "2026-11-01 00:00:00", 4);
        gate.before(statement -> {
            if (statement.contains("unit = 'hour' AND start >=")) {
                throw new IllegalStateException("planned failure");
            }
        });
        assertThat(task.run().getStatus()).isEqualTo(BatchStatus.FAILED);
        gate.open();
        store.query("ALTER TABLE " + store.database
                + ".rollup_hour UPDATE bytes = bytes + 1 WHERE tenant = 't3' AND hour = '2026-11-01 02:00:00'"
                + " SETTINGS mutations_sync = 2");

        JobExecution next = task.run();

        assertThat(step(next, "plan").getReadCount()).isZero();
        assertThat(next.getStatus()).isEqualTo(BatchStatus.FAILED);
        assertThat(step(next, "reconcile:20261101").getFailureExceptions().toString())
                .contains("rollup_hour of hour 2026-11-01T02:00:00Z");
        assertCompleted(task.run("weir.rollup.from=2026-11-01"));
        assertCompleted(task.run());
        store.assertRollupsEqualEvents();
    }

    @Test
    void aDifferenceFromTheEventsIsNamed() throws Exception {
        store.insert(1, 2_000, "2026-11-01 00:00:00", 2);
        assertCompleted(task.run());
        Statements statements = new Statements(store.warehouse, DataSize.ofMegabytes(256));
        Ledger ledger = new Ledger(statements);
        Reconciliation reconciliation = new Reconciliation(statements, ledger);
        LocalDate day = LocalDate.of(2026, 11, 1);
        assertThat(reconciliation.checkHours(day, List.of(0, 1))).isPositive();
        for (Derivation derivation : Derivation.values()) {
            assertThat(reconciliation.checkDerived(derivation, derivation.start(day)))
                    .isTrue();
        }

        // As if events had been lost after they were rolled up.
        store.query("ALTER TABLE " + store.database
                + ".events DELETE WHERE tenant = 't3' AND toHour(timestamp) = 1 SETTINGS mutations_sync = 2");
        assertThatThrownBy(() -> reconciliation.checkHours(day, List.of(0, 1)))
                .isInstanceOf(RollupDifferenceException.class)
                .hasMessageContaining("rollup_hour of hour 2026-11-01T01:00:00Z is not what its events give")
                .hasMessageContaining("expected nothing, found ('2026-11-01 01:00:00','t3','log',");

        for (String table : List.of("measurement_day", "rollup_year", "measurement_all")) {
            store.query("ALTER TABLE " + store.database + "." + table
                    + " DELETE WHERE tenant = 't4' SETTINGS mutations_sync = 2");
        }
        assertThatThrownBy(() -> Derivation.DAY.check(day, statements))
                .hasMessageContaining("measurement_day of 20261101");
        for (String table : List.of("endpoint_day", "tenant_week")) {
            store.query("ALTER TABLE " + store.database + "." + table
                    + " UPDATE events = events + 1 WHERE endpoint_template = '/p/1' SETTINGS mutations_sync = 2");
        }
        assertThatThrownBy(() -> Derivation.SUMMARY.check(day, statements))
                .hasMessageContaining("endpoint_day of 20261101 is not what the rows of rollup_day give");
        assertThatThrownBy(() -> Derivation.WEEK.check(LocalDate.of(2026, 10, 26), statements))
                .hasMessageContaining("tenant_week of 20261026 is not what the rows of tenant_day give");
        assertThatThrownBy(() -> Derivation.YEAR.check(day.withDayOfMonth(1), statements))
                .hasMessageContaining("rollup_year of 202611");
        assertThatThrownBy(() -> Derivation.ALL.check(day.withDayOfYear(1), statements))
                .hasMessageContaining("_all of 2026");
    }

    @Test
    void whatIsLeftOfDroppedEventsIsKeptAndLateOnesAreAdded() throws Exception {
        store.insert(1, 2_000, "2026-09-01 00:00:00", 24);
        assertCompleted(task.run());
        // As retention-purge does it: what remains is sealed, then the events go.
        store.query("ALTER TABLE " + store.database + ".events DROP PARTITION 20260901");
        for (String table : List.of("rollup_hour", "measurement_hour")) {
            store.query("CREATE TABLE " + store.database + ".sealed AS " + store.database + "." + table);
            store.query("INSERT INTO " + store.database + ".sealed SELECT * REPLACE (1 AS sealed) FROM "
                    + store.database + "." + table);
            store.query("ALTER TABLE " + store.database + "." + table + " REPLACE PARTITION 20260901 FROM "
                    + store.database + ".sealed");
            store.query("DROP TABLE " + store.database + ".sealed SYNC");
        }
        store.insert(2, 50, "2026-09-01 10:00:00", 2);

        assertCompleted(task.run());

        for (String table : List.of("rollup_hour", "rollup_day", "rollup_year", "rollup_all")) {
            assertThat(store.query("SELECT sum(events) FROM " + store.database + "." + table))
                    .as(table)
                    .isEqualTo("2050");
        }
    }

    @Test
    void aDayWhosePurgeIsGoingOnWaits() throws Exception {
        store.insert(1, 200, "2026-09-01 00:00:00", 2);
        store.insert(2, 200, "2026-09-02 00:00:00", 2);
        manifest("events", "20260901", "verified");

        JobExecution run = task.run();

        assertCompleted(run);
        assertThat(step(run, "plan").getExitStatus().getExitCode()).isEqualTo("PARTIAL");
        assertThat(store.query("SELECT sum(events), min(toDate(hour)) FROM " + store.database + ".rollup_hour"))
                .isEqualTo("200\t2026-09-02");
        manifest("events", "20260901", "restored");
        assertCompleted(task.run());
        store.assertRollupsEqualEvents();
    }

    @Test
    void aMonthOfWhichDaysAreGoneStaysAsItWas() throws Exception {
        store.insert(1, 1_000, "2025-09-01 00:00:00", 48);
        assertCompleted(task.run());
        for (String table : List.of("rollup_hour", "measurement_hour", "rollup_day", "measurement_day")) {
            store.query("ALTER TABLE " + store.database + "." + table + " DROP PARTITION 20250901");
            manifest(table, "20250901", "dropped");
        }
        store.insert(2, 100, "2025-09-01 05:00:00", 1);
        store.insert(3, 100, "2025-09-02 05:00:00", 1);

        JobExecution run = task.run();

        assertCompleted(run);
        assertThat(step(run, "plan").getExitStatus().getExitDescription()).contains("2025-09-01");
        assertThat(store.query("SELECT sum(events) FROM " + store.database + ".rollup_year"))
                .isEqualTo("1000");
        assertThat(store.query("SELECT uniq(day) FROM " + store.database + ".rollup_day"))
                .isEqualTo("1");
    }

    @Test
    void aLateEventMakesTheSummaryOfItsDayAndItsWeekAnewAndNoOthers() throws Exception {
        store.insert(1, 3_000, "2026-10-31 00:00:00", 72);
        assertCompleted(task.run());
        store.insert(2, 10, "2026-11-01 23:00:00", 1);

        JobExecution run = task.run();

        assertCompleted(run);
        assertThat(run.getStepExecutions().stream().map(StepExecution::getStepName))
                .contains("summaries:20261101", "weeks:20261026", "reconcile:20261101", "reconcile:20261026")
                .doesNotContain("summaries:20261031", "summaries:20261102", "weeks:20261102");
        store.assertRollupsEqualEvents();
    }

    @Test
    void anInstallationThatHasNoSummariesGetsThemByItsNextRun() throws Exception {
        store.insert(1, 3_000, "2026-10-31 00:00:00", 72);
        assertCompleted(task.run());
        for (String table : List.of("endpoint_day", "tenant_day", "endpoint_week", "tenant_week")) {
            store.query("TRUNCATE TABLE " + store.database + "." + table);
        }
        store.query("ALTER TABLE " + store.database
                + ".rollup_ledger DELETE WHERE unit IN ('summary', 'week') SETTINGS mutations_sync = 2");

        JobExecution run = task.run();

        assertCompleted(run);
        assertThat(step(run, "plan").getReadCount()).isZero();
        assertThat(step(run, "reconcile:20261031").getReadCount())
                .as("units compared")
                .isOne();
        store.assertRollupsEqualEvents();
        assertThat(task.run().getStepExecutions().stream().map(StepExecution::getStepName))
                .as("a run after it")
                .noneMatch(step -> step.contains(":"));
    }

    @Test
    void aDroppedDayTakesItsSummariesAlongAndLeavesItsWeekUntilItIsRestored() throws Exception {
        store.insert(1, 1_000, "2025-09-02 00:00:00", 48);
        assertCompleted(task.run());
        String day = store.database + ".rollup_day";
        store.query("CREATE TABLE " + store.database + ".archive AS " + day);
        store.query("ALTER TABLE " + store.database + ".archive ATTACH PARTITION 20250902 FROM " + day);
        store.query("ALTER TABLE " + day + " DROP PARTITION 20250902");
        manifest("rollup_day", "20250902", "dropped");
        store.insert(2, 100, "2025-09-03 05:00:00", 1);
        gate.before(statement -> {
            if (statement.contains("endpoint_day DROP PARTITION")) {
                assertThat(summaryReadUntil("2025-09-02"))
                        .as("before it is dropped")
                        .isEqualTo("0");
                throw new IllegalStateException("planned failure");
            }
        });
        assertThat(task.run().getStatus()).isEqualTo(BatchStatus.FAILED);
        gate.open();

        JobExecution run = task.run();

        assertCompleted(run);
        assertThat(step(run, "drop").getWriteCount()).isOne();
        for (String table : List.of("tenant_day", "endpoint_day")) {
            assertThat(store.query("SELECT DISTINCT day FROM " + store.database + "." + table))
                    .as(table)
                    .isEqualTo("2025-09-03");
        }
        for (String table : List.of("tenant_week", "endpoint_week")) {
            assertThat(store.query("SELECT sum(events), any(week) FROM " + store.database + "." + table))
                    .as(table)
                    .isEqualTo("1000\t2025-09-01");
        }
        assertThat(step(task.run(), "drop").getWriteCount())
                .as("of a run after it")
                .isZero();
        assertThat(summaryReadUntil("2025-09-02")).isEqualTo("0");

        store.query("ALTER TABLE " + day + " ATTACH PARTITION 20250902 FROM " + store.database + ".archive");
        manifest("rollup_day", "20250902", "restored");
        assertCompleted(task.run());
        store.assertRollupsEqualEvents();
    }

    @Test
    void whatIsDroppedOfOneTenantLeavesTheSummariesOfTheDay() throws Exception {
        store.insert(1, 1_000, "2025-09-02 00:00:00", 24);
        assertCompleted(task.run());
        store.query(
                "ALTER TABLE " + store.database + ".rollup_day DELETE WHERE tenant = 't3' SETTINGS mutations_sync = 2");
        store.query("INSERT INTO " + store.database + ".archive_manifest (table, partition, tenant, file, state, at)"
                + " VALUES ('rollup_day', '20250902', 't3', 'f', 'dropped', now64(3))");

        assertCompleted(task.run());

        store.assertSummariesEqualEvents();
    }

    private String summaryReadUntil(String day) {
        return store.query("SELECT toUnixTimestamp64Milli(read_until) FROM " + store.database
                + ".rollup_ledger FINAL WHERE unit = 'summary' AND toDate(start) = '" + day + "'");
    }

    private void manifest(String table, String partition, String state) {
        store.warehouse.query(
                "INSERT INTO " + store.database + ".archive_manifest (table, partition, file, state, at)"
                        + " SELECT {table:String}, {partition:String}, 'f', {state:String}, now64(3)",
                Map.of("table", table, "partition", partition, "state", state));
    }

    private static void assertCompleted(JobExecution run) {
        assertThat(run.getStatus())
                .as(() -> run.getAllFailureExceptions() + " "
                        + run.getStepExecutions().stream()
                                .filter(step -> step.getStatus() != BatchStatus.COMPLETED)
                                .map(step -> step.getStepName() + step.getFailureExceptions())
                                .toList())
                .isEqualTo(BatchStatus.COMPLETED);
    }

    private static StepExecution step(JobExecution run, String name) {
        return run.getStepExecutions().stream()
                .filter(step -> step.getStepName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
