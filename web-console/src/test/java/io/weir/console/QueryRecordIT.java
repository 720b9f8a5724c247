package io.weir.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.metadata.audit.AuditEntry;
import io.weir.metadata.audit.AuditLog;
import io.weir.testing.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whatever is asked of the warehouse is in the audit log before it is answered. */
class QueryRecordIT {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String BEN = "ben.ANALYST.acme";
    private static ConsoleUnderTest console;

    @BeforeAll
    static void start() throws InterruptedException {
        console = new ConsoleUnderTest();
        Instant first = Instant.parse("2026-11-01T00:00:00Z");
        console.store.insert(1, 200, List.of(first), first.plusSeconds(3600), 0);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static List<AuditEntry> recorded(long after) {
        return console.bean(AuditLog.class).entries(after, 1000).stream()
                .filter(entry -> entry.action().startsWith("query."))
                .toList();
    }

    private static long last() {
        return console.bean(AuditLog.class).verify().entries();
    }

    @Test
    void aQueryIsOnRecordWithWhoWhatAndWhatCameOfIt() {
        long before = last();
        ConsoleUnderTest.Answer answer = console.post(
                BEN,
                "/api/v1/query",
                "{\"select\":[\"events\"],\"from\":\"2026-11-01\",\"to\":\"2026-11-02\",\"group_by\":[\"source\"],"
                        + "\"filter\":[{\"field\":\"source\",\"op\":\"ne\",\"value\":\"o'hara\"}]}");
        assertThat(answer.status()).isEqualTo(200);

        assertThat(recorded(before)).singleElement().satisfies(entry -> {
            assertThat(entry.actor()).isEqualTo("ben");
            assertThat(entry.action()).isEqualTo("query.run");
            assertThat(entry.tenant()).isEqualTo("acme");
            JsonNode detail = MAPPER.readTree(entry.detail());
            assertThat(detail.get("outcome").asString()).isEqualTo("answered");
            assertThat(detail.get("rows").asInt())
                    .isEqualTo(answer.json().get("data").size());
            assertThat(detail.get("millis").asString()).matches("\\d+");
            JsonNode query = MAPPER.readTree(detail.get("query").asString());
            assertThat(query.get("select").get(0).asString()).isEqualTo("events");
            assertThat(query.get("from").asString()).isEqualTo("2026-11-01T00:00:00Z");
            assertThat(query.get("filter").toString()).contains("o'hara");
        });
        assertThat(console.bean(AuditLog.class).verify().isIntact()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/requests/top-k?by=endpoint&k=3",
                "/api/v1/requests/history",
                "/api/v1/devices",
                "/api/v1/device-groups",
                "/api/v1/devices/none/readings"
            })
    void soIsEveryReadyQuestion(String path) {
        long before = last();
        assertThat(console.get(BEN, path).status()).isEqualTo(200);
        assertThat(recorded(before)).singleElement().satisfies(entry -> {
            assertThat(entry.actor()).isEqualTo("ben");
            assertThat(entry.action()).isEqualTo("query.run");
        });
    }

    @Test
    void soIsAnExplanationAndAnAggregationAndAnAnswerThatWasKept() {
        long before = last();
        String query = "{\"select\":[\"events\"],\"from\":\"2026-11-01\",\"to\":\"2026-11-02\"}";
        console.post(BEN, "/api/v1/query/explain", query);
        console.post(BEN, "/api/v1/query", query);
        console.post(BEN, "/api/v1/query", query);
        assertThat(console.post(
                                BEN,
                                "/api/v1/requests/aggregate",
                                "{\"start_time\":\"2026-11-01\",\"end_time\":\"2026-11-02\",\"metrics\":[\"events\"]}")
                        .status())
                .isEqualTo(202);
        await().untilAsserted(() -> assertThat(recorded(before))
                .extracting(AuditEntry::action)
                .containsExactly("query.explain", "query.run", "query.run", "query.run"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "GET|/api/v1/requests/top-k|metric=nosuch|none|400|nosuch' cannot be selected",
                "GET|/api/v1/requests/top-k|metrik=events|none|400|/metrik: is not known here",
                "GET|/api/v1/requests/history|start_date=yesterday|none|400|yesterday' is not a date",
                "GET|/api/v1/devices|limit=many|none|400|/limit",
                "GET|/api/v1/requests/aggregate/1|wait=99|none|400|wait is 99",
                "POST|/api/v1/query|none|{\"selekt\":[\"events\"]}|400|selekt",
                "POST|/api/v1/query|none|{\"select\":|400|JSON",
                "POST|/api/v1/query/explain|none|{\"select\":[\"events\"],\"grain\":\"1x\"}|400|grain",
                "POST|/api/v1/requests/aggregate|none|{\"start\":1}|400|/start",
                "POST|/api/v1/requests/aggregate|none|{|400|the body is not JSON",
                "POST|/api/v1/subscriptions|none|{\"name\":\"x\",\"every\":\"often\",\"query\":{\"select\":[\"events\"]}}|400|/every",
                "POST|/api/v1/sql|none|{\"sql\":\"SELECT 1\",\"format\":\"xml\"}|400|format 'xml'",
                "POST|/api/v1/sql|none|{\"sql\":\" \"}|400|sql is missing",
                "POST|/api/v1/sql|none|{\"statement\":\"SELECT 1\"}|400|/statement: is not known here"
            })
    void soIsWhatIsRefused(
            String method, String path, @Nullable String parameters, @Nullable String body, int status, String why) {
        long before = last();
        String address = parameters == null ? path : path + "?" + parameters;
        ConsoleUnderTest.Answer refused = body == null ? console.get(BEN, address) : console.post(BEN, address, body);
        assertThat(refused.status()).as(refused.http().body()).isEqualTo(status);
        assertThat(recorded(before)).singleElement().satisfies(entry -> {
            assertThat(entry.actor()).isEqualTo("ben");
            assertThat(entry.action()).isEqualTo("query.refused");
            assertThat(entry.tenant()).isEqualTo("acme");
            assertThat(entry.subject()).isEqualTo(method + " " + path);
            JsonNode detail = MAPPER.readTree(entry.detail());
            assertThat(detail.path("parameters").stringValue(null)).isEqualTo(parameters);
            assertThat(detail.path("body").stringValue(null)).isEqualTo(body);
            assertThat(detail.get("why").stringValue()).contains(why);
            assertThat(detail.get("role").stringValue()).isEqualTo("analyst");
            assertThat(detail.get("address").stringValue()).isEqualTo("127.0.0.1");
        });
    }

    @Test
    void whoIsRefusedInALoopLeavesLittleBehind() {
        String looping = "lou.ANALYST.acme";
        long before = last();
        for (int i = 0; i < 40; i++) {
            assertThat(console.get(looping, "/api/v1/requests/top-k?k=none").status())
                    .isEqualTo(400);
        }
        assertThat(recorded(before)).hasSize(1);
        String large = "{\"select\":[\"\u202e" + "x".repeat(60_000) + "\"],\"n\":";
        for (int i = 0; i < 60; i++) {
            assertThat(console.post(looping, "/api/v1/query", large + i + "}").status())
                    .isEqualTo(400);
            assertThat(console.get(looping, "/api/v1/requests/top-k?k=none" + i).status())
                    .isEqualTo(400);
        }
        assertThat(recorded(before)).hasSizeBetween(30, 60).allSatisfy(entry -> assertThat(entry.detail())
                .hasSizeLessThan(4000)
                .doesNotContain("\u202e"));
        assertThat(recorded(before))
                .anySatisfy(entry -> assertThat(entry.detail()).contains("\\u{202e}xxx"));
        assertThat(console.get(BEN, "/api/v1/requests/top-k?k=of-another").status())
                .isEqualTo(400);
        assertThat(recorded(before))
                .anySatisfy(entry -> assertThat(entry.detail()).contains("k=of-another"));
    }

    /** Stored before it is acknowledged. */
    @ParameterizedTest
    @CsvSource({"/api/v1/devices, 200", "/api/v1/devices?limit=none, 400"})
    void nobodyIsAnsweredBeforeItIsOnRecord(String path, int status) throws Exception {
        CompletableFuture<ConsoleUnderTest.Answer> answer;
        console.get(BEN, "/api/v1/devices"); // the first use of the token is on record as well
        try (Connection other = DriverManager.getConnection(
                        console.postgres,
                        PostgresServer.shared().username(),
                        PostgresServer.shared().password());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("select number from audit_log_head for update");
            answer = CompletableFuture.supplyAsync(() -> console.get(BEN, path));
            await().untilAsserted(() -> {
                try (Connection third = DriverManager.getConnection(
                                console.postgres,
                                PostgresServer.shared().username(),
                                PostgresServer.shared().password());
                        Statement look = third.createStatement();
                        var found = look.executeQuery("select count(*) from pg_stat_activity where datname ="
                                + " current_database() and wait_event_type = 'Lock'")) {
                    found.next();
                    assertThat(found.getInt(1)).isPositive();
                }
            });
            assertThat(answer).isNotDone();
            other.rollback();
        }
        assertThat(answer.get().status()).isEqualTo(status);
    }
}
