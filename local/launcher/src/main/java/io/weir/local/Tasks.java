package io.weir.local;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tasks and their runs as Data Flow sees them. */
final class Tasks {

    /**
     * One run.
     *
     * @param status Data Flow's word, such as {@code RUNNING}, {@code COMPLETE} or {@code ERROR}
     * @param start null as long as the process has not said that it runs
     * @param end null as long as it has not ended
     * @param exitCode null as long as it has not ended
     * @param message what the task said of its end
     */
    record Run(
            long id,
            String task,
            String status,
            @Nullable String start,
            @Nullable String end,
            @Nullable Integer exitCode,
            String message,
            List<Long> jobs) {

        boolean hasEnded() {
            return end != null;
        }

        /**
         * Whether it is at work. A run that is waiting to start has no times yet. Data Flow's server ends a killed run that had
         * begun its job; one that has not begun it long after its start was killed before.
         */
        boolean isGoingOn(Instant now) {
            return !hasEnded()
                    && start != null
                    && status.equals("RUNNING")
                    && (!jobs.isEmpty()
                            || OffsetDateTime.parse(start, TIME)
                                    .toInstant()
                                    .plus(LONGEST_START)
                                    .isAfter(now));
        }
    }

    /** A step of a job, with its counts so far. */
    record Step(String name, String status, long read, long written, long skipped) {}

    /** Data Flow knows nothing of that name or number. */
    private static final class NoSuchThingException extends IOException {

        private static final long serialVersionUID = 1L;

        NoSuchThingException(String message) {
            super(message);
        }
    }

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSXX");
    private static final Duration LONGEST_START = Duration.ofMinutes(10);
    private static final String BOOT = "schemaTarget=boot3";
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();

    private final String dataFlow;

    Tasks(String dataFlow) {
        this.dataFlow = dataFlow;
    }

    /** The names of the tasks that are defined. */
    List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        for (JsonNode node :
                send("GET", "/tasks/definitions?size=1000").path("_embedded").path("taskDefinitionResourceList")) {
            names.add(node.path("name").asString());
        }
        return names;
    }

    /** Begins a run and returns its number. */
    long launch(String task, List<String> arguments) throws IOException {
        for (String argument : arguments) {
            if (argument.contains("\"")) {
                throw new Failure("the argument " + argument + " has a quotation mark, which Data Flow does not take");
            }
        }
        List<String> quoted = arguments.stream()
                .map(argument -> argument.chars().anyMatch(Character::isWhitespace) ? "\"" + argument + "\"" : argument)
                .toList();
        String query =
                "?name=" + encode(task) + (quoted.isEmpty() ? "" : "&arguments=" + encode(String.join(" ", quoted)));
        return send("POST", "/tasks/executions/launch" + query)
                .path("executionId")
                .asLong();
    }

    /**
     * Has a run that failed go on where it failed, as the dashboard does; returns the number of the run that does it.
     *
     * @throws Failure if there is no such run, or it did not fail, or it failed before its job began
     */
    long restart(long id) throws IOException, InterruptedException {
        Run failed;
        try {
            failed = run(id);
        } catch (NoSuchThingException e) {
            throw new Failure("there is no run " + id + "; see weir task list");
        }
        Integer code = failed.exitCode();
        if (!failed.hasEnded()) {
            throw new Failure("run " + id + " of " + failed.task() + " has not ended");
        }
        if (code != null && code == 0) {
            throw new Failure("run " + id + " of " + failed.task() + " did not fail");
        }
        if (failed.jobs().isEmpty()) {
            throw new Failure(
                    "run " + id + " failed before it began: weir task run " + failed.task() + " starts it anew");
        }
        long before = runs(failed.task(), 1).get(0).id();
        long job = failed.jobs().get(failed.jobs().size() - 1);
        long instance = instance(job);
        body("PUT", "/jobs/executions/" + job + "?restart=true");
        long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
        while (System.nanoTime() < deadline) {
            // One that began by schedule meanwhile is another instance of the job.
            for (Run run : runs(failed.task(), 5)) {
                if (run.id() > before
                        && !run.jobs().isEmpty()
                        && instance(run.jobs().get(0)) == instance) {
                    return run.id();
                }
            }
            TimeUnit.MILLISECONDS.sleep(300);
        }
        throw new Failure(
                "Data Flow took the restart of run " + id + " and began nothing; see its log: weir logs dataflow");
    }

    private long instance(long job) throws IOException {
        return send("GET", "/jobs/executions/" + job + "?" + BOOT)
                .path("jobExecution")
                .path("jobInstance")
                .path("id")
                .asLong(0);
    }

    Run run(long id) throws IOException {
        return run(send("GET", "/tasks/executions/" + id + "?" + BOOT));
    }

    /** The newest runs of the task first. */
    List<Run> runs(String task, int most) throws IOException {
        List<Run> runs = new ArrayList<>();
        for (JsonNode node : send(
                        "GET",
                        "/tasks/executions?name=" + encode(task) + "&size=" + most + "&sort=TASK_EXECUTION_ID,DESC")
                .path("_embedded")
                .path("taskExecutionResourceList")) {
            runs.add(run(node));
        }
        return runs;
    }

    private static Run run(JsonNode node) {
        List<Long> jobs = new ArrayList<>();
        node.path("jobExecutionIds").forEach(id -> jobs.add(id.asLong()));
        String message = text(node, "exitMessage");
        String error = text(node, "errorMessage");
        return new Run(
                node.path("executionId").asLong(),
                node.path("taskName").asString(""),
                node.path("taskExecutionStatus").asString("UNKNOWN"),
                text(node, "startTime"),
                text(node, "endTime"),
                node.path("exitCode").isNumber() ? node.path("exitCode").asInt() : null,
                message != null
                        ? message
                        : error != null ? error.lines().findFirst().orElse("") : "",
                jobs);
    }

    /** The steps of a job in the order in which they began. */
    List<Step> steps(long job) throws IOException {
        List<Step> steps = new ArrayList<>();
        for (JsonNode node : send("GET", "/jobs/executions/" + job + "?" + BOOT)
                .path("jobExecution")
                .path("stepExecutions")) {
            steps.add(new Step(
                    node.path("stepName").asString(),
                    node.path("status").asString(),
                    node.path("readCount").asLong(),
                    node.path("writeCount").asLong(),
                    node.path("skipCount").asLong()));
        }
        return steps;
    }

    /** What the process of a run wrote. */
    String log(long id) throws IOException {
        String external = send("GET", "/tasks/executions/" + id + "?" + BOOT)
                .path("externalExecutionId")
                .asString("");
        return external.isEmpty() ? "" : body("GET", "/tasks/logs/" + encode(external) + "?" + BOOT);
    }

    /** Forgets runs that ended more than so many days ago. */
    void trim(int days) throws IOException {
        body("DELETE", "/tasks/executions?action=CLEANUP,REMOVE_DATA&completed=true&days=" + days);
    }

    private JsonNode send(String method, String path) throws IOException {
        return JsonMapper.shared().readTree(body(method, path));
    }

    private String body(String method, String path) throws IOException {
        try {
            HttpResponse<String> response = HTTP.send(
                    HttpRequest.newBuilder(URI.create(dataFlow + path))
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .header("Accept", "application/json")
                            .timeout(Duration.ofSeconds(60))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() == 404) {
                throw new NoSuchThingException(method + " " + path + " gave 404 " + response.body());
            }
            if (response.statusCode() >= 400) {
                throw new IOException(method + " " + path + " gave " + response.statusCode() + " " + response.body());
            }
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static @Nullable String text(JsonNode node, String field) {
        String text = node.path(field).asString("");
        return text.isEmpty() ? null : text;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
