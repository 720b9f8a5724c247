package io.weir.console.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.weir.console.Api;
import io.weir.console.Browser;
import io.weir.console.RunningConsole;
import io.weir.metadata.audit.AuditEntry;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.tenant.Tenants;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import io.weir.testing.PostgresServer;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sign-in by an identity provider, and its tokens for the API. */
class KeycloakIT {

    private static KeycloakServer keycloak;
    private static RunningConsole console;

    @BeforeAll
    static void start() throws Exception {
        keycloak = KeycloakServer.start();
        console = RunningConsole.start(properties(true));
        console.bean(Tenants.class).register("acme", "test");
        console.bean(Users.class).create("admin", Role.ADMIN, null, "test");
    }

    @AfterAll
    static void stop() throws Exception {
        if (console != null) {
            console.close();
        }
        keycloak.close();
    }

    private static String[] properties(boolean audience) {
        List<String> properties = List.of(
                "spring.security.oauth2.client.registration.keycloak.client-id=weir-console",
                "spring.security.oauth2.client.registration.keycloak.client-secret=console-secret",
                "spring.security.oauth2.client.registration.keycloak.scope=openid,profile",
                "spring.security.oauth2.client.registration.keycloak.client-name=Example Inc.",
                "spring.security.oauth2.client.provider.keycloak.issuer-uri=" + keycloak.issuer(),
                "spring.security.oauth2.resourceserver.jwt.issuer-uri=" + keycloak.issuer(),
                "weir.console.oidc.role-claim=weir.roles",
                "weir.console.oidc.roles.weir-analysts=ANALYST",
                "weir.console.oidc.roles.weir-admins=ADMIN",
                audience ? "spring.security.oauth2.resourceserver.jwt.audiences=weir-api" : "x=y");
        return properties.toArray(String[]::new);
    }

    private final AuditLog audit = console.bean(AuditLog.class);
    private final Users users = console.bean(Users.class);

    @Test
    void aPersonSignsInWithTheRoleAndTenantOfTheClaimsAndLandsWhereItWanted() throws Exception {
        Browser browser = new Browser(console.url());
        assertThat(browser.get("/sign-in?next=/password").body()).contains("Sign in with Example Inc.");
        assertThat(browser.cookie("weir-session")).isEmpty();
        HttpResponse<String> landed = signIn(browser, "anna", "annas-password");
        assertThat(Browser.location(landed)).isEqualTo("/password");
        assertThat(browser.cookie("weir-session")).isPresent();
        assertThat(JsonMapper.shared()
                        .readTree(browser.get("/api/v1/me").body())
                        .path("data")
                        .toString())
                .isEqualTo("{\"name\":\"anna\",\"role\":\"analyst\",\"tenant\":\"acme\"}");
        assertThat(browser.get("/").body()).contains("Signed in as <strong>anna</strong>");
        assertThat(actions("user:anna")).containsSubsequence("user.create", "sign-in");

        User anna = users.find("anna").orElseThrow();
        users.change(anna.id(), Role.VIEWER, "acme", false, "test");
        signIn(new Browser(console.url()), "anna", "annas-password");
        assertThat(users.find("anna").orElseThrow().role()).isEqualTo(Role.ANALYST);

        users.change(anna.id(), Role.ANALYST, "acme", true, "test");
        assertThat(Browser.location(signIn(new Browser(console.url()), "anna", "annas-password")))
                .isEqualTo("/sign-in?refused");
        await().untilAsserted(
                        () -> assertThat(Browser.location(browser.get("/"))).isEqualTo("/sign-in"));
        users.change(anna.id(), Role.ANALYST, "acme", false, "test");

        Browser boss = new Browser(console.url());
        signIn(boss, "boss", "boss-password");
        assertThat(boss.get("/api/v1/me").body()).contains("\"role\":\"admin\",\"tenant\":null");
    }

    @Test
    void whoHasNoRoleHereOrTheNameOfSomebodyElseStaysOutside() throws Exception {
        Browser stranger = new Browser(console.url());
        assertThat(Browser.location(signIn(stranger, "stranger", "strangers-password")))
                .isEqualTo("/sign-in?refused");
        assertThat(stranger.get("/api/v1/me").statusCode()).isEqualTo(401);
        assertThat(users.find("stranger")).isEmpty();

        Browser impostor = new Browser(console.url());
        assertThat(Browser.location(signIn(impostor, "admin", "admins-password")))
                .isEqualTo("/sign-in?refused");
        assertThat(impostor.get("/api/v1/me").statusCode()).isEqualTo(401);
        assertThat(users.find("admin").orElseThrow().oidcSubject()).isNull();
        assertThat(audit.entries(0, 1000))
                .anyMatch(entry -> entry.action().equals("sign-in.refused")
                        && entry.detail().contains("none of the roles"));
    }

    @Test
    void anAnswerThatNobodyAskedForIsNotTaken() throws Exception {
        Browser browser = new Browser(console.url());
        browser.get("/sign-in");
        assertThat(Browser.location(browser.get("/login/oauth2/code/keycloak?code=stolen&state=forged")))
                .isEqualTo("/sign-in?refused");
        assertThat(Browser.location(browser.get("/"))).isEqualTo("/sign-in");
    }

    @Test
    void aProgramAsksWithATokenOfTheIssuerMadeForThisConsole() throws Exception {
        String token = token("weir-programs", "programs-secret", Map.of("grant_type", "client_credentials"))
                .path("access_token")
                .asString();
        Api api = new Api(console.url(), token);
        assertThat(api.get("/api/v1/me").body())
                .contains("\"name\":\"service-account-weir-programs\",\"role\":\"analyst\",\"tenant\":\"acme\"");
        assertThat(api.get("/api/v1/users").statusCode()).isEqualTo(403);
        assertThat(actions("jwt:service-account-weir-programs")).containsExactly("token.use");

        int payload = token.indexOf('.') + 10;
        char other = token.charAt(payload) == 'A' ? 'B' : 'A';
        String forged = token.substring(0, payload) + other + token.substring(payload + 1);
        String foreign = token("somebody-else", "else-secret", Map.of("grant_type", "client_credentials"))
                .path("access_token")
                .asString();
        String unsigned = "eyJhbGciOiJub25lIn0." + token.split("\\.")[1] + ".";
        for (String wrong : List.of(forged, foreign, unsigned, token.substring(0, token.lastIndexOf('.') + 1))) {
            assertThat(new Api(console.url(), wrong).get("/api/v1/me").statusCode())
                    .isEqualTo(401);
        }
        Map<String, String> asPerson =
                Map.of("grant_type", "password", "scope", "openid", "username", "admin", "password", "admins-password");
        JsonNode impostor = token("weir-programs", "programs-secret", asPerson);
        assertThat(new Api(console.url(), impostor.path("access_token").asString())
                        .get("/api/v1/me")
                        .statusCode())
                .as("the name is that of a user of this console")
                .isEqualTo(401);
        assertThat(new Api(console.url(), impostor.path("id_token").asString())
                        .get("/api/v1/me")
                        .statusCode())
                .as("an ID token is for the client, not for us")
                .isEqualTo(401);

        User program = users.find("service-account-weir-programs").orElseThrow();
        users.change(program.id(), Role.ANALYST, "acme", true, "test");
        await().untilAsserted(
                        () -> assertThat(api.get("/api/v1/me").statusCode()).isEqualTo(401));
    }

    @Test
    void aConsoleThatWouldTakeTokensForAnybodyDoesNotStart() {
        String database = PostgresServer.shared().freshDatabase();
        assertThatThrownBy(() ->
                        RunningConsole.startOn(database, properties(false)).close())
                .hasStackTraceContaining("spring.security.oauth2.resourceserver.jwt.audiences must name");
    }

    /** As far as the answer to the provider's redirect. */
    private static HttpResponse<String> signIn(Browser browser, String name, String password) throws Exception {
        HttpResponse<String> form = browser.follow(browser.get("/oauth2/authorization/keycloak"));
        Matcher action = Pattern.compile("action=\"([^\"]+)\"").matcher(form.body());
        assertThat(action.find()).as(form.body()).isTrue();
        HttpResponse<String> back = browser.send(form(
                HttpRequest.newBuilder(URI.create(action.group(1).replace("&amp;", "&"))),
                Map.of("username", name, "password", password)));
        assertThat(Browser.location(back)).as(back.body()).startsWith(console.url() + "/login/oauth2/code/keycloak");
        return browser.send(HttpRequest.newBuilder(URI.create(Browser.location(back))));
    }

    private static JsonNode token(String client, String secret, Map<String, String> grant) throws Exception {
        Map<String, String> fields = new HashMap<>(grant);
        fields.put("client_id", client);
        fields.put("client_secret", secret);
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        form(
                                        HttpRequest.newBuilder(
                                                URI.create(keycloak.issuer() + "/protocol/openid-connect/token")),
                                        fields)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(response.body());
    }

    private static HttpRequest.Builder form(HttpRequest.Builder request, Map<String, String> fields) {
        return request.header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(fields.entrySet().stream()
                        .map(field ->
                                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"))));
    }

    private List<String> actions(String subject) {
        return audit.entries(0, 10_000).stream()
                .filter(entry -> entry.subject().equals(subject))
                .map(AuditEntry::action)
                .toList();
    }
}
