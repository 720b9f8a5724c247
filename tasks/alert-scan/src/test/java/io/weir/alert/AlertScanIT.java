package io.weir.alert;

import static io.weir.alert.Scans.TENANT;
import static io.weir.alert.Scans.errorRate;
import static io.weir.alert.Scans.minute;
import static io.weir.alert.Scans.parts;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.metadata.alert.Alert;
import io.weir.metadata.alert.Evaluation;
import io.weir.metadata.alert.Evaluation.Sample;
import io.weir.metadata.label.Labels;
import io.weir.metadata.label.Matcher;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.EscalationPolicy;
import io.weir.metadata.notify.Route;
import io.weir.metadata.rule.Comparison;
import io.weir.metadata.rule.Condition;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Query.Measure;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rule.Missing;
import io.weir.metadata.rule.Severity;
import io.weir.metadata.rulebook.RuleBookReader;
import io.weir.metadata.silence.Silence;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** From events in ClickHouse to what arrives at people, with real servers. */
class AlertScanIT {

    private static final Duration WINDOW = Duration.ofMinutes(5);
    /** And a little more where the minute turned before the scan, and the window holds fewer minutes of requests. */
    private static final String TEN_PERCENT = "(?<!\\d)10(\\.\\d{1,2})?% of requests fail";

    private final Scans scans = new Scans();

    @AfterEach
    void close() {
        scans.close();
    }

    @Test
    void aRaisedErrorRateIsOneReadableMailAndItsEndAnother() throws Exception {
        scans.route(scans.mail("ops"));
        scans.rules.save(errorRate(TENANT));
        scans.requests(TENANT, 1000, 10, 5, minute());

        assertThat(scans.scan()).isZero();
        assertThat(scans.nextScan()).isZero();

        assertThat(scans.subjects()).containsExactly("[Weir] FIRING critical: errors");
        Map<String, Object> parts = parts(scans.mailbox.getReceivedMessages()[0]);
        String html = (String) parts.get("text/html");
        assertThat(html)
                .containsPattern(TEN_PERCENT)
                .contains("name=\"viewport\"")
                .contains("cid:series-0")
                .contains("http://localhost:8080/alerts/silences/new?matchers=rule%3D%22errors%22")
                .contains("/acknowledge")
                .contains("https://example.com/runbook");
        assertThat((String) parts.get("text/plain"))
                .containsPattern(TEN_PERCENT)
                .contains("Silence: http://");
        BufferedImage picture = (BufferedImage) parts.get("image/png");
        assertThat(picture.getWidth()).isEqualTo(600);
        assertThat(blue(picture)).as("dots of the line").isPositive();

        scans.forgetEvents();
        scans.requests(TENANT, 1000, 0, 5, minute());
        assertThat(scans.nextScan()).isZero();
        assertThat(scans.nextScan()).isZero();
        assertThat(scans.subjects())
                .containsExactly("[Weir] FIRING critical: errors", "[Weir] RESOLVED critical: errors");
        assertThat(scans.history()).containsExactly("PENDING", "FIRING", "RESOLVED");
    }

    @Test
    void anEventThatWasStoredTwiceCountsOnce() {
        scans.rules.save(Rule.of(
                TENANT,
                "many",
                Severity.INFO,
                Query.of(Measure.COUNT, WINDOW),
                new Condition.Threshold(Comparison.ABOVE, 100, null)));
        scans.requests(TENANT, 100, 0, 5, minute());
        scans.clickhouse("SYSTEM STOP MERGES events");
        scans.clickhouse("INSERT INTO events SELECT * FROM events");
        assertThat(scans.clickhouse("SELECT count() FROM events")).isEqualTo("200");

        assertThat(scans.scan()).isZero();
        assertThat(scans.history()).isEmpty();
    }

    @Test
    void aTenantSeesItsOwnEventsOnly() {
        scans.rules.save(errorRate(TENANT));
        scans.rules.save(errorRate("other"));
        scans.requests("other", 1000, 2, 5, minute());
        scans.requests(TENANT, 1000, 0, 5, minute());

        assertThat(scans.scan()).isZero();
        assertThat(scans.jdbc.queryForList("select tenant from alert where state = 'FIRING'", String.class))
                .containsExactly("other");
    }

    @Test
    void windowsThatWereMissedAreEvaluatedInOrder() {
        Rule rule = errorRate(TENANT).holding(Duration.ofMinutes(2));
        scans.rules.save(rule);
        Instant now = minute();
        scans.requests(TENANT, 600, 0, 60, now);
        scans.requests(TENANT, 300, 1, 3, now.minusSeconds(20 * 60)); // from 23 to 20 minutes ago
        scans.jdbc.update(
                "update alert_rule set evaluated_until = ?", java.sql.Timestamp.from(now.minusSeconds(30 * 60)));

        assertThat(scans.scan()).isZero();

        List<String> history = scans.jdbc.query(
                "select to_state, at from alert_history order by id",
                (row, number) -> row.getString(1) + " "
                        + Duration.between(row.getTimestamp(2).toInstant(), now).toMinutes());
        assertThat(history).containsExactly("PENDING 22", "FIRING 20", "RESOLVED 15");
    }

    @Test
    void aRuleThatFailsIsAnAlertAndDoesNotStopTheOthers() {
        scans.rules.save(errorRate(TENANT));
        // Java knows this pattern, ClickHouse does not.
        scans.rules.save(Rule.of(
                TENANT,
                "broken",
                Severity.WARNING,
                Query.of(Measure.COUNT, WINDOW, Matcher.parse("source=~\"(?=shop)shop\"")),
                new Condition.Threshold(Comparison.ABOVE, 1, null)));
        scans.requests(TENANT, 1000, 10, 5, minute());

        assertThat(scans.scan()).as("exit code for a part").isEqualTo(3);
        assertThat(scans.jdbc.queryForList(
                        "select r.name || ' ' || a.labels from alert a join alert_rule r on r.id = a.rule where a.state = 'FIRING' order by 1",
                        String.class))
                .containsExactly("broken rule_error=\"true\"", "errors ");
        assertThat(reasonOfTheError())
                .isEqualTo(
                        "the rule could not be evaluated: query.where has a pattern that ClickHouse does not understand:"
                                + " it knows RE2's, without look-around and back-references");
    }

    @Test
    void aRuleWithTooManyGroupsIsToldByMailToo() throws Exception {
        scans.route(scans.mail("ops"));
        scans.rules.save(Rule.of(
                TENANT,
                "busy",
                Severity.WARNING,
                Query.of(Measure.COUNT, WINDOW).by("source", "device_id"),
                new Condition.Threshold(Comparison.ABOVE, 10, null)));
        scans.requests(TENANT, 300, 0, 5, minute());

        assertThat(scans.scan("--weir.alert.groups-per-rule=5")).isEqualTo(3);

        assertThat(scans.subjects()).containsExactly("[Weir] FIRING warning: busy");
        assertThat((String) parts(scans.mailbox.getReceivedMessages()[0]).get("text/plain"))
                .contains("more than 5 groups");
    }

    @Test
    void aRuleWhoseBaselineCannotBeReadIsAnAlertAndDoesNotStopTheOthers() {
        Query count = Query.of(Measure.COUNT, WINDOW);
        Rule broken = Rule.of(TENANT, "broken", Severity.WARNING, count, Condition.Anomaly.DEFAULT);
        scans.rules.save(broken);
        scans.rules.save(Rule.of(TENANT, "whole", Severity.WARNING, count, Condition.Anomaly.DEFAULT));
        scans.rules.save(errorRate(TENANT));
        scans.requests(TENANT, 1000, 10, 5, minute());
        scans.scan();
        // That of the next hour too, which may begin before the scan.
        scans.jdbc.update(
                "insert into alert_baseline (rule, hour, baselines) select rule, hour + interval '1 hour', '['"
                        + " from alert_baseline where rule = ?",
                broken.id());
        scans.jdbc.update("update alert_baseline set baselines = '[' where rule = ?", broken.id());

        assertThat(scans.nextScan()).isEqualTo(3);
        assertThat(firing()).containsExactly("broken rule_error=\"true\"", "errors ");
        assertThat(reasonOfTheError())
                .isEqualTo("the rule could not be evaluated: it failed in a way that is not foreseen."
                        + " Whoever runs Weir finds more in the log of alert-scan");
        assertThat(scans.nextScan()).isEqualTo(3);
    }

    @Test
    void whatWasMeasuredByARuleAsItWasIsNotDecidedUponOnceItIsChanged() {
        Rule rule = errorRate(TENANT);
        scans.rules.save(rule);
        scans.alerts.evaluated(
                List.of(new Evaluation(rule.id(), minute(), List.of(Sample.of(Labels.NONE, 0.5)), null)));
        assertThat(scans.alerts.undecided(TENANT)).hasSize(1);

        scans.rules.save(rule.holding(WINDOW));
        assertThat(scans.alerts.undecided(TENANT)).isEmpty();
    }

    @Test
    void withoutClickHouseEveryRuleIsInErrorAndWhatWaitsIsDeliveredAllTheSame() {
        scans.route(scans.mail("ops"));
        scans.rules.save(errorRate(TENANT));
        assertThat(scans.scan("--weir.clickhouse.url=http://127.0.0.1:1")).isEqualTo(3);
        assertThat(reasonOfTheError()).isEqualTo("the rule could not be evaluated: ClickHouse does not answer");
        assertThat(scans.subjects()).containsExactly("[Weir] FIRING critical: errors");
    }

    @Test
    void everyGroupHasItsOwnAlert() {
        scans.rules.save(Rule.of(
                TENANT,
                "busy",
                Severity.INFO,
                Query.of(Measure.COUNT, WINDOW).by("source", "device_id"),
                new Condition.Threshold(Comparison.ABOVE, 10, null)));
        scans.requests(TENANT, 300, 0, 5, minute());
        assertThat(scans.scan()).isZero();
        assertThat(scans.jdbc.queryForList("select labels from alert where state = 'FIRING' order by 1", String.class))
                .hasSize(6)
                .contains("device_id=\"device-1\", source=\"shop\"");
    }

    @Test
    void aChangeAnAnomalyAndAnAbsenceAreSeen() {
        Instant now = minute();
        Query count = Query.of(Measure.COUNT, WINDOW);
        scans.rules.save(Rule.of(
                TENANT,
                "change",
                Severity.INFO,
                count,
                new Condition.Change(Duration.ofDays(1), Comparison.ABOVE, 2, null, 10)));
        scans.rules.save(Rule.of(TENANT, "anomaly", Severity.INFO, count, Condition.Anomaly.DEFAULT));
        scans.rules.save(Rule.of(
                TENANT, "silent", Severity.INFO, count.by("source"), new Condition.Absence(Duration.ofHours(6))));
        for (int week = 1; week <= 3; week++) {
            scans.requests(
                    TENANT, 1200, 0, 180, now.minus(Duration.ofDays(7L * week)).plusSeconds(3600));
        }
        scans.requests(TENANT, 400, 0, 60, now.minus(Duration.ofDays(1)));
        scans.requests(TENANT, 66, 0, 10, now);
        scans.clickhouse("INSERT INTO events (id, tenant, timestamp, type, source) SELECT 'once', 'acme', toDateTime64("
                + (now.getEpochSecond() - 3600) + ", 3, 'UTC'), 'log', 'cron'");
        assertThat(scans.scan()).isZero();
        assertThat(firing()).containsExactly("silent source=\"cron\"");

        scans.requests(TENANT, 900, 0, 5, now);
        scans.nextScan();
        assertThat(firing()).containsExactly("anomaly ", "change ", "silent source=\"cron\"");
        assertThat(scans.count("alert_baseline")).isPositive();
    }

    @Test
    void trafficThatFallsToZeroIsAChangeAndAnAnomalyOfEveryGroup() {
        Instant now = minute();
        Query count = Query.of(Measure.COUNT, WINDOW);
        Condition.Change halved = new Condition.Change(Duration.ofDays(1), Comparison.BELOW, -0.5, null, 10);
        scans.rules.save(Rule.of(TENANT, "change", Severity.INFO, count, halved));
        scans.rules.save(Rule.of(TENANT, "changes", Severity.INFO, count.by("source"), halved));
        scans.rules.save(Rule.of(TENANT, "anomaly", Severity.INFO, count, Condition.Anomaly.DEFAULT));
        scans.rules.save(
                Rule.of(TENANT, "anomalies", Severity.INFO, count.by("source", "type"), Condition.Anomaly.DEFAULT));
        for (int week = 1; week <= 3; week++) {
            scans.requests(
                    TENANT, 6000, 0, 180, now.minus(Duration.ofDays(7L * week)).plusSeconds(3600));
        }
        // Some of it later: the minute may turn between the scans.
        scans.requests(TENANT, 400, 0, 20, now.minus(Duration.ofDays(1)).plusSeconds(600));

        for (int scan = 0; scan < 2; scan++) {
            assertThat(scans.nextScan()).isZero();
            assertThat(firing())
                    .containsExactly(
                            "anomalies source=\"api\", type=\"request\"",
                            "anomalies source=\"shop\", type=\"request\"",
                            "anomaly ",
                            "change ",
                            "changes source=\"api\"",
                            "changes source=\"shop\"");
        }
        assertThat(scans.alerts.ofTenant(TENANT)).allSatisfy(alert -> {
            assertThat(alert.value()).isZero();
            assertThat(alert.usual()).isGreaterThan(40);
        });
        assertThat(scans.alerts.ofTenant(TENANT).stream().map(Alert::group))
                .contains(Labels.of(Map.of("source", "shop", "type", "request")));
    }

    @Test
    void eventsWithoutErrorsAndAMeasurementOfZeroAreNoAbsence() {
        Instant now = minute();
        Condition.Absence absence = new Condition.Absence(Duration.ofHours(1));
        Query zero = new Query(Measure.MEASUREMENT_LAST, "temperature", null, List.of(), List.of(), WINDOW);
        Query never = new Query(Measure.MEASUREMENT_LAST, "pressure", null, List.of(), List.of(), WINDOW);
        scans.rules.save(Rule.of(TENANT, "errors", Severity.INFO, Query.of(Measure.ERRORS, WINDOW), absence));
        scans.rules.save(Rule.of(TENANT, "zero", Severity.INFO, zero, absence));
        scans.rules.save(Rule.of(TENANT, "zeros", Severity.INFO, zero.by("source"), absence));
        scans.rules.save(Rule.of(TENANT, "never", Severity.INFO, never, absence));
        scans.requests(TENANT, 100, 0, 5, now);
        scans.clickhouse("INSERT INTO events (id, tenant, timestamp, type, source, measurements) SELECT 'cold', 'acme',"
                + " toDateTime64(" + (now.getEpochSecond() - 60)
                + ", 3, 'UTC'), 'metric', 'shed', map('temperature', 0)");

        assertThat(scans.scan()).isZero();
        assertThat(firing()).containsExactly("never ");
    }

    private String reasonOfTheError() {
        return scans.jdbc.queryForObject("select reason from alert where labels like 'rule_error%'", String.class);
    }

    private List<String> firing() {
        return scans.jdbc.queryForList(
                "select r.name || ' ' || a.labels from alert a join alert_rule r on r.id = a.rule where a.state = 'FIRING' order by 1",
                String.class);
    }

    @Test
    void aSilenceHoldsTheMailBackUntilItEnds() {
        scans.route(scans.mail("ops"));
        scans.rules.save(errorRate(TENANT));
        Silence silence = new Silence(
                UUID.randomUUID(),
                TENANT,
                "rule=\"errors\"",
                Instant.now().minusSeconds(10),
                Instant.now().plusSeconds(3600),
                "anna",
                "deployment",
                Instant.now(),
                null);
        scans.silences.add(silence);
        scans.requests(TENANT, 1000, 10, 5, minute());
        scans.scan();
        assertThat(scans.history()).contains("FIRING");
        assertThat(scans.subjects()).isEmpty();

        assertThat(scans.silences.end(TENANT, silence.id(), "bert", Instant.now()))
                .isTrue();
        scans.nextScan();
        assertThat(scans.subjects()).containsExactly("[Weir] FIRING critical: errors");
        assertThat(scans.audit())
                .containsExactly("anna silence.create", "bert silence.end", "alert-scan notification.send");
    }

    @Test
    void aSilenceThatEndsIsToldOnceToWhoWillHearOfWhatItHoldsBack() throws Exception {
        scans.route(scans.mail("ops"));
        Channel boss = scans.mail("boss");
        scans.rules.save(errorRate(TENANT));
        scans.silences.add(new Silence(
                UUID.randomUUID(),
                TENANT,
                "rule=\"errors\"",
                Instant.now().minusSeconds(3600),
                Instant.now().plusSeconds(600),
                "anna",
                "deployment",
                Instant.now(),
                boss.id()));
        scans.requests(TENANT, 1000, 10, 5, minute());
        scans.scan();
        scans.nextScan();
        assertThat(scans.subjects())
                .containsExactly("[Weir] SILENCE ENDS SOON: acme", "[Weir] SILENCE ENDS SOON: acme");
        assertThat(scans.recipients()).containsExactlyInAnyOrder("ops@example.com", "boss@example.com");
        assertThat((String) parts(scans.mailbox.getReceivedMessages()[0]).get("text/plain"))
                .contains("The silence of anna for rule=\"errors\" (deployment) ends at ")
                .contains("It holds back 1 now.")
                .containsPattern(TEN_PERCENT)
                .doesNotContain("Acknowledge");
    }

    @Test
    void anAcknowledgementStopsTheEscalation() {
        Channel boss = scans.mail("boss");
        Channel chief = scans.mail("chief");
        EscalationPolicy policy = new EscalationPolicy(
                UUID.randomUUID(),
                TENANT,
                "on call",
                List.of(
                        new EscalationPolicy.Level(5, boss.id().toString()),
                        new EscalationPolicy.Level(15, chief.id().toString())));
        scans.routing.add(policy);
        scans.routing.add(Route.to(TENANT, 0, "", scans.mail("ops").id()).escalating(policy.id()));
        scans.rules.save(errorRate(TENANT));
        scans.requests(TENANT, 1000, 10, 5, minute());
        scans.scan();
        firstTold(Duration.ofMinutes(6));
        scans.nextScan();
        assertThat(scans.recipients()).containsExactly("ops@example.com", "boss@example.com");
        assertThat(scans.subjects().get(1)).isEqualTo("[Weir] ESCALATED, NOT ACKNOWLEDGED critical: errors");

        List<UUID> firing =
                scans.alerts.ofTenant(TENANT).stream().map(Alert::id).toList();
        scans.transactions.executeWithoutResult(
                status -> scans.alerts.acknowledge(TENANT, firing, "anna", Instant.now()));
        firstTold(Duration.ofMinutes(16));
        scans.nextScan();
        assertThat(scans.recipients()).as("not to the chief").containsExactly("ops@example.com", "boss@example.com");
        assertThat(scans.audit())
                .containsExactly(
                        "alert-scan notification.send", "alert-scan notification.send", "anna alert.acknowledge");
    }

    private void firstTold(Duration ago) {
        scans.jdbc.update(
                "update alert_group set first_told_at = ?",
                java.sql.Timestamp.from(Instant.now().minus(ago)));
    }

    /** The first rule file that the README shows. */
    @Test
    void theRuleFileOfTheReadmeSendsTheMailThatItPromises() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        int begin = readme.indexOf("```yaml\n") + "```yaml\n".length();
        String file = readme.substring(begin, readme.indexOf("```", begin));
        scans.books.apply(new RuleBookReader(System::getenv).read(file), "anna", false, false);
        String tenant = scans.jdbc.queryForObject("select tenant from alert_rule", String.class);
        scans.requests(tenant, 1000, 10, 10, minute());
        scans.scan();
        scans.nextScan();
        assertThat(scans.subjects()).isEmpty(); // the condition must hold for 2 minutes
        scans.jdbc.update("update alert set since = since - interval '2 minutes'");
        scans.nextScan();
        assertThat(scans.subjects()).containsExactly("[Weir] FIRING critical: error rate");
        assertThat((String) parts(scans.mailbox.getReceivedMessages()[0]).get("text/plain"))
                .containsPattern(TEN_PERCENT);
    }

    @Test
    void whatIsOldIsForgottenAndWhatIsYoungerStays() {
        scans.route(scans.mail("ops"));
        scans.rules.save(errorRate(TENANT));
        scans.requests(TENANT, 1000, 10, 5, minute());
        scans.scan();
        assertThat(scans.history()).hasSize(2);
        for (String table : List.of("alert_history", "alert_delivery")) {
            scans.jdbc.update("update " + table + " set at = now() - interval '399 days'");
        }
        scans.scan();
        assertThat(scans.history()).hasSize(2);
        assertThat(scans.count("alert_delivery")).isEqualTo(1);
        scans.scan("--weir.alert.keep-history=398d");
        assertThat(scans.history()).isEmpty();
        assertThat(scans.count("alert_delivery")).isZero();
        assertThat(scans.count("alert")).as("it still fires").isEqualTo(1);
    }

    @Test
    void aRuleThatIsSwitchedOffResolvesWhatItFired() {
        scans.route(scans.mail("ops"));
        Rule rule = errorRate(TENANT).missing(Missing.KEEP, Missing.KEEP);
        scans.rules.save(rule);
        scans.requests(TENANT, 1000, 10, 5, minute());
        scans.scan();
        scans.rules.save(rule.switched(false));
        scans.scan();
        assertThat(scans.subjects())
                .containsExactly("[Weir] FIRING critical: errors", "[Weir] RESOLVED critical: errors");
    }

    /** Prints a measurement; {@code -Dweir.bench=true}. */
    @Test
    @EnabledIfSystemProperty(named = "weir.bench", matches = "true")
    void aThousandRulesOfFiftyTenants() {
        Instant now = minute();
        for (int tenant = 0; tenant < 50; tenant++) {
            scans.requests("tenant-" + tenant, 20_000, 50, 60, now);
            for (int i = 0; i < 20; i++) {
                Query query =
                        switch (i % 4) {
                            case 0 -> Query.of(Measure.ERROR_RATE, WINDOW);
                            case 1 -> Query.of(Measure.COUNT, WINDOW).by("source");
                            case 2 ->
                                new Query(
                                        Measure.LATENCY_QUANTILE,
                                        null,
                                        0.95,
                                        List.of(),
                                        List.of("endpoint_template"),
                                        WINDOW);
                            default ->
                                Query.of(Measure.COUNT, Duration.ofMinutes(15), Matcher.parse("status_class=~\"5..\""));
                        };
                scans.rules.save(Rule.of(
                        "tenant-" + tenant,
                        "rule " + i,
                        Severity.INFO,
                        query,
                        new Condition.Threshold(Comparison.ABOVE, 1e9, null)));
            }
        }
        for (int run = 0; run < 3; run++) {
            long start = System.nanoTime();
            assertThat(scans.nextScan()).isZero();
            System.out.printf(
                    "1000 rules, 1,000,000 events: %d ms with the context's start%n",
                    (System.nanoTime() - start) / 1_000_000);
            System.out.println(scans.steps());
        }
    }

    private static int blue(BufferedImage picture) {
        int count = 0;
        for (int x = 0; x < picture.getWidth(); x++) {
            for (int y = 0; y < picture.getHeight(); y++) {
                if ((picture.getRGB(x, y) & 0xffffff) == 0x1d4ed8) {
                    count++;
                }
            }
        }
        return count;
    }
}
