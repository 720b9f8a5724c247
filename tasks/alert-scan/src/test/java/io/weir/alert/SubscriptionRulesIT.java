package io.weir.alert;

import static io.weir.alert.Scans.TENANT;
import static io.weir.alert.Scans.minute;
import static io.weir.alert.Scans.parts;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.metadata.rule.Comparison;
import io.weir.metadata.rule.Condition;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Severity;
import io.weir.metadata.rulebook.RuleBookReader;
import io.weir.metadata.subscription.Subscription;
import io.weir.metadata.user.Role;
import io.weir.warehouse.account.ReaderViews;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From the results of subscriptions to what arrives at people, with real servers. */
class SubscriptionRulesIT {

    private static final String BY_SOURCE = "{\"select\":[\"errors\",\"last_seen\"],\"group_by\":[\"source\"]}";
    private static final String IN_ALL = "{\"select\":[\"errors\"]}";

    private final Scans scans = new Scans();

    @AfterEach
    void close() {
        scans.close();
    }

    @Test
    void aResultBeyondALimitIsAMailAndTheNextOneEndsIt() throws Exception {
        UUID id = subscribe("errors by source", BY_SOURCE);
        apply("""
                tenant: acme
                channels:
                  - {name: ops, kind: email, settings: {to: ops@example.com}}
                routes:
                  - channels: ops
                rules:
                  - name: failing
                    severity: critical
                    query: {measure: subscription, subscription: errors by source, column: errors, groupBy: [source]}
                    condition: {kind: threshold, above: 100, clear: 50}
                """);
        result(id, 30, "{\"source\":\"shop\",\"errors\":150},{\"source\":\"api\",\"errors\":3}");

        assertThat(scans.scan()).isZero();
        assertThat(firing()).containsExactly("failing source=\"shop\"");
        assertThat(scans.subjects()).containsExactly("[Weir] FIRING critical: failing");
        assertThat((String) parts(scans.mailbox.getReceivedMessages()[0]).get("text/plain"))
                .contains("errors of 'errors by source' is 150: above 100");

        result(id, 20, "{\"source\":\"shop\",\"errors\":60},{\"source\":\"api\",\"errors\":60}");
        assertThat(scans.nextScan()).isZero();
        assertThat(firing()).as("not clear yet").containsExactly("failing source=\"shop\"");

        result(id, 10, "{\"source\":\"shop\",\"errors\":5}");
        assertThat(scans.nextScan()).isZero();
        assertThat(firing()).isEmpty();
        assertThat(scans.subjects())
                .containsExactly("[Weir] FIRING critical: failing", "[Weir] RESOLVED critical: failing");
    }

    @Test
    void aMinuteThatWasMissedIsDecidedByTheResultThatThereWasThen() {
        UUID id = subscribe("errors", IN_ALL);
        apply(rule("{kind: threshold, above: 100}"));
        Instant now = minute();
        result(id, now.minusSeconds(600), "{\"errors\":5}");
        result(id, now.minusSeconds(4 * 60 + 30), "{\"errors\":150}");
        result(id, now.minusSeconds(2 * 60 + 30), "{\"errors\":5}");
        result(id, now.plusSeconds(30), "{\"errors\":150}");
        scans.jdbc.update("update alert_rule set evaluated_until = ?", Timestamp.from(now.minusSeconds(6 * 60)));

        assertThat(scans.scan()).isZero();

        List<String> history = scans.jdbc.query(
                "select to_state, at from alert_history order by id",
                (row, number) -> row.getString(1) + " "
                        + Duration.between(row.getTimestamp(2).toInstant(), now).toMinutes());
        assertThat(history).startsWith("PENDING 4", "FIRING 4", "RESOLVED 2");
    }

    @Test
    void aChangeIsAgainstTheResultOfThatTime() {
        UUID id = subscribe("errors", IN_ALL);
        apply(rule("{kind: change, before: 1h, above: 4}"));
        result(id, 3_630, "{\"errors\":10}");
        result(id, 1_800, "{\"errors\":1}");
        result(id, 30, "{\"errors\":49}");
        assertThat(scans.scan()).isZero();
        assertThat(firing()).isEmpty();

        result(id, 20, "{\"errors\":60}");
        assertThat(scans.nextScan()).isZero();
        assertThat(firing()).containsExactly("failing ");
        assertThat(scans.alerts.ofTenant(TENANT).get(0).usual()).isEqualTo(10);
    }

    @Test
    void aSubscriptionThatGivesNoResultsAnyMoreIsAnAbsenceThatSaysWhy() {
        UUID id = subscribe("errors", IN_ALL);
        apply(rule("{kind: absence}"));
        result(id, 30, "{\"errors\":0}");
        assertThat(scans.scan()).isZero();
        assertThat(firing()).as("a result, though it says zero").isEmpty();

        Subscription subscription = scans.subscriptions.find(id).orElseThrow();
        scans.subscriptions.pause(subscription, "ann");
        assertThat(scans.nextScan()).isZero();
        assertThat(firing()).containsExactly("failing ");
        assertThat(reason()).isEqualTo("subscription 'errors' is paused");

        scans.subscriptions.resume(subscription, "ann");
        assertThat(scans.nextScan()).isZero();
        assertThat(firing()).isEmpty();

        forgetAlerts();
        scans.jdbc.update("update subscription_result set ran_at = ran_at - interval '4 minutes'");
        failed(id, "It needs more time.");
        assertThat(scans.nextScan()).isZero();
        assertThat(firing()).containsExactly("failing ");
        assertThat(reason())
                .isEqualTo(
                        "subscription 'errors' has given no result for 3 min: its last run failed (It needs more time.)");

        result(id, 10, "{\"errors\":0}");
        assertThat(scans.nextScan()).isZero();
        assertThat(firing()).isEmpty();

        forgetAlerts();
        scans.subscriptions.delete(subscription, "ann");
        assertThat(scans.nextScan()).isZero();
        assertThat(firing()).containsExactly("failing ");
        assertThat(reason()).isEqualTo("subscription 'errors' has been deleted");
    }

    @Test
    void whereThereIsNoDataTheRuleSaysWhatFollows() {
        UUID id = subscribe("errors", IN_ALL);
        apply(rule("{kind: threshold, above: 100}") + "    onMissing: alert\n");
        result(id, 30, "{\"errors\":null}");
        assertThat(scans.scan()).isZero();
        assertThat(firing()).as("a row without a number").containsExactly("failing ");

        result(id, 20, "{\"errors\":0}");
        assertThat(scans.nextScan()).isZero();
        assertThat(firing()).isEmpty();

        scans.subscriptions.pause(scans.subscriptions.find(id).orElseThrow(), "ann");
        assertThat(scans.nextScan()).isZero();
        assertThat(firing()).containsExactly("failing ");
        assertThat(reason()).isEqualTo("subscription 'errors' is paused");
    }

    @Test
    void aRuleThatDoesNotFitTheResultIsInErrorAndSaysWhy() {
        UUID id = subscribe("by source", BY_SOURCE);
        apply(rule("{kind: threshold, above: 100}").replace("subscription: errors", "subscription: by source"));
        result(id, 30, "{\"source\":\"shop\",\"errors\":1},{\"source\":\"api\",\"errors\":1}");

        assertThat(scans.scan()).isEqualTo(3);
        assertThat(firing()).containsExactly("failing rule_error=\"true\"");
        assertThat(reason()).contains("has several rows of one group: name in query.groupBy");

        apply(rule("{kind: threshold, above: 100}")
                .replace("subscription: errors", "subscription: by source, groupBy: source")
                .replace("column: errors", "column: last_seen"));
        forgetAlerts();
        result(id, 20, "{\"source\":\"shop\",\"last_seen\":\"2026-01-01T00:00:00Z\"}");
        assertThat(scans.nextScan()).isEqualTo(3);
        assertThat(reason()).contains("column 'last_seen' of subscription 'by source' is no number");
    }

    @Test
    void aResultThatLostRowsForItsLengthClearsNothing() {
        UUID id = subscribe("errors", BY_SOURCE);
        apply(rule("{kind: threshold, above: 100}").replace("column: errors", "column: errors, groupBy: source"));
        result(id, 30, "{\"source\":\"api\",\"errors\":3},{\"source\":\"shop\",\"errors\":150}");
        assertThat(scans.scan()).isZero();
        assertThat(firing()).containsExactly("failing source=\"shop\"");

        store(
                id,
                minute().minusSeconds(20),
                "{\"data\":[{\"source\":\"api\",\"errors\":3}],\"meta\":{\"truncated\":true,\"cut_for_length\":true}}",
                null);
        assertThat(scans.nextScan()).isEqualTo(3);
        assertThat(firing()).containsExactly("failing rule_error=\"true\"", "failing source=\"shop\"");

        result(id, 10, "{\"source\":\"api\",\"errors\":3}");
        assertThat(scans.nextScan()).isZero();
        assertThat(firing()).isEmpty();
    }

    @Test
    void whatMayTellOfPersonsIsNoLabel() {
        assertThat(Query.PERSONAL).containsExactlyInAnyOrderElementsOf(ReaderViews.PERSONAL_COLUMNS);
        UUID id = subscribe("by address", "{\"select\":[\"errors\"],\"group_by\":[\"client_ip\"]}");
        result(id, 30, "{\"client_ip\":\"192.0.2.7\",\"errors\":150}");
        // As one that was stored before this was refused.
        scans.rules.save(Rule.of(
                TENANT,
                "failing",
                Severity.INFO,
                Query.of(new Query.Results("by address", id, "errors"), "client_ip"),
                new Condition.Threshold(Comparison.ABOVE, 100, null)));

        assertThat(scans.scan()).isEqualTo(3);
        assertThat(firing()).containsExactly("failing rule_error=\"true\"");
        assertThat(reason()).contains("query.groupBy names 'client_ip', which may tell of persons");
        assertThat(scans.jdbc.queryForList("select labels from alert", String.class))
                .noneMatch(labels -> labels.contains("192.0.2.7"));
    }

    @Test
    void theSubscriptionOfAnotherTenantIsAsOneThatIsNotThere() {
        UUID id = scans.subscriptions
                .create("errors", "otto", Role.ANALYST, "other", IN_ALL, Duration.ofMinutes(1))
                .id();
        result(id, 30, "{\"errors\":150}");
        scans.rules.save(Rule.of(
                TENANT,
                "failing",
                Severity.INFO,
                Query.of(new Query.Results("errors", id, "errors")),
                new Condition.Threshold(Comparison.ABOVE, 100, null)));

        assertThat(scans.scan()).isZero();
        assertThat(firing()).isEmpty();
    }

    /** So that what comes is no relapse, which would have to be clear for longer. */
    private void forgetAlerts() {
        scans.jdbc.update("delete from alert");
    }

    private static String rule(String condition) {
        return """
                tenant: acme
                rules:
                  - name: failing
                    severity: info
                    query: {measure: subscription, subscription: errors, column: errors}
                    condition: %s
                """.formatted(condition);
    }

    private void apply(String book) {
        scans.books.apply(new RuleBookReader(name -> null).read(book), "anna", false, false);
    }

    private UUID subscribe(String name, String query) {
        return scans.subscriptions
                .create(name, "ann", Role.ANALYST, TENANT, query, Duration.ofMinutes(1))
                .id();
    }

    /** What a console stores of a run that began so many seconds before the last minute ended. */
    private void result(UUID id, int secondsAgo, String rows) {
        result(id, minute().minusSeconds(secondsAgo), rows);
    }

    private void result(UUID id, Instant ranAt, String rows) {
        store(id, ranAt, "{\"status\":\"success\",\"data\":[" + rows + "],\"meta\":{}}", null);
    }

    private void failed(UUID id, String error) {
        store(id, minute(), null, error);
    }

    private void store(UUID id, Instant ranAt, @Nullable String result, @Nullable String error) {
        UUID worker = UUID.randomUUID();
        scans.jdbc.update("update subscription set due_at = now() where id = ?", id);
        assertThat(scans.subscriptions.claim(worker, Duration.ofMinutes(1))).isPresent();
        assertThat(scans.subscriptions.finish(id, worker, ranAt, result, error)).isTrue();
    }

    private List<String> firing() {
        return scans.jdbc.queryForList(
                "select r.name || ' ' || a.labels from alert a join alert_rule r on r.id = a.rule where a.state = 'FIRING' order by 1",
                String.class);
    }

    private @Nullable String reason() {
        return scans.jdbc.queryForObject("select reason from alert where state = 'FIRING'", String.class);
    }
}
