package io.weir.alert;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** Somebody else's HTTP service, which answers as a test says. */
final class Endpoint implements AutoCloseable {

    record Request(String path, Headers headers, String body) {}

    private final HttpServer server;
    private final List<Integer> answers = new ArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile String said = "";
    private volatile String wait = "";
    final List<Request> requests = new CopyOnWriteArrayList<>();

    /**
     * Answers with those statuses, one after the other, and then with the last of them; 0 is no answer at all. An error quotes the
     * credentials that it was sent.
     */
    Endpoint(Integer... statuses) throws IOException {
        answers.addAll(List.of(statuses));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            int status;
            synchronized (answers) {
                status = answers.size() > 1 ? answers.remove(0) : answers.get(0);
            }
            requests.add(new Request(exchange.getRequestURI().getPath(), exchange.getRequestHeaders(), body));
            if (status == 0) {
                try {
                    closed.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return;
            }
            if (status / 100 == 3) {
                exchange.getResponseHeaders().add("Location", "http://169.254.169.254/latest/meta-data/");
            }
            if (!wait.isEmpty()) {
                exchange.getResponseHeaders().add("Retry-After", wait);
            }
            String credentials = exchange.getRequestHeaders().getFirst("Authorization");
            byte[] answer = status < 400
                    ? new byte[0]
                    : (credentials == null ? said : "not allowed: " + credentials).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    /** What it says with an error, where it has no credentials to quote. */
    void says(String text) {
        said = text;
    }

    /** The header {@code Retry-After} of every answer. */
    void asksToWait(String retryAfter) {
        wait = retryAfter;
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
    }
}
