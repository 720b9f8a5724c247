package io.weir.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Sends SQL to ClickHouse's HTTP interface and hands on what comes back.
 *
 * @param database where names without one are looked for
 */
record ClickHouseSql(URI uri, String username, String password, String database) {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();

    @Override
    public String toString() {
        return "ClickHouseSql[" + uri + ", " + username + "]";
    }

    /** The whole answer as text. */
    String query(String sql, String format) throws IOException {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        query(sql, format, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    /**
     * Writes the answer as it comes.
     *
     * @throws Failure with ClickHouse's own message if it refuses the statement
     */
    void query(String sql, String format, OutputStream out) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(
                        uri.resolve("/?database=" + database + "&default_format=" + format))
                .header("X-ClickHouse-User", username)
                .header("X-ClickHouse-Key", password)
                .POST(HttpRequest.BodyPublishers.ofString(sql))
                .build();
        try {
            HttpResponse<InputStream> response = HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new Failure(new String(body.readAllBytes(), StandardCharsets.UTF_8).strip());
                }
                body.transferTo(out);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
    }
}
