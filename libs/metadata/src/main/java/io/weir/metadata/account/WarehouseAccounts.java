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

/**
 * Which accounts ClickHouse is to have. Safe to use from several threads and several processes: uniqueness is the database's. What
 * is stored here is in force only when ClickHouse has been told.
 */
public class WarehouseAccounts {

    private final JdbcOperations jdbc;
    private final Clock clock;

    WarehouseAccounts(JdbcOperations jdbc, Clock clock) {
        this.jdbc = jdbc;
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
        Optional<WarehouseAccount> known = forPeople(label, tenant);
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
                " on conflict (label, tenant) where revoked_at is null do update set password_sha256 = excluded.password_sha256");
        return forPeople(label, tenant).orElseThrow();
    }

    private Optional<WarehouseAccount> forPeople(String label, @Nullable String tenant) {
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

    /** Gives an account another password. Returns false if it is revoked or not there. */
    public boolean rotate(UUID id, String passwordSha256) {
        return jdbc.update(
                        "update warehouse_account set password_sha256 = ?, rotated_at = ?"
                                + " where id = ? and revoked_at is null and not for_people",
                        passwordSha256,
                        Timestamp.from(clock.instant()),
                        id)
                > 0;
    }

    /** Ends an account for good. Returns false if it is revoked already or not there. */
    public boolean revoke(UUID id) {
        return jdbc.update(
                        "update warehouse_account set revoked_at = ? where id = ? and revoked_at is null and not for_people",
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
