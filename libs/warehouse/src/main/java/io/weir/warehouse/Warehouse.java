package io.weir.warehouse;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to ClickHouse over HTTP. May be used by several threads at once; each call uses a connection of its own, which is
 * kept for the next.
 *
 * <p>Nothing is ever sent twice by itself. A statement that failed with {@link WarehouseException#UNREACHABLE} may still run.
 */
public final class Warehouse {

    /** Writes the body of an insert; called once. */
    @FunctionalInterface
    public interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    /** How the body of an insert is packed on its way. */
    public enum Compression {
        NONE(""),
        LZ4("lz4");

        private final String encoding;

        Compression(String encoding) {
            this.encoding = encoding;
        }
    }

    private static final int CHUNK_BYTES = 1 << 16;

    private final WarehouseSettings settings;

    public Warehouse(WarehouseSettings settings) {
        this.settings = settings;
    }

    public WarehouseSettings settings() {
        return settings;
    }

    /** The name of a table with its database. */
    public String table(String name) {
        return settings.database() + "." + name;
    }

    /**
     * Runs a statement.
     *
     * @param parameters values of {@code {name:Type}} in the statement
     * @return the answer, tab-separated unless the statement names a format
     */
    public String query(String sql, Map<String, String> parameters) {
        return query(Map.of(), sql, parameters);
    }

    public String query(String sql) {
        return query(sql, Map.of());
    }

    /**
     * Runs a statement under a name.
     *
     * @param queryId unique among what runs; {@code system.processes} shows it
     * @param settings of ClickHouse, for this statement
     */
    public String query(String queryId, String sql, Map<String, String> parameters, Map<String, String> settings) {
        Map<String, String> options = new LinkedHashMap<>(settings);
        options.put("query_id", queryId);
        return query(options, sql, parameters);
    }

    private String query(Map<String, String> options, String sql, Map<String, String> parameters) {
        Map<String, String> query = new LinkedHashMap<>(options);
        parameters.forEach((name, value) -> query.put("param_" + name, escaped(value)));
        byte[] body = sql.getBytes(StandardCharsets.UTF_8);
        return send(query, out -> out.write(body), body.length, Compression.NONE);
    }

    /**
     * Inserts what the body writes. Returns when ClickHouse has stored all of it. If it throws, any part may have been stored:
     * ClickHouse's unit is the part, and an insert makes one for every day and some hundred thousand rows.
     *
     * @param sql an insert that ends in {@code FORMAT} and the format of the body
     * @param queryId unique among what runs
     * @param deduplicationToken two inserts with the same token are stored once
     */
    public void insert(
            String sql,
            String queryId,
            String deduplicationToken,
            Map<String, String> parameters,
            Compression compression,
            Body body) {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("query", sql);
        query.put("query_id", queryId);
        query.put("insert_deduplication_token", deduplicationToken);
        query.putAll(InsertSettings.VALUES);
        parameters.forEach((name, value) -> query.put("param_" + name, escaped(value)));
        send(query, body, -1, compression);
    }

    private String send(Map<String, String> query, Body body, int length, Compression compression) {
        HttpURLConnection http = null;
        boolean answered = false;
        try {
            http = open(query);
            if (length >= 0) {
                http.setFixedLengthStreamingMode(length);
            } else {
                http.setChunkedStreamingMode(CHUNK_BYTES);
            }
            if (compression != Compression.NONE) {
                http.setRequestProperty("Content-Encoding", compression.encoding);
            }
            String refused = null;
            try (WatchedOutput out = new WatchedOutput(http, settings.readTimeout())) {
                body.writeTo(out);
            } catch (WatchedOutput.StalledException e) {
                throw e;
            } catch (IOException e) {
                // ClickHouse answers and closes as soon as it knows that it refuses: its reason says more than ours.
                refused = e.getMessage();
            }
            int status = http.getResponseCode();
            if (status == HttpURLConnection.HTTP_OK && refused == null) {
                String answer = text(http.getInputStream());
                answered = true;
                return answer;
            }
            String code = http.getHeaderField("X-ClickHouse-Exception-Code");
            InputStream error = http.getErrorStream();
            String message =
                    error == null ? "HTTP status " + status : text(error).strip();
            answered = refused == null;
            throw new WarehouseException(
                    code == null ? WarehouseException.UNREACHABLE : Integer.parseInt(code), message);
        } catch (IOException | UncheckedIOException e) {
            throw new WarehouseException(
                    WarehouseException.UNREACHABLE, "ClickHouse at " + settings.url() + ": " + e.getMessage(), e);
        } finally {
            if (http != null && !answered) {
                http.disconnect();
            }
        }
    }

    private HttpURLConnection open(Map<String, String> query) throws IOException {
        StringBuilder address = new StringBuilder(settings.url());
        if (URI.create(settings.url()).getPath().isEmpty()) {
            address.append('/');
        }
        char separator = '?';
        for (Map.Entry<String, String> parameter : query.entrySet()) {
            address.append(separator)
                    .append(parameter.getKey())
                    .append('=')
                    .append(URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8));
            separator = '&';
        }
        URL url = URI.create(address.toString()).toURL();
        HttpURLConnection http = (HttpURLConnection) url.openConnection();
        http.setConnectTimeout((int) settings.connectTimeout().toMillis());
        http.setReadTimeout((int) settings.readTimeout().toMillis());
        http.setDoOutput(true);
        http.setInstanceFollowRedirects(false);
        http.setUseCaches(false);
        http.setRequestMethod("POST");
        http.setRequestProperty("X-ClickHouse-User", settings.username());
        http.setRequestProperty("X-ClickHouse-Key", settings.password());
        http.setRequestProperty("Content-Type", "application/octet-stream");
        return http;
    }

    private static String text(@Nullable InputStream in) throws IOException {
        return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** A parameter's value is read as a field of a tab-separated line. */
    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
    }
}
