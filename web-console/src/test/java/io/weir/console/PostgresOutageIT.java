package io.weir.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.console.query.Store;
import io.weir.metadata.audit.AuditLog;
import io.weir.testing.PostgresServer;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** PostgreSQL ends while the console is at work, and comes back. */
@ExtendWith(OutputCaptureExtension.class)
class PostgresOutageIT {

    private static final String BEN = "ben.ANALYST.acme";
    private static final String AGGREGATE = "/api/v1/requests/aggregate";
    private static final String QUERY =
            "{\"start_time\":\"2026-11-01\",\"end_time\":\"2026-11-02\",\"metrics\":[\"events\"]}";

    @ParameterizedTest(name = "answered meanwhile: {0}")
    @ValueSource(booleans = {true, false})
    void anAggregationThatWasRunningEndsWithItsResultOnce(boolean answeredMeanwhile, CapturedOutput output)
            throws Exception {
        Store store = new Store();
        Instant hour = Instant.parse("2026-11-01T00:00:00Z");
        store.insert(1, 200, List.of(hour), hour.plusSeconds(3600), 0);
        try (PostgresServer postgres = PostgresServer.fresh();
                ConsoleUnderTest console = new ConsoleUnderTest(store, postgres.freshDatabase())) {
            String path;
            store.server.suspend();
            try {
                ConsoleUnderTest.Answer accepted = console.post(BEN, AGGREGATE, QUERY);
                assertThat(accepted.status()).isEqualTo(202);
                path = accepted.header("Location");
                await().untilAsserted(() -> assertThat(status(console, path)).isEqualTo("running"));
                postgres.stop();
                if (answeredMeanwhile) {
                    store.server.resume();
                }
                // Both threads: the one that looks for others, and the one whose aggregation was running.
                await().untilAsserted(() -> assertThat(output.getOut().lines())
                        .anyMatch(line -> isOutage(line, "aggregations-0"))
                        .anyMatch(line -> isOutage(line, "aggregations-1")));
                ConsoleUnderTest.Answer meanwhile = console.get(BEN, path);
                assertThat(meanwhile.status()).as(meanwhile.http().body()).isEqualTo(503);
                assertThat(meanwhile.header("Retry-After")).isNotEmpty();
                postgres.start();
            } finally {
                store.server.resume();
            }
            await().untilAsserted(() -> assertThat(status(console, path)).isEqualTo("success"));

            JsonNode result = console.get(BEN, path).json();
            assertThat(result.at("/data/0/events").longValue())
                    .isEqualTo(Long.parseLong(store.query("SELECT count() FROM " + store.database
                            + ".reference FINAL WHERE type = 'request' AND tenant = 'acme'")))
                    .isPositive();
            // An owner's are run one after the other, the oldest first.
            String next = console.post(BEN, AGGREGATE, QUERY).header("Location");
            await().untilAsserted(() -> assertThat(status(console, next)).isEqualTo("success"));
            assertThat(console.get(BEN, path).json()).isEqualTo(result);
            assertThat(console.bean(JdbcTemplate.class)
                            .queryForObject(
                                    "select attempts from aggregation where id = ?",
                                    Integer.class,
                                    UUID.fromString(path.substring(path.lastIndexOf('/') + 1))))
                    .isEqualTo(2);
            AuditLog audit = console.bean(AuditLog.class);
            assertThat(audit.entries(0, 1000))
                    .filteredOn(entry -> entry.action().equals("query.run"))
                    .as("one answer of each of the two")
                    .hasSize(2)
                    .allSatisfy(entry -> assertThat(entry.detail()).contains("answered"));
            assertThat(audit.verify().isIntact()).isTrue();
        }
    }

    private static boolean isOutage(String line, String thread) {
        return line.contains(thread) && line.contains("aggregations cannot be looked after");
    }

    private static String status(ConsoleUnderTest console, String path) {
        return console.get(BEN, path).json().path("status").asString("");
    }
}
