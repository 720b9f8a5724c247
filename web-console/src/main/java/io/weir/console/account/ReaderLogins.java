package io.weir.console.account;

import io.weir.console.account.AccountProperties.Users;
import io.weir.console.warehouse.ServerProperties;
import io.weir.metadata.account.WarehouseAccount;
import io.weir.metadata.account.WarehouseAccounts;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseException;
import io.weir.warehouse.account.AccountSql;
import io.weir.warehouse.account.Limits;
import io.weir.warehouse.account.ReaderAccount;
import io.weir.warehouse.account.ReaderViews;
import jakarta.annotation.PreDestroy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * How readers sign in to ClickHouse. What is stored in PostgreSQL is what is to be; where users are made by SQL, it is brought to
 * ClickHouse at every change and at every start; what ClickHouse did not take it is told again until it does.
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
    private static final int TELL_EVERY_SECONDS = 5;

    private final WarehouseAccounts accounts;
    private final ServerProperties server;
    private final AccountProperties properties;
    private final Warehouse warehouse;
    private final AccountSql sql;
    private final ScheduledExecutorService again = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "accounts");
        thread.setDaemon(true);
        return thread;
    });
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
            settle(account.label(), account.tenant());
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

    /**
     * Brings ClickHouse to what is stored of the accounts of that name, if that is the console's to do.
     *
     * @throws WarehouseException if ClickHouse does not take it; it is told again every {@value #TELL_EVERY_SECONDS} s until it does
     */
    void settle(String label, @Nullable String tenant) {
        if (isEmbedded()) {
            return;
        }
        accounts.tell(label, tenant, new WarehouseAccounts.Telling() {
            @Override
            public void drop() {
                sql.drop(label, tenant).forEach(warehouse::query);
            }

            @Override
            public void create(WarehouseAccount account) {
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
        });
    }

    private synchronized void makeViews() {
        if (!hasViews) {
            sql.owner().forEach(warehouse::query);
            new ReaderViews(server.settings()).statements().forEach(warehouse::query);
            hasViews = true;
        }
    }

    /** Also what ClickHouse knew once: its users may have been lost, or have come back, with its disk. */
    @EventListener(ApplicationReadyEvent.class)
    void settleAll() {
        if (isEmbedded()) {
            return;
        }
        List<WarehouseAccount> all = new ArrayList<>(accounts.ofPrograms());
        all.removeIf(account -> account.revokedAt() == null);
        all.addAll(accounts.active());
        settle(all);
        again.scheduleWithFixedDelay(this::settleUntold, TELL_EVERY_SECONDS, TELL_EVERY_SECONDS, TimeUnit.SECONDS);
    }

    private void settleUntold() {
        try {
            settle(accounts.untold());
        } catch (RuntimeException e) {
            LOG.warn("which accounts ClickHouse has to be told of is not known, and asked again: {}", e.getMessage());
        }
    }

    private void settle(List<WarehouseAccount> some) {
        some.stream()
                .map(account -> Arrays.asList(account.label(), account.tenant()))
                .distinct()
                .forEach(name -> {
                    try {
                        settle(Objects.requireNonNull(name.get(0)), name.get(1));
                    } catch (WarehouseException | DataAccessException | TransactionException e) {
                        LOG.warn(
                                "ClickHouse was not told of account {}, which is tried again: {}",
                                ReaderAccount.username(Objects.requireNonNull(name.get(0)), name.get(1)),
                                e.getMessage());
                    }
                });
    }

    @PreDestroy
    void stop() {
        again.shutdownNow();
    }
}
