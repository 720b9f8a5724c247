package io.weir.metadata;

import static io.weir.metadata.retention.RetainedTable.EVENTS;
import static io.weir.metadata.retention.RetainedTable.ROLLUP_HOUR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.weir.metadata.audit.AuditEntry;
import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.retention.RetentionHolds;
import io.weir.metadata.retention.RetentionPolicies;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class RetentionIT {

    private static final LocalDate TODAY = LocalDate.of(2026, 11, 21);

    @RegisterExtension
    static final MetadataContext METADATA = new MetadataContext();

    private final RetentionPolicies policies = METADATA.bean(RetentionPolicies.class);
    private final RetentionHolds holds = METADATA.bean(RetentionHolds.class);
    private final AuditLog audit = METADATA.bean(AuditLog.class);
    private final JdbcOperations jdbc = METADATA.bean(JdbcOperations.class);

    @BeforeEach
    void empty() {
        jdbc.execute("alter table audit_log disable trigger all");
        jdbc.update("delete from audit_log");
        jdbc.execute("alter table audit_log enable trigger all");
        jdbc.update("update audit_log_head set number = 0, hash = decode(repeat('00', 32), 'hex')");
        jdbc.update("delete from retention_policies");
    }

    @Test
    void withoutAPolicyTheDefaultsHold() {
        assertThat(policies.of(EVENTS).isOver("acme", TODAY.minusDays(30), TODAY))
                .isFalse();
        assertThat(policies.of(EVENTS).isOver("acme", TODAY.minusDays(31), TODAY))
                .isTrue();
        assertThat(policies.of(ROLLUP_HOUR).isOver("acme", TODAY.minusDays(365), TODAY))
                .isFalse();
        assertThat(policies.of(ROLLUP_HOUR).mayBeOver(TODAY.minusDays(366), TODAY))
                .isTrue();
    }

    @Test
    void aTenantsPolicyComesBeforeTheOneForAll() {
        policies.set("", EVENTS, OptionalInt.of(10), "ops");
        policies.set("acme", EVENTS, OptionalInt.of(5), "ops");
        policies.set("keeper", EVENTS, OptionalInt.empty(), "ops");
        policies.set("acme", EVENTS, OptionalInt.of(6), "ops");

        assertThat(policies.of(EVENTS).isOver("acme", TODAY.minusDays(7), TODAY))
                .isTrue();
        assertThat(policies.of(EVENTS).isOver("acme", TODAY.minusDays(6), TODAY))
                .isFalse();
        assertThat(policies.of(EVENTS).isOver("beta", TODAY.minusDays(7), TODAY))
                .isFalse();
        assertThat(policies.of(EVENTS).isOver("beta", TODAY.minusDays(11), TODAY))
                .isTrue();
        assertThat(policies.of(EVENTS).isOver("keeper", TODAY.minusYears(9), TODAY))
                .isFalse();
        assertThat(policies.list()).hasSize(3);
        assertThat(policies.remove("acme", EVENTS, "ops")).isTrue();
        assertThat(policies.remove("acme", EVENTS, "ops")).isFalse();
        assertThat(policies.of(EVENTS).isOver("acme", TODAY.minusDays(7), TODAY))
                .isFalse();
        assertThat(audit.entries(0, 10))
                .extracting(entry -> entry.action() + " " + entry.tenant() + " " + entry.detail())
                .containsExactly(
                        "retention.policy.set  {\"keep_days\":\"10\"}",
                        "retention.policy.set acme {\"keep_days\":\"5\"}",
                        "retention.policy.set keeper {\"keep_days\":\"for ever\"}",
                        "retention.policy.set acme {\"keep_days\":\"6\"}",
                        "retention.policy.remove acme {\"keep_days\":\"default\"}");
    }

    @Test
    void aPolicyOutOfRangeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> policies.set("acme", EVENTS, OptionalInt.of(0), "ops"))
                .withMessageContaining("keep_days is 0");
    }

    @Test
    void aHoldLastsUntilItsTimeAndIsNeverShortened() {
        Instant now = Instant.parse("2026-11-21T00:00:00Z");
        holds.hold(EVENTS, "20261001", now.plusSeconds(60), "restored");
        holds.hold(EVENTS, "20261001", now.plusSeconds(30), "restored");

        assertThat(holds.held(EVENTS, now.plusSeconds(59))).containsExactly("20261001");
        assertThat(holds.held(EVENTS, now.plusSeconds(60))).isEmpty();
        assertThat(holds.held(ROLLUP_HOUR, now)).isEmpty();
        assertThat(holds.release(EVENTS, "20261001")).isTrue();
        assertThat(holds.held(EVENTS, now)).isEmpty();
    }

    @Test
    void manyThatAppendAtOnceMakeOneChain() throws Exception {
        var pool = Executors.newFixedThreadPool(8);
        List<Callable<AuditEntry>> calls = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            int number = i;
            calls.add(() -> audit.append(event("subject \"" + number + "\"\n")));
        }
        for (Future<AuditEntry> entry : pool.invokeAll(calls)) {
            assertThat(entry.get().number()).isBetween(1L, 80L);
        }
        pool.shutdown();
        assertThat(audit.verify()).isEqualTo(new AuditLog.Verification(80, null));
        assertThat(audit.entries(79, 10)).hasSize(1);
    }

    @Test
    void aPageOfLongEntriesIsShortAndAllAreRead() {
        String statement = "x".repeat(300_000);
        for (int i = 0; i < 10; i++) {
            audit.append(
                    new AuditEvent("a", "query", i == 9 ? "" : "acme", Integer.toString(i), Map.of("sql", statement)));
        }

        AuditLog.Page first = audit.page(0, 1000, "acme");
        assertThat(first.entries()).extracting(AuditEntry::number).containsExactly(1L, 2L, 3L, 4L);
        assertThat(first.hasMore()).isTrue();
        assertThat(audit.page(8, 1000, "acme"))
                .satisfies(last -> assertThat(last.entries()).hasSize(1))
                .satisfies(last -> assertThat(last.hasMore()).isFalse());
        List<Long> read = new ArrayList<>();
        audit.read(1, 9, null, entry -> read.add(entry.number()));
        assertThat(read).containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        read.clear();
        audit.read(0, 10, "acme", entry -> read.add(entry.number()));
        assertThat(read).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(audit.verify()).isEqualTo(new AuditLog.Verification(10, null));
    }

    @Test
    void thoseThatWaitShareACommit() throws Exception {
        assertThat(appendAtOnce(30, i -> event("subject " + i))).isEmpty();

        assertThat(jdbc.queryForObject("select count(distinct xmin::text) from audit_log", Integer.class))
                .isLessThanOrEqualTo(3);
        assertThat(audit.verify()).isEqualTo(new AuditLog.Verification(30, null));
    }

    @Test
    void anEntryThatCannotBeStoredFailsAlone() throws Exception {
        assertThat(appendAtOnce(30, i -> event(i == 17 ? "PostgreSQL takes no \0" : "subject " + i)))
                .singleElement()
                .isInstanceOf(DataAccessException.class);

        assertThat(audit.verify()).isEqualTo(new AuditLog.Verification(29, null));
    }

    /** Each from a thread of its own, while somebody else holds the head of the log. Returns what was thrown. */
    private Queue<Throwable> appendAtOnce(int count, IntFunction<AuditEvent> events) throws Exception {
        Queue<Throwable> thrown = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        try (Connection other = METADATA.bean(DataSource.class).getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("select number from audit_log_head for update");
            for (int i = 0; i < count; i++) {
                AuditEvent event = events.apply(i);
                Thread thread = new Thread(() -> audit.append(event));
                thread.setUncaughtExceptionHandler((whose, failure) -> thrown.add(failure));
                thread.start();
                threads.add(thread);
            }
            // All but the one that waits for PostgreSQL.
            await().until(() -> threads.stream()
                            .filter(thread -> Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING)
                                    .contains(thread.getState()))
                            .count()
                    >= count - 1);
            other.rollback();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return thrown;
    }

    @Test
    void aDeedThatIsRepeatedIsOnRecordOnce() {
        assertThat(audit.appendOnce("deed-1", event("a"))).isPresent();
        assertThat(audit.appendOnce("deed-1", event("a"))).isEmpty();
        assertThat(audit.appendOnce("deed-2", event("a"))).isPresent();
        assertThat(audit.verify()).isEqualTo(new AuditLog.Verification(2, null));
    }

    @Test
    void anEntryGoesWithTheTransactionThatItIsPartOf() {
        audit.append(event("kept"));
        new TransactionTemplate(METADATA.bean(PlatformTransactionManager.class)).executeWithoutResult(status -> {
            audit.append(event("undone"));
            status.setRollbackOnly();
        });
        assertThat(audit.entries(0, 10)).extracting(AuditEntry::subject).containsExactly("kept");
        assertThat(audit.verify().isIntact()).isTrue();
    }

    @Test
    void entriesComeBehindThoseThatOthersHaveAppendedMeanwhile() {
        audit.append(event("first"));
        audit.append(event("second"));
        audit.appendOnce("of another way", event("third"));
        audit.append(event("fourth"));
        audit.append(event("fifth"));
        assertThat(audit.entries(0, 10))
                .extracting(AuditEntry::subject)
                .containsExactly("first", "second", "third", "fourth", "fifth");
        assertThat(audit.verify()).isEqualTo(new AuditLog.Verification(5, null));
    }

    @Test
    void rowsCannotBeChangedBySql() {
        audit.append(event("a"));
        for (String sql :
                List.of("update audit_log set actor = 'nobody'", "delete from audit_log", "truncate audit_log")) {
            assertThatExceptionOfType(DataAccessException.class)
                    .isThrownBy(() -> jdbc.execute(sql))
                    .withMessageContaining("append-only");
        }
    }

    @Test
    void whatSomebodyChangesPastThatIsFound() {
        for (int i = 1; i <= 5; i++) {
            audit.append(event("subject " + i));
        }
        assertThat(tampered("update audit_log set subject = 'another' where number = 3"))
                .isEqualTo("entry 3 is not what was appended");
        assertThat(tampered("update audit_log set detail = '{\"rows\": \"3\"}' where number = 2"))
                .isEqualTo("entry 2 is not what was appended");
        assertThat(tampered("delete from audit_log where number = 4")).isEqualTo("entry 4 is missing");
        assertThat(tampered("delete from audit_log where number > 3")).isEqualTo("entries 4 to 5 are missing");
        assertThat(tampered("update audit_log_head set hash = decode(repeat('01', 32), 'hex')"))
                .isEqualTo("the head of the log does not go with entry 5");
        assertThat(tampered("insert into audit_log select 6, at, actor, action, tenant, subject, detail, null, hash"
                        + " from audit_log where number = 5"))
                .isEqualTo("there are 1 entries beyond the head of the log");
        assertThat(audit.verify().isIntact()).isTrue();
    }

    private String tampered(String sql) {
        return new TransactionTemplate(METADATA.bean(PlatformTransactionManager.class)).execute(status -> {
            jdbc.execute("set local session_replication_role = replica"); // without triggers
            jdbc.execute(sql);
            status.setRollbackOnly();
            return audit.verify().problem();
        });
    }

    private static AuditEvent event(String subject) {
        return new AuditEvent("tester", "test", "acme", subject, Map.of("rows", "3", "file", "a\\b"));
    }
}
