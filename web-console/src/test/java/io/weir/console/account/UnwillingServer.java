package io.weir.console.account;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Speaks ClickHouse's HTTP interface as far as making and dropping users goes, and refuses or delays what a test says, and breaks off
 * in the middle of an answer: a real one does none of it when asked to.
 */
final class UnwillingServer implements AutoCloseable {

    private static final Pattern CREATE = Pattern.compile("CREATE USER IF NOT EXISTS `([^`]+)`.*");
    private static final Pattern ALTER = Pattern.compile("ALTER USER `([^`]+)` .*BY '([0-9a-f]{64})'.*");
    private static final Pattern DROP = Pattern.compile("DROP USER IF EXISTS `([^`]+)`.*");

    /** The hash of each user's password. */
    final Map<String, String> users = new ConcurrentHashMap<>();

    /** Statements that begin so are refused. */
    volatile String refused = "nothing";

    /** Statements that begin so wait for {@link #go}, once {@link #came} says that there is one. */
    volatile String delayed = "nothing";

    final CountDownLatch came = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);

    private final HttpServer http;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    UnwillingServer() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        http.setExecutor(threads);
        http.createContext("/", this::handle);
        http.start();
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String sql = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (sql.startsWith(delayed)) {
                came.countDown();
                go.await();
            }
            if (sql.startsWith(refused)) {
                byte[] body =
                        "Code: 999. DB::Exception: not today. (KEEPER_EXCEPTION)".getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("X-ClickHouse-Exception-Code", "999");
                exchange.sendResponseHeaders(500, body.length);
                exchange.getResponseBody().write(body);
                return;
            }
            if (sql.equals("SELECT broken")) {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().write('1');
                exchange.getResponseBody().flush();
                return;
            }
            Matcher create = CREATE.matcher(sql);
            Matcher alter = ALTER.matcher(sql);
            Matcher drop = DROP.matcher(sql);
            if (create.matches()) {
                users.putIfAbsent(create.group(1), "");
            } else if (alter.matches()) {
                users.computeIfPresent(alter.group(1), (name, hash) -> alter.group(2));
            } else if (drop.matches()) {
                users.remove(drop.group(1));
            }
            exchange.sendResponseHeaders(200, -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        go.countDown();
        http.stop(0);
        threads.shutdownNow();
    }
}
