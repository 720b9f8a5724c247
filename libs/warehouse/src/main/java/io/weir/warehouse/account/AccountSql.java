package io.weir.warehouse.account;

import io.weir.warehouse.WarehouseSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reader accounts as SQL, for a server with users of its own. Every statement may be run again; whoever runs them needs
 * {@code ACCESS MANAGEMENT} and {@code SET DEFINER}, and the rights that are given on.
 */
public final class AccountSql {

    private final WarehouseSettings settings;
    private final ReaderViews views;

    public AccountSql(WarehouseSettings settings) {
        this.settings = settings;
        this.views = new ReaderViews(settings);
    }

    /** The user as which the views run; before {@link ReaderViews#statements}. */
    public List<String> owner() {
        String tables = views.tables().stream()
                .map(table -> settings.database() + "." + table)
                .collect(Collectors.joining(", "));
        List<String> statements = new ArrayList<>();
        statements.add("CREATE USER IF NOT EXISTS " + views.owner() + settings.onCluster()
                + " IDENTIFIED WITH sha256_hash BY '" + "0".repeat(64) + "' HOST NONE");
        for (String table : views.tables()) {
            statements.add("GRANT" + settings.onCluster() + " SELECT ON " + settings.database() + "." + table + " TO "
                    + views.owner());
        }
        statements.add("CREATE ROW POLICY OR REPLACE weir_reader" + settings.onCluster() + " ON " + tables + " USING "
                + views.rowFilter() + " TO " + views.owner());
        return statements;
    }

    /** Makes the account, or brings it to what it is to be. */
    public List<String> create(ReaderAccount account) {
        String name = quoted(account.username());
        Limits limits = account.limits();
        String constants = Stream.concat(
                        account.constants().entrySet().stream()
                                .map(setting -> setting.getKey() + " = '" + setting.getValue() + "' CONST"),
                        ReaderAccount.CHANGEABLE.stream().map(setting -> setting + " CHANGEABLE_IN_READONLY"))
                .collect(Collectors.joining(", "));
        return List.of(
                "CREATE USER IF NOT EXISTS " + name + settings.onCluster() + " IDENTIFIED WITH sha256_hash BY '"
                        + account.passwordSha256() + "'",
                "ALTER USER " + name + settings.onCluster() + " IDENTIFIED WITH sha256_hash BY '"
                        + account.passwordSha256() + "' DEFAULT DATABASE " + views.database(account.masked())
                        + " SETTINGS " + constants,
                "REVOKE" + settings.onCluster() + " ALL ON *.* FROM " + name,
                "GRANT" + settings.onCluster() + " SELECT ON " + views.database(account.masked()) + ".* TO " + name,
                "CREATE QUOTA OR REPLACE " + name + settings.onCluster() + " KEYED BY "
                        + (account.use() == ReaderAccount.Use.PEOPLE ? "client_key, user_name" : "user_name")
                        + " FOR INTERVAL 1 hour MAX queries = " + limits.queriesPerHour() + ", read_rows = "
                        + limits.readRowsPerHour() + ", execution_time = "
                        + limits.executionTimePerHour().toSeconds() + " TO " + name);
    }

    /** Ends the account, and what it is running. */
    public List<String> drop(String label, @Nullable String tenant) {
        String name = ReaderAccount.username(label, tenant);
        return List.of(
                "DROP USER IF EXISTS " + quoted(name) + settings.onCluster(),
                "KILL QUERY" + settings.onCluster() + " WHERE user = '" + name + "' ASYNC",
                "DROP QUOTA IF EXISTS " + quoted(name) + settings.onCluster());
    }

    /** Names can hold a {@code -}; they cannot hold a quote. */
    private static String quoted(String name) {
        return "`" + name + "`";
    }
}
