package io.weir.console.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.console.account.ReaderLogins;
import io.weir.console.api.ApiDocument.Operation;
import io.weir.console.sql.ReadingConsole;
import io.weir.metadata.user.Role;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The document of the API is what the API does: a client that knows nothing else walks it, with what is right and what is wrong. */
class OpenApiWalkIT {

    private static final long SEED = Long.getLong("weir.walk.seed", 20261121);
    private static final int TURNS = Integer.getInteger("weir.walk.turns", 8);
    private static final int MOST_TURNS = 3 * TURNS;
    /** There is no statement that runs for long enough. */
    private static final Set<String> NEVER = Set.of("DELETE /api/v1/sql/{id}");

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String PROBLEM = "application/problem+json";

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private static ReadingConsole console;
    private static ApiDocument document;

    private record Answer(int status, String mediaType, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        console = ReadingConsole.start(
                "--weir.api.rate.viewer=1000000",
                "--weir.api.rate.analyst=1000000",
                "--weir.api.rate.operator=1000000",
                "--weir.api.rate.admin=1000000");
        fill();
        for (String tenant : new String[] {"acme", null}) {
            console.bean(ReaderLogins.class).forPeople(tenant);
        }
        console.tellClickHouse();
        Answer answer = send(HttpRequest.newBuilder(URI.create(console.url() + "/api/v1/openapi.json"))
                .header("Authorization", console.authorization("reader", Role.VIEWER, null))
                .build());
        assertThat(answer.status()).isEqualTo(200);
        document = new ApiDocument(answer.text());
    }

    private static void fill() {
        console.fill("acme", 100);
        ReadingConsole.SERVER.query("""
                INSERT INTO %s.events (id, tenant, timestamp, received_at, type, source, device_id, device_group, measurements)
                SELECT toString(number), 'acme', now64(3), now64(3), 'reading', 's', 'd1', 'roof', map('temperature', number)
                FROM numbers(10)""".formatted(console.database()));
        UUID rule = UUID.randomUUID();
        JdbcTemplate jdbc = console.bean(JdbcTemplate.class);
        jdbc.update(
                "insert into alert_rule (id, tenant, name, enabled, spec, changed_at) values (?, 'acme', 'r', true, ?, now())",
                rule,
                "{\"severity\":\"WARNING\"}");
        jdbc.update(
                "insert into alert (id, rule, tenant, labels, label_values, state, since, episode, relapses, value, usual, reason)"
                        + " values (?, ?, 'acme', 'a', '{\"source\":\"a\"}', 'FIRING', now(), 1, 0, 12, 'NaN', 'many')",
                UUID.randomUUID(),
                rule);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void theDocumentIsValid() {
        assertThat(document.errors()).isEmpty();
        Set<String> operations = new HashSet<>();
        for (Operation operation : document.operations()) {
            assertThat(operations.add(operation.node().path("operationId").asString("")))
                    .as("the operationId of %s is its alone", operation.name())
                    .isTrue();
            assertThat(operation.node().path("summary").asString(""))
                    .as(operation.name())
                    .isNotBlank();
        }
        for (JsonNode reference : document.root().findValues("$ref")) {
            assertThat(document.root().at(reference.stringValue().substring(1)).isMissingNode())
                    .as("%s leads nowhere", reference)
                    .isFalse();
        }
    }

    @Test
    void everyAnswerIsDocumentedWhateverIsAsked() throws Exception {
        Map<String, @Nullable String> callers = new LinkedHashMap<>();
        for (Role role : Role.values()) {
            callers.put(
                    role + " of acme",
                    console.authorization("acme-" + role.name().toLowerCase(), role, "acme"));
        }
        callers.put("ADMIN of all", console.authorization("all-admin", Role.ADMIN, null));

        String[] strangers = {null, "Bearer weirp_" + "x".repeat(43), "Bearer \u00fc", "Basic YWRtaW46YWRtaW4="};

        Set<String> wrong = new TreeSet<>();
        Map<Integer, Integer> statuses = new TreeMap<>();
        Set<String> failing = new TreeSet<>();
        document.operations().forEach(operation -> failing.add(operation.name()));
        RequestMaker maker = new RequestMaker(document, SEED);
        // Some things have to be there before others can be asked for, and chance may make them late.
        for (int turn = 0; turn < TURNS || turn < MOST_TURNS && !NEVER.containsAll(failing); turn++) {
            callers.put("a stranger", strangers[turn % strangers.length]);
            for (Operation operation : document.operations()) {
                for (Map.Entry<String, @Nullable String> caller : callers.entrySet()) {
                    RequestMaker.Made made = maker.make(operation, turn % 2 == 0);
                    HttpRequest.Builder request = made.request(console.url());
                    if (caller.getValue() != null) {
                        request.header("Authorization", caller.getValue());
                    }
                    Answer answer = send(request.build());
                    statuses.merge(answer.status(), 1, Integer::sum);
                    for (String complaint : complaints(operation, answer)) {
                        if (wrong.stream().noneMatch(one -> one.startsWith(operation.name() + ": " + complaint))) {
                            wrong.add(operation.name() + ": " + complaint + "\n    by " + caller.getKey() + ", turn "
                                    + turn
                                    + ": " + made + "\n    -> " + answer.status() + " " + answer.mediaType() + " "
                                    + shortened(answer.text()));
                        }
                    }
                    if (answer.status() < 300) {
                        failing.remove(operation.name());
                    }
                    if (answer.status() == 201 || answer.status() == 202) {
                        maker.learn(operation, MAPPER.readTree(answer.body()));
                    }
                }
            }
        }
        assertThat(wrong).as("seed %d, answers by status %s", SEED, statuses).isEmpty();
        assertThat(failing)
                .as("operations that never gave what they are for; seed %d", SEED)
                .isSubsetOf(NEVER);
    }

    private static List<String> complaints(Operation operation, Answer answer) {
        List<String> complaints = new ArrayList<>();
        JsonNode documented = operation.node().at("/responses/" + answer.status());
        if (answer.status() >= 500) {
            complaints.add("fails with " + answer.status());
        }
        if (documented.isMissingNode()) {
            complaints.add(answer.status() + " is not documented");
        } else if (answer.body().length > 0 && !documented.path("content").has(answer.mediaType())) {
            complaints.add(answer.status() + " is not documented to be " + answer.mediaType());
        }
        if (answer.status() >= 400) {
            if (!answer.mediaType().equals(PROBLEM)) {
                complaints.add(answer.status() + " is no problem document but " + answer.mediaType());
                return complaints;
            }
            JsonNode problem = MAPPER.readTree(answer.body());
            if (problem.path("status").asInt(0) != answer.status()
                    || problem.path("title").asString("").isEmpty()) {
                complaints.add(answer.status() + " lacks status or title");
            }
            if (!problem.path("type").asString("").matches("urn:weir:problem:[a-z_]+")) {
                complaints.add(answer.status() + " has no type of ours");
            }
        }
        if (answer.mediaType().equals("application/json") || answer.mediaType().equals(PROBLEM)) {
            try {
                document.errors(operation, answer.status(), answer.mediaType(), answer.text())
                        .forEach(error -> complaints.add(
                                answer.status() + " does not conform: " + error.replaceAll("\\d+", "N")));
            } catch (JacksonException e) {
                complaints.add(answer.status() + " is not JSON");
            }
        }
        return complaints;
    }

    private static Answer send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
        String type = response.headers().firstValue("Content-Type").orElse("");
        String mediaType = type.replaceAll("\\s*;.*", "");
        try (InputStream body = response.body()) {
            // A stream of events ends after minutes.
            return new Answer(
                    response.statusCode(),
                    mediaType,
                    mediaType.equals("text/event-stream") ? new byte[0] : body.readAllBytes());
        }
    }

    private static String shortened(String text) {
        return text.length() <= 400 ? text : text.substring(0, 400) + "...";
    }
}
