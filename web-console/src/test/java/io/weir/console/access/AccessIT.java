package io.weir.console.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.weir.console.Api;
import io.weir.console.Browser;
import io.weir.console.RunningConsole;
import io.weir.metadata.audit.AuditEntry;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.tenant.Tenants;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import io.weir.testing.FreePorts;
import io.weir.testing.PostgresServer;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcOperations;

/** Coming in, by person and by program, over real HTTP. */
@ExtendWith(OutputCaptureExtension.class)
class AccessIT {

    private static final String PASSWORD = "correct horse battery";

    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private final Users users = console.bean(Users.class);
    private final PersonalTokens tokens = console.bean(PersonalTokens.class);
    private final AuditLog audit = console.bean(AuditLog.class);
    private final JdbcOperations jdbc = console.bean(JdbcOperations.class);

    @Test
    void theFirstAdministratorComesInByThePasswordOfTheFileAndMustChangeIt(@TempDir Path folder, CapturedOutput output)
            throws Exception {
        Path file = folder.resolve("first-password");
        String database = PostgresServer.shared().freshDatabase();
        String property = "weir.console.first-password-file=" + file;
        String first;
        try (RunningConsole fresh = RunningConsole.startOn(database, property)) {
            first = Files.readString(file).strip();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(output).contains("The first administrator is 'admin'").doesNotContain(first);

            Browser browser = new Browser(fresh.url());
            assertThat(Browser.location(browser.signIn("admin", first))).isEqualTo("/");
            assertThat(Browser.location(browser.get("/"))).isEqualTo("/password");
            HttpResponse<String> api = browser.get("/api/v1/me");
            assertThat(api.statusCode()).isEqualTo(403);
            assertThat(api.body()).contains("Choose a password");

            HttpResponse<String> page = browser.get("/password");
            assertThat(page.body()).contains("Before anything else").contains("autocomplete=\"new-password\"");
            assertThat(change(browser, first, "short", "short").body()).contains("too short");
            assertThat(change(browser, "wrong", PASSWORD, PASSWORD).body()).contains("current password is wrong");
            assertThat(change(browser, first, PASSWORD, PASSWORD + "x").body()).contains("not repeated");
            Browser other = new Browser(fresh.url());
            other.signIn("admin", first);
            String session = browser.cookie("weir-session").orElseThrow();
            HttpResponse<String> changed = change(browser, first, PASSWORD, PASSWORD);
            assertThat(changed.statusCode()).isEqualTo(302);
            assertThat(browser.cookie("weir-session").orElseThrow()).isNotEqualTo(session);
            assertThat(browser.get("/").body()).contains("Signed in as <strong>admin</strong>");
            assertThat(browser.get("/api/v1/me").body())
                    .isEqualTo(
                            "{\"status\":\"success\",\"data\":{\"name\":\"admin\",\"role\":\"admin\",\"tenant\":null}}");
            assertThat(Browser.location(other.get("/"))).isEqualTo("/sign-in");
            assertThat(Browser.location(new Browser(fresh.url()).signIn("admin", first)))
                    .isEqualTo("/sign-in?refused");
        }
        Files.delete(file);
        try (RunningConsole again = RunningConsole.startOn(database, property)) {
            assertThat(file).doesNotExist();
            assertThat(Browser.location(new Browser(again.url()).signIn("admin", PASSWORD)))
                    .isEqualTo("/");
        }
        assertThat(output).doesNotContain(first).doesNotContain(PASSWORD);
    }

    private static HttpResponse<String> change(Browser browser, String current, String password, String again)
            throws Exception {
        return browser.submit(
                "/password", "/password", Map.of("current", current, "password", password, "again", again));
    }

    @Test
    void aSessionBeginsAnewAtSignInAndEndsAtSignOut() throws Exception {
        User anna = person("anna", Role.ANALYST, null);
        Browser browser = new Browser(console.url());
        String before = "YXR0YWNrZXI";
        browser.setCookie("weir-session", before);
        HttpResponse<String> signedIn = browser.signIn("anna", PASSWORD);
        assertThat(Browser.location(signedIn)).isEqualTo("/");
        String after = browser.cookie("weir-session").orElseThrow();
        assertThat(after).isNotEqualTo(before);
        assertThat(signedIn.headers().allValues("Set-Cookie")).isNotEmpty().allSatisfy(cookie -> assertThat(cookie)
                .contains("; HttpOnly")
                .contains("; SameSite=Lax")
                .contains("; Path=/"));
        assertThat(jdbc.queryForObject(
                        "select max_inactive_interval from spring_session where principal_name = ?",
                        Integer.class,
                        anna.id().toString()))
                .isEqualTo(1800);

        Browser fixated = new Browser(console.url());
        fixated.setCookie("weir-session", before);
        assertThat(Browser.location(fixated.get("/"))).isEqualTo("/sign-in");

        assertThat(browser.get("/").body()).contains("Signed in as <strong>anna</strong>");
        assertThat(Browser.location(browser.submit("/", "/sign-out", Map.of()))).isEqualTo("/sign-in?signed-out");
        Browser later = new Browser(console.url());
        later.setCookie("weir-session", after);
        assertThat(Browser.location(later.get("/"))).isEqualTo("/sign-in");
        assertThat(actions("user:anna")).containsSubsequence("user.create", "sign-in", "sign-out");
    }

    @Test
    void whoOnlyLooksAtPagesLeavesNothingStored() throws Exception {
        Integer before = jdbc.queryForObject("select count(*) from spring_session", Integer.class);
        for (int i = 0; i < 25; i++) {
            for (String page : List.of("/", "/password", "/sign-in", "/sign-in?next=%2Fpassword")) {
                HttpResponse<String> answer = new Browser(console.url()).get(page);
                assertThat(answer.statusCode()).isIn(200, 302);
                assertThat(answer.headers().allValues("Set-Cookie"))
                        .allSatisfy(cookie ->
                                assertThat(cookie).contains("; HttpOnly").contains("; SameSite=Lax"));
            }
            assertThat(new Browser(console.url())
                            .post("/sign-in", Map.of("name", "x", "password", "y"), "made-up")
                            .statusCode())
                    .isNotEqualTo(200);
        }
        assertThat(jdbc.queryForObject("select count(*) from spring_session", Integer.class))
                .isEqualTo(before);
    }

    @Test
    void afterAFloodOfSignInsOthersAreStillServed() throws Exception {
        try (RunningConsole flooded = RunningConsole.start()) {
            Browser browser = new Browser(flooded.url());
            String csrf = browser.csrf("/sign-in");
            HttpClient http = HttpClient.newHttpClient();
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                answers.add(http.sendAsync(
                        HttpRequest.newBuilder(URI.create(flooded.url() + "/sign-in"))
                                .header(
                                        "Cookie",
                                        "weir-csrf="
                                                + browser.cookie("weir-csrf").orElseThrow())
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "name=n" + i + "&password=wrong-password&_csrf=" + csrf))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
            }
            int busy = 0;
            for (CompletableFuture<HttpResponse<String>> one : answers) {
                HttpResponse<String> answer = one.get();
                if (answer.statusCode() == 503) {
                    busy++;
                    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                } else {
                    assertThat(Browser.location(answer)).isEqualTo("/sign-in?refused");
                }
            }
            assertThat(busy).isBetween(1, 79);
            assertThat(flooded.bean(JdbcOperations.class)
                            .queryForObject(
                                    "select count(*) from sign_in_attempts where subject like 'name:%'", Integer.class))
                    .isLessThanOrEqualTo(80 - busy);
        }
    }

    @Test
    void ofOneNetworkFourSignInAtOnceAndOthersAreServedAllTheSame() throws Exception {
        String database = PostgresServer.shared().freshDatabase();
        try (RunningConsole busy = RunningConsole.startOn(database, "server.forward-headers-strategy=native");
                Connection holding = DriverManager.getConnection(
                        database,
                        PostgresServer.shared().username(),
                        PostgresServer.shared().password());
                Statement statement = holding.createStatement()) {
            String password = busy.bean(Users.class)
                    .create("neighbour", Role.ANALYST, null, "test")
                    .password();
            holding.setAutoCommit(false);
            // Whoever has a place waits there for as long as this is held.
            statement.execute("lock table console_user in access exclusive mode");
            List<CompletableFuture<HttpResponse<String>>> crowd = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                // What a client writes there itself comes before what its proxy adds.
                crowd.add(signInFrom("203.0.113." + i + ", 2001:db8:1:2::" + i, busy, "name" + i, "wrong"));
            }
            await().untilAsserted(() -> assertThat(
                            crowd.stream().filter(CompletableFuture::isDone).map(one -> one.join()
                                    .statusCode()))
                    .containsExactly(503, 503, 503));
            CompletableFuture<HttpResponse<String>> neighbour =
                    signInFrom("2001:db8:1:3::1", busy, "neighbour", password);
            for (CompletableFuture<HttpResponse<String>> one : crowd) {
                if (one.isDone()) {
                    assertThat(one.join().statusCode()).isEqualTo(503);
                    assertThat(one.join().headers().firstValue("Retry-After")).hasValue("2");
                    assertThat(one.join().body()).contains("Too many people sign in just now");
                }
            }
            assertThat(signInFrom("2001:db8:1:2:ffff::1", busy, "late", "wrong")
                            .join()
                            .statusCode())
                    .isEqualTo(503);
            assertThat(crowd.stream().filter(CompletableFuture::isDone).count()).isEqualTo(3);
            assertThat(neighbour).isNotDone();
            holding.rollback();

            assertThat(Browser.location(neighbour.join())).isEqualTo("/");
            assertThat(crowd.stream()
                            .map(CompletableFuture::join)
                            .filter(answer -> answer.statusCode() != 503)
                            .map(Browser::location))
                    .containsExactly("/sign-in?refused", "/sign-in?refused", "/sign-in?refused", "/sign-in?refused");
            assertThat(busy.bean(JdbcOperations.class)
                            .queryForObject(
                                    "select failures from sign_in_attempts where subject = 'address:20010db800010002/64'",
                                    Integer.class))
                    .as("those that had a place")
                    .isEqualTo(4);
            assertThat(Browser.location(signInFrom("2001:db8:1:2::9", busy, "neighbour", password)
                            .join()))
                    .as("places are free again")
                    .isEqualTo("/");
        }
    }

    private static CompletableFuture<HttpResponse<String>> signInFrom(
            String address, RunningConsole to, String name, String password) throws Exception {
        Browser browser = new Browser(to.url());
        String csrf = browser.csrf("/sign-in");
        return HttpClient.newHttpClient()
                .sendAsync(
                        HttpRequest.newBuilder(URI.create(to.url() + "/sign-in"))
                                .header("X-Forwarded-For", address)
                                .header(
                                        "Cookie",
                                        "weir-csrf="
                                                + browser.cookie("weir-csrf").orElseThrow())
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(HttpRequest.BodyPublishers.ofString("name=" + name + "&password="
                                        + URLEncoder.encode(password, StandardCharsets.UTF_8) + "&_csrf="
                                        + URLEncoder.encode(csrf, StandardCharsets.UTF_8)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    /** A console's clock may be behind, and a password may be changed while the one before is being looked at. */
    @Test
    void aSessionOfAnEarlierPasswordIsOverWhateverTheClocksSay() throws Exception {
        person("clara", Role.VIEWER, null);
        Browser clara = new Browser(console.url());
        clara.signIn("clara", PASSWORD);
        assertThat(clara.get("/api/v1/me").statusCode()).isEqualTo(200);

        jdbc.update(
                "update console_user set sessions_valid_from = sessions_valid_from - interval '1 hour' where name = 'clara'");

        await().untilAsserted(
                        () -> assertThat(clara.get("/api/v1/me").statusCode()).isEqualTo(401));
    }

    /** Of its headers. One answer of a hundred says besides that it is the last of its connection. */
    private static Set<String> names(HttpResponse<?> answer) {
        Set<String> names = new TreeSet<>(answer.headers().map().keySet());
        names.remove("connection");
        return names;
    }

    @Test
    void guessingIsSlowedDownAndNoAnswerTellsWhoExists() throws Exception {
        person("bert", Role.VIEWER, null);
        for (String name : List.of("bert", "nobody-here")) {
            for (int i = 0; i < 6; i++) {
                Browser browser = new Browser(console.url());
                HttpResponse<String> refused = browser.signIn(name, "wrong");
                assertThat(refused.statusCode()).isEqualTo(302);
                assertThat(Browser.location(refused)).isEqualTo("/sign-in?refused");
                assertThat(names(refused)).isEqualTo(names(new Browser(console.url()).signIn("x", "y")));
            }
            jdbc.update("delete from sign_in_attempts where subject like 'address:%'");
        }
        // However long all of that took.
        jdbc.update(
                "update sign_in_attempts set locked_until = now() + interval '1 hour' where locked_until > last_at");
        HttpResponse<String> locked = new Browser(console.url()).signIn("bert", PASSWORD);
        assertThat(Browser.location(locked)).isEqualTo("/sign-in?refused");
        jdbc.update("update sign_in_attempts set locked_until = now() - interval '1 second'");
        assertThat(Browser.location(new Browser(console.url()).signIn("bert", PASSWORD)))
                .isEqualTo("/");
        assertThat(actions("user:bert")).contains("sign-in.refused", "sign-in");
        new Browser(console.url()).signIn("bert", "wrong");
        assertThat(jdbc.queryForList(
                        "select detail ->> 'why' from audit_log where subject = 'user:bert' and action = 'sign-in.refused'"
                                + " order by number",
                        String.class))
                .as("once each, and anew after a sign-in")
                .containsExactly(
                        "name or password is wrong", "locked out: too many attempts", "name or password is wrong");
    }

    @Test
    void aWrongPasswordIsOneFailure() throws Exception {
        jdbc.update("delete from sign_in_attempts");
        new Browser(console.url()).signIn("conrad", "wrong");
        assertThat(jdbc.queryForList("select failures from sign_in_attempts", Integer.class))
                .containsExactly(1, 1);
    }

    @Test
    void whatIsTypedAsANameHurtsNobodyAndIsNotKept() throws Exception {
        for (String name :
                List.of("a\nsign-in admin", "\0", "\ud800", "x".repeat(50_000), "<script>", "My-Secret-Password")) {
            HttpResponse<String> refused = new Browser(console.url()).signIn(name, "wrong");
            assertThat(Browser.location(refused)).as(name).isEqualTo("/sign-in?refused");
        }
        jdbc.update("delete from sign_in_attempts where subject like 'address:%'");
        assertThat(audit.entries(0, 10_000)).allSatisfy(entry -> assertThat(entry.asJson())
                .doesNotContain("\n")
                .doesNotContainIgnoringCase("My-Secret-Password")
                .hasSizeLessThan(2000));
        person("carl", Role.VIEWER, null);
        Browser carl = new Browser(console.url());
        carl.signIn("carl", PASSWORD);
        assertThat(carl.get("/api/v1/users?%0d%0aforged").statusCode()).isEqualTo(403);
        assertThat(audit.verify().problem()).isNull();
    }

    @Test
    void aRequestFromElsewhereWithTheSessionsCookieDoesNothing() throws Exception {
        person("dora", Role.VIEWER, null);
        Browser browser = new Browser(console.url());
        browser.signIn("dora", PASSWORD);
        assertThat(browser.post("/sign-out", Map.of(), null).statusCode()).isEqualTo(403);
        assertThat(browser.post("/password", Map.of("current", PASSWORD, "password", "x", "again", "x"), "forged")
                        .statusCode())
                .isEqualTo(403);
        assertThat(browser.get("/").statusCode()).isEqualTo(200);

        HttpRequest.Builder create = HttpRequest.newBuilder(URI.create(console.url() + "/api/v1/tokens"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"mine\"}"));
        HttpResponse<String> forged = browser.send(create);
        assertThat(forged.statusCode()).isEqualTo(403);
        assertThat(forged.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(tokens.list(users.find("dora").orElseThrow())).isEmpty();
        assertThat(browser.send(create.copy().header("X-CSRF-TOKEN", browser.csrf("/")))
                        .statusCode())
                .isEqualTo(201);

        Browser fresh = new Browser(console.url());
        assertThat(Browser.location(fresh.post("/sign-in", Map.of("name", "dora", "password", PASSWORD), null)))
                .isEqualTo("/sign-in?expired");
        assertThat(Browser.location(fresh.get("/"))).isEqualTo("/sign-in");
        assertThat(fresh.send(HttpRequest.newBuilder(URI.create(console.url() + "/"))
                                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                                .header("Origin", "https://evil.example")
                                .header("Access-Control-Request-Method", "POST"))
                        .headers()
                        .firstValue("Access-Control-Allow-Origin"))
                .isEmpty();
    }

    @Test
    void afterSignInOneIsAlwaysHere() throws Exception {
        person("emil", Role.VIEWER, null);
        Map<String, String> landings = Map.of(
                "/password?a=b", "/password?a=b",
                "//evil.example/", "/",
                "https://evil.example/", "/",
                "/\\evil.example", "/",
                "/%09/evil.example", "/%09/evil.example",
                "/../..//evil.example", "/",
                "javascript:alert(1)", "/",
                "/x\r\nSet-Cookie: a=b", "/",
                "/api/v1/me", "/");
        for (Map.Entry<String, String> landing : landings.entrySet()) {
            Browser browser = new Browser(console.url());
            browser.get("/sign-in?next=" + URLEncoder.encode(landing.getKey(), StandardCharsets.UTF_8));
            HttpResponse<String> signedIn = browser.signIn("emil", PASSWORD);
            assertThat(Browser.location(signedIn)).as(landing.getKey()).isEqualTo(landing.getValue());
            assertThat(signedIn.headers().allValues("Set-Cookie")).noneMatch(cookie -> cookie.startsWith("a="));
        }
        Browser browser = new Browser(console.url());
        HttpResponse<String> asked = browser.get("/password?a=b");
        assertThat(Browser.location(asked)).isEqualTo("/sign-in?next=%2Fpassword%3Fa%3Db");
        browser.get(Browser.location(asked));
        assertThat(Browser.location(browser.signIn("emil", PASSWORD))).isEqualTo("/password?a=b");
    }

    @Test
    void theIconThatABrowserAsksForIsNotWhereOneWantedToGo() throws Exception {
        person("frieda", Role.VIEWER, null);
        Browser browser = new Browser(console.url());
        browser.get("/password?a=b");
        browser.get("/sign-in?next=%2Fpassword");
        HttpResponse<String> icon = browser.get("/favicon.ico");
        assertThat(Browser.location(icon)).isEqualTo("/assets/icon.svg");
        assertThat(browser.get(Browser.location(icon)).statusCode()).isEqualTo(200);
        assertThat(Browser.location(browser.signIn("frieda", PASSWORD))).isEqualTo("/password");
    }

    @Test
    void thePageOfTheApiAsksAPersonToSignInAndAProgramForAToken() throws Exception {
        person("gustav", Role.VIEWER, null);
        URI docs = URI.create(console.url() + "/api/docs");
        HttpClient http = HttpClient.newHttpClient();
        assertThat(http.send(HttpRequest.newBuilder(docs).build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(401);
        HttpResponse<Void> person = http.send(
                HttpRequest.newBuilder(docs)
                        .header("Accept", "text/html,application/xhtml+xml")
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        assertThat(person.headers().firstValue("Location").orElse("")).endsWith("/sign-in?next=%2Fapi%2Fdocs");
        Browser browser = new Browser(console.url());
        browser.get("/sign-in?next=%2Fapi%2Fdocs");
        assertThat(Browser.location(browser.signIn("gustav", PASSWORD))).isEqualTo("/api/docs");
        assertThat(browser.get("/").body()).contains("href=\"/api/docs\"");
        assertThat(browser.get("/api/docs").body()).contains("<span>" + console.url() + "</span>/api/v1/me");
    }

    @Test
    void aMemberThatIsMisspelledIsNotTakenForOneThatIsMissing() throws Exception {
        Api admin = admin(null);
        for (String path : List.of("/api/v1/users", "/api/v1/tokens", "/api/v1/keys", "/api/v1/accounts")) {
            HttpResponse<String> refused = admin.send("POST", path, "{\"name\": \"typo\", \"tenent\": \"acme\"}");
            assertThat(refused.statusCode()).as(path).isEqualTo(400);
            assertThat(refused.body()).contains("\"pointer\":\"/tenent\"", "is not known here", "tenant");
        }
        assertThat(admin.send("POST", "/api/v1/users", "{\"name\": ").body())
                .contains("the body is not JSON: see line 1");
        assertThat(admin.send("POST", "/api/v1/accounts", "{\"name\": \"x\", \"masked\": \"maybe\"}")
                        .body())
                .contains("/masked: must be true or false");
        assertThat(admin.send("GET", "/api/v1/requests/top-k?kk=5", null).body())
                .contains("\"pointer\":\"/kk\"", "is not known here: [k, metric, by, from, to, tenant]");
    }

    @Test
    void aForgedHostAppearsNowhere() throws Exception {
        URI uri = URI.create(console.url());
        for (String request : List.of(
                "GET / HTTP/1.1\r\nHost: evil.example\r\n",
                "GET /sign-in HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n",
                "GET /api/v1/me HTTP/1.1\r\nHost: evil.example\r\nForwarded: host=evil.example\r\n")) {
            try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
                OutputStream out = socket.getOutputStream();
                out.write((request + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                out.flush();
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer).startsWith("HTTP/1.1 ").doesNotContain("evil.example");
            }
        }
    }

    @Test
    void everyAnswerSaysWhatABrowserMayDoWithIt() throws Exception {
        for (String path : List.of("/sign-in", "/api/v1/me", "/assets/console.css", "/nothing", "/readyz")) {
            var headers = new Browser(console.url()).get(path).headers();
            assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'")
                    .contains("frame-ancestors 'none'")
                    .contains("base-uri 'none'")
                    .contains("form-action 'self'")
                    .doesNotContain("unsafe");
            assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
            assertThat(headers.firstValue("X-Frame-Options")).hasValue("DENY");
            assertThat(headers.firstValue("Referrer-Policy")).hasValue("same-origin");
            assertThat(headers.firstValue("Cross-Origin-Opener-Policy")).hasValue("same-origin");
            assertThat(headers.firstValue("Cache-Control").orElseThrow()).contains("no-store");
            assertThat(headers.firstValue("Strict-Transport-Security")).isEmpty();
        }
        String page = new Browser(console.url()).get("/sign-in").body();
        assertThat(page)
                .doesNotContain("<script")
                .doesNotContain("<style")
                .doesNotContain("style=")
                .doesNotContain("http://")
                .doesNotContain("https://")
                .contains("<html lang=\"en\"")
                .contains("<label for=\"name\"")
                .contains("<label for=\"password\"");
    }

    @Test
    void withTlsTheCookieAndTheBrowserStayWithTls(@TempDir Path folder) throws Exception {
        Path store = folder.resolve("console.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-alias",
                        "console",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString())
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        try (RunningConsole secure = RunningConsole.start(
                "spring.ssl.bundle.jks.console.keystore.location=" + store,
                "spring.ssl.bundle.jks.console.keystore.password=changeit",
                "server.ssl.bundle=console",
                "management.server.ssl.enabled=false")) {
            String page = secure.url().replace("http://127.0.0.1", "https://localhost") + "/sign-in";
            HttpResponse<String> answer = HttpClient.newBuilder()
                    .sslContext(tls)
                    .build()
                    .send(HttpRequest.newBuilder(URI.create(page)).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow()).contains("; Secure");
            assertThat(answer.headers().firstValue("Strict-Transport-Security").orElseThrow())
                    .contains("max-age=31536000");
        }
    }

    @Test
    void aTokenWorksUntilItIsRevokedAndThenWithinSecondsNoMore() throws Exception {
        User robot = users.createService("robot", Role.ANALYST, null, "test");
        PersonalTokens.Created created = tokens.create(robot, "nightly", Role.ANALYST, null, null, "test");
        Api api = new Api(console.url(), created.secret());
        assertThat(api.get("/api/v1/me").body()).contains("\"name\":\"robot\"").contains("\"role\":\"analyst\"");
        assertThat(api.get("/api/v1/me").statusCode()).isEqualTo(200);
        assertThat(tokens.find(created.token().id()).orElseThrow().lastUsedAt()).isNotNull();
        assertThat(actions("token:" + created.token().id())).containsExactly("token.create", "token.use");
        assertThat(api.get("/").statusCode()).isEqualTo(302);

        assertThat(api.send("DELETE", "/api/v1/tokens/" + created.token().id(), null)
                        .statusCode())
                .isEqualTo(204);
        await().pollInterval(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(api.get("/api/v1/me").statusCode()).isEqualTo(401));
        HttpResponse<String> refused = api.get("/api/v1/me");
        assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer error=\"invalid_token\"");
        assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(actions("token")).contains("token.refused");

        PersonalTokens.Created brief =
                tokens.create(robot, "brief", Role.ANALYST, null, Instant.now().plusSeconds(10), "test");
        Api briefly = new Api(console.url(), brief.secret());
        assertThat(briefly.get("/api/v1/me").statusCode()).isEqualTo(200);
        await().pollInterval(Duration.ofMillis(200))
                .untilAsserted(
                        () -> assertThat(briefly.get("/api/v1/me").statusCode()).isEqualTo(401));
        assertThat(Instant.now()).isAfterOrEqualTo(brief.token().expiresAt());

        for (String wrong : List.of("", "weirp_", "weirp_\u00e4", "x.y.z", "weirp_" + "a".repeat(5000))) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(console.url() + "/api/v1/me"))
                    .header("Authorization", "bearer " + wrong);
            assertThat(new Browser(console.url()).send(request).statusCode())
                    .as(wrong)
                    .isEqualTo(401);
        }
    }

    @Test
    void aJwtThatNobodyCanCheckIsToComeAgain() throws Exception {
        String nobody = "http://127.0.0.1:" + FreePorts.next();
        try (RunningConsole alone = RunningConsole.start(
                "spring.security.oauth2.resourceserver.jwt.issuer-uri=" + nobody,
                "spring.security.oauth2.resourceserver.jwt.audiences=weir-api")) {
            String jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
            HttpResponse<String> answer = new Api(alone.url(), jwt).get("/api/v1/me");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        }
    }

    @Test
    void aTokenThatIsWrongIsNotMendedByASession() throws Exception {
        person("fred", Role.VIEWER, null);
        Browser browser = new Browser(console.url());
        browser.signIn("fred", PASSWORD);
        assertThat(browser.get("/api/v1/me").statusCode()).isEqualTo(200);
        assertThat(browser.send(HttpRequest.newBuilder(URI.create(console.url() + "/api/v1/me"))
                                .header("Authorization", "Bearer weirp_wrong"))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void whatAnAdministratorTakesAwayIsGoneWithinSeconds() throws Exception {
        User gina = person("gina", Role.ADMIN, null);
        Browser browser = new Browser(console.url());
        browser.signIn("gina", PASSWORD);
        assertThat(browser.get("/api/v1/users").statusCode()).isEqualTo(200);
        person("second-admin", Role.ADMIN, null);

        users.change(gina.id(), Role.VIEWER, null, false, "test");
        await().untilAsserted(() ->
                assertThat(browser.get("/api/v1/users").statusCode()).isEqualTo(403));
        assertThat(browser.get("/api/v1/me").statusCode()).isEqualTo(200);
        users.change(gina.id(), Role.VIEWER, null, true, "test");
        await().untilAsserted(
                        () -> assertThat(browser.get("/api/v1/me").statusCode()).isEqualTo(401));
        assertThat(Browser.location(browser.signIn("gina", PASSWORD))).isEqualTo("/sign-in?refused");
        users.change(gina.id(), Role.VIEWER, null, false, "test");
        await().untilAsserted(() ->
                assertThat(Browser.location(browser.signIn("gina", PASSWORD))).isEqualTo("/"));
    }

    @Test
    void aSessionThatIsUsedAllTheTimeEndsAllTheSame() throws Exception {
        String database = PostgresServer.shared().freshDatabase();
        try (RunningConsole brief = RunningConsole.startOn(database, "weir.console.session.absolute-timeout=10s")) {
            Users own = brief.bean(Users.class);
            Users.Created hans = own.create("hans", Role.VIEWER, null, "test");
            own.choosePassword(hans.user(), PASSWORD);
            Browser browser = new Browser(brief.url());
            Instant begin = Instant.now();
            browser.signIn("hans", PASSWORD);
            assertThat(browser.get("/").statusCode()).isEqualTo(200);
            await().pollInterval(Duration.ofMillis(200))
                    .untilAsserted(
                            () -> assertThat(Browser.location(browser.get("/"))).isEqualTo("/sign-in"));
            assertThat(Duration.between(begin, Instant.now())).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
        }
    }

    @Test
    void anAdministratorOfATenantLooksAfterThatTenantAlone() throws Exception {
        Tenants tenants = console.bean(Tenants.class);
        tenants.register("acme", "test");
        tenants.register("other", "test");
        Api acme = admin("acme");
        users.createService("others-robot", Role.VIEWER, "other", "test");

        var created = acme.json("POST", "/api/v1/users", "{\"name\":\"ida\",\"role\":\"analyst\"}")
                .path("data");
        assertThat(created.path("user").path("tenant").asString()).isEqualTo("acme");
        assertThat(created.path("password").asString()).hasSize(20);
        assertThat(acme.json("GET", "/api/v1/users", null).path("data"))
                .allSatisfy(user -> assertThat(user.path("tenant").asString()).isEqualTo("acme"))
                .hasSizeGreaterThanOrEqualTo(2);
        assertThat(acme.json("GET", "/api/v1/tenants", null).path("data")).hasSize(1);

        for (String body : List.of(
                "{\"name\":\"x1\",\"role\":\"viewer\",\"tenant\":\"other\"}",
                "{\"name\":\"x1\",\"role\":\"boss\"}",
                "{\"name\":\"X 1\",\"role\":\"viewer\"}",
                "{\"role\":\"viewer\"}",
                "{\"name\":\"x1\"}")) {
            HttpResponse<String> refused = acme.send("POST", "/api/v1/users", body);
            assertThat(refused.statusCode()).as(body + refused.body()).isEqualTo(400);
            assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        }
        assertThat(acme.send("POST", "/api/v1/users", "{\"name\":\"ida\",\"role\":\"viewer\"}")
                        .statusCode())
                .isEqualTo(409);
        assertThat(acme.get("/api/v1/users/others-robot").statusCode()).isEqualTo(404);
        assertThat(acme.send("PUT", "/api/v1/users/others-robot", "{\"role\":\"admin\"}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(acme.send("POST", "/api/v1/users/others-robot/password", "{}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(acme.send("POST", "/api/v1/keys", "{\"tenant\":\"other\",\"name\":\"k\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(acme.send("POST", "/api/v1/tokens", "{\"owner\":\"others-robot\",\"name\":\"t\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(acme.send("PUT", "/api/v1/tenants/other", "{\"display_name\":\"Mine\"}")
                        .statusCode())
                .isEqualTo(404);

        String key = acme.json("POST", "/api/v1/keys", "{\"name\":\"web\",\"events_per_second\":5}")
                .path("data")
                .path("key")
                .asString();
        assertThat(key).startsWith("weir_");
        assertThat(acme.get("/api/v1/keys").body())
                .contains("\"events_per_second\":5")
                .doesNotContain(key);
        assertThat(admin("other").send("DELETE", "/api/v1/keys/acme/web", null).statusCode())
                .isEqualTo(404);
        assertThat(acme.send("DELETE", "/api/v1/keys/acme/web", null).statusCode())
                .isEqualTo(204);
        assertThat(acme.send("DELETE", "/api/v1/keys/acme/web", null).statusCode())
                .isEqualTo(404);

        assertThat(acme.json("GET", "/api/v1/audit?limit=1000", null).path("data"))
                .isNotEmpty()
                .allSatisfy(entry -> assertThat(entry.path("tenant").asString()).isEqualTo("acme"));
        assertThat(acme.get("/api/v1/audit/export").body().lines()).isNotEmpty().allSatisfy(line -> assertThat(line)
                .contains("\"tenant\":\"acme\""));
    }

    @Test
    void aTokenBegetsNoneThatOutlivesIt() throws Exception {
        User mother = users.createService("mother", Role.ANALYST, null, "test");
        Instant end = Instant.now().plusSeconds(3600).truncatedTo(ChronoUnit.SECONDS);
        Api brief = new Api(
                console.url(),
                tokens.create(mother, "brief", Role.ANALYST, null, end, "test").secret());
        assertThat(brief.send(
                                "POST",
                                "/api/v1/tokens",
                                "{\"name\":\"late\",\"expires_at\":\"" + end.plusSeconds(1) + "\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(brief.json("POST", "/api/v1/tokens", "{\"name\":\"child\"}")
                        .at("/data/about/expires_at")
                        .asString())
                .isEqualTo(end.toString());

        PersonalTokens.Created first = tokens.create(mother, "first", Role.ANALYST, null, null, "test");
        String second = new Api(console.url(), first.secret())
                .json("POST", "/api/v1/tokens", "{\"name\":\"second\"}")
                .at("/data/token")
                .asString();
        String third = new Api(console.url(), second)
                .json("POST", "/api/v1/tokens", "{\"name\":\"third\"}")
                .at("/data/token")
                .asString();
        assertThat(new Api(console.url(), third).get("/api/v1/me").statusCode()).isEqualTo(200);

        tokens.revoke(first.token().id(), "test");

        await().untilAsserted(() -> assertThat(
                        new Api(console.url(), third).get("/api/v1/me").statusCode())
                .isEqualTo(401));
        assertThat(tokens.find(second).orElseThrow().revokedAt()).isNotNull();
        assertThat(actions("token:" + tokens.find(third).orElseThrow().id()))
                .containsExactly("token.create", "token.use", "token.revoke");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokens.create(
                        mother,
                        "late",
                        Role.VIEWER,
                        null,
                        null,
                        "test",
                        first.token().id()))
                .withMessageContaining("revoked");
    }

    @Test
    void aSignInByAnIdentityProviderEnablesNobodyWhoIsDisabledMeanwhile() {
        User odette = users.provision("https://issuer", "odette-1", "odette", Role.VIEWER, null);
        users.change(odette.id(), Role.VIEWER, null, true, "admin");

        assertThatExceptionOfType(Claims.RefusedException.class)
                .isThrownBy(() -> console.bean(Claims.class).follow(odette, new Caller("odette", Role.ANALYST, null)))
                .withMessageContaining("disabled");

        assertThat(users.find(odette.id()).orElseThrow().disabled()).isTrue();
    }

    @Test
    void nobodyGetsMoreByAToken() throws Exception {
        User modest = users.createService("modest", Role.OPERATOR, null, "test");
        Api viewer = new Api(
                console.url(),
                tokens.create(modest, "small", Role.VIEWER, null, null, "test").secret());
        assertThat(viewer.send("POST", "/api/v1/tokens", "{\"name\":\"bigger\",\"role\":\"operator\"}")
                        .statusCode())
                .isEqualTo(400);
        var token = viewer.json("POST", "/api/v1/tokens", "{\"name\":\"same\"}").path("data");
        assertThat(token.path("about").path("role").asString()).isEqualTo("viewer");
        assertThat(new Api(console.url(), token.path("token").asString())
                        .get("/api/v1/me")
                        .statusCode())
                .isEqualTo(200);
        assertThat(viewer.json("GET", "/api/v1/tokens?all=true", null).path("data"))
                .allSatisfy(one -> assertThat(one.path("owner").asString()).isEqualTo("modest"));
        String others = tokens.create(
                        users.createService("another", Role.VIEWER, null, "test"), "t", Role.VIEWER, null, null, "test")
                .token()
                .id()
                .toString();
        assertThat(viewer.send("DELETE", "/api/v1/tokens/" + others, null).statusCode())
                .isEqualTo(404);
        assertThat(viewer.send("POST", "/api/v1/tokens", "{\"owner\":\"another\",\"name\":\"t\"}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void theAuditLogIsReadInPagesExportedAndVerified() throws Exception {
        Api admin = admin(null);
        for (int i = 0; i < 5; i++) {
            admin.json("POST", "/api/v1/tenants", "{\"name\":\"paged-" + i + "\",\"display_name\":\"P\"}");
        }
        long after = 0;
        long seen = 0;
        Optional<Long> next = Optional.of(0L);
        while (next.isPresent()) {
            var page = admin.json("GET", "/api/v1/audit?limit=3&after=" + next.get(), null);
            for (var entry : page.path("data")) {
                assertThat(entry.path("number").asLong()).isEqualTo(after + 1);
                assertThat(entry.path("detail").isObject()).isTrue();
                after = entry.path("number").asLong();
                seen++;
            }
            next = page.path("next").isNumber() ? Optional.of(page.path("next").asLong()) : Optional.empty();
        }
        assertThat(seen).isGreaterThanOrEqualTo(5);
        assertThat(admin.get("/api/v1/audit?limit=0").statusCode()).isEqualTo(400);
        HttpResponse<String> export = admin.get("/api/v1/audit/export");
        assertThat(export.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/x-ndjson");
        List<String> lines = export.body().lines().toList();
        assertThat(lines.get(lines.size() - 1)).contains("\"action\":\"audit.export\"");
        assertThat((long) lines.size()).isGreaterThan(seen);
        var verified = admin.json("GET", "/api/v1/audit/verify", null).path("data");
        assertThat(verified.path("intact").asBoolean()).isTrue();
        assertThat(verified.path("entries").asLong()).isGreaterThanOrEqualTo(lines.size());
    }

    private User person(String name, Role role, String tenant) {
        Users.Created created = users.create(name, role, tenant, "test");
        users.choosePassword(created.user(), PASSWORD);
        return users.find(created.user().id()).orElseThrow();
    }

    private Api admin(String tenant) {
        String name = "admin-of-" + (tenant == null ? "all" : tenant);
        User robot = users.find(name).orElseGet(() -> users.createService(name, Role.ADMIN, tenant, "test"));
        return new Api(
                console.url(),
                tokens.create(robot, "api", Role.ADMIN, null, null, "test").secret());
    }

    private List<String> actions(String subject) {
        return audit.entries(0, 10_000).stream()
                .filter(entry -> entry.subject().equals(subject))
                .map(AuditEntry::action)
                .toList();
    }
}
