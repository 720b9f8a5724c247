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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

    /** Stored before it is acknowledged. */
    @Test
    void nobodyIsAnsweredBeforeItIsOnRecord() throws Exception {
        CompletableFuture<ConsoleUnderTest.Answer> answer;
        console.get(BEN, "/api/v1/devices"); // the first use of the token is on record as well
        try (Connection other = DriverManager.getConnection(
                        console.postgres,
                        PostgresServer.shared().username(),
                        PostgresServer.shared().password());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("select number from audit_log_head for update");
            answer = CompletableFuture.supplyAsync(() -> console.get(BEN, "/api/v1/devices"));
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
        assertThat(answer.get().status()).isEqualTo(200);
    }
}
