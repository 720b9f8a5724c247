package io.weir.console.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.weir.metadata.audit.AuditEntry;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.user.Role;
import io.weir.warehouse.account.Limits;
import io.weir.warehouse.account.ReaderAccount;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SqlIT {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String SLOW =
            "SELECT count() FROM numbers(1900000000) WHERE NOT ignore(sipHash64(number), sipHash128(number))";
    private static ReadingConsole console;

    @BeforeAll
    static void start() throws Exception {
        console = ReadingConsole.start();
        console.fill("acme", 100);
        console.fill("umbrella", 1000);
        // The first query of a tenant makes its account; the embedded server learns of it as the launcher would tell
        // it.
        if (console.isEmbedded()) {
            for (String tenant : new String[] {"acme", "umbrella", null}) {
                console.bean(io.weir.console.account.ReaderLogins.class).forPeople(tenant);
            }
            console.tellClickHouse();
        }
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static HttpRequest.Builder as(String name, String role, @Nullable String tenant, String path) {
        return HttpRequest.newBuilder(URI.create(console.url() + path))
                .timeout(Duration.ofSeconds(90))
                .header("Authorization", console.authorization(name, Role.valueOf(role), tenant));
    }

    private static String head(byte[] body) {
        return "POST /api/v1/sql HTTP/1.1\r\nHost: x\r\nAuthorization: "
                + console.authorization("ann", Role.ANALYST, "acme")
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n";
    }

    private static HttpRequest ask(Map<String, ?> body) {
        return as("ann", "ANALYST", "acme", "/api/v1/sql")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(MAPPER.writeValueAsString(body)))
                .build();
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> sql(String sql) throws Exception {
        return send(ask(Map.of("sql", sql)));
    }

    private static JsonNode problem(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = MAPPER.readTree(response.body());
        assertThat(problem.path("type").asString("")).startsWith("urn:weir:problem:");
        return problem;
    }

    @Test
    void aResultIsJsonUnlessAskedOtherwiseAndHoldsTheRowsOfTheCallersTenant() throws Exception {
        HttpResponse<String> response = sql("SELECT tenant, count() AS events FROM events GROUP BY tenant;");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode answer = MAPPER.readTree(response.body());
        assertThat(answer.get("truncated").asBoolean()).isFalse();
        assertThat(answer.get("data").toString()).isEqualTo("[{\"tenant\":\"acme\",\"events\":100}]");
        assertThat(answer.get("meta").get(1).get("type").asString()).isEqualTo("UInt64");
        assertThat(answer.get("query_id").asString())
                .isEqualTo(response.headers().firstValue(SqlController.ID).orElseThrow());
    }

    @Test
    void whoSeesEveryTenantSeesEveryRow() throws Exception {
        HttpResponse<String> response = send(as("root", "ADMIN", null, "/api/v1/sql")
                .header("Content-Type", "application/json")
                .header("Accept", "text/csv")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"sql\":\"SELECT tenant, count() FROM events GROUP BY 1 ORDER BY 1\"}"))
                .build());

        assertThat(response.body()).isEqualTo("\"tenant\",\"count()\"\n\"acme\",100\n\"umbrella\",1000\n");
    }

    @Test
    void aViewerHasNoSql() throws Exception {
        HttpRequest request = as("vic", "VIEWER", "acme", "/api/v1/sql")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"sql\":\"SELECT 1\"}"))
                .build();

        assertThat(problem(send(request), 403).get("detail").asString()).isEqualTo("Your role does not allow this.");
    }

    @Test
    void parametersAreValuesWhateverIsInThem() throws Exception {
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("text", "it's \\ a \"tab\"\t, a\nline and '); DROP TABLE x; --");
        parameters.put("number", 7);
        parameters.put("list", List.of("a'b", "c\\d", "e,f"));
        parameters.put("nothing", null);
        HttpResponse<String> response = send(ask(Map.of(
                "sql",
                "SELECT {text:String} AS t, {number:UInt8} + 1 AS n, {list:Array(String)} AS l, {nothing:Nullable(String)} AS x",
                "parameters",
                parameters)));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode row = MAPPER.readTree(response.body()).get("data").get(0);
        assertThat(row.get("t").asString()).isEqualTo(parameters.get("text"));
        assertThat(row.get("n").asInt()).isEqualTo(8);
        assertThat(row.get("l").toString()).isEqualTo("[\"a'b\",\"c\\\\d\",\"e,f\"]");
        assertThat(row.get("x").isNull()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void everyFormatSaysWhetherRowsWereCutOff(ResultFormat format) throws Exception {
        long limit = Limits.DEFAULT.resultRows();
        for (long rows : new long[] {10, limit, limit + 1, 3 * limit}) {
            HttpResponse<byte[]> response = HTTP.send(
                    ask(Map.of(
                            "sql",
                            "SELECT number FROM numbers(" + rows + ")",
                            "format",
                            format.name().toLowerCase(java.util.Locale.ROOT))),
                    HttpResponse.BodyHandlers.ofByteArray());

            boolean cut = rows > limit;
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith(format.mediaType);
            assertThat(response.headers().firstValue(SqlController.TRUNCATED))
                    .as(rows + " rows")
                    .hasValue(Boolean.toString(cut));
            long told = Long.parseLong(
                    response.headers().firstValue(SqlController.ROWS).orElseThrow());
            assertThat(told).isEqualTo(cut ? told : rows).isLessThan(limit + 100_000);
            if (format == ResultFormat.JSON) {
                assertThat(new String(response.body(), 0, 100, StandardCharsets.UTF_8))
                        .contains("\"truncated\":" + cut + ",");
                assertThat(MAPPER.readTree(response.body()).get("data").size()).isEqualTo((int) told);
            } else {
                assertThat(response.headers().firstValue("Content-Disposition").orElseThrow())
                        .isEqualTo("attachment; filename=\"query" + (cut ? "-truncated" : "") + "." + format.suffix
                                + "\"");
            }
            if (format == ResultFormat.CSV || format == ResultFormat.NDJSON) {
                long lines = new String(response.body(), StandardCharsets.US_ASCII)
                        .lines()
                        .count();
                assertThat(lines).isEqualTo(told + (format == ResultFormat.CSV ? 1 : 0));
            }
            if (format == ResultFormat.ARROW) {
                assertThat((long) response.body().length).as("not packed").isGreaterThanOrEqualTo(told * Long.BYTES);
            }
            if (format == ResultFormat.PARQUET) {
                assertThat(new String(response.body(), response.body().length - 4, 4, StandardCharsets.US_ASCII))
                        .isEqualTo("PAR1");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "application/json,application/json",
        "text/csv,text/csv",
        "application/vnd.apache.parquet,application/vnd.apache.parquet",
        "application/x-ndjson,application/x-ndjson",
        "application/vnd.apache.arrow.stream,application/vnd.apache.arrow.stream",
        "'text/html, */*;q=0.1',application/json"
    })
    void theAcceptHeaderChoosesTheFormat(String accept, String type) throws Exception {
        HttpResponse<String> response = send(as("ann", "ANALYST", "acme", "/api/v1/sql")
                .header("Content-Type", "application/json")
                .header("Accept", accept)
                .POST(HttpRequest.BodyPublishers.ofString("{\"sql\":\"SELECT 1\"}"))
                .build());

        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith(type);
    }

    @Test
    void whatClickHouseSaysIsPassedOnWithThePlaceInTheStatement() throws Exception {
        JsonNode problem = problem(sql("SELECT 1,\n  2 FRM x y z"), 400);

        assertThat(problem.get("error").asString()).isEqualTo("SYNTAX_ERROR");
        assertThat(problem.get("code").asInt()).isEqualTo(62);
        assertThat(problem.get("line").asInt()).isEqualTo(2);
        assertThat(problem.get("column").asInt()).isEqualTo(9);
        assertThat(problem.get("detail").asString()).startsWith("Syntax error").doesNotContain("version");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT * FROM nowhere|400",
                "SELECT 1; SELECT 2|400",
                "SELECT 1 FORMAT CSV|400",
                "SELECT 1 INTO OUTFILE '/tmp/sql-it'|400",
                "SELECT throwIf(number = 500000) FROM numbers(1000000)|400",
                "DROP TABLE events|403",
                "SELECT 1 SETTINGS max_execution_time = 0|403",
                "SET max_threads = 9|403",
                "SELECT * FROM system.query_log|403",
                "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')|403",
                "SELECT file('/etc/passwd')|403",
                "SELECT arrayMap(file, ['/etc/passwd'])|403",
                "SELECT count(), max(number) FROM numbers(10000000000000)|422",
                "SELECT groupArray(repeat('x', 1000000)) FROM numbers(10000)|422"
            })
    void whatIsRefusedIsAProblemDocument(String sql, int status) throws Exception {
        HttpResponse<String> response = sql(sql);
        assertThat(problem(response, status).get("detail").asString())
                .isNotBlank()
                .doesNotContain("weir_test")
                .doesNotContain("root:");
    }

    @Test
    void aTableThatIsNamedWithItsDatabaseIsRefusedWithAHint() throws Exception {
        assertThat(problem(sql("SELECT count() FROM system.query_log"), 403)
                        .get("detail")
                        .asString())
                .endsWith("named without a database: SELECT ... FROM events");
    }

    @Test
    void parametersAreNoLongerThanTheyMayBe() throws Exception {
        HttpResponse<String> response = HTTP.send(
                ask(Map.of("sql", "SELECT {a:String}", "parameters", Map.of("a", "x".repeat(70_000)))),
                HttpResponse.BodyHandlers.ofString());
        problem(response, 413);
    }

    @Test
    void whatIsNotRunningCannotBeCancelled() throws Exception {
        HttpResponse<String> response = send(as("ann", "ANALYST", "acme", "/api/v1/sql/" + UUID.randomUUID())
                .DELETE()
                .build());
        assertThat(problem(response, 404).get("type").asString()).isEqualTo("urn:weir:problem:not_found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"sql\":\"\"}",
                "{\"sql\":\"SELECT 1\",\"format\":\"xml\"}",
                "{\"sql\":\"SELECT 1\",\"id\":\"x' OR 1\"}",
                "{\"sql\":\"SELECT 1\",\"parameters\":{\"a&user\":1}}",
                "{\"sql\":\"SELECT 1\",\"parameters\":{\"a\":{\"b\":1}}}",
                "{\"sql\":",
                "[]"
            })
    void whatIsNotARequestIsABadRequest(String body) throws Exception {
        HttpResponse<String> response = send(as("ann", "ANALYST", "acme", "/api/v1/sql")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
        problem(response, 400);
    }

    @Test
    void anOwnQueryIsListedAndCanBeCancelledByOneselfAndByAnAdministrator() throws Exception {
        for (String[] who :
                new String[][] {{"ann", "ANALYST", "acme"}, {"chief", "ADMIN", "acme"}, {"root", "ADMIN", null}}) {
            UUID id = UUID.randomUUID();
            CompletableFuture<HttpResponse<String>> slow =
                    HTTP.sendAsync(ask(Map.of("sql", SLOW, "id", id.toString())), HttpResponse.BodyHandlers.ofString());
            await().until(() -> isRunning(id));
            assertThat(send(as("ann", "ANALYST", "acme", "/api/v1/sql").build()).body())
                    .contains(id.toString())
                    .contains("sipHash64");

            // Not by others: of the same tenant, of another, of another's administrator, or an operator of all.
            for (String[] other : new String[][] {
                {"bob", "ANALYST", "acme"},
                {"una", "ANALYST", "umbrella"},
                {"ada", "ADMIN", "umbrella"},
                {"otto", "OPERATOR", null}
            }) {
                HttpRequest.Builder cancel = as(other[0], other[1], other[2], "/api/v1/sql/" + id);
                assertThat(send(cancel.DELETE().build()).statusCode())
                        .as(other[0])
                        .isEqualTo(404);
                assertThat(send(as(other[0], other[1], other[2], "/api/v1/sql").build())
                                .body())
                        .doesNotContain(id.toString());
            }
            assertThat(isRunning(id)).isTrue();

            assertThat(send(as(who[0], who[1], who[2], "/api/v1/sql/" + id)
                                    .DELETE()
                                    .build())
                            .statusCode())
                    .isEqualTo(204);
            await().pollInterval(Duration.ofMillis(20)).until(() -> !isRunning(id));
            assertThat(problem(slow.get(), 409).get("error").asString()).isEqualTo("QUERY_WAS_CANCELLED");
        }
    }

    @Test
    void aQueryWhoseClientHasGoneIsEnded() throws Exception {
        UUID id = UUID.randomUUID();
        byte[] body = MAPPER.writeValueAsBytes(Map.of("sql", SLOW, "id", id.toString()));
        URI url = URI.create(console.url());
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.getOutputStream().write((head(body) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            await().until(() -> isRunning(id));
        }
        // By itself it would run for a minute.
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !isRunning(id));
        await().untilAsserted(() -> assertThat(entries(id.toString()))
                .extracting(AuditEntry::detail)
                .last()
                .asString()
                .contains("abandoned"));
    }

    @Test
    void aClientThatSendsItsNextRequestEarlyIsNotTakenForGone() throws Exception {
        byte[] body = MAPPER.writeValueAsBytes(
                Map.of("sql", "SELECT count() AS n FROM numbers(100000000) WHERE NOT ignore(sipHash64(number))"));
        String head = head(body);
        URI url = URI.create(console.url());
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            socket.getOutputStream().write((head + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answers.split("\"n\": 100000000", -1)).as(answers).hasSize(3);
        }
    }

    @Test
    void aBrokenAnswerDoesNotLookComplete() throws Exception {
        HttpResponse<InputStream> response = HTTP.send(
                ask(Map.of("sql", "SELECT repeat(toString(number), 100) FROM numbers(900000)", "format", "csv")),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body().readNBytes(1000)).hasSize(1000);

        ReadingConsole.SERVER.kill();
        try {
            assertThatThrownBy(() -> response.body().transferTo(java.io.OutputStream.nullOutputStream()))
                    .isInstanceOf(IOException.class);
        } finally {
            ReadingConsole.SERVER.start();
        }
    }

    @Test
    void aStatementThatRunsWhileClickHouseIsStartedAnewForAnAccountIsRunAgainAndAnsweredWhole() throws Exception {
        HttpResponse<String> made = send(as("root", "ADMIN", null, "/api/v1/accounts")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"meanwhile\",\"tenant\":\"acme\"}"))
                .build());
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        UUID id = UUID.randomUUID();
        CompletableFuture<HttpResponse<String>> running = HTTP.sendAsync(
                ask(Map.of(
                        "sql",
                        "SELECT number, repeat('x', 10) FROM numbers(300000000)"
                                + " WHERE sipHash128(sipHash64(number)) = '' OR number % 3000000 = 0 ORDER BY number",
                        "id",
                        id.toString(),
                        "format",
                        "csv")),
                HttpResponse.BodyHandlers.ofString());
        await().until(() -> isRunning(id));

        console.tellClickHouse();

        await().until(() -> isRunning(id));
        HttpResponse<String> answer = running.get();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue(SqlController.ROWS)).hasValue("100");
        assertThat(answer.body().lines()).hasSize(101).last().isEqualTo("297000000,\"xxxxxxxxxx\"");
        assertThat(entries(id.toString())).extracting(AuditEntry::action).containsExactly("sql.query", "sql.end");
    }

    /** What is on its way when ClickHouse ends is whole, or is seen to be broken. */
    @Test
    void anAnswerThatIsReadWhileClickHouseIsStartedAnewIsNotCutOffUnseen() throws Exception {
        HttpResponse<InputStream> response = HTTP.send(
                ask(Map.of("sql", "SELECT repeat(toString(number), 100) FROM numbers(900000)", "format", "ndjson")),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        long rows =
                Long.parseLong(response.headers().firstValue(SqlController.ROWS).orElseThrow());
        assertThat(response.body().readNBytes(1000)).hasSize(1000);

        ReadingConsole.SERVER.restart();

        long lines = 0;
        try (InputStream rest = response.body()) {
            byte[] buffer = new byte[1 << 16];
            for (int length; (length = rest.read(buffer)) >= 0; ) {
                for (int i = 0; i < length; i++) {
                    lines += buffer[i] == '\n' ? 1 : 0;
                }
            }
        } catch (IOException e) {
            return;
        }
        // The first thousand bytes may have held ends of lines of their own.
        assertThat(lines).isBetween(rows - 10, rows);
    }

    /** A path that begins with a type ends ClickHouse's process. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT getSubcolumn(attributes, ':`Array(JSON)`') FROM events",
                "SELECT getSubcolumn(attributes, concat(':', '`Int64`')) FROM events",
                "SELECT `getSubcolumn`(attributes, ':`Int64`') FROM events",
                "SELECT COLUMNS('attributes') APPLY(x -> getSubcolumn(x, ':`Array(JSON)`')) FROM events",
                "SELECT getSubcolumn('{}'::JSON, {path:String})",
                "WITH ':`Int64`' AS path SELECT getSubcolumn(attributes, path) FROM events",
                "SELECT attributes.:`Array(JSON)` FROM events",
                "SELECT tupleElement(attributes, ':`Array(JSON)`') FROM events LIMIT 1"
            })
    void noSubcolumnEndsTheServer(String sql) throws Exception {
        long up = Long.parseLong(ReadingConsole.SERVER.query("SELECT toUnixTimestamp(now()) - uptime()"));
        try {
            HttpResponse<String> answer = HTTP.send(
                    ask(Map.of("sql", sql, "parameters", Map.of("path", ":`Int64`"))),
                    HttpResponse.BodyHandlers.ofString());
            if (sql.contains("getSubcolumn") && ReadingConsole.SERVER.hasUsersInFiles()) {
                problem(answer, 403);
            }
            assertThat(Long.parseLong(ReadingConsole.SERVER.query("SELECT toUnixTimestamp(now()) - uptime()")))
                    .isBetween(up - 1, up + 1);
        } catch (UncheckedIOException e) {
            ReadingConsole.SERVER.kill();
            ReadingConsole.SERVER.start();
            throw e;
        }
        assertThat(sql("SELECT attributes.x FROM events LIMIT 1").statusCode()).isEqualTo(200);
    }

    @Test
    void everyQueryIsOnRecordWholeBeforeItRunsAndWithWhatCameOfIt() throws Exception {
        String marked = "SELECT '" + "x".repeat(20_000) + UUID.randomUUID() + "' FROM numbers(7)";
        HttpResponse<String> response = sql(marked);

        String id = response.headers().firstValue(SqlController.ID).orElseThrow();
        List<AuditEntry> entries = entries(id);
        assertThat(entries).extracting(AuditEntry::action).containsExactly("sql.query", "sql.end");
        assertThat(entries).allSatisfy(entry -> {
            assertThat(entry.actor()).isEqualTo("ann");
            assertThat(entry.tenant()).isEqualTo("acme");
        });
        assertThat(entries.get(0).detail()).contains(marked).contains(ReaderAccount.sha256(marked));
        JsonNode end = MAPPER.readTree(entries.get(1).detail());
        assertThat(end.get("outcome").asString()).isEqualTo("answered");
        assertThat(end.get("rows").asString()).isEqualTo("7");
        assertThat(end.get("millis").asString()).matches("\\d+");
    }

    @Test
    void aQueryThatFailsOrIsRefusedIsOnRecordToo() throws Exception {
        for (Map.Entry<String, List<String>> one : Map.of(
                        "SELECT nothing FROM events", List.of("failed", "UNKNOWN_IDENTIFIER"),
                        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", List.of("refused", "ACCESS_DENIED"))
                .entrySet()) {
            String id = UUID.randomUUID().toString();
            HTTP.send(ask(Map.of("sql", one.getKey(), "id", id)), HttpResponse.BodyHandlers.ofString());

            JsonNode end = MAPPER.readTree(entries(id).get(1).detail());
            assertThat(end.get("outcome").asString()).isEqualTo(one.getValue().get(0));
            assertThat(end.get("why").asString()).isEqualTo(one.getValue().get(1));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT nothing FROM events",
                "SELECT 1 FORMAT CSV",
                "SELECT file('/etc/passwd')",
                "SELECT {a:String}",
                "DROP TABLE events"
            })
    void whatIsOnRecordByItsIdIsSoOnceAndThatIsSaid(String sql) throws Exception {
        String id = UUID.randomUUID().toString();
        HttpResponse<String> refused = HTTP.send(
                ask(Map.of("sql", sql, "id", id, "parameters", Map.of(sql.contains("{") ? "a b" : "a", 1))),
                HttpResponse.BodyHandlers.ofString());
        assertThat(refused.statusCode()).isIn(400, 403);
        assertThat(MAPPER.readTree(refused.body()).path("query_id").asString(""))
                .isEqualTo(id);
        assertThat(entries(id)).extracting(AuditEntry::action).containsExactly("sql.query", "sql.end");
        assertThat(console.bean(AuditLog.class).entries(0, 100_000))
                .filteredOn(entry -> entry.action().equals("query.refused"))
                .noneSatisfy(entry -> assertThat(entry.detail()).contains(id));
    }

    private static List<AuditEntry> entries(String id) {
        return console.bean(AuditLog.class).entries(0, 100_000).stream()
                .filter(entry -> entry.subject().equals(id))
                .toList();
    }

    private static boolean isRunning(UUID id) {
        return ReadingConsole.SERVER
                .query("SELECT count() FROM system.processes WHERE query_id = 'weir-sql-" + id + "'")
                .equals("1");
    }
}
