package io.weir.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.local.clickhouse.ClickHouseEngine;
import io.weir.testing.FreePorts;
import io.weir.testing.PostgresServer;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import io.weir.warehouse.account.ReaderAccount;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadersIT {

    @TempDir
    private Path folder;

    @Test
    void whatTheConsoleStoresIsInForceAfterARestartOfClickHouse() throws Exception {
        PostgresServer postgres = PostgresServer.shared();
        URI address = URI.create(postgres.freshDatabase().substring("jdbc:".length()));
        Home home = new Home(folder);
        home.create();
        new Existing(
                        null,
                        null,
                        new Existing.Login(
                                URI.create("postgresql://" + address.getAuthority()),
                                postgres.username(),
                                postgres.password()))
                .write(home);
        int http = FreePorts.next();
        Ports ports = new Ports(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, http, FreePorts.next(), 0, 0, 0, 0);
        Servers servers = new Servers(home, ports, new Installation(folder));
        servers.createDatabases();
        Readers readers = new Readers(servers, home);
        ServerProcess clickhouse = servers.clickhouse(ClickHouseEngine.fetch());
        try {
            clickhouse.start();
            clickhouse.awaitReady();
            // There is no console and there are no tables yet.
            assertThat(readers.write()).isFalse();
            readers.makeViews();
            servers.sql("system").query("CREATE DATABASE IF NOT EXISTS weir", "TabSeparated");
            ClickHouseSql writer = servers.writer();
            new Migrations(new Warehouse(new WarehouseSettings(
                            writer.uri().toString(), writer.username(), writer.password(), "weir", "")))
                    .apply();
            execute(servers, migration());
            readers.makeViews();
            execute(servers, """
                    insert into warehouse_account
                        (id, label, tenant, masked, for_people, password_sha256, created_by, created_at)
                    values ('00000000-0000-0000-0000-000000000001', 'tool', 'acme', false, false, repeat('0', 64), 'x', now())""");

            assertThat(readers.write()).isTrue();
            assertThat(readers.write()).isFalse();
            clickhouse.restart(Duration.ofSeconds(20));
            clickhouse.awaitReady();

            ClickHouseSql tool = new ClickHouseSql(
                    URI.create("http://127.0.0.1:" + http),
                    "tool_acme",
                    ReaderAccount.derivedPassword(servers.console().password(), "tool_acme"),
                    "weir_read");
            assertThat(tool.query("SELECT count() FROM events", "TabSeparated")).isEqualTo("0\n");
            assertThatThrownBy(() -> tool.query("SELECT count() FROM weir.events", "TabSeparated"))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("ACCESS_DENIED");
            assertThat(servers.console()
                            .query("SELECT count() FROM system.processes WHERE user = 'tool_acme'", "TabSeparated"))
                    .isEqualTo("0\n");
            servers.console().query("KILL QUERY WHERE query_id = 'none' ASYNC", "TabSeparated");

            execute(servers, "update warehouse_account set revoked_at = now()");
            assertThat(readers.write()).isTrue();
            clickhouse.restart(Duration.ofSeconds(20));
            clickhouse.awaitReady();
            assertThatThrownBy(() -> tool.query("SELECT 1", "TabSeparated"))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("AUTHENTICATION_FAILED");
        } finally {
            clickhouse.stop(Duration.ofSeconds(20));
        }
    }

    private static void execute(Servers servers, String sql) throws Exception {
        Servers.Database database = servers.database(Servers.DATABASE);
        try (Connection connection =
                        DriverManager.getConnection(database.url(), database.username(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String migration() throws Exception {
        try (InputStream in = Objects.requireNonNull(
                ReadersIT.class.getResourceAsStream("/db/migration/V32__warehouse_accounts.sql"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
