package io.weir.metadata.tenant;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The tenants. A change is on record in the audit log, or not made; a tenant is never deleted, for its rows name it. */
public class Tenants {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    private final JdbcOperations jdbc;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    Tenants(JdbcOperations jdbc, AuditLog audit, PlatformTransactionManager transactionManager, Clock clock) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.transactions = new TransactionTemplate(transactionManager);
        this.clock = clock;
    }

    /**
     * Registers a tenant.
     *
     * @throws IllegalArgumentException if the name or the display name is not valid; the message says which
     * @throws NameTakenException if there is one of that name
     */
    public Tenant create(String name, String displayName, String actor) {
        requireName(name);
        return transactions.execute(status -> {
            if (!insert(name, displayName, actor)) {
                throw new NameTakenException("tenant", name);
            }
            return find(name).orElseThrow();
        });
    }

    /**
     * Registers a tenant unless there is one of that name.
     *
     * @throws IllegalArgumentException if the name is not valid
     */
    public void register(String name, String actor) {
        requireName(name);
        transactions.executeWithoutResult(status -> insert(name, name, actor));
    }

    /** Changes what people read. Returns false if there is no such tenant. */
    public boolean rename(String name, String displayName, String actor) {
        requireDisplayName(displayName);
        return Boolean.TRUE.equals(transactions.execute(status -> {
            if (jdbc.update("update tenant set display_name = ? where name = ?", displayName, name) == 0) {
                return false;
            }
            record("tenant.change", name, displayName, actor);
            return true;
        }));
    }

    public Optional<Tenant> find(String name) {
        return jdbc.query("select * from tenant where name = ?", Tenants::tenant, name).stream()
                .findFirst();
    }

    /** All of them by name. */
    public List<Tenant> list() {
        return jdbc.query("select * from tenant order by name", Tenants::tenant);
    }

    /**
     * For whoever refers to a tenant.
     *
     * @throws IllegalArgumentException if there is no such tenant
     */
    public void requireKnown(@Nullable String name) {
        if (name != null && find(name).isEmpty()) {
            throw new IllegalArgumentException("tenant '" + name + "' is not known: create it first");
        }
    }

    private boolean insert(String name, String displayName, String actor) {
        requireDisplayName(displayName);
        int rows = jdbc.update(
                "insert into tenant (name, display_name, created_at) values (?, ?, ?) on conflict do nothing",
                name,
                displayName,
                Timestamp.from(clock.instant().truncatedTo(ChronoUnit.MICROS)));
        if (rows == 0) {
            return false;
        }
        record("tenant.create", name, displayName, actor);
        return true;
    }

    private void record(String action, String name, String displayName, String actor) {
        audit.append(new AuditEvent(actor, action, name, "tenant:" + name, Map.of("display_name", displayName)));
    }

    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("tenant '" + name
                    + "' is not valid: 1 to 63 of a-z, 0-9, '-' and '_', starting with a letter or digit");
        }
    }

    private static void requireDisplayName(String displayName) {
        if (displayName.isBlank()
                || displayName.length() > 200
                || displayName.codePoints().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("display_name is not valid: 1 to 200 characters, no control characters");
        }
    }

    private static Tenant tenant(ResultSet row, int index) throws SQLException {
        return new Tenant(
                row.getString("name"),
                row.getString("display_name"),
                row.getTimestamp("created_at").toInstant());
    }
}
