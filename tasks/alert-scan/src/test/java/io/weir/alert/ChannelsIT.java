package io.weir.alert;

import static io.weir.alert.Scans.TENANT;
import static io.weir.alert.Scans.errorRate;
import static io.weir.alert.Scans.minute;
import static io.weir.alert.Scans.parts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.metadata.alert.Alert;
import io.weir.metadata.label.Labels;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.Notice;
import io.weir.metadata.notify.Outbox;
import io.weir.metadata.notify.Route;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each kind of channel is told, and what is done when it does not listen. */
class ChannelsIT {

    private static final String[] LOCAL = {"--weir.alert.allowed-networks=127.0.0.0/8", "--weir.alert.allow-http=true"};

    private final Scans scans = new Scans();

    @AfterEach
    void close() {
        scans.close();
    }

    @Test
    void aTestIsSentOnceWithoutFallbackAndSaysHowItWent() throws Exception {
        try (Endpoint slack = new Endpoint(500, 200)) {
            Channel ops = scans.mail("ops");
            Channel hook = scans.channel(
                    "slack", Channel.Kind.SLACK, "{\"url\":\"" + slack.url("/services/x") + "\"}", ops.id());
            UUID failing = scans.outbox.test(hook, "anna", Instant.now());
            assertThat(scans.scan(LOCAL)).isEqualTo(3);
            assertThat(scans.outbox.attempts(failing))
                    .extracting(Outbox.Attempt::outcome)
                    .containsExactly("FAILED");
            assertThat(scans.subjects()).isEmpty();

            UUID working = scans.outbox.test(ops, "anna", Instant.now());
            assertThat(scans.scan(LOCAL)).isZero();
            assertThat(scans.outbox.attempts(working))
                    .extracting(Outbox.Attempt::outcome)
                    .containsExactly("SENT");
            assertThat(scans.subjects()).containsExactly("[Weir] TEST: acme");
            assertThat((String) parts(scans.mailbox.getReceivedMessages()[0]).get("text/html"))
                    .contains("anna tests the channel ops. Nothing is wrong.");
            assertThat(slack.requests).as("not again").hasSize(1);
        }
    }

    @Test
    void aTestOfAPagerLeavesNoIncidentOpen() throws Exception {
        try (Endpoint pager = new Endpoint(202)) {
            Channel channel = scans.channel(
                    "pager",
                    Channel.Kind.PAGERDUTY,
                    "{\"routingKey\":\"k\",\"url\":\"" + pager.url("/v2/enqueue") + "\"}",
                    null);
            scans.outbox.test(channel, "anna", Instant.now());
            assertThat(scans.scan(LOCAL)).isZero();
            assertThat(pager.requests)
                    .extracting(Endpoint.Request::body)
                    .satisfiesExactly(
                            body -> assertThat(body).contains("\"event_action\":\"trigger\""),
                            body -> assertThat(body).contains("\"event_action\":\"resolve\""));
        }
    }

    @Test
    void fallbacksThatGoRoundInACircleEnd() throws Exception {
        try (Endpoint refusing = new Endpoint(404)) {
            String settings = "{\"url\":\"" + refusing.url("/") + "\"}";
            Channel first = scans.channel("first", Channel.Kind.SLACK, settings, null);
            Channel second = scans.channel("second", Channel.Kind.SLACK, settings, first.id());
            scans.routing.change(
                    new Channel(first.id(), TENANT, "first", Channel.Kind.SLACK, settings, second.id(), true));
            scans.route(first);
            scans.rules.save(errorRate(TENANT));
            scans.requests(TENANT, 1000, 10, 5, minute());
            assertThat(scans.scan(LOCAL)).isEqualTo(3);
            assertThat(refusing.requests).as("one attempt by each").hasSize(2);
            assertThat(scans.audit())
                    .containsExactly("alert-scan notification.give-up", "alert-scan notification.give-up");
        }
    }

    @Test
    void aSecretIsReadFromTheTenantsFileAndFromNoOther(@TempDir Path folder) throws Exception {
        Files.writeString(Files.createDirectories(folder.resolve(TENANT)).resolve("token"), "of-acme\n");
        Files.writeString(Files.createDirectories(folder.resolve("other")).resolve("token"), "of-other");
        String option = "--weir.alert.secrets-folder=" + folder;
        try (Endpoint gateway = new Endpoint(200)) {
            Channel good = scans.channel("good", Channel.Kind.SMS, sms(gateway, "file:token"), null);
            Channel bad = scans.channel("bad", Channel.Kind.SMS, sms(gateway, "file:../other/token"), null);
            UUID sent = scans.outbox.test(good, "anna", Instant.now());
            UUID failed = scans.outbox.test(bad, "anna", Instant.now());
            assertThat(scans.scan(LOCAL[0], LOCAL[1], option)).isEqualTo(3);
            assertThat(scans.outbox.attempts(sent))
                    .extracting(Outbox.Attempt::outcome)
                    .containsExactly("SENT");
            assertThat(gateway.requests).hasSize(1);
            assertThat(gateway.requests.get(0).headers().getFirst("Authorization"))
                    .isEqualTo("Bearer of-acme");
            assertThat(scans.outbox.attempts(failed))
                    .extracting(Outbox.Attempt::detail)
                    .containsExactly("file:../other/token is not the name of a file");
        }
    }

    @Test
    void anAnswerThatQuotesTheSecretIsLoggedWithoutIt() throws Exception {
        try (Endpoint gateway = new Endpoint(401)) {
            Channel channel = scans.channel("sms", Channel.Kind.SMS, sms(gateway, "top-secret"), null);
            UUID test = scans.outbox.test(channel, "anna", Instant.now());
            assertThat(scans.scan(LOCAL)).isEqualTo(3);
            assertThat(scans.outbox.attempts(test))
                    .extracting(Outbox.Attempt::detail)
                    .containsExactly("HTTP status 401: not allowed: Bearer ********");
            assertThat(scans.jdbc.queryForList("select detail::text from audit_log", String.class))
                    .hasSize(1)
                    .noneMatch(detail -> detail.contains("top-secret"));
        }
    }

    private static String sms(Endpoint gateway, String token) {
        return "{\"url\":\"" + gateway.url("/send") + "\",\"to\":[\"+491\"],\"token\":\"" + token + "\"}";
    }

    @Test
    void anAcknowledgementIsToldToThePagerAndClosedWithTheSameKey() throws Exception {
        try (Endpoint pager = new Endpoint(202)) {
            scans.route(scans.channel(
                    "pager",
                    Channel.Kind.PAGERDUTY,
                    "{\"routingKey\":\"k\",\"url\":\"" + pager.url("/v2/enqueue") + "\"}",
                    null));
            scans.rules.save(errorRate(TENANT));
            scans.requests(TENANT, 1000, 10, 5, minute());
            scans.scan(LOCAL);
            List<UUID> firing = scans.alerts.ofTenant(TENANT).stream()
                    .map(alert -> alert.id())
                    .toList();
            assertThat(scans.transactions.<Integer>execute(
                            status -> scans.alerts.acknowledge(TENANT, firing, "anna", Instant.now())))
                    .isEqualTo(1);
            scans.nextScan(LOCAL);
            scans.forgetEvents();
            scans.nextScan(LOCAL);

            assertThat(pager.requests)
                    .extracting(Endpoint.Request::body)
                    .satisfiesExactly(
                            body -> assertThat(body)
                                    .contains("\"event_action\":\"trigger\"")
                                    .contains("\"severity\":\"critical\""),
                            body -> assertThat(body).contains("\"event_action\":\"acknowledge\""),
                            body -> assertThat(body).contains("\"event_action\":\"resolve\""));
            assertThat(pager.requests)
                    .extracting(request -> request.body().replaceAll(".*\"dedup_key\":\"([^\"]+)\".*", "$1"))
                    .containsOnly(pager.requests.get(0).body().replaceAll(".*\"dedup_key\":\"([^\"]+)\".*", "$1"));
        }
    }

    @Test
    void aWebhookThatFailsIsTriedAgainWithTheSameKeyAndASignatureThatHolds() throws Exception {
        try (Endpoint hook = new Endpoint(500, 503, 200)) {
            String settings = "{\"url\":\"" + hook.url("/hook?a=b") + "\",\"secret\":\"0123456789abcdef\"}";
            scans.route(scans.channel("hook", Channel.Kind.WEBHOOK, settings, null));
            scans.rules.save(errorRate(TENANT));
            scans.requests(TENANT, 1000, 10, 5, minute());
            assertThat(scans.scan(LOCAL)).as("an attempt failed").isEqualTo(3);
            await().until(() -> scans.outbox.waiting() == 0 || scans.scan(LOCAL) < 0);
            assertThat(hook.requests).hasSize(3);
            assertThat(hook.requests)
                    .extracting(request -> request.headers().getFirst("Idempotency-Key"))
                    .containsOnly(hook.requests.get(0).headers().getFirst("Idempotency-Key"));
            assertThat(scans.jdbc.queryForList("select outcome from alert_delivery order by id", String.class))
                    .containsExactly("FAILED", "FAILED", "SENT");
            Endpoint.Request last = hook.requests.get(2);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec("0123456789abcdef".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            String signed = last.headers().getFirst("X-Weir-Timestamp") + "." + last.body();
            assertThat(last.headers().getFirst("X-Weir-Signature"))
                    .isEqualTo(
                            "sha256=" + HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8))));
        }
    }

    @Test
    void aChannelThatNeverAnswersIsGivenUpOnInTimeAndItsFallbackIsUsed() throws Exception {
        try (Endpoint hook = new Endpoint(0)) {
            Channel mail = scans.mail("fallback");
            scans.route(scans.channel(
                    "slack", Channel.Kind.SLACK, "{\"url\":\"" + hook.url("/services/x") + "\"}", mail.id()));
            scans.rules.save(errorRate(TENANT));
            scans.requests(TENANT, 1000, 10, 5, minute());

            String[] hasty = {LOCAL[0], LOCAL[1], "--weir.alert.send-timeout=1s", "--weir.alert.give-up-after=5s"};
            assertThat(scans.scan(hasty)).isEqualTo(3);
            await().until(() -> scans.outbox.waiting() == 0 || scans.scan(hasty) < 0);
            assertThat(scans.subjects()).containsExactly("[Weir] FIRING critical: errors");
            assertThat(scans.jdbc.queryForList("select distinct state from alert_outbox order by 1", String.class))
                    .containsExactly("GIVEN_UP", "SENT");
            assertThat(hook.requests).hasSizeGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void anAddressThatIsNotPublicIsNotReachedNorIsARedirectFollowed() throws Exception {
        try (Endpoint inside = new Endpoint(302)) {
            Channel mail = scans.mail("fallback");
            scans.route(scans.channel("slack", Channel.Kind.SLACK, "{\"url\":\"" + inside.url("/") + "\"}", mail.id()));
            scans.rules.save(errorRate(TENANT));
            scans.requests(TENANT, 1000, 10, 5, minute());

            scans.scan("--weir.alert.allow-http=true");
            assertThat(inside.requests).isEmpty();
            assertThat(scans.jdbc.queryForList(
                            "select outcome || ' ' || detail from alert_delivery order by id", String.class))
                    .first()
                    .asString()
                    .startsWith("REFUSED host '127.0.0.1'")
                    .contains("not a public address");
            assertThat(scans.subjects()).as("the fallback").hasSize(1);

            scans.forgetEvents();
            scans.nextScan(LOCAL);
            assertThat(inside.requests).hasSize(1);
            assertThat(scans.jdbc.queryForList(
                            "select detail from alert_delivery where outcome = 'REFUSED' order by id", String.class))
                    .last()
                    .asString()
                    .startsWith("HTTP status 302");
        }
    }

    @Test
    void slackAndTheSmsGatewayGetWhatTheyRead() throws Exception {
        try (Endpoint slack = new Endpoint(200);
                Endpoint gateway = new Endpoint(200)) {
            scans.route(
                    scans.channel("slack", Channel.Kind.SLACK, "{\"url\":\"" + slack.url("/services/x") + "\"}", null),
                    scans.channel(
                            "sms",
                            Channel.Kind.SMS,
                            "{\"url\":\"" + gateway.url("/send") + "\",\"to\":[\"+491\"],\"token\":\"secret\"}",
                            null));
            scans.rules.save(errorRate(TENANT).saying("<b>&amp; {{value}}", null));
            scans.requests(TENANT, 1000, 10, 5, minute());
            assertThat(scans.scan(LOCAL)).isZero();
            assertThat(slack.requests.get(0).body())
                    .contains("FIRING critical: errors")
                    .containsPattern("&lt;b&gt;&amp;amp; 10(\\.\\d{1,2})?%")
                    .contains("|Acknowledge>");
            assertThat(gateway.requests.get(0).headers().getFirst("Authorization"))
                    .isEqualTo("Bearer secret");
            assertThat(gateway.requests.get(0).body()).contains("+491").contains("/alerts/groups/");
        }
    }

    @Test
    void controlCharactersOfAnAnswerAreKeptAsSpaces() throws Exception {
        try (Endpoint slack = new Endpoint(404)) {
            slack.says("no\u0000such\u0007hook");
            UUID test = scans.outbox.test(slack("slack", slack, null), "anna", Instant.now());
            assertThat(scans.scan(LOCAL)).isEqualTo(3);
            assertThat(scans.outbox.attempts(test))
                    .extracting(Outbox.Attempt::detail)
                    .containsExactly("HTTP status 404: no such hook");
            assertThat(scans.outbox.waiting()).isZero();
        }
    }

    @Test
    void anOutcomeThatCannotBeStoredKeepsNoOtherNoticeFromItsChannel() throws Exception {
        try (Endpoint slack = new Endpoint(200)) {
            Channel broken = slack("slack", slack, null);
            scans.jdbc.execute("""
                    create function refuse() returns trigger language plpgsql as
                    $$ begin raise exception 'this attempt cannot be stored'; end $$
                    """);
            scans.jdbc.execute(
                    "create trigger refuse before insert on alert_delivery for each row when (new.channel = '"
                            + broken.id() + "') execute function refuse()");
            scans.outbox.test(broken, "anna", Instant.now().minusSeconds(1));
            UUID second = scans.outbox.test(scans.mail("ops"), "anna", Instant.now());

            assertThat(scans.scan(with("--weir.alert.concurrency=1"))).isEqualTo(3);
            assertThat(slack.requests).isNotEmpty();
            assertThat(scans.outbox.attempts(second))
                    .extracting(Outbox.Attempt::outcome)
                    .containsExactly("SENT");
            assertThat(scans.outbox.waiting()).as("to be sent again").isEqualTo(1);
        }
    }

    @Test
    void whileAChannelIsDownItsFallbackHearsEverythingThatWaitsForIt() throws Exception {
        try (Endpoint slack = new Endpoint(500, 200)) {
            String[] patient =
                    with("--weir.alert.fallback-after=1", "--weir.alert.retry-first=1h", "--weir.alert.retry-most=1h");
            scans.route(slack("slack", slack, scans.mail("fallback").id()));
            scans.rules.save(errorRate(TENANT));
            scans.requests(TENANT, 1000, 10, 5, minute());
            scans.scan(patient);
            acknowledge();
            scans.nextScan(patient);
            scans.forgetEvents();
            scans.nextScan(patient);
            assertThat(scans.subjects())
                    .containsExactly(
                            "[Weir] FIRING critical: errors",
                            "[Weir] ACKNOWLEDGED critical: errors",
                            "[Weir] RESOLVED critical: errors");
            assertThat(slack.requests).as("the others wait for the first").hasSize(1);

            scans.jdbc.update("update alert_outbox set next_attempt_at = now()");
            assertThat(scans.scan(patient)).isZero();
            assertThat(slack.requests)
                    .extracting(Endpoint.Request::body)
                    .satisfiesExactly(
                            body -> assertThat(body).contains("FIRING critical"),
                            body -> assertThat(body).contains("FIRING critical"),
                            body -> assertThat(body).contains("ACKNOWLEDGED critical"),
                            body -> assertThat(body).contains("RESOLVED critical"));
            assertThat(scans.subjects()).hasSize(3);
        }
    }

    @Test
    void aChannelThatAsksToBeLeftAloneForADayDoesNotDelayItsFallback() throws Exception {
        try (Endpoint slack = new Endpoint(429)) {
            slack.says("too many");
            slack.asksToWait("86400");
            scans.route(slack("slack", slack, scans.mail("fallback").id()));
            scans.rules.save(errorRate(TENANT));
            scans.requests(TENANT, 1000, 10, 5, minute());
            assertThat(scans.scan(with("--weir.alert.retry-first=15s", "--weir.alert.retry-most=15m")))
                    .isEqualTo(3);
            assertThat(scans.subjects()).containsExactly("[Weir] FIRING critical: errors");
            assertThat(slack.requests).hasSize(1);
            assertThat(scans.count("alert_outbox where state = 'WAITING' and next_attempt_at between"
                            + " now() + interval '10 minutes' and now() + interval '15 minutes'"))
                    .as("tried again after the longest wait")
                    .isEqualTo(1);
        }
    }

    @Test
    void theEndIsToldToAFallbackThatOpenedAnIncident() throws Exception {
        try (Endpoint slack = new Endpoint(404, 200);
                Endpoint pager = new Endpoint(202)) {
            scans.route(slack("slack", slack, pager("pager", pager).id()));
            firesAndEnds();
            assertThat(slack.requests).hasSize(2);
            openedAndClosed(pager);
        }
    }

    @Test
    void anAcknowledgementIsToldToAFallbackThatOpenedAnIncident() throws Exception {
        try (Endpoint slack = new Endpoint(404, 200);
                Endpoint pager = new Endpoint(202)) {
            scans.route(slack("slack", slack, pager("pager", pager).id()));
            scans.rules.save(errorRate(TENANT));
            scans.requests(TENANT, 1000, 10, 5, minute());
            scans.scan(LOCAL);
            acknowledge();
            scans.nextScan(LOCAL);
            assertThat(slack.requests).hasSize(2);
            assertThat(pager.requests)
                    .extracting(Endpoint.Request::body)
                    .satisfiesExactly(
                            body -> assertThat(body).contains("\"event_action\":\"trigger\""),
                            body -> assertThat(body).contains("\"event_action\":\"acknowledge\""));
        }
    }

    @Test
    void aFallbackThatWasToldTheEndIsNotToldItAgainInPlaceOfItsChannel() throws Exception {
        try (Endpoint slack = new Endpoint(404);
                Endpoint pager = new Endpoint(202)) {
            scans.route(slack("slack", slack, pager("pager", pager).id()));
            firesAndEnds();
            assertThat(slack.requests).hasSize(2);
            openedAndClosed(pager);
        }
    }

    @Test
    void theEndIsToldToAChannelThatWasTakenOffTheRoute() throws Exception {
        try (Endpoint pager = new Endpoint(202)) {
            Route route = scans.route(pager("pager", pager));
            scans.rules.save(errorRate(TENANT));
            scans.requests(TENANT, 1000, 10, 5, minute());
            scans.scan(LOCAL);
            Route other = Route.to(TENANT, 0, "", scans.mail("ops").id());
            scans.routing.change(new Route(
                    route.id(),
                    TENANT,
                    0,
                    "",
                    other.channels(),
                    route.groupBy(),
                    route.groupWaitSeconds(),
                    route.groupIntervalSeconds(),
                    route.repeatIntervalSeconds(),
                    null,
                    false));
            scans.forgetEvents();
            scans.nextScan(LOCAL);
            openedAndClosed(pager);
            assertThat(scans.subjects()).containsExactly("[Weir] RESOLVED critical: errors");
        }
    }

    @Test
    void whoWasToldIsRememberedForAsLongAsTheAlertFires() throws Exception {
        try (Endpoint slack = new Endpoint(404, 200);
                Endpoint pager = new Endpoint(202)) {
            scans.route(slack("slack", slack, pager("pager", pager).id()));
            scans.rules.save(errorRate(TENANT));
            scans.requests(TENANT, 1000, 10, 5, minute());
            scans.scan(LOCAL);
            scans.jdbc.update("update alert_outbox set created_at = created_at - interval '31 days'");
            scans.scan(LOCAL);
            assertThat(scans.count("alert_outbox")).isEqualTo(2);
            scans.forgetEvents();
            scans.nextScan(LOCAL);
            openedAndClosed(pager);
            scans.jdbc.update("update alert_outbox set created_at = created_at - interval '31 days'");
            scans.scan(LOCAL);
            assertThat(scans.count("alert_outbox")).isZero();
        }
    }

    private void firesAndEnds() {
        scans.rules.save(errorRate(TENANT));
        scans.requests(TENANT, 1000, 10, 5, minute());
        scans.scan(LOCAL);
        scans.forgetEvents();
        scans.nextScan(LOCAL);
    }

    private static void openedAndClosed(Endpoint pager) {
        assertThat(pager.requests)
                .extracting(Endpoint.Request::body)
                .satisfiesExactly(
                        body -> assertThat(body).contains("\"event_action\":\"trigger\""),
                        body -> assertThat(body).contains("\"event_action\":\"resolve\""));
        assertThat(pager.requests).extracting(ChannelsIT::incident).containsOnly(incident(pager.requests.get(0)));
    }

    private static String incident(Endpoint.Request request) {
        return request.body().replaceAll(".*\"dedup_key\":\"([^\"]+)\".*", "$1");
    }

    @Test
    void aChannelThatDoesNotAnswerIsTriedAFewTimesInARunAndTheOthersAreServed() throws Exception {
        try (Endpoint dead = new Endpoint(0, 0, 0, 200)) {
            String[] patient = with(
                    "--weir.alert.concurrency=1", "--weir.alert.send-timeout=300ms",
                    "--weir.alert.retry-first=1h", "--weir.alert.retry-most=1h");
            Channel hook = slack("dead", dead, null);
            Instant now = Instant.now();
            for (int i = 0; i < 10; i++) {
                incident(hook, now.minusSeconds(60 - i));
            }
            incident(scans.mail("ops"), now);

            assertThat(scans.scan(patient)).isEqualTo(3);
            assertThat(dead.requests).hasSize(3);
            assertThat(scans.subjects()).hasSize(1);
            assertThat(scans.count(
                            "alert_outbox where state = 'WAITING' and next_attempt_at > now() + interval '50 minutes'"))
                    .isEqualTo(10);
            assertThat(scans.count("alert_delivery where outcome = 'FAILED' and detail like 'not tried: %'"))
                    .isEqualTo(7);

            scans.jdbc.update("update alert_outbox set next_attempt_at = now()");
            // Time for those that are answered, however slow the machine is.
            assertThat(scans.scan(with("--weir.alert.concurrency=1"))).isZero();
            assertThat(dead.requests).hasSize(13);
            assertThat(scans.outbox.waiting()).isZero();
        }
    }

    @Test
    void aRunWhoseTimeIsOverLeavesTheRestToTheNext() {
        Channel ops = scans.mail("ops");
        for (int i = 0; i < 3; i++) {
            incident(ops, Instant.now());
        }
        assertThat(scans.scan("--weir.alert.deliver-within=1ms", "--weir.alert.concurrency=1"))
                .isZero();
        assertThat(scans.subjects()).hasSize(1);
        assertThat(scans.outbox.waiting()).isEqualTo(2);
        assertThat(scans.scan()).isZero();
        assertThat(scans.subjects()).hasSize(3);
    }

    @Test
    void whatHasNotBeenTriedGoesBeforeWhatHasFailed() throws Exception {
        try (Endpoint slack = new Endpoint(500)) {
            String[] briefly = with(
                    "--weir.alert.deliver-within=1ms",
                    "--weir.alert.concurrency=1",
                    "--weir.alert.retry-first=1h",
                    "--weir.alert.retry-most=1h");
            incident(slack("slack", slack, null), Instant.now().minusSeconds(60));
            scans.scan(briefly);
            incident(scans.mail("ops"), Instant.now());
            scans.jdbc.update("update alert_outbox set next_attempt_at = now()");
            assertThat(scans.scan(briefly)).isZero();
            assertThat(scans.subjects()).hasSize(1);
            assertThat(slack.requests).hasSize(1);
        }
    }

    /** Has a channel told of an incident of its own. */
    private void incident(Channel channel, Instant at) {
        UUID group = UUID.randomUUID();
        scans.outbox.add(List.of(new Notice(
                UUID.randomUUID(),
                group + "#1@" + channel.id(),
                TENANT,
                group,
                channel.id(),
                Notice.Kind.TRIGGER,
                Labels.NONE,
                0,
                at,
                null,
                "",
                List.of())));
    }

    @Test
    void aTestIsTriedThoughItsChannelHasNotAnsweredBefore() throws Exception {
        try (Endpoint dead = new Endpoint(0, 0, 0, 200)) {
            Channel hook = slack("dead", dead, null);
            Instant now = Instant.now();
            for (int i = 0; i < 3; i++) {
                incident(hook, now.minusSeconds(60 - i));
            }
            UUID test = scans.outbox.test(hook, "anna", now);
            scans.scan(with(
                    "--weir.alert.concurrency=1", "--weir.alert.send-timeout=3s",
                    "--weir.alert.retry-first=1h", "--weir.alert.retry-most=1h"));
            assertThat(scans.outbox.attempts(test)).singleElement().satisfies(attempt -> assertThat(attempt.outcome())
                    .isEqualTo("SENT"));
        }
    }

    @Test
    void aRecipientThatIsRefusedKeepsTheMailFromNobodyElse() {
        scans.mailbox.doesNotKnow("gone@example.com");
        Channel team = scans.channel(
                "team",
                Channel.Kind.EMAIL,
                "{\"to\":[\"ops@example.com\",\"gone@example.com\",\"boss@example.com\"]}",
                scans.mail("fallback").id());
        UUID test = scans.outbox.test(team, "anna", Instant.now());
        assertThat(scans.scan()).isZero();
        assertThat(scans.subjects()).containsExactly("[Weir] TEST: acme", "[Weir] TEST: acme");
        assertThat(scans.outbox.attempts(test)).singleElement().satisfies(attempt -> {
            assertThat(attempt.outcome()).isEqualTo("SENT");
            assertThat(attempt.detail())
                    .isEqualTo("accepted for 2 recipients, refused for gone@example.com: 550 no such user");
        });
    }

    @Test
    void aMailThatIsRefusedForEveryRecipientGoesToTheFallback() {
        scans.mailbox.doesNotKnow("ops@example.com");
        incident(
                scans.channel(
                        "ops",
                        Channel.Kind.EMAIL,
                        "{\"to\":[\"ops@example.com\"]}",
                        scans.mail("fallback").id()),
                Instant.now());
        assertThat(scans.scan()).isEqualTo(3);
        assertThat(scans.recipients()).containsExactly("fallback@example.com");
        assertThat(scans.count("alert_delivery where outcome = 'REFUSED'")).isEqualTo(1);
    }

    private static String[] with(String... options) {
        return Stream.of(LOCAL, options).flatMap(Stream::of).toArray(String[]::new);
    }

    private Channel slack(String name, Endpoint endpoint, UUID fallback) {
        return scans.channel(name, Channel.Kind.SLACK, "{\"url\":\"" + endpoint.url("/services/x") + "\"}", fallback);
    }

    private Channel pager(String name, Endpoint endpoint) {
        return scans.channel(
                name,
                Channel.Kind.PAGERDUTY,
                "{\"routingKey\":\"k\",\"url\":\"" + endpoint.url("/v2/enqueue") + "\"}",
                null);
    }

    private void acknowledge() {
        List<UUID> firing =
                scans.alerts.ofTenant(TENANT).stream().map(Alert::id).toList();
        scans.transactions.executeWithoutResult(
                status -> scans.alerts.acknowledge(TENANT, firing, "anna", Instant.now()));
    }
}
