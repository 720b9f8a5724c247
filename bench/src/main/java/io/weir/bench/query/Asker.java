package io.weir.bench.query;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks over HTTP, the API and ClickHouse alike, and takes the time from the request to the last byte of the answer. */
final class Asker {

    /** @param nanos without the time it took to read the JSON */
    record Reply(long nanos, JsonNode json) {}

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** The API's answer; that of a background aggregation when it is ready. */
    Reply api(String url, String token, Case asked) throws IOException, InterruptedException {
        long began = System.nanoTime();
        HttpResponse<byte[]> answer = send(authorized(url + asked.path(), token, asked.body()));
        if (!asked.isBackground()) {
            long nanos = System.nanoTime() - began;
            return new Reply(nanos, MAPPER.readTree(answer.body()));
        }
        String id = MAPPER.readTree(answer.body()).get("aggregation_id").stringValue();
        byte[] body = send(authorized(url + asked.path() + "/" + id + "?wait=60", token, null))
                .body();
        long nanos = System.nanoTime() - began;
        JsonNode json = MAPPER.readTree(body);
        if (!json.get("status").stringValue().equals("success")) {
            throw new IOException("the aggregation failed, or took more than a minute: " + json);
        }
        return new Reply(nanos, json);
    }

    /** ClickHouse's answer to a statement, which its log will know by that name. */
    Reply clickHouse(
            String url, String username, String password, String queryId, String sql, Map<String, String> settings)
            throws IOException, InterruptedException {
        StringBuilder address = new StringBuilder(url).append("/?query_id=").append(queryId);
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            address.append('&')
                    .append(setting.getKey())
                    .append('=')
                    .append(URLEncoder.encode(setting.getValue(), StandardCharsets.UTF_8));
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(address.toString()))
                .timeout(PATIENCE)
                .header("X-ClickHouse-User", username)
                .header("X-ClickHouse-Key", password)
                .POST(HttpRequest.BodyPublishers.ofString(sql))
                .build();
        long began = System.nanoTime();
        byte[] body = send(request).body();
        long nanos = System.nanoTime() - began;
        return new Reply(nanos, MAPPER.readTree(body));
    }

    private static HttpRequest authorized(String address, String token, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token);
        if (body != null) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return request.build();
    }

    private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer;
        try {
            answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            // A kept connection that the other side has just closed. To ask twice changes nothing; the time goes on.
            answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(request.method() + " " + request.uri().getPath() + " gave " + answer.statusCode()
                    + ": " + new String(answer.body(), StandardCharsets.UTF_8).strip());
        }
        return answer;
    }
}
