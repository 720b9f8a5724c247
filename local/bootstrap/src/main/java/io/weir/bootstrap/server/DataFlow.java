package io.weir.bootstrap.server;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The REST API of a Data Flow server, 2.11 or newer. Safe for use by several threads.
 *
 * <p>Every method throws {@link DataFlowException} if the server cannot be reached or refuses; the message has the
 * server's own words.
 */
public final class DataFlow {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(120);

    private final URI server;
    private final Credentials credentials;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();
    private final JsonMapper json = new JsonMapper();

    /** A client of the server at that address, such as {@code http://127.0.0.1:9393}. */
    public DataFlow(URI server, Credentials credentials) {
        this.server = URI.create(server.toString().replaceAll("/+$", ""));
        this.credentials = credentials;
    }

    /** The server's address. */
    public URI address() {
        return server;
    }

    /** Whether the server answers at all. */
    public boolean answers() {
        try {
            return send(request("/about").timeout(Duration.ofSeconds(5)).GET()).statusCode() == 200;
        } catch (DataFlowException e) {
            return false;
        }
    }

    /** Whether the server can run tasks by schedule. */
    public boolean hasScheduler() {
        return get("/about").path("featureInfo").path("schedulesEnabled").asBoolean(false);
    }

    /** The version of the app that new deployments take, if the app is registered. */
    public Optional<RegisteredApp> app(String type, String name) {
        return find("/apps/" + type + "/" + path(name)).map(DataFlow::registeredApp);
    }

    /** That version of the app, if it is registered. */
    public Optional<RegisteredApp> app(String type, String name, String version) {
        return find("/apps/" + type + "/" + path(name) + "/" + path(version)).map(DataFlow::registeredApp);
    }

    private static RegisteredApp registeredApp(JsonNode app) {
        return new RegisteredApp(
                app.path("type").asString(""),
                app.path("name").asString(""),
                app.path("version").asString(""),
                app.path("uri").asString(""),
                app.path("metaDataUri").asString(""),
                bootVersion(app.path("bootVersion").asString("")));
    }

    private static String bootVersion(String name) {
        return name.replaceFirst("^AppBootSchemaVersion\\.", "").replaceFirst("^BOOT", "");
    }

    /** Registers a version of an app, in place of one that is registered. */
    public void register(RegisteredApp app) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("uri", app.uri());
        if (!app.metadataUri().isEmpty()) {
            form.put("metadata-uri", app.metadataUri());
        }
        form.put("bootVersion", app.bootVersion());
        form.put("force", "true");
        post("/apps/" + app.type() + "/" + path(app.name()) + "/" + path(app.version()), form);
    }

    /** Makes new deployments take that version. */
    public void makeDefault(RegisteredApp app) {
        expectSuccess(send(request("/apps/" + app.type() + "/" + path(app.name()) + "/" + path(app.version()))
                .PUT(HttpRequest.BodyPublishers.noBody())));
    }

    /** The stream of that name, if it is defined. */
    public Optional<StreamState> stream(String name) {
        return find("/streams/definitions/" + path(name)).map(DataFlow::streamState);
    }

    /** All streams, at most a thousand. */
    public List<StreamState> streams() {
        List<StreamState> streams = new ArrayList<>();
        get("/streams/definitions?size=1000")
                .path("_embedded")
                .path("streamDefinitionResourceList")
                .forEach(stream -> streams.add(streamState(stream)));
        return streams;
    }

    private static StreamState streamState(JsonNode stream) {
        String original = stream.path("originalDslText").asString("");
        return new StreamState(
                stream.path("name").asString(""),
                original.isEmpty() ? stream.path("dslText").asString("") : original,
                stream.path("description").asString(""),
                stream.path("status").asString("unknown"));
    }

    /** Defines a stream. */
    public void createStream(String name, String definition, @Nullable String description) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("name", name);
        form.put("definition", definition);
        if (description != null) {
            form.put("description", description);
        }
        post("/streams/definitions", form);
    }

    /** Removes a stream's definition, and undeploys it first if need be. */
    public void destroyStream(String name) {
        delete("/streams/definitions/" + path(name));
    }

    /** Begins to deploy a stream. */
    public void deployStream(String name, Map<String, String> properties) {
        postJson("/streams/deployments/" + path(name), properties);
    }

    /** Begins to change a deployed stream: only apps whose version or properties differ are replaced. */
    public void updateStream(String name, Map<String, String> properties) {
        update(name, properties, null);
    }

    /** Begins to replace apps of a deployed stream by new processes of the same, such as those that were lost. */
    public void redeployApps(String name, List<String> labels) {
        update(name, Map.of(), labels);
    }

    private void update(String name, Map<String, String> properties, @Nullable List<String> forced) {
        Map<String, Object> identifier = new LinkedHashMap<>();
        identifier.put("packageName", name);
        identifier.put("packageVersion", null);
        identifier.put("repositoryName", null);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("releaseName", name);
        body.put("packageIdentifier", identifier);
        body.put("updateProperties", properties);
        body.put("force", forced != null);
        body.put("appNames", forced);
        postJson("/streams/deployments/update/" + path(name), body);
    }

    /** Begins to undeploy a stream. */
    public void undeployStream(String name) {
        delete("/streams/deployments/" + path(name));
    }

    /** The state of the stream's newest release in Skipper ({@code DEPLOYED}, {@code DELETED}, ...), if it has any. */
    public Optional<String> newestRelease(String name) {
        JsonNode releases = find("/streams/deployments/history/" + path(name)).orElse(null);
        if (releases == null) {
            return Optional.empty();
        }
        int newest = -1;
        String status = null;
        for (JsonNode release : releases) {
            int version = release.path("version").asInt(0);
            if (version > newest) {
                newest = version;
                status = release.path("info").path("status").path("statusCode").asString("UNKNOWN");
            }
        }
        return Optional.ofNullable(status);
    }

    /** What a deployed or deploying stream runs; empty if it does not. */
    public List<DeployedApp> deployedApps(String name) {
        String text = get("/streams/deployments/" + path(name))
                .path("deploymentProperties")
                .asString("");
        if (text.isBlank()) {
            return List.of();
        }
        return parse(text)
                .propertyStream()
                .map(app -> new DeployedApp(
                        app.getKey(),
                        app.getValue().propertyStream().collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue()
                                .asString("")))))
                .toList();
    }

    /** The definition of the task of that name, if there is one. */
    public Optional<String> task(String name) {
        return find("/tasks/definitions/" + path(name))
                .map(task -> task.path("dslText").asString(""));
    }

    /** Defines a task. */
    public void createTask(String name, String definition, @Nullable String description) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("name", name);
        form.put("definition", definition);
        if (description != null) {
            form.put("description", description);
        }
        post("/tasks/definitions", form);
    }

    /** Removes a task's definition. */
    public void destroyTask(String name) {
        delete("/tasks/definitions/" + path(name));
    }

    /** Whether there is a schedule of that name. */
    public boolean hasSchedule(String name) {
        return find("/tasks/schedules/" + path(name)).isPresent();
    }

    /** Creates a schedule. */
    public void createSchedule(
            String name, String task, String expression, Map<String, String> properties, @Nullable String arguments) {
        Map<String, String> all = new LinkedHashMap<>(properties);
        all.put("scheduler.cron.expression", expression);
        Map<String, String> form = new LinkedHashMap<>();
        form.put("scheduleName", name);
        form.put("taskDefinitionName", task);
        form.put(
                "properties",
                all.entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .collect(Collectors.joining(",")));
        if (arguments != null) {
            form.put("arguments", arguments);
        }
        post("/tasks/schedules", form);
    }

    private JsonNode get(String path) {
        return parse(expectSuccess(send(request(path).GET())).body());
    }

    private Optional<JsonNode> find(String path) {
        HttpResponse<String> response = send(request(path).GET());
        return response.statusCode() == 404
                ? Optional.empty()
                : Optional.of(parse(expectSuccess(response).body()));
    }

    private void post(String path, Map<String, String> form) {
        String body = form.entrySet().stream()
                .map(e -> encode(e.getKey()) + "=" + encode(e.getValue()))
                .collect(Collectors.joining("&"));
        expectSuccess(send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body))));
    }

    private void postJson(String path, Map<String, ?> body) {
        expectSuccess(send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body)))));
    }

    private void delete(String path) {
        HttpResponse<String> response = send(request(path).DELETE());
        if (response.statusCode() != 404) {
            expectSuccess(response);
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path))
                .timeout(REQUEST_TIMEOUT)
                .header("Accept", "application/json");
        String authorization = credentials.authorization();
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return request;
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new DataFlowException(
                    "the Data Flow server at " + server + " cannot be reached: "
                            + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataFlowException("interrupted", e);
        }
    }

    private HttpResponse<String> expectSuccess(HttpResponse<String> response) {
        int status = response.statusCode();
        if (status == 401 || status == 403) {
            throw new DataFlowException("the Data Flow server at " + server + " answered " + status
                    + ": its credentials are missing or not allowed to do this");
        }
        if (status >= 300) {
            throw new DataFlowException("the Data Flow server refused "
                    + response.request().method() + " "
                    + response.request().uri().getPath() + " with " + status + ": " + problem(response.body()));
        }
        return response;
    }

    private String problem(String body) {
        try {
            JsonNode node = json.readTree(body);
            String message = node.findPath("message").asString("");
            return message.isEmpty() ? body : message;
        } catch (JacksonException e) {
            return body;
        }
    }

    private JsonNode parse(String body) {
        try {
            return json.readTree(body);
        } catch (JacksonException e) {
            throw new DataFlowException(
                    "the server at " + server + " answers, but not as a Data Flow server does: "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String path(String text) {
        return encode(text).replace("+", "%20");
    }
}
