package io.weir.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Stands before ClickHouse. Closes after a number of statements, or does something before one of them. */
public final class StatementGate implements AutoCloseable {

    private final HttpServer server;
    private final String target;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger passed = new AtomicInteger();
    private volatile int limit = Integer.MAX_VALUE;
    private volatile boolean losesTheLastAnswer;
    private volatile Consumer<String> before = statement -> {};

    /** @param target where statements go: the address of ClickHouse's HTTP interface */
    public StatementGate(String target) {
        this.target = target;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::pass);
        server.start();
    }

    /** For whoever is to send its statements through this. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Lets that many statements through and none after them; the last one's answer may be lost. */
    public void closeAfter(int statements, boolean answerIsLost) {
        passed.set(0);
        losesTheLastAnswer = answerIsLost;
        limit = statements;
    }

    /** Lets everything through again. */
    public void open() {
        limit = Integer.MAX_VALUE;
        before = statement -> {};
    }

    /** Is called before each statement goes through, by the thread that brings it: by several at once, if several bring one. */
    public void before(Consumer<String> action) {
        before = action;
    }

    private void pass(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        int number = passed.incrementAndGet();
        if (number > limit) {
            exchange.close();
            return;
        }
        before.accept(new String(body, StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI()))
                .header("X-ClickHouse-User", exchange.getRequestHeaders().getFirst("X-ClickHouse-User"))
                .header("X-ClickHouse-Key", exchange.getRequestHeaders().getFirst("X-ClickHouse-Key"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        try {
            HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (number == limit && losesTheLastAnswer) {
                exchange.close();
                return;
            }
            answer.headers().firstValue("X-ClickHouse-Exception-Code").ifPresent(code -> exchange.getResponseHeaders()
                    .add("X-ClickHouse-Exception-Code", code));
            exchange.sendResponseHeaders(answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
            exchange.getResponseBody().write(answer.body());
            exchange.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.close();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
