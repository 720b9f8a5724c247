package io.weir.local;

import io.weir.local.clickhouse.EmbeddedClickHouse;
import io.weir.warehouse.WarehouseSettings;
import io.weir.warehouse.account.AccountsXml;
import io.weir.warehouse.account.Limits;
import io.weir.warehouse.account.ReaderAccount;
import io.weir.warehouse.account.ReaderViews;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings the accounts that the console has stored to the embedded ClickHouse, which knows users only from a file and reads it
 * at its start.
 */
final class Readers {

    private static final String FILE = "readers";
    private static final String NO_SUCH_TABLE = "42P01";

    private final Servers servers;
    private final Path clickhouse;
    private boolean hasViews;

    Readers(Servers servers, Home home) {
        this.servers = servers;
        this.clickhouse = home.data("clickhouse");
    }

    /** Sees to it that there is a file at all, which names the owner of the views. PostgreSQL need not be there. */
    void writeFirst() {
        if (!Files.exists(clickhouse.resolve("users.d").resolve(FILE + ".xml"))) {
            EmbeddedClickHouse.writeUsers(clickhouse, FILE, AccountsXml.render(settings(), List.of()));
        }
    }

    /** Writes the accounts as they are now. Returns whether they are others than before; if PostgreSQL is away, they are not. */
    boolean write() {
        List<ReaderAccount> accounts = new ArrayList<>();
        Servers.Database database = servers.database(Servers.DATABASE);
        try (Connection connection =
                        DriverManager.getConnection(database.url(), database.username(), database.password());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select label, tenant, masked, for_people from warehouse_account where revoked_at is null")) {
            while (rows.next()) {
                accounts.add(account(rows.getString(1), rows.getString(2), rows.getBoolean(3), rows.getBoolean(4)));
            }
        } catch (SQLException e) {
            if (!NO_SUCH_TABLE.equals(e.getSQLState())) {
                return false;
            }
        }
        return EmbeddedClickHouse.writeUsers(clickhouse, FILE, AccountsXml.render(settings(), accounts));
    }

    /** With the password that the console derives too: whoever sends another has not come by the console. */
    private ReaderAccount account(String label, @Nullable String tenant, boolean masked, boolean forPeople) {
        String password =
                ReaderAccount.derivedPassword(servers.console().password(), ReaderAccount.username(label, tenant));
        return new ReaderAccount(
                label,
                tenant,
                masked,
                forPeople ? ReaderAccount.Use.PEOPLE : ReaderAccount.Use.PROGRAM,
                ReaderAccount.sha256(password),
                Limits.DEFAULT);
    }

    /** Makes the views once; if the tables or the server are not there yet, the next call tries again. */
    void makeViews() {
        if (hasViews) {
            return;
        }
        ClickHouseSql sql = servers.sql("system");
        try {
            for (String statement : new ReaderViews(settings()).statements()) {
                sql.query(statement, "TabSeparated");
            }
            hasViews = true;
        } catch (IOException | Failure e) {
            hasViews = false;
        }
    }

    private WarehouseSettings settings() {
        ClickHouseSql console = servers.console();
        return new WarehouseSettings(
                console.uri().toString(), console.username(), console.password(), Servers.DATABASE, "");
    }
}
