package io.weir.console.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.console.sql.ReadingConsole;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.user.Role;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** BI accounts as their administrators and their programs see them. */
class AccountsIT {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static ReadingConsole console;
    private static JsonNode superset;
    private static JsonNode masked;

    @BeforeAll
    static void start() throws Exception {
        console = ReadingConsole.start();
        console.fill("acme", 100);
        console.fill("umbrella", 1000);
        superset = create("superset", "acme", false);
        masked = create("grafana", "acme", true);
        console.tellClickHouse();
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static HttpRequest.Builder as(String role, @Nullable String tenant, String path) {
        String name = tenant == null ? "root" : "root-of-" + tenant;
        return HttpRequest.newBuilder(URI.create(console.url() + "/api/v1/accounts" + path))
                .header("Authorization", console.authorization(name, Role.valueOf(role), tenant))
                .header("Content-Type", "application/json");
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.BodyPublisher body(String json) {
        return HttpRequest.BodyPublishers.ofString(json);
    }

    private static JsonNode create(String name, String tenant, boolean masked) throws Exception {
        HttpResponse<String> response = send(as("ADMIN", null, "")
                .POST(body("{\"name\":\"" + name + "\",\"tenant\":\"" + tenant + "\",\"masked\":" + masked + "}")));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        return MAPPER.readTree(response.body()).get("data");
    }

    private static String text(JsonNode account, String field) {
        return account.get(field).asString();
    }

    /** Where programs go: to ClickHouse itself, or where that is the embedded one, to the gate before it. */
    private static String address() {
        return console.isEmbedded()
                ? "http://127.0.0.1:" + console.bean(Gate.class).port()
                : ReadingConsole.SERVER.url();
    }

    private static HttpResponse<String> curl(JsonNode account, String password, String query, String sql)
            throws Exception {
        String login = text(account, "username") + ":" + password;
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(address() + "/" + query))
                        .header(
                                "Authorization",
                                "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)))
                        .POST(body(sql))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> curl(JsonNode account, String sql) throws Exception {
        return curl(account, text(account, "password"), "", sql);
    }

    private static Connection jdbc(JsonNode account) throws SQLException {
        URI address = URI.create(address());
        String url = text(account.get("connections"), "jdbc")
                .replaceFirst("://[^/]+/", "://" + address.getHost() + ":" + address.getPort() + "/")
                .replace("PASSWORD", text(account, "password"));
        return DriverManager.getConnection(url);
    }

    @Test
    void aPlainJdbcProgramReadsItsTenantsRowsByTheStringThatItWasGiven() throws Exception {
        try (Connection connection = jdbc(superset)) {
            List<String> tables = new ArrayList<>();
            try (ResultSet found = connection.getMetaData().getTables(null, null, "%", null)) {
                while (found.next()) {
                    if (!"system".equals(found.getString("TABLE_SCHEM"))
                            && !"information_schema".equalsIgnoreCase(found.getString("TABLE_SCHEM"))) {
                        tables.add(found.getString("TABLE_SCHEM") + "." + found.getString("TABLE_NAME"));
                    }
                }
            }
            assertThat(tables)
                    .contains(console.database() + "_read.events", console.database() + "_read.rollup_hour")
                    .allMatch(table -> table.startsWith(console.database() + "_read."));
            try (ResultSet columns =
                    connection.getMetaData().getColumns(null, console.database() + "_read", "events", "user_id")) {
                assertThat(columns.next()).isTrue();
            }
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT tenant, count(), max(latency_ms) FROM events WHERE latency_ms >= ? GROUP BY tenant")) {
                statement.setDouble(1, 50);
                try (ResultSet rows = statement.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getString(1)).isEqualTo("acme");
                    assertThat(rows.getLong(2)).isEqualTo(50);
                    assertThat(rows.getDouble(3)).isEqualTo(99);
                    assertThat(rows.next()).isFalse();
                }
            }
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT * FROM rollup_minute")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getLong("events")).isEqualTo(100);
            }
            try (Statement statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.executeQuery("SELECT * FROM " + console.database() + ".events"))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("ACCESS_DENIED");
            }
        }
    }

    @Test
    void curlReadsByHttp() throws Exception {
        assertThat(curl(superset, "SELECT tenant, count() FROM events GROUP BY tenant")
                        .body())
                .isEqualTo("acme\t100\n");
        assertThat(curl(
                                superset,
                                text(superset, "password"),
                                "?default_format=JSONEachRow&param_x=7",
                                "SELECT {x:UInt8} AS x")
                        .body())
                .isEqualTo("{\"x\":7}\n");
        String query = "?query=" + URLEncoder.encode("SELECT 1", StandardCharsets.UTF_8) + "&user="
                + text(superset, "username") + "&password=" + text(superset, "password");
        assertThat(HTTP.send(
                                HttpRequest.newBuilder(URI.create(address() + "/" + query))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body())
                .isEqualTo("1\n");
        assertThat(HTTP.send(
                                HttpRequest.newBuilder(URI.create(address() + "/ping"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body())
                .isEqualTo("Ok.\n");
        HttpResponse<String> refused = curl(superset, "SELECT nothing");
        assertThat(refused.statusCode()).isGreaterThanOrEqualTo(400);
        assertThat(refused.headers().firstValue("X-ClickHouse-Exception-Code")).hasValue("47");
    }

    @Test
    void theClientOfNodeReads() throws Exception {
        Path folder = Files.createDirectories(Path.of("target", "npm"));
        for (String file : List.of("package.json", "read.js")) {
            Files.copy(Path.of("src", "test", "npm", file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        if (!Files.isDirectory(folder.resolve("node_modules/@clickhouse/client"))) {
            assertThat(run(
                            folder,
                            "npm",
                            "install",
                            "--prefer-offline",
                            "--no-audit",
                            "--no-fund",
                            "--ignore-scripts",
                            "--silent"))
                    .isNotNull();
        }
        assertThat(run(
                        folder,
                        "node",
                        "read.js",
                        address(),
                        text(superset, "username"),
                        text(superset, "password"),
                        console.database() + "_read"))
                .isEqualTo("[{\"tenant\":\"acme\",\"events\":100}]\n100000\n");
    }

    private static String run(Path folder, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("account", ".out");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(output);
        Files.delete(output);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    @Test
    void aMaskedAccountSeesNoPersonalColumn() throws Exception {
        assertThat(curl(masked, "SELECT user_id, message, toString(attributes), count() FROM events GROUP BY ALL")
                        .body())
                .isEqualTo("***\t***\t{}\t100\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT file('/etc/passwd')",
                "SELECT `file`('/etc/passwd')",
                "SELECT arrayMap(file, ['/etc/passwd'])",
                "SELECT 1 /* /* */ ' */, file('/etc/passwd') -- '",
                "SELECT * FROM (SELECT * FROM eval('SELECT fi' || 'le(\\'/etc/passwd\\')') SETTINGS allow_experimental_eval_table_function = 1)",
                "SELECT * FROM file('/etc/passwd', 'LineAsString')",
                "SELECT getSubcolumn(attributes, ':`Array(JSON)`') FROM events",
                "SELECT getSubcolumn(attributes, concat(':`Arr', 'ay(JSON)`')) FROM events",
                "SELECT 1; SELECT 2"
            })
    void aProgramReachesNoFileAndEndsNoServer(String sql) throws Exception {
        for (String query : List.of("", "?default_format=CSV", "?session_id=x")) {
            HttpResponse<String> response = curl(superset, text(superset, "password"), query, sql);
            assertThat(response.statusCode()).isGreaterThanOrEqualTo(400);
            assertThat(response.body()).doesNotContain("root:");
        }
        for (int at = 0; at <= sql.length(); at += 3) {
            String query = "?query=" + URLEncoder.encode(sql.substring(0, at), StandardCharsets.UTF_8);
            assertThat(curl(superset, text(superset, "password"), query, sql.substring(at))
                            .body())
                    .doesNotContain("root:");
        }
        assertThat(curl(superset, "SELECT count() FROM events").body()).isEqualTo("100\n");
    }

    @Test
    void wrongPasswordsAndTheConsolesOwnAccountsAreRefused() throws Exception {
        for (String password : List.of("", "x", text(masked, "password"))) {
            HttpResponse<String> response = curl(superset, password, "", "SELECT 1");
            assertThat(response.statusCode()).isIn(401, 403);
            assertThat(response.body()).contains("AUTHENTICATION_FAILED");
        }
        JsonNode people = MAPPER.readTree("{\"username\":\"sql_acme\"}");
        ReaderLogins.Login login = console.bean(ReaderLogins.class).forPeople("acme");
        console.tellClickHouse();
        if (console.isEmbedded()) {
            assertThat(curl(people, login.password(), "", "SELECT 1").statusCode())
                    .isEqualTo(401);
            // And a program's password opens nothing but the gate.
            HttpRequest direct = HttpRequest.newBuilder(URI.create(ReadingConsole.SERVER.url()))
                    .header("X-ClickHouse-User", text(superset, "username"))
                    .header("X-ClickHouse-Key", text(superset, "password"))
                    .POST(body("SELECT 1"))
                    .build();
            assertThat(HTTP.send(direct, HttpResponse.BodyHandlers.ofString()).body())
                    .contains("AUTHENTICATION_FAILED");
        }
    }

    @Test
    void aPasswordIsShownOnceAndARotatedOneEndsTheOneBefore() throws Exception {
        JsonNode account = create("metabase", "umbrella", true);
        console.tellClickHouse();
        assertThat(curl(account, "SELECT count() FROM events").body()).isEqualTo("1000\n");
        String listed = send(as("ADMIN", null, "").GET()).body();
        assertThat(listed).contains(text(account, "id")).doesNotContain(text(account, "password"));

        HttpResponse<String> rotated =
                send(as("ADMIN", null, "/" + text(account, "id") + "/password").POST(body("")));

        JsonNode now = MAPPER.readTree(rotated.body()).get("data");
        console.tellClickHouse();
        assertThat(text(now, "password")).isNotEqualTo(text(account, "password"));
        assertThat(curl(now, "SELECT count() FROM events").body()).isEqualTo("1000\n");
        assertThat(curl(account, "SELECT 1").statusCode()).isIn(401, 403);
    }

    @Test
    void aRevokedAccountIsRefusedAndItsNameIsFreeAgain() throws Exception {
        JsonNode account = create("tableau", "acme", true);
        console.tellClickHouse();
        assertThat(curl(account, "SELECT count() FROM events").body()).isEqualTo("100\n");

        assertThat(send(as("ADMIN", null, "/" + text(account, "id")).DELETE()).statusCode())
                .isEqualTo(204);

        assertThat(curl(account, "SELECT count() FROM events").statusCode()).isIn(401, 403);
        console.tellClickHouse();
        assertThat(curl(account, "SELECT count() FROM events").statusCode()).isIn(401, 403);
        assertThat(send(as("ADMIN", null, "/" + text(account, "id")).DELETE()).statusCode())
                .isEqualTo(204);
        assertThat(send(as("ADMIN", null, "/" + text(account, "id") + "/password")
                                .POST(body("")))
                        .statusCode())
                .isEqualTo(404);
        JsonNode again = create("tableau", "acme", true);
        console.tellClickHouse();
        assertThat(curl(again, "SELECT count() FROM events").body()).isEqualTo("100\n");
    }

    @Test
    void onlyAdministratorsAndOnlyForTheirTenant() throws Exception {
        for (String role : List.of("VIEWER", "ANALYST", "OPERATOR")) {
            assertThat(send(as(role, null, "").GET()).statusCode()).isEqualTo(403);
            assertThat(send(as(role, null, "").POST(body("{\"name\":\"x\"}"))).statusCode())
                    .isEqualTo(403);
        }
        assertThat(send(as("ADMIN", "umbrella", "").POST(body("{\"name\":\"x\",\"tenant\":\"acme\"}")))
                        .statusCode())
                .isEqualTo(400);
        assertThat(send(as("ADMIN", "umbrella", "").POST(body("{\"name\":\"x\"}")))
                        .statusCode())
                .isEqualTo(400);
        assertThat(send(as("ADMIN", "umbrella", "").GET()).body()).doesNotContain(text(superset, "id"));
        assertThat(send(as("ADMIN", "umbrella", "/" + text(superset, "id")).DELETE())
                        .statusCode())
                .isEqualTo(404);
        assertThat(send(as("ADMIN", "umbrella", "/" + text(superset, "id") + "/password")
                                .POST(body("")))
                        .statusCode())
                .isEqualTo(404);
        HttpResponse<String> nobody =
                send(as("ADMIN", null, "/" + UUID.randomUUID()).DELETE());
        assertThat(nobody.statusCode()).isEqualTo(404);
        assertThat(nobody.body()).contains("urn:weir:problem:not_found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"tenant\":\"acme\"}",
                "{\"name\":\"sql\",\"tenant\":\"acme\"}",
                "{\"name\":\"a_b\",\"tenant\":\"acme\"}",
                "{\"name\":\"A\",\"tenant\":\"acme\"}",
                "{\"name\":\"a\",\"tenant\":\"_all\"}",
                "{\"name\":\"a\",\"tenant\":\"a'b\"}",
                "{\"name\":\"a\",\"tenant\":\"nobodys\"}",
                "{\"name\":\"a\",\"tenent\":\"acme\"}"
            })
    void aNameThatCouldMeanSomethingElseIsRefused(String json) throws Exception {
        HttpResponse<String> response = send(as("ADMIN", null, "").POST(body(json)));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    }

    @Test
    void aTakenNameIsAConflict() throws Exception {
        HttpResponse<String> response =
                send(as("ADMIN", null, "").POST(body("{\"name\":\"superset\",\"tenant\":\"acme\"}")));
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("already named");
    }

    @Test
    void eachChangeIsOnRecordWithoutThePassword() throws Exception {
        create("looker", "acme", true);
        assertThat(console.bean(AuditLog.class).entries(0, 100_000)).anySatisfy(entry -> {
            assertThat(entry.action()).isEqualTo("account.create");
            assertThat(entry.subject()).isEqualTo("looker_acme");
            assertThat(entry.actor()).isEqualTo("root");
        });
    }

    @Test
    void thereIsAStringForEachTool() {
        JsonNode connections = superset.get("connections");
        assertThat(connections.propertyNames()).contains("jdbc", "odbc", "http", "superset", "metabase", "grafana");
        assertThat(text(connections, "superset")).startsWith("clickhousedb://superset_acme:PASSWORD@");
    }
}
