package io.weir.bench.platform;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * ClickHouse over HTTP, with an account that may do everything.
 *
 * @param url scheme, host and port
 */
public record ClickHouse(String url, String username, String password) {

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /**
     * Runs a statement.
     *
     * @return its answer as text, without the last newline
     * @throws IOException if ClickHouse is away or refuses; the message says why
     */
    public String query(String sql) throws IOException {
        try (InputStream answer = stream(sql, Duration.ofMinutes(5))) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
        }
    }

    /** Runs a query whose answer is one whole number. */
    public long number(String sql) throws IOException {
        String answer = query(sql);
        try {
            return Long.parseLong(answer);
        } catch (NumberFormatException e) {
            throw new IOException("Not a number: " + answer + " (" + sql + ")", e);
        }
    }

    /** Runs a statement and hands out its answer as it comes; the caller closes it. */
    public InputStream stream(String sql, Duration timeout) throws IOException {
        return send(HttpRequest.BodyPublishers.ofString(sql), "", timeout);
    }

    /** Runs an INSERT with its data. */
    public void insert(String sql, HttpRequest.BodyPublisher data) throws IOException {
        send(data, sql, Duration.ofMinutes(5)).close();
    }

    private InputStream send(HttpRequest.BodyPublisher body, String sql, Duration timeout) throws IOException {
        URI address = URI.create(
                sql.isEmpty() ? url + "/" : url + "/?query=" + URLEncoder.encode(sql, StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(timeout)
                .header("X-ClickHouse-User", username)
                .header("X-ClickHouse-Key", password)
                .POST(body)
                .build();
        try {
            HttpResponse<InputStream> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                try (InputStream answer = response.body()) {
                    String reason = new String(answer.readNBytes(2000), StandardCharsets.UTF_8);
                    throw new IOException("ClickHouse answered " + response.statusCode() + ": " + reason.strip());
                }
            }
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
