package io.weir.console.sql;

import io.weir.console.Callers;
import io.weir.console.WebConsole;
import io.weir.metadata.account.WarehouseAccount;
import io.weir.metadata.account.WarehouseAccounts;
import io.weir.metadata.user.Role;
import io.weir.testing.ClickHouseServer;
import io.weir.testing.PostgresServer;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import io.weir.warehouse.account.AccountsXml;
import io.weir.warehouse.account.Limits;
import io.weir.warehouse.account.ReaderAccount;
import io.weir.warehouse.account.ReaderViews;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The console on a real ClickHouse and a real PostgreSQL. */
public final class ReadingConsole implements AutoCloseable {

    public static final ClickHouseServer SERVER = ClickHouseServer.shared();

    private final ConfigurableApplicationContext context;
    private final WarehouseSettings settings;
    private final boolean embedded;
    private final Callers callers;

    private ReadingConsole(ConfigurableApplicationContext context, WarehouseSettings settings, boolean embedded) {
        this.context = context;
        this.settings = settings;
        this.embedded = embedded;
        this.callers = new Callers(context);
    }

    public static ReadingConsole start(String... properties) throws InterruptedException {
        String database = SERVER.freshDatabase();
        WarehouseSettings settings =
                new WarehouseSettings(SERVER.url(), SERVER.username(), SERVER.password(), database, "");
        new Migrations(new Warehouse(settings)).apply();
        boolean embedded = SERVER.hasUsersInFiles();
        if (embedded) {
            SERVER.defineUsers("console", List.of(), AccountsXml.render(settings, List.of()));
            new ReaderViews(settings).statements().forEach(SERVER::query);
        }
        List<String> arguments = new ArrayList<>(List.of(properties));
        arguments.addAll(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--management.server.port=0",
                "--spring.datasource.url=" + PostgresServer.shared().freshDatabase(),
                "--spring.datasource.username=" + PostgresServer.shared().username(),
                "--spring.datasource.password=" + PostgresServer.shared().password(),
                "--weir.clickhouse.url=" + SERVER.url(),
                "--weir.clickhouse.username=" + SERVER.username(),
                "--weir.clickhouse.password=" + SERVER.password(),
                "--weir.clickhouse.database=" + database,
                "--weir.accounts.users=" + (embedded ? "file" : "sql"),
                "--weir.accounts.gate-port=" + (embedded ? "0" : "-1")));
        ConfigurableApplicationContext context =
                new SpringApplicationBuilder(WebConsole.class).run(arguments.toArray(String[]::new));
        return new ReadingConsole(context, settings, embedded);
    }

    /** Does what the launcher does for the embedded server: tells it of the accounts that the console has stored. */
    public void tellClickHouse() {
        if (!embedded) {
            return;
        }
        List<ReaderAccount> accounts = bean(WarehouseAccounts.class).active().stream()
                .map(this::account)
                .toList();
        SERVER.defineUsers("console", List.of(), AccountsXml.render(settings, accounts));
    }

    private ReaderAccount account(WarehouseAccount account) {
        String username = ReaderAccount.username(account.label(), account.tenant());
        return new ReaderAccount(
                account.label(),
                account.tenant(),
                account.masked(),
                account.forPeople() ? ReaderAccount.Use.PEOPLE : ReaderAccount.Use.PROGRAM,
                ReaderAccount.sha256(ReaderAccount.derivedPassword(SERVER.password(), username)),
                Limits.DEFAULT);
    }

    public void fill(String tenant, int rows) {
        SERVER.query("""
                INSERT INTO %1$s.events (id, tenant, timestamp, received_at, type, source, user_id, latency_ms, message, attributes)
                SELECT '%2$s-' || toString(number), '%2$s', now64(3), now64(3), 'request', 'source', '%2$s-user', number,
                    '%2$s message', '{"x":1}' FROM numbers(%3$d)
                """.formatted(settings.database(), tenant, rows));
    }

    /** What a request of that user says of who sends it. */
    public String authorization(String name, Role role, @Nullable String tenant) {
        return "Bearer " + callers.token(name, role, tenant);
    }

    public boolean isEmbedded() {
        return embedded;
    }

    public String database() {
        return settings.database();
    }

    public String url() {
        return "http://127.0.0.1:"
                + ((WebServerApplicationContext) context).getWebServer().getPort();
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
    }
}
