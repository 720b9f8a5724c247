package io.weir.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * A real PostgreSQL on loopback, for as long as the JVM lives. Address and data of a {@link #fresh} one stay the same over {@link #stop}
 * and {@link #start}.
 */
public final class PostgresServer implements AutoCloseable {

    private static final class Shared {
        static final PostgresServer INSTANCE = new PostgresServer(builder(false));
    }

    private static final class Durable {
        static final PostgresServer INSTANCE = new PostgresServer(builder(true));
    }

    private final EmbeddedPostgres.Builder builder;
    private final AtomicInteger databases = new AtomicInteger();
    private volatile EmbeddedPostgres postgres;

    private PostgresServer(EmbeddedPostgres.Builder builder) {
        this.builder = builder;
        this.postgres = start(builder);
    }

    /** The one of this JVM, started at the first call. Its databases are shared too: see {@link #freshDatabase}. */
    public static PostgresServer shared() {
        return Shared.INSTANCE;
    }

    /** As {@link #shared}, but a commit waits until it is on disk, as elsewhere it does: for measurements. */
    public static PostgresServer durable() {
        return Durable.INSTANCE;
    }

    /** A running server of the caller's own, without data, that can be stopped. */
    public static PostgresServer fresh() {
        try {
            Path data = Files.createTempDirectory("weir-postgresql");
            return new PostgresServer(builder(false).setDataDirectory(data).setCleanDataDirectory(false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EmbeddedPostgres.Builder builder(boolean durable) {
        String wait = durable ? "on" : "off";
        return EmbeddedPostgres.builder()
                .setPort(FreePorts.next())
                .setPGStartupWait(Duration.ofMinutes(3))
                .setServerConfig("fsync", wait)
                .setServerConfig("synchronous_commit", wait);
    }

    private static EmbeddedPostgres start(EmbeddedPostgres.Builder builder) {
        try {
            EmbeddedPostgres postgres = builder.start();
            System.out.println("PostgreSQL for tests: embedded, port " + postgres.getPort());
            return postgres;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Breaks all connections, and lets nobody in. Only of a {@link #fresh} one. */
    public void stop() {
        close();
    }

    /** Lets a stopped one run again. */
    public void start() {
        postgres = start(builder);
    }

    @Override
    public void close() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JDBC address of an empty database of its own. */
    public String freshDatabase() {
        String name = "test_" + databases.incrementAndGet();
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return postgres.getJdbcUrl(username(), name);
    }

    /** As {@link #freshDatabase}, with the tables in which Data Flow's server records tasks and their jobs. */
    public String freshDataFlowDatabase() {
        String url = freshDatabase();
        try (InputStream in = PostgresServer.class.getResourceAsStream("dataflow-tables.sql");
                Connection connection = DriverManager.getConnection(url, username(), password());
                Statement statement = connection.createStatement()) {
            statement.execute(new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return url;
    }

    /** Of the database {@code postgres}. */
    public DataSource dataSource() {
        return postgres.getPostgresDatabase();
    }

    public String username() {
        return "postgres";
    }

    public String password() {
        return "postgres";
    }
}
