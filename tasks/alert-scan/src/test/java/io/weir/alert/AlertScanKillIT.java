package io.weir.alert;

import static io.weir.alert.Scans.TENANT;
import static io.weir.alert.Scans.minute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.metadata.rule.Comparison;
import io.weir.metadata.rule.Condition;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Query.Measure;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Severity;
import jakarta.mail.internet.MimeMessage;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** A scan is killed at each of its steps; the next one makes it good. One test for each row of the README's table. */
class AlertScanKillIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Scans scans = new Scans();

    @BeforeEach
    void raiseTheErrorRate() {
        scans.route(scans.mail("ops"));
        scans.rules.save(Rule.of(
                TENANT,
                "errors",
                Severity.CRITICAL,
                Query.of(Measure.ERROR_RATE, Duration.ofMinutes(5)),
                new Condition.Threshold(Comparison.ABOVE, 0.05, null)));
        scans.requests(TENANT, 1000, 5, 10, minute().plusSeconds(240));
    }

    @AfterEach
    void close() {
        scans.close();
    }

    @Test
    void killedWhileItEvaluatesTheWindowIsEvaluatedByTheNext() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Process scan = scans.start("--weir.clickhouse.url=http://127.0.0.1:" + silent.getLocalPort());
            silent.setSoTimeout((int) PATIENCE.toMillis());
            silent.accept(); // it asks, and is never answered
            Scans.kill(scan);
        }
        assertThat(scans.count("alert_evaluation")).isZero();

        assertThat(scans.scan()).isZero();
        theTransitionsAreThereAndOneMailWasSent();
    }

    @Test
    void killedBeforeItDecidesWhatWasEvaluatedIsDecidedByTheNext() throws Exception {
        killWhileHeld(
                "select pg_advisory_xact_lock(hashtextextended('weir-alerts/acme', 0))", "pg_advisory_xact_lock(hash%");
        assertThat(scans.count("alert_evaluation")).isEqualTo(1);
        scans.forgetEvents(); // the next scan has nothing but what was evaluated
        assertThat(scans.count("alert_history")).isZero();

        // No minute of its own is due then, however late it is.
        assertThat(scans.scan("--weir.alert.delay=1h")).isZero();
        assertThat(scans.history()).startsWith("PENDING", "FIRING");
        assertThat(scans.subjects()).isNotEmpty();
    }

    @Test
    void killedWithTheAlertsMovedAndNothingInTheOutboxTheAlertsAreAsBefore() throws Exception {
        killWhileHeld("lock table alert_outbox in exclusive mode", "insert into alert_outbox%");
        assertThat(scans.count("alert")).as("rolled back with the outbox").isZero();
        assertThat(scans.count("alert_history")).isZero();

        assertThat(scans.scan()).isZero();
        theTransitionsAreThereAndOneMailWasSent();
    }

    @Test
    void killedBeforeTheMailServerTakesTheMailItIsSentByTheNext() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Process scan = scans.start("--spring.mail.port=" + silent.getLocalPort());
            silent.setSoTimeout((int) PATIENCE.toMillis());
            silent.accept(); // it never greets
            Scans.kill(scan);
        }
        assertThat(scans.history()).containsExactly("PENDING", "FIRING");
        assertThat(scans.subjects()).isEmpty();

        afterTheClaim();
        theTransitionsAreThereAndOneMailWasSent();
    }

    @Test
    void killedAfterTheMailServerTookTheMailItIsSentAgainWithTheSameId() throws Exception {
        killWhileHeld("lock table alert_delivery in exclusive mode", "insert into alert_delivery%");
        assertThat(scans.subjects()).hasSize(1);

        afterTheClaim();
        assertThat(scans.history()).containsExactly("PENDING", "FIRING");
        assertThat(scans.subjects()).hasSize(2);
        List<String> ids = Arrays.stream(scans.mailbox.getReceivedMessages())
                .map(AlertScanKillIT::id)
                .distinct()
                .toList();
        assertThat(ids).as("Message-ID").hasSize(1);
        assertThat(scans.count("alert_delivery")).isEqualTo(1);
    }

    private static String id(MimeMessage message) {
        try {
            return message.getMessageID();
        } catch (jakarta.mail.MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    private void theTransitionsAreThereAndOneMailWasSent() {
        assertThat(scans.history()).containsExactly("PENDING", "FIRING");
        assertThat(scans.subjects()).containsExactly("[Weir] FIRING critical: errors");
        assertThat(scans.count("alert_outbox where state <> 'SENT'")).isZero();
    }

    /** Scans until nothing waits: a notice that was claimed by a dead process is free again when the claim has run out. */
    private void afterTheClaim() {
        await().atMost(PATIENCE).until(() -> {
            scans.scan();
            return scans.outbox.waiting() == 0;
        });
    }

    /** Holds a lock while a scan runs, and kills the scan once it waits for it in a statement like this. */
    private void killWhileHeld(String lockStatement, String waiting) throws Exception {
        DataSource database = Objects.requireNonNull(((JdbcTemplate) scans.jdbc).getDataSource());
        try (Connection holder = database.getConnection();
                Statement lock = holder.createStatement()) {
            holder.setAutoCommit(false);
            lock.execute(lockStatement);
            Process scan = scans.start();
            await().atMost(PATIENCE).until(() -> isWaiting(waiting));
            Scans.kill(scan);
            // PostgreSQL notices that the client is gone only when the statement gets its lock: end it as a network
            // would.
            scans.jdbc.query(
                    "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
                    row -> {});
            holder.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean isWaiting(String statement) {
        Long waiting = scans.jdbc.queryForObject(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ilike ? and datname = current_database()",
                Long.class,
                "%" + statement);
        return waiting != null && waiting > 0;
    }
}
