package io.weir.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole platform as a person uses it: by the script, from the first start to the second. */
class PlatformIT {

    private static final Path WEIR =
            Path.of("").toAbsolutePath().resolve("../../weir").normalize();
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    static Path folder;

    private record Answer(int code, String out, String err) {}

    @BeforeAll
    static void theScriptFindsWhatThisBuildHasMade() throws IOException {
        assertThat(WEIR).isExecutable();
        Files.writeString(WEIR.resolveSibling("local/launcher/target/built"), "");
    }

    @AfterAll
    static void nothingIsLeft() throws Exception {
        weir("down");
    }

    @Test
    void eventsAreStoredThroughCrashesAndRestarts() throws Exception {
        Answer up = weir("up", "--port-base", Integer.toString(freePortBase()));
        assertThat(up.code()).as(up.out() + up.err()).isZero();
        assertThat(status().path("ready").asBoolean()).isTrue();

        String key =
                weir("keys", "create", "--tenant", "acme", "--name", "test").out();
        assertThat(key.lines().toList()).hasSize(1);
        post(key.strip(), "first");
        awaitStored("first");

        Answer again = weir("up");
        assertThat(again.code()).isZero();
        assertThat(up.out()).contains("as admin with the password");
        assertThat(again.out()).doesNotContain("password");
        theConsoleKnowsWhoAsks();

        rulesAndSilencesAreKeptByCommands();
        anErrorIsMailed(key.strip());
        aTaskThatIsKilledIsRestartedByDataFlow();

        anAppThatIsKilledComesBack(key.strip());
        skipperThatIsKilledTakesUpItsStreamsAgain(key.strip());

        assertThat(weir("down").code()).isZero();
        assertThat(processesOfTheHome()).isEmpty();

        Answer warm = weir("up");
        assertThat(warm.code()).as(warm.out() + warm.err()).isZero();
        assertThat(stored("first")).isEqualTo("1");
        post(key.strip(), "last");
        awaitStored("last");
    }

    private static void theConsoleKnowsWhoAsks() throws Exception {
        assertThat(ask("/readyz", null).statusCode()).isEqualTo(200);
        assertThat(ask("/api/v1/me", null).statusCode()).isEqualTo(401);
        Answer created = weir("tokens", "create", "--role", "analyst", "--tenant", "acme");
        assertThat(created.out()).as(created.err()).matches("weirp_[A-Za-z0-9_-]{43}\n");
        String token = created.out().strip();
        assertThat(ask("/api/v1/me", token).body())
                .contains("\"name\":\"analyst-acme\"", "\"role\":\"analyst\"", "\"tenant\":\"acme\"");
        assertThat(ask("/api/v1/audit", token).statusCode()).isEqualTo(403);
        String root = weir("tokens", "create", "--role", "admin").out().strip();
        assertThat(ask("/api/v1/audit", root).statusCode()).isEqualTo(200);
        assertThat(weir("users", "list").out())
                .isEqualTo("admin\ta person, admin of all tenants\nanalyst-acme\ta service, analyst of acme\n"
                        + "service-admin\ta service, admin of all tenants\n");
        assertThat(weir("users", "create", "anna", "--role", "boss").err()).contains("--role boss");
        assertThat(weir("users", "reset-password", "admin").out()).matches("[A-Za-z0-9]{20}\n");
        assertThat(weir("audit", "verify").out()).matches("\\d+ entries, intact\n");
        assertThat(weir("audit", "export").out().lines())
                .allMatch(line -> line.startsWith("{\"number\":"))
                .anyMatch(line -> line.contains("\"action\":\"token.create\""));

        long before = process("console").path("pid").asLong();
        kill(before);
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
            assertThat(process("console").path("restarts").asInt()).isEqualTo(1);
            assertThat(ask("/api/v1/me", token).statusCode()).isEqualTo(200);
        });
    }

    private static HttpResponse<String> ask(String path, String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create(status().path("addresses").path("console").asString() + path));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void rulesAndSilencesAreKeptByCommands() throws Exception {
        Path file = folder.resolve("rules.yml");
        String rules = """
                tenant: demo
                channels:
                  - {name: ops, kind: email, settings: {to: [ops@example.com]}}
                routes:
                  - {channels: [ops]}
                rules:
                  - {name: errors, severity: critical, query: {measure: error_rate, window: 5m}, condition: {kind: threshold, above: 0.05}}
                """;
        Files.writeString(file, rules);
        assertThat(weir("rules", "apply", file.toString()).out().lines())
                .containsExactly(
                        "demo\tcreated\tchannel\tops",
                        "demo\tcreated\troute\tof everything",
                        "demo\tcreated\trule\terrors",
                        "0 unchanged");
        assertThat(weir("rules", "apply", file.toString()).out()).isEqualTo("3 unchanged\n");
        assertThat(weir("rules", "list").out()).isEqualTo("errors\tcritical\terror_rate above 0.05\t0 firing\n");
        Files.writeString(file, weir("rules", "export").out());
        assertThat(weir("rules", "apply", "--prune", file.toString()).out()).isEqualTo("3 unchanged\n");
        Files.writeString(file, rules.replace("critical", "awful"));
        Answer wrong = weir("rules", "apply", file.toString());
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.err())
                .isEqualTo("weir: " + file
                        + ": rules[0].severity (line 7) is 'awful': it must be one of info, warning, critical\n");

        String id = weir(
                        "silences",
                        "create",
                        "rule=\"errors\"",
                        "--for",
                        "2h",
                        "--reason",
                        "deployment",
                        "--author",
                        "anna")
                .out()
                .strip();
        assertThat(weir("silences", "list").out()).startsWith(id).endsWith("\trule=\"errors\"\tanna\tdeployment\n");
        assertThat(weir("silences", "end", id).code()).isZero();
        assertThat(weir("silences", "list").out()).isEmpty();
        assertThat(weir("alerts", "list").out()).isEmpty();
        assertThat(weir("alerts", "ack", "--rule", "errors").err()).contains("none of these firing");
    }

    /** By the schedule of alert-scan; the rule is the one above, the tenant the key's. */
    private static void anErrorIsMailed(String key) throws Exception {
        Path file = folder.resolve("mailed.yml");
        Files.writeString(file, """
                tenant: acme
                channels:
                  - {name: ops, kind: email, settings: {to: [ops@example.com]}}
                routes:
                  - {channels: [ops]}
                rules:
                  - {name: any request, severity: warning, query: {measure: count, where: 'type="request"', window: 1m}, condition: {kind: threshold, above: 0}}
                """);
        assertThat(weir("rules", "apply", file.toString()).code()).isZero();
        List<String> sent = new ArrayList<>();
        await().atMost(PATIENCE.multipliedBy(3))
                .pollInterval(Duration.ofSeconds(5))
                .untilAsserted(() -> {
                    sent.add("seen-" + System.nanoTime());
                    post(key, sent.get(sent.size() - 1));
                    assertThat(weir("mail").out()).contains("FIRING warning: any request");
                });
        assertThat(weir("task", "list").out()).contains("alert-scan").contains("exit code 0");
        sent.forEach(PlatformIT::awaitStored);
    }

    private static void aTaskThatIsKilledIsRestartedByDataFlow() throws Exception {
        // A run by schedule would be in the way of these.
        Files.writeString(folder.resolve("home/config/schedules.json"), "[]");
        await().atMost(PATIENCE).during(Duration.ofSeconds(3)).untilAsserted(() -> {
            Answer list = weir("task", "list");
            assertThat(list.code()).isZero();
            assertThat(list.out()).doesNotContain("RUNNING", "UNKNOWN");
        });
        Answer run = weir("task", "run", "rollup-hourly");
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(run.out().lines().map(line -> line.strip().split(" ")[0]))
                .as("each step once")
                .doesNotHaveDuplicates()
                .anyMatch(step -> step.startsWith("hours:"));
        String counts = "SELECT (SELECT sum(events) FROM weir.rollup_hour) = (SELECT count() FROM weir.events FINAL)";
        assertThat(weir("sql", counts).out().strip()).isEqualTo("1");

        // A task whose statements are not answered can be killed in the middle.
        String clickhouse = Long.toString(process("clickhouse").path("pid").asLong());
        signal("-STOP", clickhouse);
        CompletableFuture<Answer> killed = CompletableFuture.supplyAsync(() -> {
            try {
                return weir("task", "run", "rollup-hourly");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            await().atMost(PATIENCE).until(() -> "STARTED"
                    .equals(lastJob("rollup-hourly")
                            .path("jobExecution")
                            .path("status")
                            .asString()));
            ProcessHandle.allProcesses()
                    .filter(process -> process.info().commandLine().orElse("").contains("/jars/rollup-hourly/"))
                    .filter(process -> process.info().commandLine().orElse("").contains(folder.toString()))
                    .forEach(ProcessHandle::destroyForcibly);
        } finally {
            signal("-CONT", clickhouse);
        }
        assertThat(killed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).code()).isEqualTo(1);
        JsonNode job = lastJob("rollup-hourly");
        assertThat(job.path("jobExecution").path("status").asString()).isEqualTo("FAILED");

        String failed = killed.get()
                .err()
                .replaceAll("(?s).*weir task restart (\\d+).*", "$1")
                .strip();
        Answer restarted = weir("task", "restart", failed);
        assertThat(restarted.code()).as(restarted.out() + restarted.err()).isZero();
        JsonNode last = lastJob("rollup-hourly");
        assertThat(last.path("executionId").asLong())
                .isGreaterThan(job.path("executionId").asLong());
        assertThat(last.path("jobExecution").path("status").asString()).isEqualTo("COMPLETED");
        assertThat(weir("task", "restart", "987654").err())
                .isEqualTo("weir: there is no run 987654; see weir task list\n");
        assertThat(weir("sql", counts).out().strip()).isEqualTo("1");
    }

    /** As the dashboard asks. */
    private static JsonNode lastJob(String name) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create(dataFlow() + "/jobs/executions?size=50&sort=JOB_EXECUTION_ID,DESC"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        for (JsonNode job :
                new JsonMapper().readTree(answer.body()).path("_embedded").path("jobExecutionResourceList")) {
            if (job.path("name").asString().equals(name)) {
                return job;
            }
        }
        throw new AssertionError("no job " + name + " in " + answer.body());
    }

    private static String dataFlow() throws Exception {
        return status().path("addresses").path("dataflow").asString().replaceFirst("/dashboard$", "");
    }

    private static void signal(String signal, String pid) throws Exception {
        assertThat(new ProcessBuilder("kill", signal, pid).start().waitFor()).isZero();
    }

    private static void anAppThatIsKilledComesBack(String key) throws Exception {
        JsonNode before = process("events.sink-clickhouse");
        kill(before.path("pid").asLong());
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode now = process("events.sink-clickhouse");
            assertThat(now.path("restarts").asInt())
                    .isEqualTo(before.path("restarts").asInt() + 1);
            assertThat(now.path("pid").asLong())
                    .isPositive()
                    .isNotEqualTo(before.path("pid").asLong());
        });
        post(key, "after-app");
        awaitStored("after-app");
    }

    private static void skipperThatIsKilledTakesUpItsStreamsAgain(String key) throws Exception {
        long source = process("events.source-http").path("pid").asLong();
        kill(process("skipper").path("pid").asLong());
        await().atMost(PATIENCE.multipliedBy(2))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    assertThat(process("events.source-http").path("pid").asLong())
                            .isPositive()
                            .isNotEqualTo(source);
                    assertThat(status().path("ready").asBoolean()).isTrue();
                });
        post(key, "after-skipper");
        awaitStored("after-skipper");
    }

    private static void post(String key, String id) throws Exception {
        String now = java.time.Instant.now().toString();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(status().path("addresses").path("ingest").asString() + "/v1/events"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"id\":\"%s\",\"timestamp\":\"%s\",\"type\":\"request\",\"status_code\":200}"
                                .formatted(id, now)))
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
    }

    private static void awaitStored(String id) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(stored(id)).isEqualTo("1"));
    }

    private static String stored(String id) throws Exception {
        return weir("sql", "SELECT count() FROM weir.events WHERE id = '" + id + "'")
                .out()
                .strip();
    }

    private static JsonNode status() throws Exception {
        return new JsonMapper().readTree(weir("status", "--json").out());
    }

    private static JsonNode process(String name) throws Exception {
        for (JsonNode process : status().path("processes")) {
            if (process.path("name").asString().equals(name)) {
                return process;
            }
        }
        throw new AssertionError("there is no process " + name);
    }

    private static void kill(long pid) {
        assertThat(pid).isPositive();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    /** Processes that name the home on their command line or work in it. */
    private static List<String> processesOfTheHome() throws IOException {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    String command = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
                    Path works = Files.readSymbolicLink(process.resolve("cwd"));
                    if (command.contains(folder.toString()) || works.startsWith(folder)) {
                        found.add(command.replace('\0', ' '));
                    }
                } catch (IOException e) {
                    // It has ended meanwhile.
                }
            }
        }
        return found;
    }

    /** The first of a row of ports that are all free now. */
    private static int freePortBase() {
        for (int base = 21_000; base < 32_000; base += 50) {
            if (Ports.from(base).byName(new Existing(null, null, null)).values().stream()
                    .noneMatch(Preflight::isTaken)) {
                return base;
            }
        }
        throw new AssertionError("there is no row of free ports");
    }

    private static Answer weir(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(WEIR.toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(folder, "weir", ".out");
        Path err = Files.createTempFile(folder, "weir", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("WEIR_HOME", folder.resolve("home").toString());
        Process process = builder.start();
        assertThat(process.waitFor(8, TimeUnit.MINUTES)).isTrue();
        return new Answer(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
