package io.weir.console;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.metadata.aggregation.Aggregation;
import io.weir.metadata.aggregation.Aggregations;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.user.Role;
import io.weir.testing.FreePorts;
import io.weir.testing.PostgresServer;
import io.weir.warehouse.rollup.Grain;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** The routes of the query API over HTTP, on real servers. */
class QueryApiIT {

    private static final String ALL = "ada.ANALYST";
    private static final String ACME = "ben.ANALYST.acme";
    private static final String OTHER = "cleo.ANALYST.other";
    private static final String VIEWER = "dan.VIEWER.acme";

    private static final Instant FIRST = Instant.parse("2026-11-01T00:00:00Z");
    private static ConsoleUnderTest console;

    @BeforeAll
    static void start() throws InterruptedException {
        console = new ConsoleUnderTest();
        List<Instant> hours = IntStream.range(0, 48)
                .mapToObj(hour -> FIRST.plus(hour, ChronoUnit.HOURS))
                .toList();
        console.store.insert(1, 2000, hours, FIRST.plus(3, ChronoUnit.DAYS), 0);
        Instant run = FIRST.plus(4, ChronoUnit.DAYS);
        console.store.rollUpHours(hours, run, run.plusSeconds(1));
        console.store.derive(
                Grain.DAY,
                List.of(LocalDate.parse("2026-11-01"), LocalDate.parse("2026-11-02")),
                run.plusSeconds(1),
                run.plusSeconds(2));
        console.store.complete(run);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedHoweverItIsSent() throws Exception {
        byte[] large = " ".repeat(3 << 20).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        for (HttpRequest.BodyPublisher body : List.of(
                HttpRequest.BodyPublishers.ofByteArray(large),
                HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)))) {
            for (String path : List.of("/api/v1/query", "/api/v1/requests/aggregate", "/api/v1/sql")) {
                HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + console.port() + path))
                        .header("Authorization", console.authorization(ACME))
                        .header("Content-Type", "application/json")
                        .POST(body)
                        .build();
                assertThat(HttpClient.newHttpClient()
                                .send(request, HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .as(path)
                        .isEqualTo(413);
            }
        }
    }

    @Test
    void aQueryIsAnsweredAndSaysFromWhichTables() {
        ConsoleUnderTest.Answer answer = console.post(
                ALL,
                "/api/v1/query",
                "{\"select\":[\"events\"],\"from\":\"2026-11-01\",\"to\":\"2026-11-03\",\"group_by\":[\"tenant\"],\"grain\":\"1d\"}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(sum(answer.json().get("data"), "events")).isEqualTo(2000);
        assertThat(answer.json().get("data").get(0).get("time").stringValue()).isEqualTo("2026-11-01T00:00:00Z");
        assertThat(answer.json().at("/meta/tables").toString()).isEqualTo("[\"rollup_day\"]");
        assertThat(answer.json().at("/meta/rows_read").longValue()).isPositive();
        assertThat(answer.json().at("/meta/closed").booleanValue()).isTrue();
        assertThat(answer.json().at("/meta/truncated").booleanValue()).isFalse();
    }

    @Test
    void anAnswerThatWasCutOffSaysSo() {
        ConsoleUnderTest.Answer answer = console.post(
                ALL,
                "/api/v1/query",
                "{\"select\":[\"events\"],\"from\":\"2026-11-01\",\"group_by\":[\"source\"],\"limit\":2}");
        assertThat(answer.json().get("data").size()).isEqualTo(2);
        assertThat(answer.json().at("/meta/truncated").booleanValue()).isTrue();
    }

    @Test
    void whatItWouldReadIsExplainedWithoutReadingIt() {
        String query =
                "{\"select\":[\"users\"],\"from\":\"2026-11-01T12:30:00Z\",\"to\":\"2026-11-03\",\"filter\":[{\"field\":"
                        + "\"source\",\"value\":\"o'hara\"}],\"explain\":true}";
        for (String path : List.of("/api/v1/query", "/api/v1/query/explain")) {
            JsonNode explained = console.post(ACME, path, query).json();
            assertThat(explained.get("plan").findValuesAsString("table"))
                    .containsExactly("rollup_day", "rollup_hour", "events");
            assertThat(explained.get("sql").stringValue())
                    .contains("tenant = {tenant:String}")
                    .doesNotContain("o'hara")
                    .doesNotContain("acme");
            assertThat(explained.get("parameters").toString())
                    .contains("o'hara")
                    .contains("acme");
        }
    }

    @Test
    void aTenantSeesItsOwnRowsWhateverItAsks() {
        String all = "{\"select\":[\"events\"],\"from\":\"2026-11-01\"}";
        long acme = console.post(ACME, "/api/v1/query", all)
                .json()
                .at("/data/0/events")
                .longValue();
        long other = console.post(OTHER, "/api/v1/query", all)
                .json()
                .at("/data/0/events")
                .longValue();
        assertThat(acme).isPositive();
        assertThat(other).isPositive();
        assertThat(acme + other).isEqualTo(2000);
        ConsoleUnderTest.Answer refused = console.post(
                ACME,
                "/api/v1/query",
                "{\"select\":[\"events\"],\"filter\":{\"or\":[{\"field\":\"tenant\",\"value\":\"other\"}]}}");
        assertThat(refused.status()).isEqualTo(400);
    }

    @Test
    void aViewerMayUseNoPersonalFieldByWhicheverRoute() {
        isMasked(
                console.post(
                        VIEWER,
                        "/api/v1/query",
                        "{\"select\":[\"events\"],\"filter\":[{\"field\":\"user_id\",\"value\":\"u1\"}]}"),
                "/filter/0/field");
        for (String path : List.of("/api/v1/query", "/api/v1/query/explain")) {
            isMasked(
                    console.post(
                            VIEWER,
                            path,
                            "{\"select\":[\"events\"],\"group_by\":[\"user_id\"],\"order_by\":[\"user_id\"]}"),
                    "/group_by/0");
        }
        isMasked(
                console.post(
                        VIEWER,
                        "/api/v1/requests/aggregate",
                        "{\"start_time\":\"-1h\",\"end_time\":\"now\",\"metrics\":[\"events\"],\"group_by\":[\"source\",\"user_id\"]}"),
                "/group_by/1");
        isMasked(console.get(VIEWER, "/api/v1/requests/top-k?by=user_id"), "/by");
        assertThat(console.get(VIEWER, "/api/v1/requests/top-k?from=2026-11-01&metric=users")
                        .json()
                        .get("data")
                        .size())
                .isEqualTo(3);
    }

    private static void isMasked(ConsoleUnderTest.Answer refused, String pointer) {
        assertThat(refused.status()).as(refused.http().body()).isEqualTo(400);
        assertThat(refused.json().at("/errors/0/pointer").stringValue()).isEqualTo(pointer);
        assertThat(refused.json().at("/errors/0/detail").stringValue()).contains("user_id is masked for your role");
    }

    @Test
    void whatIsWrongIsAProblemDocumentThatNamesThePlace() {
        ConsoleUnderTest.Answer answer =
                console.post(ALL, "/api/v1/query", "{\"select\":[\"events\"],\"group_by\":[\"colour\"]}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.json().get("type").stringValue()).isEqualTo("urn:weir:problem:invalid_query");
        assertThat(answer.json().at("/errors/0/pointer").stringValue()).isEqualTo("/group_by/0");
        assertThat(console.post(ALL, "/api/v1/query", "{").status()).isEqualTo(400);
        assertThat(console.get(ALL, "/api/v1/nothing").header("Content-Type")).startsWith("application/problem+json");
    }

    @Test
    void theBusiestEndpointsAreThoseThatPlainSqlFinds() {
        ConsoleUnderTest.Answer answer = console.get(ACME, "/api/v1/requests/top-k?k=2&from=2026-11-01&to=2026-11-03");
        List<String> found = new ArrayList<>();
        answer.json()
                .get("data")
                .forEach(row -> found.add(row.get("request_id").stringValue() + " " + row.get("metric_value")));
        assertThat(found)
                .isEqualTo(console.store
                        .query("SELECT concat(endpoint_template, ' ', toString(count())) FROM " + console.store.database
                                + ".reference FINAL WHERE type = 'request' AND tenant = 'acme' GROUP BY endpoint_template"
                                + " ORDER BY count() DESC, endpoint_template LIMIT 2")
                        .lines()
                        .toList());
        // A seventh of the events has no user, more than any user has: they take nobody's place.
        for (String metric : List.of("frequency", "latency", "errors", "bytes", "users")) {
            assertThat(console.get(ACME, "/api/v1/requests/top-k?by=user_id&from=2026-11-01&metric=" + metric)
                            .json()
                            .get("data")
                            .size())
                    .as(metric)
                    .isEqualTo(10);
        }
        assertThat(console.get(ACME, "/api/v1/requests/top-k?by=is_bot&from=2026-11-01")
                        .json()
                        .get("data")
                        .size())
                .isEqualTo(2);
        ConsoleUnderTest.Answer refused = console.get(ACME, "/api/v1/requests/top-k?k=many");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().at("/errors/0/pointer").stringValue()).isEqualTo("/k");
    }

    @Test
    void topKIsTruncatedOnlyOfWhatHasTheMetric() {
        console.store.query("INSERT INTO " + console.store.database
                + ".events (id, tenant, timestamp, received_at, type, source, endpoint_template, latency_ms) SELECT"
                + " concat('quiet', toString(number)), 'quiet', toDateTime64('2026-10-02 00:00:00', 3, 'UTC'), now(), 'request',"
                + " 's', concat('/q/', toString(number)), if(number = 0, 7, NULL) FROM numbers(5)");
        String path = "/api/v1/requests/top-k?k=3&tenant=quiet&from=2026-10-02&to=2026-10-03&metric=";
        JsonNode byLatency = console.get(ALL, path + "latency").json();
        assertThat(byLatency.get("data").findValuesAsString("request_id")).containsExactly("/q/0");
        assertThat(byLatency.at("/meta/truncated").booleanValue()).isFalse();
        assertThat(console.get(ALL, path + "frequency")
                        .json()
                        .at("/meta/truncated")
                        .booleanValue())
                .isTrue();
    }

    @Test
    void whoSeesAllTenantsCanAskForOne() {
        for (String path : List.of(
                "/api/v1/requests/top-k?from=2026-11-01&to=2026-11-03",
                "/api/v1/requests/history?start_date=2026-11-01&end_date=2026-11-02")) {
            assertThat(console.get(ALL, path + "&tenant=acme").json().get("data"))
                    .isEqualTo(console.get(ACME, path).json().get("data"))
                    .isNotEqualTo(console.get(ALL, path).json().get("data"));
            assertThat(console.get(ACME, path + "&tenant=acme").status()).isEqualTo(200);
            assertThat(console.get(ALL, path + "&tenant=").status()).isEqualTo(400);
            ConsoleUnderTest.Answer refused = console.get(ACME, path + "&tenant=other");
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.json().at("/errors/0/pointer").stringValue()).isEqualTo("/tenant");
        }
    }

    @Test
    void whatHasNotChangedIsNotSentAgain() {
        String path = "/api/v1/requests/top-k?from=2026-11-01&to=2026-11-03";
        String etag = console.get(ACME, path).header("ETag");
        ConsoleUnderTest.Answer again = console.get(ACME, path, "If-None-Match", etag);
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.http().body()).isEmpty();
        assertThat(console.get(OTHER, path, "If-None-Match", etag).status()).isEqualTo(200);
    }

    @Test
    void historyGivesADayARow() {
        JsonNode data = console.get(ALL, "/api/v1/requests/history?start_date=2026-11-01&end_date=2026-11-02")
                .json()
                .get("data");
        assertThat(console.get(ALL, "/api/v1/requests/history?start_date=2026-11-01&end_date=2026-11-02")
                        .json()
                        .at("/meta/approximate")
                        .toString())
                .as("as the rows have them")
                .isEqualTo("[\"p95_latency\",\"users\"]");
        assertThat(data.findValuesAsString("date")).containsExactly("2026-11-01", "2026-11-02");
        assertThat(sum(data, "total_requests"))
                .isEqualTo(Long.parseLong(console.store.query(
                        "SELECT count() FROM " + console.store.database + ".reference FINAL WHERE type = 'request'")));
        assertThat(data.get(0).get("average_latency").doubleValue())
                .isEqualTo(Double.parseDouble(console.store.query(
                        "SELECT sum(toInt128(round(latency_ms * 1e6))) / count(latency_ms) / 1e6 FROM "
                                + console.store.database
                                + ".reference FINAL WHERE type = 'request' AND toDate(timestamp) = '2026-11-01'")));
        assertThat(console.get(ALL, "/api/v1/requests/history?start_date=2026-11-02&end_date=2026-11-01")
                        .json()
                        .at("/errors/0/pointer")
                        .stringValue())
                .isEqualTo("/start_date");
        assertThat(console.get(ALL, "/api/v1/requests/history?start_date=yesterday")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void anAggregationIsHandedInAndItsResultFetchedByItsTenantAlone() {
        ConsoleUnderTest.Answer accepted = console.post(
                ACME,
                "/api/v1/requests/aggregate",
                "{\"start_time\":\"2026-11-01T00:00:00Z\",\"end_time\":\"2026-11-03T00:00:00Z\",\"metrics\":[\"events\",\"latency_p95\"]}");
        assertThat(accepted.status()).isEqualTo(202);
        assertThat(accepted.json().get("message").stringValue()).isEqualTo("Aggregation request submitted.");
        String path = "/api/v1/requests/aggregate/"
                + accepted.json().get("aggregation_id").stringValue();
        assertThat(accepted.header("Location")).isEqualTo(path);
        JsonNode result = console.get(ACME, path + "?wait=60").json();
        assertThat(result.get("status").stringValue()).isEqualTo("success");
        assertThat(console.get(ACME, path).json()).isEqualTo(result);
        assertThat(console.get(ACME, path + "?wait=61")
                        .json()
                        .at("/errors/0/pointer")
                        .stringValue())
                .isEqualTo("/wait");
        assertThat(result.at("/data/0/events").longValue())
                .isEqualTo(Long.parseLong(console.store.query("SELECT count() FROM " + console.store.database
                        + ".reference FINAL WHERE type = 'request' AND tenant = 'acme'")));
        assertThat(console.get(OTHER, path).status()).isEqualTo(404);
        assertThat(console.get(VIEWER, path).status()).isEqualTo(404);
        assertThat(console.get(ALL, path).status()).isEqualTo(200);
        ConsoleUnderTest.Answer refused =
                console.post(ACME, "/api/v1/requests/aggregate", "{\"start_time\":\"-1h\",\"end_time\":\"now\"}");
        assertThat(refused.json().at("/errors/0/pointer").stringValue()).isEqualTo("/metrics");
    }

    @Test
    void anAggregationWhoseConsoleDiedIsRunByAnother() {
        Aggregations aggregations = console.bean(Aggregations.class);
        JdbcTemplate jdbc = console.bean(JdbcTemplate.class);
        UUID dead = UUID.randomUUID();
        UUID id = UUID.randomUUID();
        // As a console leaves it that was killed while it ran it.
        jdbc.update(
                "insert into aggregation (id, owner, role, tenant, query, state, attempts, claimed_by, claimed_until)"
                        + " values (?, 'ben', 'ANALYST', 'acme', ?, 'RUNNING', 1, ?, now() - interval '1 second')",
                id,
                "{\"select\":[\"events\"],\"from\":\"2026-11-01T00:00:00Z\",\"to\":\"2026-11-03T00:00:00Z\"}",
                dead);
        await().atMost(30, SECONDS)
                .untilAsserted(() ->
                        assertThat(aggregations.find(id).orElseThrow().state()).isEqualTo(Aggregation.State.SUCCESS));
        // The dead one wakes up and knows nothing of it.
        aggregations.succeed(id, dead, "{\"data\":[],\"meta\":{}}");
        assertThat(console.get(ACME, "/api/v1/requests/aggregate/" + id)
                        .json()
                        .at("/data/0/events")
                        .longValue())
                .isPositive();
        UUID hopeless = UUID.randomUUID();
        jdbc.update(
                "insert into aggregation (id, owner, role, tenant, query, state, attempts, claimed_by, claimed_until)"
                        + " values (?, 'ben', 'ANALYST', 'acme', '{}', 'RUNNING', 3, ?, now() - interval '1 second')",
                hopeless,
                dead);
        await().atMost(30, SECONDS)
                .untilAsserted(() -> assertThat(console.get(ACME, "/api/v1/requests/aggregate/" + hopeless)
                                .json()
                                .path("error")
                                .asString(""))
                        .contains("Hand it in again"));
        assertThat(Role.valueOf("ANALYST"))
                .isEqualTo(aggregations.find(hopeless).orElseThrow().role());
    }

    @Test
    void whoWaitsHearsOfAResultThatAnotherConsoleStored() {
        Aggregations aggregations = console.bean(Aggregations.class);
        UUID other = UUID.randomUUID();
        UUID id = UUID.randomUUID();
        console.bean(JdbcTemplate.class)
                .update(
                        "insert into aggregation (id, owner, role, tenant, query, state, attempts, claimed_by, claimed_until)"
                                + " values (?, 'ben', 'ANALYST', 'acme', '{}', 'RUNNING', 1, ?, now() + interval '1 hour')",
                        id,
                        other);
        String path = "/api/v1/requests/aggregate/" + id;
        assertThat(console.get(ACME, path + "?wait=1").json().get("status").stringValue())
                .isEqualTo("running");
        CompletableFuture<ConsoleUnderTest.Answer> waiting =
                CompletableFuture.supplyAsync(() -> console.get(ACME, path + "?wait=60"));
        aggregations.succeed(id, other, "{\"data\":[{\"events\":7}],\"meta\":{}}");
        assertThat(waiting.join().json().at("/data/0/events").intValue()).isEqualTo(7);
    }

    @Test
    void alertsComeByTenantAndSeverityPageByPage() {
        JdbcTemplate jdbc = console.bean(JdbcTemplate.class);
        for (String severity : List.of("WARNING", "CRITICAL")) {
            UUID rule = UUID.randomUUID();
            jdbc.update(
                    "insert into alert_rule (id, tenant, name, enabled, spec, changed_at) values (?, 'acme', ?, true, ?, now())",
                    rule,
                    "too many errors " + severity,
                    "{\"severity\":\"" + severity + "\"}");
            for (String group : List.of("a", "b")) {
                jdbc.update(
                        "insert into alert (id, rule, tenant, labels, label_values, state, since, episode, relapses, value, usual, reason)"
                                + " values (?, ?, 'acme', ?, ?, 'FIRING', now(), 1, 0, 12, 'NaN', 'errors is 12')",
                        UUID.randomUUID(),
                        rule,
                        group,
                        "{\"source\":\"" + group + "\"}");
            }
        }
        JsonNode critical =
                console.get(ACME, "/api/v1/requests/alerts?severity=critical").json();
        assertThat(critical.get("status").stringValue()).isEqualTo("success");
        assertThat(critical.get("alerts").size()).isEqualTo(2);
        assertThat(critical.at("/alerts/0/description").stringValue())
                .isEqualTo("too many errors CRITICAL: errors is 12");
        assertThat(critical.at("/alerts/0/severity").stringValue()).isEqualTo("critical");
        assertThat(Instant.parse(critical.at("/alerts/0/timestamp").stringValue()))
                .isBefore(Instant.now());
        assertThat(UUID.fromString(critical.at("/alerts/0/alert_id").stringValue()))
                .isNotNull();
        List<String> seen = new ArrayList<>();
        String after = "";
        do {
            JsonNode page =
                    console.get(ACME, "/api/v1/requests/alerts?limit=3" + after).json();
            seen.addAll(page.get("alerts").findValuesAsString("alert_id"));
            after = page.get("next").isNull()
                    ? null
                    : "&after=" + page.get("next").stringValue();
        } while (after != null);
        assertThat(seen).hasSize(4).doesNotHaveDuplicates();
        assertThat(console.get(OTHER, "/api/v1/requests/alerts")
                        .json()
                        .get("alerts")
                        .size())
                .isZero();
        assertThat(console.get(OTHER, "/api/v1/requests/alerts?after=" + seen.get(0))
                        .status())
                .isEqualTo(400);
        assertThat(console.get(ACME, "/api/v1/requests/alerts?severity=dire").status())
                .isEqualTo(400);
    }

    @Test
    void aDeviceShowsWhatItMeasured() {
        String range = "from=2026-11-01&to=2026-11-03";
        List<String> devices = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = console.get(ACME, "/api/v1/devices?limit=3&" + range + after)
                    .json();
            devices.addAll(page.get("data").findValuesAsString("device_id"));
            after = page.get("next").isNull()
                    ? null
                    : "&after=" + page.get("next").stringValue();
        } while (after != null);
        assertThat(devices).containsExactly("d0", "d1", "d2", "d3");
        JsonNode device = console.get(ACME, "/api/v1/devices/d1?" + range).json();
        assertThat(device.get("device_groups").toString()).isEqualTo("[\"roof\"]");
        assertThat(Instant.parse(device.get("last_seen").stringValue()))
                .isBetween(FIRST, FIRST.plus(2, ChronoUnit.DAYS));
        String expected = console.store.query("SELECT count(), max(value) FROM " + console.store.database
                + ".reference FINAL ARRAY JOIN mapKeys(measurements) AS name, mapValues(measurements) AS value"
                + " WHERE tenant = 'acme' AND device_id = 'd1' AND name = 'humidity'");
        for (String grain : List.of("1m", "1h", "all")) {
            long count = 0;
            double max = 0;
            String from = "2026-11-01";
            do {
                JsonNode page = console.get(
                                ACME,
                                "/api/v1/devices/d1/readings?measurement=humidity&limit=20&to=2026-11-03&grain=" + grain
                                        + "&from=" + from)
                        .json();
                for (JsonNode row : page.get("data")) {
                    count += row.get("count").longValue();
                    max = Math.max(max, row.get("max").doubleValue());
                }
                from = page.get("next").isNull() ? null : page.get("next").stringValue();
            } while (from != null);
            assertThat(count + "\t" + number(max)).as(grain).isEqualTo(expected);
        }
        int all = console.get(ACME, "/api/v1/devices/d1/readings?grain=1h&" + range)
                .json()
                .get("data")
                .size();
        JsonNode fits = console.get(ACME, "/api/v1/devices/d1/readings?grain=1h&limit=" + all + "&" + range)
                .json();
        assertThat(fits.get("data").size()).isEqualTo(all);
        assertThat(fits.get("next").isNull()).isTrue();
        JsonNode hour = console.get(ACME, "/api/v1/devices/d1/readings?grain=1h&limit=1&measurement=humidity&" + range)
                .json();
        assertThat(hour.get("data").size()).isEqualTo(1);
        assertThat(hour.at("/meta/truncated").booleanValue()).isTrue();
        assertThat(console.get(ACME, "/api/v1/devices/d9?" + range).status()).isEqualTo(404);
        assertThat(console.get(ACME, "/api/v1/device-groups?" + range)
                        .json()
                        .at("/data/0/device_group")
                        .stringValue())
                .isEqualTo("roof");
        assertThat(console.get(ACME, "/api/v1/device-groups/roof/readings?" + range)
                        .json()
                        .get("data")
                        .size())
                .isPositive();
    }

    @Test
    void theDocumentOfTheApiHoldsEveryRouteAndThePageShowsIt() {
        JsonNode document = console.get(ALL, "/api/v1/openapi.json").json();
        assertThat(document.get("openapi").stringValue()).startsWith("3.1");
        assertThat(document.get("paths").propertyNames())
                .contains(
                        "/api/v1/query",
                        "/api/v1/query/explain",
                        "/api/v1/requests/top-k",
                        "/api/v1/requests/history",
                        "/api/v1/requests/alerts",
                        "/api/v1/requests/aggregate",
                        "/api/v1/requests/aggregate/{id}",
                        "/api/v1/devices",
                        "/api/v1/devices/{id}/readings",
                        "/api/v1/device-groups");
        assertThat(document.at("/components/schemas/Query/properties/grain/enum")
                        .toString())
                .contains("\"1h\"");
        assertThat(document.toString()).doesNotContain("ClientConnection").doesNotContain("\"caller\"");
        ConsoleUnderTest.Answer page = console.get(ALL, "/api/docs");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.http().body())
                .contains("/api/v1/requests/top-k")
                .doesNotContain("<script")
                .doesNotContain("//cdn");
    }

    @Test
    void whoAsksTooOftenIsToldWhenToComeBack() throws Exception {
        try (ConsoleUnderTest few = new ConsoleUnderTest(
                console.store, PostgresServer.shared().freshDatabase(), "--weir.api.rate.viewer=3")) {
            ConsoleUnderTest.Answer answer = few.get(VIEWER, "/api/v1/query/vocabulary");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("RateLimit")).startsWith("\"requests\";r=2");
            assertThat(answer.header("RateLimit-Policy")).isEqualTo("\"requests\";q=3;w=60");
            ConsoleUnderTest.Answer refused = answer;
            // One comes back every 20 s.
            for (int asked = 0; asked < 20 && refused.status() == 200; asked++) {
                refused = few.get(VIEWER, "/api/v1/query/vocabulary");
            }
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("Content-Type")).startsWith("application/problem+json");
            assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 60);
            assertThat(few.get(ACME, "/api/v1/query/vocabulary").status()).isEqualTo(200);
        }
    }

    @Test
    void aQueryThatItsClientLeftIsStopped() throws Exception {
        // So many events that to read them takes long.
        for (int million = 0; million < 3; million++) {
            console.store.query("INSERT INTO " + console.store.database
                    + ".events (id, tenant, timestamp, received_at, type, source, user_id, message) SELECT toString(number), 'slow',"
                    + " toDateTime64('2026-10-01 00:00:00', 3, 'UTC') + number / 10, now(), 'log', 's', toString(number), repeat('x', 50)"
                    + " FROM numbers(" + million + "000000, 1000000)");
        }
        String body =
                "{\"select\":[\"users\",\"latency_p95\",\"bytes\"],\"from\":\"2026-10-01\",\"to\":\"2026-11-01\",\"group_by\":"
                        + "[\"user_id\",\"message\",\"attributes.a\",\"attributes.b\",\"attributes.c\"],\"order_by\":[\"-users\"]}";
        try (Socket socket = new Socket("127.0.0.1", console.port())) {
            socket.getOutputStream()
                    .write(("POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                                    + console.authorization(ALL)
                                    + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                                    + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            await().pollInterval(20, MILLISECONDS).until(() -> running() > 0);
        }
        await().atMost(20, SECONDS).pollInterval(20, MILLISECONDS).until(() -> running() == 0);
        await().untilAsserted(() -> assertThat(console.bean(AuditLog.class).entries(0, 100_000))
                .anyMatch(entry -> entry.action().equals("query.run")
                        && entry.detail().contains("attributes.c")
                        && entry.detail().contains("abandoned")));
    }

    private static int running() {
        return Integer.parseInt(
                console.store.query("SELECT count() FROM system.processes WHERE startsWith(query_id, 'weir-console-')"
                        + " AND positionCaseInsensitive(query, 'uniq') > 0 AND position(query, '"
                        + console.store.database
                        + "') > 0"));
    }

    @Test
    void whileClickHouseIsAwayTheAnswerIsToComeBackLater() throws Exception {
        String url = "http://127.0.0.1:" + FreePorts.next();
        try (ConsoleUnderTest alone = new ConsoleUnderTest(
                console.store, PostgresServer.shared().freshDatabase(), "--weir.clickhouse.url=" + url)) {
            ConsoleUnderTest.Answer answer = alone.post(ALL, "/api/v1/query", "{\"select\":[\"events\"]}");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("Retry-After")).isNotEmpty();
            assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
            assertThat(answer.http().body()).doesNotContain(url);
        }
    }

    private static long sum(JsonNode rows, String name) {
        long sum = 0;
        for (JsonNode row : rows) {
            sum += row.get(name).longValue();
        }
        return sum;
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
