package io.weir.metadata.account;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Which accounts ClickHouse is to have. Safe to use from several threads and several processes: uniqueness is the database's. What
 * is stored here is in force only when ClickHouse has been told.
 */
public class WarehouseAccounts {

    /** The first half of the key of an advisory lock. */
    private static final int LOCKS = 0x57_45_49_41;

    private final JdbcOperations jdbc;
    private final TransactionTemplate transactions;
    private final Clock clock;

    WarehouseAccounts(JdbcOperations jdbc, PlatformTransactionManager transactionManager, Clock clock) {
        this.jdbc = jdbc;
        this.transactions = new TransactionTemplate(transactionManager);
        this.clock = clock;
    }

    /**
     * Adds an account for a program.
     *
     * @throws AccountExistsException if there is one of that name that is not revoked
     */
    public WarehouseAccount create(
            String label, @Nullable String tenant, boolean masked, String passwordSha256, String createdBy) {
        UUID id = UUID.randomUUID();
        try {
            insert(id, label, tenant, masked, false, passwordSha256, createdBy, "");
        } catch (DuplicateKeyException e) {
            throw new AccountExistsException(label, tenant, e);
        }
        return find(id).orElseThrow();
    }

    /** Sees to it that there is the account that people of a tenant share, with that password. */
    public WarehouseAccount ensureForPeople(String label, @Nullable String tenant, String passwordSha256) {
        Optional<WarehouseAccount> known = active(label, tenant);
        if (known.isPresent() && known.get().passwordSha256().equals(passwordSha256)) {
            return known.get();
        }
        insert(
                UUID.randomUUID(),
                label,
                tenant,
                false,
                true,
                passwordSha256,
                "weir",
                " on conflict (label, tenant) where revoked_at is null do update set password_sha256 = excluded.password_sha256, is_told = false");
        return active(label, tenant).orElseThrow();
    }

    private Optional<WarehouseAccount> active(String label, @Nullable String tenant) {
        return jdbc
                .query(
                        "select * from warehouse_account where label = ? and tenant is not distinct from ? and revoked_at is null",
                        WarehouseAccounts::account,
                        label,
                        tenant)
                .stream()
                .findFirst();
    }

    private void insert(
            UUID id,
            String label,
            @Nullable String tenant,
            boolean masked,
            boolean forPeople,
            String passwordSha256,
            String createdBy,
            String otherwise) {
        jdbc.update(
                "insert into warehouse_account (id, label, tenant, masked, for_people, password_sha256, created_by, created_at)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?)" + otherwise,
                id,
                label,
                tenant,
                masked,
                forPeople,
                passwordSha256,
                createdBy,
                Timestamp.from(clock.instant()));
    }

    /** An account, whether or not it is revoked. */
    public Optional<WarehouseAccount> find(UUID id) {
        return jdbc.query("select * from warehouse_account where id = ?", WarehouseAccounts::account, id).stream()
                .findFirst();
    }

    /** Those of programs, revoked ones included, the newest first. */
    public List<WarehouseAccount> ofPrograms() {
        return jdbc.query(
                "select * from warehouse_account where not for_people order by created_at desc, id",
                WarehouseAccounts::account);
    }

    /** All that are not revoked. */
    public List<WarehouseAccount> active() {
        return jdbc.query(
                "select * from warehouse_account where revoked_at is null order by label, tenant",
                WarehouseAccounts::account);
    }

    /** Those of which the server may not know what is stored of them, those that are revoked first. */
    public List<WarehouseAccount> untold() {
        return jdbc.query(
                "select * from warehouse_account where not is_told order by revoked_at nulls last, label, tenant",
                WarehouseAccounts::account);
    }

    /** What the server is to be told of the accounts of one name. */
    public interface Telling {
        /** To forget the name. Only what returns counts as told. */
        void drop();

        /** To know the account. Only what returns counts as told. */
        void create(WarehouseAccount account);
    }

    /**
     * Has the server told how things are with the accounts of that name, of which at most one is not revoked. No other process does
     * so for the same name meanwhile, so that what is told last is what is stored.
     */
    public void tell(String label, @Nullable String tenant, Telling telling) {
        transactions.executeWithoutResult(status -> {
            jdbc.query(
                    "select pg_advisory_xact_lock(?, hashtext(?))",
                    row -> {},
                    LOCKS,
                    label + "_" + (tenant == null ? "" : tenant));
            // First: one that is revoked from here on is not told by this.
            List<UUID> revoked = jdbc.queryForList(
                    "select id from warehouse_account where label = ? and tenant is not distinct from ?"
                            + " and revoked_at is not null and not is_told",
                    UUID.class,
                    label,
                    tenant);
            Optional<WarehouseAccount> active = active(label, tenant);
            if (!revoked.isEmpty() || active.isEmpty()) {
                telling.drop();
                revoked.forEach(id -> jdbc.update("update warehouse_account set is_told = true where id = ?", id));
            }
            active.ifPresent(account -> {
                telling.create(account);
                // Unless it has been revoked or has got another password meanwhile.
                jdbc.update(
                        "update warehouse_account set is_told = true where id = ? and password_sha256 = ? and revoked_at is null",
                        account.id(),
                        account.passwordSha256());
            });
        });
    }

    /** Gives an account another password. Returns false if it is revoked or not there. */
    public boolean rotate(UUID id, String passwordSha256) {
        return jdbc.update(
                        "update warehouse_account set password_sha256 = ?, rotated_at = ?, is_told = false"
                                + " where id = ? and revoked_at is null and not for_people",
                        passwordSha256,
                        Timestamp.from(clock.instant()),
                        id)
                > 0;
    }

    /** Ends an account for good. Returns false if it is revoked already or not there. */
    public boolean revoke(UUID id) {
        return jdbc.update(
                        "update warehouse_account set revoked_at = ?, is_told = false where id = ? and revoked_at is null and not for_people",
                        Timestamp.from(clock.instant()),
                        id)
                > 0;
    }

    private static WarehouseAccount account(ResultSet row, int index) throws SQLException {
        Timestamp rotated = row.getTimestamp("rotated_at");
        Timestamp revoked = row.getTimestamp("revoked_at");
        return new WarehouseAccount(
                row.getObject("id", UUID.class),
                row.getString("label"),
                row.getString("tenant"),
                row.getBoolean("masked"),
                row.getBoolean("for_people"),
                row.getString("password_sha256"),
                row.getString("created_by"),
                row.getTimestamp("created_at").toInstant(),
                rotated == null ? null : rotated.toInstant(),
                revoked == null ? null : revoked.toInstant());
    }
}
