package io.weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real ClickHouse: in a container where Docker answers, embedded elsewhere. Says on standard output which.
 *
 * <p>{@code -Dweir.testing.clickhouse=embedded} or {@code container} decides it by hand. Address, accounts and data stay the
 * same over {@link #kill}, {@link #stop}, {@link #start} and {@link #restart}.
 */
public abstract class ClickHouseServer implements AutoCloseable {

    private static final class Shared {
        static final ClickHouseServer INSTANCE = fresh();
    }

    private static final AtomicInteger DATABASES = new AtomicInteger();

    static final String USERNAME = "weir_test";
    static final String PASSWORD = "weir_test";

    ClickHouseServer() {}

    /** The one of this JVM, started at the first call and stopped with the JVM. Tests must not stop it. */
    public static ClickHouseServer shared() {
        return Shared.INSTANCE;
    }

    /** A running server of the caller's own, without data. */
    public static ClickHouseServer fresh() {
        String wanted = System.getProperty("weir.testing.clickhouse", "");
        ClickHouseServer server = null;
        if (!wanted.equals("embedded")) {
            server = ClickHouseContainerServer.ifDockerAnswers(wanted.equals("container"));
        }
        if (server == null) {
            server = new EmbeddedClickHouseServer();
        }
        server.start();
        System.out.println("ClickHouse for tests: " + server.kind() + ", " + server.url());
        return server;
    }

    abstract String kind();

    /** The address of the HTTP interface, such as {@code http://127.0.0.1:8123}. */
    public abstract String url();

    /** The name by which the server reaches this host: what a test listens on must be open to all addresses. */
    public abstract String thisHost();

    /** Starts the server on its data, and waits until it answers. */
    public abstract void start();

    /** Stops the server in good order. */
    public abstract void stop();

    /** Ends the server as a crash would. */
    public abstract void kill();

    /** Stops the server from running without ending it: it accepts connections and never answers. */
    public abstract void suspend();

    /** Lets a suspended server run again. */
    public abstract void resume();

    /** {@link #stop} and {@link #start}. */
    public final void restart() {
        stop();
        start();
    }

    /**
     * Defines users, each kind of server in its own way.
     *
     * @param sql statements, for a server with users by SQL
     * @param xml a document of the form of {@code users.xml}, for one with users in files; it is restarted, and a document that
     *     another call gave under the same name is replaced
     * @param name letters and digits
     */
    public abstract void defineUsers(String name, List<String> sql, String xml);

    /** Whether this kind of server learns of users by files, not by SQL. */
    public abstract boolean hasUsersInFiles();

    /** An account that may do everything. */
    public final String username() {
        return USERNAME;
    }

    public final String password() {
        return PASSWORD;
    }

    /** Creates a database of its own, and gives its name. */
    public final String freshDatabase() {
        String name = "test_" + ProcessHandle.current().pid() + "_" + DATABASES.incrementAndGet();
        query("CREATE DATABASE " + name);
        return name;
    }

    /**
     * Sends a statement, and gives the answer: tab-separated, without the last line's end.
     *
     * @throws IllegalStateException with ClickHouse's own words if it refuses
     */
    public final String query(String sql) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url()))
                .header("X-ClickHouse-User", USERNAME)
                .header("X-ClickHouse-Key", PASSWORD)
                .POST(HttpRequest.BodyPublishers.ofString(sql))
                .build();
        try {
            // One of its own: a connection that is kept would break with the server.
            HttpResponse<String> answer =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(answer.body());
            }
            return answer.body().stripTrailing();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends the server, and its data with it. */
    @Override
    public abstract void close();

    static void signal(String name, long pid) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
