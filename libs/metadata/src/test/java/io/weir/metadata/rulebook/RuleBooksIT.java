package io.weir.metadata.rulebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.weir.metadata.MetadataContext;
import io.weir.metadata.alert.Alerts;
import io.weir.metadata.alert.Evaluation;
import io.weir.metadata.alert.StateMachine;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.label.Labels;
import io.weir.metadata.notify.Routing;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rules;
import io.weir.metadata.rulebook.Change.Action;
import io.weir.metadata.subscription.Subscription;
import io.weir.metadata.subscription.Subscriptions;
import io.weir.metadata.user.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcOperations;

class RuleBooksIT {

    private static final String BOOK = """
            tenant: acme
            channels:
              - name: hook
                kind: webhook
                settings: {url: 'https://hooks.example.com/T1/xyz?token=t', secret: '${SECRET}'}
                fallback: ops
              - name: ops
                kind: email
                settings: {to: [ops@example.com, two@example.com]}
              - name: texts
                kind: sms
                settings: {url: 'file:sms-url', to: ['+491']}
            escalations:
              - name: on call
                levels:
                  - {after: 15m, channels: [hook]}
                  - {after: 1h, channels: [hook, ops]}
            routes:
              - {matchers: 'severity="critical", team=~"shop|pay"', channels: [ops, hook], escalation: on call, groupWait: 30s, continues: true}
              - {channels: ops, groupBy: [], repeatInterval: 1d}
            muteWindows:
              - {name: night, matchers: 'severity="info"', days: [monday, friday], fromTime: '22:00', toTime: '06:00', zone: Europe/Berlin}
            inhibitions:
              - {causes: 'rule="down"', effects: 'rule=~".*"', equal: [source]}
            rules:
              - name: errors
                severity: critical
                query: {measure: error_rate, where: ['type="request"', 'source!="a,b"'], groupBy: [source], window: 5m}
                condition: {kind: threshold, above: 0.05, clear: 0.03}
                holdFor: 90s
                labels: {team: shop}
                message: '{{value}} of requests fail'
                runbook: https://example.com/runbook
              - name: slow
                severity: warning
                query: {measure: latency_quantile, quantile: 0.95, window: 15m}
                condition: {kind: anomaly, direction: above}
              - name: silent
                severity: info
                enabled: false
                query: {measure: count, groupBy: [device_id], window: 5m}
                condition: {kind: absence, lookback: 1d}
              - name: drop
                severity: info
                query: {measure: measurement_average, measurement: temp, window: 1h}
                condition: {kind: change, before: 7d, below: -0.5, minimum: 3}
                onMissing: alert
            """;

    @RegisterExtension
    static final MetadataContext METADATA = new MetadataContext();

    private final RuleBooks books = METADATA.bean(RuleBooks.class);
    private final Rules rules = METADATA.bean(Rules.class);
    private final Routing routing = METADATA.bean(Routing.class);
    private final Alerts alerts = METADATA.bean(Alerts.class);

    @BeforeEach
    void empty() {
        JdbcOperations jdbc = METADATA.bean(JdbcOperations.class);
        for (String table : List.of(
                "subscription",
                "alert_rule",
                "alert_route",
                "alert_escalation_policy",
                "alert_mute_window",
                "alert_inhibition")) {
            jdbc.update("delete from " + table);
        }
        jdbc.update("update alert_channel set fallback = null");
        jdbc.update("delete from alert_channel");
    }

    private List<String> apply(String text, boolean prune) {
        List<RuleBook> read = new RuleBookReader(Map.of("SECRET", "0123456789abcdef")::get).read(text);
        List<String> changes = new ArrayList<>();
        for (Change change : books.apply(read, "anna", prune, false)) {
            if (change.action() != Action.UNCHANGED) {
                changes.add(change.action() + " " + change.kind() + " " + change.name());
            }
        }
        return changes;
    }

    private String export() {
        return RuleBookWriter.write(books.find("acme"));
    }

    @Test
    void applyingTheSameAgainChangesNothing() {
        assertThat(apply(BOOK, false))
                .hasSize(12)
                .allMatch(change -> change.startsWith("CREATED"))
                .contains("CREATED channel hook", "CREATED rule errors", "CREATED route of everything");
        assertThat(apply(BOOK, false)).isEmpty();
        assertThat(apply(BOOK, true)).isEmpty();
    }

    private static final String OF_RESULTS = """
            tenant: acme
            rules:
              - name: failing
                severity: critical
                query: {measure: subscription, subscription: by source, column: errors, groupBy: [source]}
                condition: {kind: threshold, above: 100}
            """;

    private static final String BY_SOURCE = "{\"select\":[\"events\",\"errors\"],\"group_by\":[\"source\",\"type\"]}";

    private Subscription subscribe(String owner, String tenant, String name, String query) {
        return METADATA.bean(Subscriptions.class)
                .create(name, owner, Role.ANALYST, tenant, query, Duration.ofMinutes(1));
    }

    @Test
    void aRuleAboutASubscriptionIsOfTheOneThatHadTheNameWhenItWasApplied() {
        Subscription made = subscribe("ann", "acme", "by source", BY_SOURCE);
        assertThat(apply(OF_RESULTS, false)).containsExactly("CREATED rule failing");
        assertThat(rules.ofTenant("acme").get(0).query())
                .isEqualTo(Query.of(new Query.Results("by source", made.id(), "errors"), "source"));
        assertThat(apply(OF_RESULTS, false)).isEmpty();
        assertThat(apply(export(), false)).isEmpty();

        METADATA.bean(Subscriptions.class).delete(made, "ann");
        Subscription anew = subscribe("ann", "acme", "by source", BY_SOURCE);
        assertThat(rules.ofTenant("acme").get(0).query().results().id()).isEqualTo(made.id());
        assertThat(apply(OF_RESULTS, false)).containsExactly("CHANGED rule failing");
        assertThat(rules.ofTenant("acme").get(0).query().results().id()).isEqualTo(anew.id());

        subscribe("ben", "acme", "by source", BY_SOURCE);
        assertThat(apply(OF_RESULTS, false))
                .as("the rule is of one already that has the name")
                .isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(OF_RESULTS.replace("failing", "new"), false))
                .withMessageStartingWith(
                        "rule 'new': query.subscription: 'by source' is the name of several, so name one by its id");
        assertThat(apply(OF_RESULTS.replace("by source", anew.id().toString()), false))
                .containsExactly("CHANGED rule failing");
    }

    @Test
    void aRuleAboutASubscriptionThatCannotWorkIsRefused() {
        subscribe("ann", "acme", "by source", BY_SOURCE);
        subscribe("ann", "acme", "series", "{\"select\":[\"errors\"],\"group_by\":[\"source\"],\"grain\":\"1h\"}");
        subscribe("ann", "acme", "by person", "{\"select\":[\"errors\"],\"group_by\":[\"source\",\"client_ip\"]}");
        subscribe("otto", "other", "theirs", BY_SOURCE);
        subscribe("root", null, "everybodys", BY_SOURCE);

        refused("by source", "by sauce", "query.subscription: there is no subscription 'by sauce' of acme");
        refused("by source", "theirs", "query.subscription: there is no subscription 'theirs' of acme");
        refused("by source", "everybodys", "query.subscription: there is no subscription 'everybodys' of acme");
        refused("by source", "series", "query.subscription: 'series' has a grain");
        refused(
                "column: errors",
                "column: bytes",
                "query.column is 'bytes': subscription 'by source' selects events, errors");
        refused(
                "[source]",
                "[country]",
                "query.groupBy names 'country': subscription 'by source' groups by source, type");
        refused(
                "by source, column: errors, groupBy: [source]",
                "by person, column: errors, groupBy: [source, client_ip]",
                "query.groupBy names 'client_ip', which may tell of persons");
        String before =
                "condition.before is %s: subscription 'by source' is run every 1m and keeps its newest 1000 results, so it must be 1m to 1000m";
        refused("kind: threshold", "kind: change, before: 1d", before.formatted("1d"));
        assertThat(apply(OF_RESULTS.replace("kind: threshold", "kind: change, before: 16h"), false))
                .containsExactly("CREATED rule failing");
    }

    private void refused(String right, String wrong, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(OF_RESULTS.replace(right, wrong), false))
                .withMessageStartingWith("rule 'failing': " + message);
    }

    @Test
    void whatIsExportedIsTheSameAndShowsNoSecret() {
        apply(BOOK, false);
        String exported = export();
        assertThat(exported)
                .doesNotContain("&id", "0123456789abcdef", "T1", "xyz", "token=t")
                .contains("https://hooks.example.com/********", "file:sms-url", "two@example.com");
        assertThat(apply(exported, true)).isEmpty();
        assertThat(METADATA.bean(JdbcOperations.class)
                        .queryForObject("select settings from alert_channel where name = 'hook'", String.class))
                .contains("0123456789abcdef", "T1/xyz?token=t");
    }

    @Test
    void aMaskIsNoSecretForAnotherChannelOrAddress() {
        apply(BOOK, false);
        String exported = export();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(exported.replace("name: hook", "name: other"), false))
                .withMessage("channel 'other': settings.url is masked, and nothing is stored: write it in full");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(exported.replace("hooks.example.com", "evil.example.com"), false))
                .withMessage(
                        "channel 'hook': settings.url is masked, and what is stored is something else: write it in full");
    }

    @Test
    void aSecretDoesNotGoToAnAddressThatIsNew() {
        apply(BOOK, false);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(
                        export().replace("https://hooks.example.com/********", "https://evil.example.com/all"), false))
                .withMessageContaining("settings.secret is masked, and the address is new");
    }

    @Test
    void whatIsChangedKeepsItsIdAndItsAlerts() {
        apply(BOOK, false);
        Rule before = rule("errors");
        fires(before);
        List<UUID> routes = routes();

        assertThat(apply(
                        BOOK.replace("above: 0.05", "above: 0.5").replace("channels: [ops, hook]", "channels: ops"),
                        false))
                .containsExactly("CHANGED route severity=\"critical\", team=~\"shop|pay\"", "CHANGED rule errors");
        assertThat(rule("errors").id()).isEqualTo(before.id());
        assertThat(routes()).isEqualTo(routes);
        assertThat(alerts.ofTenant("acme")).hasSize(1).allMatch(alert -> alert.isFiring());
    }

    @Test
    void whatIsNotNamedIsLeftAloneUnlessItIsPruned() {
        apply(BOOK, false);
        String less = "tenant: acme\nrules: []\nchannels: []\nescalations: []\nroutes: []\n";
        assertThat(apply("tenant: acme\nrules: []\nchannels: []\n", false)).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply("tenant: acme\nchannels: []\n", true))
                .withMessageContaining("cannot be deleted: a route, an escalation or a fallback names it");
        assertThat(rules.ofTenant("acme")).hasSize(4);

        assertThat(apply(less, true)).hasSize(10).allMatch(change -> change.startsWith("DELETED"));
        assertThat(books.find("acme").muteWindows()).as("not spoken of").hasSize(1);
        assertThat(books.find("acme").channels()).isEmpty();
        assertThat(export()).as("no references").doesNotContain("&id").contains("channels: []", "rules: []");
    }

    @Test
    void aRuleThatFiresIsSwitchedOffFirstSoThatItsEndIsTold() {
        apply(BOOK, false);
        fires(rule("errors"));
        assertThat(apply("tenant: acme\nrules: []\n", true)).contains("SWITCHED_OFF rule errors", "DELETED rule slow");
        assertThat(rule("errors").enabled()).isFalse();

        StateMachine.Outcome over = StateMachine.retire(rule("errors"), alerts.ofTenant("acme"), Instant.now());
        alerts.save(over.alerts(), over.transitions());
        assertThat(apply("tenant: acme\nrules: []\n", true)).containsExactly("DELETED rule errors");
    }

    @Test
    void aBookThatDoesNotHoldTogetherChangesNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(BOOK.replace("channels: ops,", "channels: boss,"), false))
                .withMessage("routes[1]: channels: there is no channel 'boss'");
        assertThat(books.find("acme").channels()).isEmpty();
    }

    @Test
    void everyChangeIsOnRecordWithoutSecrets() {
        apply(BOOK, false);
        AuditLog audit = METADATA.bean(AuditLog.class);
        long before = audit.verify().entries();
        apply(BOOK.replace("above: 0.05", "above: 0.5"), false);
        assertThat(audit.entries(before, 10))
                .extracting(
                        entry -> entry.actor() + " " + entry.action() + " " + entry.tenant() + " " + entry.subject())
                .containsExactly("anna rule.change acme rule:errors");
        assertThat(audit.entries(0, 10_000)).noneMatch(entry -> entry.toString().contains("0123456789abcdef"));
    }

    @Test
    void aDryRunSaysWhatItWouldDoAndDoesNothing() {
        List<RuleBook> read = new RuleBookReader(name -> "0123456789abcdef").read(BOOK);
        assertThat(books.apply(read, "anna", false, true)).hasSize(12);
        assertThat(rules.ofTenant("acme")).isEmpty();
    }

    private Rule rule(String name) {
        return rules.ofTenant("acme").stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<UUID> routes() {
        return routing.directory("acme").routes().stream()
                .map(route -> route.id())
                .toList();
    }

    private void fires(Rule rule) {
        Evaluation.Sample sample = Evaluation.Sample.of(Labels.of("source", "shop"), 0.9);
        Instant at = Instant.now();
        StateMachine.Outcome pending =
                StateMachine.step(rule, List.of(), new Evaluation(rule.id(), at, List.of(sample), null));
        StateMachine.Outcome firing = StateMachine.step(
                rule, pending.alerts(), new Evaluation(rule.id(), at.plusSeconds(90), List.of(sample), null));
        alerts.save(firing.alerts(), firing.transitions());
    }
}
