package io.weir.console.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.console.ConsoleUnderTest;
import io.weir.console.query.Store;
import io.weir.testing.PostgresServer;
import io.weir.warehouse.account.ReaderAccount;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A server with users by SQL that fails, or is slow, while accounts are made and revoked. */
class RevokingIT {

    private static final String ROOT = "root.ADMIN";
    private static final String ACCOUNTS = "/api/v1/accounts";

    private final String postgres = PostgresServer.shared().freshDatabase();
    private final UnwillingServer server;
    private ConsoleUnderTest console;

    RevokingIT() throws Exception {
        server = new UnwillingServer();
    }

    @BeforeEach
    void start() throws Exception {
        console = console();
    }

    private ConsoleUnderTest console() throws InterruptedException {
        return new ConsoleUnderTest(
                new Store(), postgres, "--weir.clickhouse.url=" + server.url(), "--weir.accounts.users=sql");
    }

    @AfterEach
    void stop() {
        console.close();
        server.close();
    }

    private JsonNode create(String name) {
        ConsoleUnderTest.Answer answer =
                console.post(ROOT, ACCOUNTS, "{\"name\":\"" + name + "\",\"tenant\":\"acme\"}");
        assertThat(answer.status()).as(answer.http().body()).isEqualTo(201);
        return answer.json().get("data");
    }

    private static String path(JsonNode account) {
        return ACCOUNTS + "/" + account.get("id").asString();
    }

    @Test
    void aUserThatClickHouseDidNotDropIsDroppedWhenItCan() {
        JsonNode account = create("superset");
        assertThat(server.users).containsKey("superset_acme");
        server.refused = "DROP USER";

        ConsoleUnderTest.Answer refused = console.delete(ROOT, path(account));

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).isNotEmpty();
        assertThat(refused.http().body()).contains("may still be let in");
        assertThat(console.delete(ROOT, path(account)).status()).isEqualTo(503);
        assertThat(server.users).containsKey("superset_acme");
        server.refused = "nothing";
        await().untilAsserted(() -> assertThat(server.users).doesNotContainKey("superset_acme"));
        assertThat(console.delete(ROOT, path(account)).status()).isEqualTo(204);
    }

    @Test
    void repeatingTheCallDropsWhatWasNotDropped() {
        JsonNode account = create("superset");
        server.refused = "DROP USER";
        assertThat(console.delete(ROOT, path(account)).status()).isEqualTo(503);
        server.refused = "nothing";

        assertThat(console.delete(ROOT, path(account)).status()).isEqualTo(204);

        assertThat(server.users).doesNotContainKey("superset_acme");
    }

    @Test
    void aPasswordThatClickHouseDidNotTakeEndsTheOneBeforeWhenItCan() {
        JsonNode account = create("superset");
        String first = server.users.get("superset_acme");
        server.refused = "ALTER USER";
        assertThat(console.post(ROOT, path(account) + "/password", "").status()).isEqualTo(503);
        assertThat(server.users).containsEntry("superset_acme", first);
        server.refused = "nothing";

        await().untilAsserted(
                        () -> assertThat(server.users.get("superset_acme")).isNotEqualTo(first));
    }

    @Test
    void oneAccountThatFailsAtTheStartLeavesNoOtherOut() throws Exception {
        create("failing");
        create("metabase");
        JsonNode revoked = create("tableau");
        server.refused = "DROP USER";
        assertThat(console.delete(ROOT, path(revoked)).status()).isEqualTo(503);
        console.close();
        // As a server that has lost the users of one disk.
        server.users.keySet().removeIf(name -> !name.startsWith("tableau"));
        server.refused = "CREATE USER IF NOT EXISTS `failing_acme`";

        console = console();

        await().untilAsserted(() ->
                assertThat(server.users).containsKey("metabase_acme").doesNotContainKey("tableau_acme"));
        assertThat(server.users).doesNotContainKey("failing_acme");
    }

    @Test
    void aRevokedAccountDoesNotComeBackByAChangeAtAnotherConsole() throws Exception {
        JsonNode account = create("superset");
        try (ConsoleUnderTest other = console()) {
            server.delayed = "CREATE USER IF NOT EXISTS `superset_acme`";
            CompletableFuture<Integer> rotated = CompletableFuture.supplyAsync(
                    () -> console.post(ROOT, path(account) + "/password", "").status());
            server.came.await();
            CompletableFuture<Integer> deleted = CompletableFuture.supplyAsync(
                    () -> other.delete(ROOT, path(account)).status());
            await().until(() ->
                    other.get(ROOT, ACCOUNTS).json().get("data").get(0).hasNonNull("revoked_at"));
            server.go.countDown();

            assertThat(rotated.get()).isIn(200, 404);
            assertThat(deleted.get()).isEqualTo(204);
            assertThat(server.users).doesNotContainKey("superset_acme");
        }
    }

    @Test
    void aNameThatIsUsedAgainIsTheNewAccounts() {
        JsonNode account = create("superset");
        server.refused = "DROP USER";
        assertThat(console.delete(ROOT, path(account)).status()).isEqualTo(503);
        server.refused = "nothing";

        JsonNode again = create("superset");

        assertThat(server.users)
                .containsEntry(
                        "superset_acme",
                        ReaderAccount.sha256(again.get("password").asString()));
        assertThat(console.delete(ROOT, path(account)).status()).isEqualTo(204);
        assertThat(server.users).containsKey("superset_acme");
    }
}
