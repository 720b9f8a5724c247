package io.weir.console.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.weir.console.Browser;
import io.weir.console.ConsoleUnderTest;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.subscription.Subscriptions;
import io.weir.metadata.user.PersonalToken;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Subscriptions on two consoles with one PostgreSQL, and a real ClickHouse. */
class SubscriptionsIT {

    private static final String ANN = "ann.ANALYST.acme";
    private static final String BEN = "ben.ANALYST.acme";
    private static final String OTHER = "otto.ADMIN.other";
    private static final String OPERATOR = "olga.OPERATOR.acme";
    private static final String COUNT = "{\"select\":[\"events\"],\"from\":\"-24h\"}";

    private static ConsoleUnderTest console;
    private static ConsoleUnderTest second;

    @BeforeAll
    static void start() throws InterruptedException {
        console = new ConsoleUnderTest();
        second = new ConsoleUnderTest(console.store, console.postgres);
        Instant hour = Instant.now().minus(Duration.ofHours(2));
        console.store.insert(1, 50, Set.of(hour), Instant.now(), 0);
        console.store.query("INSERT INTO " + console.store.database + ".events SELECT * FROM " + console.store.database
                + ".reference");
    }

    @AfterAll
    static void stop() {
        second.close();
        console.close();
    }

    @Test
    void aSubscriptionIsRunAtOnceAndItsResultIsWhatTheQueryAnswers() {
        String id = subscribe(ANN, "count", "1h", COUNT);

        JsonNode result = firstResult(ANN, id);

        assertThat(result.get("number").longValue()).isEqualTo(1);
        assertThat(result.at("/result/data"))
                .isEqualTo(console.post(ANN, "/api/v1/query", COUNT).json().get("data"));
        assertThat(result.at("/result/data/0/events").longValue()).isPositive();
        JsonNode view = console.get(ANN, "/api/v1/subscriptions/" + id).json().get("data");
        assertThat(Instant.parse(view.get("due_at").stringValue()))
                .isAfter(Instant.now().plus(Duration.ofMinutes(50)));
        assertThat(view.at("/query/select/0").stringValue()).isEqualTo("events");
    }

    @Test
    void ofSeveralConsolesOneRunsEach() {
        List<String> ids = IntStream.range(0, 40)
                .mapToObj(i -> subscribe("owner" + i % 8 + ".ANALYST.acme", "many " + i, "1h", COUNT))
                .toList();
        await().until(() -> ids.stream().allMatch(id -> last(id) == 1));
        database().update("update subscription set paused = true where name not like 'many %'");
        database().execute("create table begun (id uuid, claim uuid)");
        database().execute("""
                create function begin_run() returns trigger language plpgsql as
                $$ begin insert into begun values (new.id, new.claimed_by); return null; end $$
                """);
        database().execute("""
                create trigger begun after update of claimed_by on subscription for each row
                when (new.claimed_by is not null) execute function begin_run()
                """);
        // However long they wait for the lock, nobody takes one over.
        database().execute("""
                create function extend_run() returns trigger language plpgsql as
                $$ begin new.claimed_until := now() + interval '10 minutes'; return new; end $$
                """);
        database().execute("""
                create trigger extended before update of claimed_by on subscription for each row
                when (new.claimed_by is not null) execute function extend_run()
                """);
        try {
            // Every run asks who its owner is: so all four threads of both consoles have begun one before the first is
            // over.
            console.bean(TransactionTemplate.class).executeWithoutResult(status -> {
                database().execute("lock table console_user in access exclusive mode");
                elsewhere().update("update subscription set due_at = now() where name like 'many %'");
                // Before a waiting console gives its connection up.
                await().atMost(Duration.ofSeconds(40))
                        .until(() -> elsewhere().queryForObject("select count(*) from begun", Integer.class) == 8);
            });
            await().until(() -> ids.stream().allMatch(id -> last(id) == 2));

            assertThat(database().queryForList("select id::text from begun", String.class))
                    .as("runs of a time that was due once")
                    .containsExactlyInAnyOrderElementsOf(ids);
            assertThat(database().queryForList("select claim from begun", UUID.class))
                    .as("two threads of a console are not one and the same")
                    .doesNotHaveDuplicates();
        } finally {
            database()
                    .execute(
                            "drop trigger if exists begun on subscription; drop trigger if exists extended on subscription");
        }
    }

    @Test
    void whatAConsoleThatDiedWasRunningIsRunByAnother() {
        String id = subscribe(ANN, "left behind", "1h", COUNT);
        await().until(() -> last(id) == 1);
        database()
                .update(
                        "update subscription set due_at = now() - interval '2 hours', claimed_by = gen_random_uuid(),"
                                + " claimed_until = now() + interval '2 seconds' where id = ?::uuid",
                        id);

        await().until(() -> last(id) == 2);

        JsonNode view = console.get(ANN, "/api/v1/subscriptions/" + id).json().get("data");
        assertThat(Instant.parse(view.get("due_at").stringValue()))
                .as("one run makes up for all the times that were missed")
                .isAfter(Instant.now());
    }

    @Test
    void resultsArePushedAndAStreamGoesOnAfterTheLastThatWasSeen() throws Exception {
        String id = subscribe(ANN, "pushed", "1h", COUNT);
        await().until(() -> last(id) >= 1);

        try (Stream stream = new Stream(second, ANN, id, null)) {
            assertThat(stream.next()).isEqualTo(1);
            // Made by whichever console; pushed by the second.
            due(id);
            assertThat(stream.next()).isEqualTo(2);
        }
        due(id);
        await().until(() -> last(id) >= 3);
        due(id);
        await().until(() -> last(id) >= 4);

        try (Stream stream = new Stream(console, ANN, id, "2")) {
            assertThat(List.of(stream.next(), stream.next())).containsExactly(3L, 4L);
        }
    }

    @Test
    void aSubscriptionThatIsPausedIsNotRunUntilItIsResumed() {
        String id = subscribe(ANN, "paused", "1h", COUNT);
        await().until(() -> last(id) >= 1);
        assertThat(console.post(ANN, "/api/v1/subscriptions/" + id + "/pause", "")
                        .json()
                        .at("/data/paused")
                        .booleanValue())
                .isTrue();
        long then = last(id);
        due(id);
        // Due later, of the same owner: it would not be its turn yet if the other were run.
        String witness = subscribe(ANN, "witness", "1h", COUNT);

        await().until(() -> last(witness) == 1);

        assertThat(last(id)).isEqualTo(then);
        console.post(ANN, "/api/v1/subscriptions/" + id + "/resume", "");
        due(id);
        await().until(() -> last(id) > then);
    }

    @Test
    void aReaderThatDoesNotReadHoldsUpNobodyAndIsCutOff() throws Exception {
        String big = subscribe(ANN, "big", "31d", COUNT);
        String small = subscribe(BEN, "small", "31d", COUNT);
        await().until(() -> last(big) == 1 && last(small) == 1);
        ResultStreams streams = second.bean(ResultStreams.class);
        try (Socket idle = new Socket();
                Stream reading = new Stream(second, BEN, small, null)) {
            idle.setReceiveBufferSize(4096);
            idle.connect(new InetSocketAddress("127.0.0.1", second.port()));
            idle.getOutputStream()
                    .write(("GET /api/v1/subscriptions/" + big
                                    + "/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                                    + second.authorization(ANN) + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            assertThat(reading.next()).isEqualTo(1);
            await().until(() -> streams.count() == 2);
            for (int i = 0; i < 16; i++) {
                store(big, "{\"events\":\"" + "x".repeat(1_000_000) + "\"}");
            }

            for (int number = 2; number < 12; number++) {
                store(small, "{\"events\":1}");
                assertThat(reading.nextWithin(Duration.ofSeconds(10))).isEqualTo(number);
            }
            await().until(() -> streams.count() == 1);
        }
        try (Stream again = new Stream(second, ANN, big, "3")) {
            assertThat(again.next()).isEqualTo(4);
        }
    }

    @Test
    void aCheckThatIsSlowOrFailsConcernsItsOwnStreamAlone() {
        String id = subscribe(ANN, "checked", "31d", COUNT);
        await().until(() -> last(id) == 1);
        ResultStreams streams = second.bean(ResultStreams.class);
        CompletableFuture<@Nullable Void> asked = new CompletableFuture<>();
        CompletableFuture<@Nullable Void> answered = new CompletableFuture<>();
        AtomicBoolean failing = new AtomicBoolean();
        Set<Long> shown = ConcurrentHashMap.newKeySet();
        streams.open(
                UUID.fromString(id),
                "slow",
                1,
                now -> failsIf(failing.get(), () -> {
                    asked.complete(null);
                    answered.join();
                }),
                result -> Map.of());
        streams.open(UUID.fromString(id), "failing", 1, now -> failsIf(true, () -> {}), result -> Map.of());
        streams.open(UUID.fromString(id), "well", 1, now -> failsIf(failing.get(), () -> {}), result -> {
            shown.add(result.number());
            return Map.of();
        });
        try {
            await().until(asked::isDone);
            await().until(() -> streams.count() == 2);
            store(id, "{\"events\":1}");
            await().until(() -> shown.contains(2L));
            assertThat(answered).isNotDone();
        } finally {
            failing.set(true);
            answered.complete(null);
        }
        await().until(() -> streams.count() == 0);
    }

    private static boolean failsIf(boolean fails, Runnable otherwise) {
        if (fails) {
            throw new UnsupportedOperationException("a check that fails");
        }
        otherwise.run();
        return true;
    }

    @Test
    void aCallerHasSoManyStreamsAndIsToldSo() throws Exception {
        String caller = "many.ANALYST.acme";
        String id = subscribe(caller, "listened to", "1h", COUNT);
        List<Stream> open = new ArrayList<>();
        try {
            for (int i = 0; i < ResultStreams.MOST_OF_A_CALLER; i++) {
                open.add(new Stream(console, caller, id, null));
            }
            ConsoleUnderTest.Answer refused = console.get(caller, "/api/v1/subscriptions/" + id + "/stream");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).isEqualTo("60");
            assertThat(refused.json().get("detail").stringValue()).contains("You have 20 streams");
            try (Stream other = new Stream(console, OPERATOR, id, null)) {
                assertThat(other.next()).isEqualTo(1);
            }
        } finally {
            for (Stream stream : open) {
                stream.close();
            }
        }
    }

    @Test
    void aStreamEndsWithTheRightToIt() throws Exception {
        Users users = console.bean(Users.class);
        PersonalTokens tokens = console.bean(PersonalTokens.class);
        // Whoever is moved there needs the tenant.
        console.authorization(OTHER);

        assertEnds("revoked", (user, token) -> tokens.revoke(token.id(), "test"));
        assertEnds("disabled", (user, token) -> users.change(user.id(), Role.ANALYST, "acme", true, "test"));
        assertEnds("moved", (user, token) -> users.change(user.id(), Role.ANALYST, "other", false, "test"));
        assertEnds("lessened", (user, token) -> users.change(user.id(), Role.VIEWER, "acme", false, "test"));
        assertEnds(
                "deleted", (user, token) -> database().update("delete from subscription where owner = ?", user.name()));
    }

    private static void assertEnds(String name, BiConsumer<User, PersonalToken> deed) throws Exception {
        String id = subscribe(name + ".ANALYST.acme", "ending", "1h", COUNT);
        User user = console.bean(Users.class).find(name).orElseThrow();
        PersonalTokens.Created own =
                console.bean(PersonalTokens.class).create(user, "of the stream", Role.ANALYST, null, null, "test");
        try (Stream stream = new Stream(console.port(), "Authorization", "Bearer " + own.secret(), id, null)) {
            assertThat(stream.next()).isEqualTo(1);
            deed.accept(user, own.token());
            assertEnds(name, stream);
        }
    }

    private static void assertEnds(String name, Stream stream) {
        assertThatExceptionOfType(ExecutionException.class)
                .as(name)
                .isThrownBy(() -> stream.nextWithin(Duration.ofSeconds(30)))
                .withMessageContaining("the stream ended");
    }

    @Test
    void aStreamEndsWithTheJwtThatOpenedIt() throws Exception {
        String id = subscribe(ANN, "watched by a program", "31d", COUNT);
        await().until(() -> last(id) == 1);
        RSAKey key = new RSAKeyGenerator(2048).keyID("one").generate();
        HttpServer issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        byte[] keys = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
        issuer.createContext("/keys", exchange -> {
            try (exchange) {
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, keys.length);
                exchange.getResponseBody().write(keys);
            }
        });
        issuer.start();
        String url = "http://127.0.0.1:" + issuer.getAddress().getPort();
        try (ConsoleUnderTest third = new ConsoleUnderTest(
                console.store,
                console.postgres,
                "--spring.security.oauth2.resourceserver.jwt.issuer-uri=" + url,
                "--spring.security.oauth2.resourceserver.jwt.jwk-set-uri=" + url + "/keys",
                "--spring.security.oauth2.resourceserver.jwt.audiences=weir-api",
                "--weir.console.oidc.roles.operators=OPERATOR")) {
            // Clocks may differ by a minute: it counts on for so long.
            Instant expires = Instant.now().plusSeconds(40).truncatedTo(ChronoUnit.SECONDS);
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("one").build(),
                    new JWTClaimsSet.Builder()
                            .issuer(url)
                            .subject("program")
                            .audience("weir-api")
                            .claim("preferred_username", "program")
                            .claim("roles", List.of("operators"))
                            .claim("tenant", "acme")
                            .issueTime(Date.from(expires.minusSeconds(120)))
                            .expirationTime(Date.from(expires.minusSeconds(60)))
                            .build());
            jwt.sign(new RSASSASigner(key));
            String shown = "Bearer " + jwt.serialize();
            try (Stream stream = new Stream(third.port(), "Authorization", shown, id, null)) {
                assertThat(stream.next()).isEqualTo(1);
                store(id, "{\"events\":1}");
                assertThat(stream.next()).isEqualTo(2);
                assertThat(Instant.now()).isBefore(expires);
                assertThatExceptionOfType(ExecutionException.class)
                        .isThrownBy(() -> stream.nextWithin(Duration.ofMinutes(3)))
                        .withMessageContaining("the stream ended");
                assertThat(Instant.now()).isBetween(expires, expires.plusSeconds(60));
            }
            assertThat(HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + third.port()
                                                    + "/api/v1/subscriptions/" + id + "/stream"))
                                            .header("Authorization", shown)
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(401);
        } finally {
            issuer.stop(0);
        }
    }

    @Test
    void aStreamOfAPageEndsWhenItsUserSignsOut() throws Exception {
        String password = console.bean(Users.class)
                .create("sitting", Role.ANALYST, "acme", "test")
                .password();
        database().update("update console_user set must_change_password = false where name = 'sitting'");
        String id = subscribe("sitting.ANALYST.acme", "watched", "1h", COUNT);
        Browser browser = new Browser("http://127.0.0.1:" + console.port());
        browser.signIn("sitting", password);
        String cookie = "weir-session=" + browser.cookie("weir-session").orElseThrow();

        try (Stream stream = new Stream(console.port(), "Cookie", cookie, id, null)) {
            assertThat(stream.next()).isEqualTo(1);
            browser.submit("/", "/sign-out", Map.of());
            assertEnds("signed out", stream);
        }
    }

    @Test
    void othersDoNotSeeItAndOperatorsOfItsTenantDo() {
        String id = subscribe(ANN, "mine", "1h", COUNT);
        String path = "/api/v1/subscriptions/" + id;

        assertThat(console.get(BEN, path).status()).isEqualTo(404);
        assertThat(console.get(OTHER, path).status()).isEqualTo(404);
        assertThat(console.get(OTHER, path + "/stream").status()).isEqualTo(404);
        assertThat(console.get(OTHER, path + "/results").status()).isEqualTo(404);
        assertThat(console.get(OPERATOR, path).status()).isEqualTo(200);
        assertThat(console.get(BEN, "/api/v1/subscriptions").http().body()).doesNotContain(id);
        assertThat(console.get(OTHER, "/api/v1/subscriptions").http().body()).doesNotContain(id);
        assertThat(console.delete(OTHER, path).status()).isEqualTo(404);

        assertThat(console.delete(OPERATOR, path).status()).isEqualTo(204);
        assertThat(console.get(ANN, path).status()).isEqualTo(404);
        assertThat(console.bean(AuditLog.class).entries(0, 10_000))
                .filteredOn(entry -> entry.subject().equals(id))
                .extracting(entry -> entry.actor() + " " + entry.action() + " " + entry.tenant())
                .containsExactly("ann subscription.create acme", "olga subscription.delete acme");
    }

    @Test
    void aSubscriptionOfSomebodyWhoMayNoLongerAskIsPausedAndSaysWhy() {
        String id = subscribe("leaver.ANALYST.acme", "orphan", "1h", COUNT);
        await().until(() -> last(id) >= 1);
        Users users = console.bean(Users.class);
        User leaver = users.find("leaver").orElseThrow();
        users.change(leaver.id(), Role.ANALYST, "acme", true, "test");
        due(id);

        await().until(() -> console.get(OPERATOR, "/api/v1/subscriptions/" + id)
                .json()
                .at("/data/paused")
                .booleanValue());

        assertThat(console.get(OPERATOR, "/api/v1/subscriptions/" + id + "/results?limit=1")
                        .json()
                        .at("/data/0/error")
                        .stringValue())
                .isEqualTo("Its owner may no longer ask; it is paused.");
    }

    @Test
    void whatCannotBeSubscribedToIsRefusedByTheFieldThatIsWrong() {
        assertRefused("{\"name\":\"x\",\"every\":\"5m\"}", "/query");
        assertRefused("{\"every\":\"5m\",\"query\":" + COUNT + "}", "/name");
        assertRefused("{\"name\":\"x\",\"query\":" + COUNT + "}", "/every");
        assertRefused("{\"name\":\"x\",\"every\":\"often\",\"query\":" + COUNT + "}", "/every");
        assertRefused("{\"name\":\"x\",\"every\":\"1s\",\"query\":" + COUNT + "}", "every is 1 s");
        assertRefused("{\"name\":\"x\",\"every\":\"5m\",\"query\":{\"select\":[\"nothing\"]}}", "/query/select/0");
        subscribe(ANN, "taken", "1h", COUNT);
        assertThat(console.post(
                                ANN,
                                "/api/v1/subscriptions",
                                "{\"name\":\"taken\",\"every\":\"5m\",\"query\":" + COUNT + "}")
                        .status())
                .isEqualTo(409);
        assertThat(console.get(
                                ANN,
                                "/api/v1/subscriptions/" + subscribe(ANN, "limits", "1h", COUNT) + "/results?limit=0")
                        .status())
                .isEqualTo(400);
    }

    private static void assertRefused(String body, String text) {
        ConsoleUnderTest.Answer answer = console.post(ANN, "/api/v1/subscriptions", body);
        assertThat(answer.status()).as(answer.http().body()).isEqualTo(400);
        assertThat(answer.json().get("detail").stringValue()).contains(text);
    }

    private static String subscribe(String caller, String name, String every, String query) {
        ConsoleUnderTest.Answer answer = console.post(
                caller,
                "/api/v1/subscriptions",
                "{\"name\":\"" + name + "\",\"every\":\"" + every + "\",\"query\":" + query + "}");
        assertThat(answer.status()).as(answer.http().body()).isEqualTo(201);
        return answer.json().at("/data/id").stringValue();
    }

    private static JsonNode firstResult(String caller, String id) {
        await().until(() -> last(id) >= 1);
        return console.get(caller, "/api/v1/subscriptions/" + id + "/results")
                .json()
                .at("/data/0");
    }

    private static long last(String id) {
        Long last =
                database().queryForObject("select last_number from subscription where id = ?::uuid", Long.class, id);
        return last == null ? 0 : last;
    }

    private static void due(String id) {
        database().update("update subscription set due_at = now() where id = ?::uuid", id);
    }

    /** What a run gives that reads such rows. */
    private static void store(String id, String row) {
        UUID worker = UUID.randomUUID();
        database().update("update subscription set claimed_by = ? where id = ?::uuid", worker, id);
        assertThat(console.bean(Subscriptions.class)
                        .finish(
                                UUID.fromString(id),
                                worker,
                                Instant.now(),
                                "{\"data\":[" + row + "],\"meta\":{}}",
                                null))
                .isTrue();
    }

    private static JdbcTemplate database() {
        return console.bean(JdbcTemplate.class);
    }

    /** Not in the transaction of this thread, which is of the first console. */
    private static JdbcTemplate elsewhere() {
        return second.bean(JdbcTemplate.class);
    }

    /** A client of server-sent events. */
    private static final class Stream implements AutoCloseable {

        private final BufferedReader lines;
        private final List<String> data = new ArrayList<>();

        Stream(ConsoleUnderTest of, String caller, String id, @Nullable String lastEvent) throws Exception {
            this(of.port(), "Authorization", of.authorization(caller), id, lastEvent);
        }

        /** @param header in which the caller shows who they are */
        Stream(int port, String header, String shown, String id, @Nullable String lastEvent) throws Exception {
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + port + "/api/v1/subscriptions/" + id + "/stream"))
                    .header("Accept", "text/event-stream")
                    .header(header, shown);
            if (lastEvent != null) {
                request.header("Last-Event-ID", lastEvent);
            }
            HttpResponse<java.io.InputStream> response =
                    HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        }

        /** The number of the next result. */
        long next() throws IOException {
            long number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id:")) {
                    number = Long.parseLong(line.substring(3).strip());
                } else if (line.startsWith("data:")) {
                    data.add(line);
                } else if (line.isEmpty() && number > 0) {
                    assertThat(data.get(data.size() - 1))
                            .contains("\"number\":" + number)
                            .contains("\"events\":");
                    return number;
                }
            }
            throw new IOException("the stream ended");
        }

        long nextWithin(Duration limit) throws Exception {
            return CompletableFuture.supplyAsync(() -> {
                        try {
                            return next();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .get(limit.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }
}
