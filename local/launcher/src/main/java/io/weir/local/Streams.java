package io.weir.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The streams as Data Flow sees them. */
final class Streams {

    /** A stream and its state in Data Flow's words, such as {@code deployed}. */
    record Stream(String name, String definition, String status) {}

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();

    private final String dataFlow;

    Streams(String dataFlow) {
        this.dataFlow = dataFlow;
    }

    List<Stream> list() throws IOException {
        JsonNode page = JSON.readTree(send("GET", "/streams/definitions?size=1000"));
        List<Stream> streams = new ArrayList<>();
        for (JsonNode node : page.path("_embedded").path("streamDefinitionResourceList")) {
            streams.add(new Stream(
                    node.path("name").asString(),
                    node.path("originalDslText").asString(),
                    node.path("status").asString()));
        }
        return streams;
    }

    /** Undeploys every stream that is not undeployed, and waits until all are. */
    void undeployAll(Duration patience) throws IOException, InterruptedException {
        for (Stream stream : list()) {
            if (!stream.status().equals("undeployed")) {
                send("DELETE", "/streams/deployments/" + stream.name());
            }
        }
        Instant deadline = Instant.now().plus(patience);
        while (list().stream().anyMatch(stream -> !stream.status().equals("undeployed"))) {
            if (Instant.now().isAfter(deadline)) {
                throw new Failure("Data Flow did not undeploy the streams within " + patience.toSeconds() + " s");
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private String send(String method, String path) throws IOException {
        try {
            HttpResponse<String> response = HTTP.send(
                    HttpRequest.newBuilder(URI.create(dataFlow + path))
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .timeout(Duration.ofSeconds(60))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 400) {
                throw new IOException(method + " " + path + " gave " + response.statusCode());
            }
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
