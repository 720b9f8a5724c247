package io.weir.sink.clickhouse;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Stands between a sink and ClickHouse, and stops inserts of rows at a chosen point, so that a test can kill or suspend the
 * one or the other there. The sink knows nothing of it.
 */
final class Gate implements AutoCloseable {

    /** What happens to an insert of rows. */
    enum At {
        /** Nothing: it goes through. */
        OPEN,
        /** It has been sent by the sink, and waits before ClickHouse. */
        BEFORE_CLICKHOUSE,
        /** Half of it has reached ClickHouse, and no more comes. */
        HALF_WAY,
        /** ClickHouse has stored it and said so, and the sink has not heard it. */
        AFTER_CLICKHOUSE,
        /** It is refused, as by a server that is shutting down. */
        SHUT
    }

    private final String target;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Integer> lateAnswers = new CopyOnWriteArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch reached = new CountDownLatch(1);
    private volatile At at = At.OPEN;

    Gate(String target) {
        this.target = target;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void set(At point) {
        at = point;
    }

    /** Waits until an insert is held. */
    void awaitReached() throws InterruptedException {
        if (!reached.await(180, TimeUnit.SECONDS)) {
            throw new AssertionError("no insert came to the gate");
        }
    }

    /** Lets what is held before ClickHouse go on, whether anybody waits for it or not. */
    void release() {
        at = At.OPEN;
        release.countDown();
    }

    /** The HTTP states that ClickHouse gave to inserts that had been held before it. */
    List<Integer> lateAnswers() {
        return lateAnswers;
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String query = exchange.getRequestURI().getRawQuery();
        boolean rows = query != null
                && URLDecoder.decode(query, StandardCharsets.UTF_8)
                        .matches("(?s).*INSERT INTO \\w+\\.(events|dead_letters) .*");
        At point = rows ? at : At.OPEN;
        try {
            switch (point) {
                case SHUT -> {
                    exchange.getResponseHeaders().add("X-ClickHouse-Exception-Code", "236");
                    answer(exchange, 500, "Code: 236. ABORTED".getBytes(StandardCharsets.UTF_8));
                    reached.countDown();
                }
                case BEFORE_CLICKHOUSE -> {
                    hold();
                    lateAnswers.add(forward(exchange, body, true));
                }
                case HALF_WAY -> {
                    forwardHalf(exchange, body);
                    hold();
                }
                case AFTER_CLICKHOUSE -> {
                    forward(exchange, body, false);
                    hold();
                }
                case OPEN -> forward(exchange, body, true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    private void hold() throws InterruptedException {
        reached.countDown();
        release.await();
    }

    private HttpURLConnection open(HttpExchange exchange) throws IOException {
        HttpURLConnection http = (HttpURLConnection)
                URI.create(target + exchange.getRequestURI()).toURL().openConnection();
        http.setDoOutput(true);
        http.setRequestMethod("POST");
        for (String name : List.of("X-ClickHouse-User", "X-ClickHouse-Key")) {
            http.setRequestProperty(name, exchange.getRequestHeaders().getFirst(name));
        }
        return http;
    }

    private int forward(HttpExchange exchange, byte[] body, boolean tell) throws IOException {
        HttpURLConnection http = open(exchange);
        http.setFixedLengthStreamingMode(body.length);
        try (OutputStream out = http.getOutputStream()) {
            out.write(body);
        }
        int status = http.getResponseCode();
        byte[] answer = (status == 200 ? http.getInputStream() : http.getErrorStream()).readAllBytes();
        String code = http.getHeaderField("X-ClickHouse-Exception-Code");
        if (code != null) {
            exchange.getResponseHeaders().add("X-ClickHouse-Exception-Code", code);
        }
        if (tell) {
            answer(exchange, status, answer);
        }
        return status;
    }

    private void forwardHalf(HttpExchange exchange, byte[] body) throws IOException {
        HttpURLConnection http = open(exchange);
        http.setChunkedStreamingMode(1024);
        OutputStream out = http.getOutputStream();
        out.write(body, 0, body.length / 2);
        out.flush(); // and never its end
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) {
        try {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (IOException e) {
            // The sink that asked is dead or has turned away: what became of its insert is what counts.
        }
    }

    @Override
    public void close() {
        release();
        server.stop(0);
        threads.shutdownNow();
    }
}
