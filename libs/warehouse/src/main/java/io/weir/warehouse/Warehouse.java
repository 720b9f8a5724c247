package io.weir.warehouse;

import com.clickhouse.client.api.ClickHouseException;
import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ClientFaultCause;
import com.clickhouse.client.api.ConnectionReuseStrategy;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.client.api.command.CommandSettings;
import com.clickhouse.client.api.query.GenericRecord;
import com.clickhouse.client.api.query.QuerySettings;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A connection pool to ClickHouse with settings of which none is left to the server's defaults, where one could change what
 * an insert does. It never repeats a statement by itself: whoever sends it knows whether that is safe. Thread-safe.
 */
public final class Warehouse implements AutoCloseable {

    private final WarehouseSettings settings;
    private final Client client;

    public Warehouse(WarehouseSettings settings) {
        this.settings = settings;
        this.client = new Client.Builder()
                .addEndpoint(settings.url())
                .setUsername(settings.username())
                .setPassword(settings.password())
                .setClientName("weir")
                .setMaxConnections(16)
                .setConnectTimeout(3, ChronoUnit.SECONDS)
                .setConnectionRequestTimeout(10, ChronoUnit.SECONDS)
                .setSocketTimeout(120, ChronoUnit.SECONDS)
                .setSocketTcpNodelay(true)
                .setConnectionReuseStrategy(ConnectionReuseStrategy.LIFO)
                // The server closes idle connections after 10 s; one that is about to be closed must not be used.
                .setKeepAliveTimeout(5, ChronoUnit.SECONDS)
                .retryOnFailures(ClientFaultCause.None)
                .setMaxRetries(0)
                .compressClientRequest(false)
                .compressServerResponse(true)
                .build();
    }

    public WarehouseSettings settings() {
        return settings;
    }

    /** The client itself, for what this class does not offer. */
    public Client client() {
        return client;
    }

    /** A table's full name. */
    public String table(String name) {
        return settings.database() + "." + name;
    }

    /**
     * Runs a statement that returns nothing.
     *
     * @throws WarehouseException if it fails, or if it is not known whether it did
     */
    public void execute(String sql) {
        execute(sql, Map.of());
    }

    /** As {@link #execute(String)}, with parameters bound to {@code {name:Type}}. */
    public void execute(String sql, Map<String, Object> parameters) {
        try {
            client.execute(sql, parameters, new CommandSettings()).get().close();
        } catch (Exception e) {
            throw failure(e);
        }
    }

    /** Runs a query of few rows; parameters are bound to {@code {name:Type}}. */
    public List<GenericRecord> query(String sql, Map<String, Object> parameters) {
        try {
            return client.queryAll(sql, parameters, new QuerySettings());
        } catch (Exception e) {
            throw failure(e);
        }
    }

    /** The failure as a {@link WarehouseException} with the server's code, if it was the server that said no. */
    public static WarehouseException failure(Throwable thrown) {
        if (thrown instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        Throwable cause = thrown;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        ServerException server = find(cause, ServerException.class);
        if (server != null) {
            return new WarehouseException(String.valueOf(server.getMessage()), server.getCode(), cause);
        }
        ClickHouseException own = find(cause, ClickHouseException.class);
        return new WarehouseException(
                String.valueOf((own == null ? cause : own).getMessage()), WarehouseException.UNKNOWN, cause);
    }

    private static <T extends Throwable> @Nullable T find(Throwable thrown, Class<T> type) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    @Override
    public void close() {
        client.close();
    }
}
