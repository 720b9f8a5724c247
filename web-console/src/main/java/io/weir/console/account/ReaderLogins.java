package io.weir.console.account;

import io.weir.console.account.AccountProperties.Users;
import io.weir.metadata.account.WarehouseAccount;
import io.weir.metadata.account.WarehouseAccounts;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseException;
import io.weir.warehouse.account.AccountSql;
import io.weir.warehouse.account.Limits;
import io.weir.warehouse.account.ReaderAccount;
import io.weir.warehouse.account.ReaderViews;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * How readers sign in to ClickHouse. What is stored in PostgreSQL is what is to be; where users are made by SQL, it is brought to
 * ClickHouse at every change and at every start, so that a failure in between is mended by the next.
 */
@Component
public class ReaderLogins {

    /** A ClickHouse user and its password. */
    public record Login(String username, String password) {

        /** Without the password. */
        @Override
        public String toString() {
            return "Login[" + username + "]";
        }
    }

    /** The label of the account that people of a tenant share; no program's account may have it. */
    public static final String PEOPLE = "sql";

    private static final Logger LOG = LoggerFactory.getLogger(ReaderLogins.class);

    private final WarehouseAccounts accounts;
    private final ServerProperties server;
    private final AccountProperties properties;
    private final Warehouse warehouse;
    private final AccountSql sql;
    private final Set<String> ready = ConcurrentHashMap.newKeySet();
    private boolean hasViews;

    ReaderLogins(WarehouseAccounts accounts, ServerProperties server, AccountProperties properties) {
        this.accounts = accounts;
        this.server = server;
        this.properties = properties;
        this.warehouse = new Warehouse(server.settings());
        this.sql = new AccountSql(server.settings());
    }

    /** Whether the server is the embedded one, that gives every user a way to read files. */
    public boolean isEmbedded() {
        return properties.users() == Users.FILE;
    }

    /**
     * The account of the people who see that tenant's rows, or everybody's. Of the embedded server it is stored at the first call,
     * and in force some seconds later.
     */
    public Login forPeople(@Nullable String tenant) {
        Login login = derived(ReaderAccount.username(PEOPLE, tenant));
        if (!ready.contains(login.username())) {
            WarehouseAccount account = accounts.ensureForPeople(PEOPLE, tenant, ReaderAccount.sha256(login.password()));
            apply(account);
            ready.add(login.username());
        }
        return login;
    }

    /** With a password that only the keepers of the console's own can make. */
    Login derived(String username) {
        if (server.password().isEmpty()) {
            throw new IllegalStateException("weir.clickhouse.password is empty: readers' passwords are made from it");
        }
        return new Login(username, ReaderAccount.derivedPassword(server.password(), username));
    }

    /** Brings an account to ClickHouse, if that is the console's to do. */
    void apply(WarehouseAccount account) {
        if (isEmbedded()) {
            return;
        }
        makeViews();
        sql.create(new ReaderAccount(
                        account.label(),
                        account.tenant(),
                        account.masked(),
                        account.forPeople() ? ReaderAccount.Use.PEOPLE : ReaderAccount.Use.PROGRAM,
                        account.passwordSha256(),
                        Limits.DEFAULT))
                .forEach(warehouse::query);
    }

    void drop(WarehouseAccount account) {
        if (!isEmbedded()) {
            sql.drop(account.label(), account.tenant()).forEach(warehouse::query);
        }
    }

    private synchronized void makeViews() {
        if (!hasViews) {
            sql.owner().forEach(warehouse::query);
            new ReaderViews(server.settings()).statements().forEach(warehouse::query);
            hasViews = true;
        }
    }

    @EventListener(ApplicationReadyEvent.class)
    void applyAll() {
        if (isEmbedded()) {
            return;
        }
        try {
            for (WarehouseAccount account : accounts.active()) {
                apply(account);
            }
            accounts.ofPrograms().stream()
                    .filter(account -> account.revokedAt() != null)
                    .filter(account -> accounts.active().stream()
                            .noneMatch(other -> other.label().equals(account.label())
                                    && Objects.equals(other.tenant(), account.tenant())))
                    .forEach(this::drop);
        } catch (WarehouseException e) {
            LOG.warn(
                    "the accounts of BI tools were not brought to ClickHouse, which the next change or start does: {}",
                    e.getMessage());
        }
    }
}
