package io.weir.metadata.user;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.tenant.NameTakenException;
import io.weir.metadata.tenant.Tenants;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * People and programs that may ask. A change is on record in the audit log, or not made. Users are disabled, never deleted: their
 * names stand in the log.
 *
 * <p>There is always somebody who can let others in: the last administrator of all tenants who can sign in can be neither
 * disabled nor given less.
 */
public class Users {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._@+-]{0,99}");
    /** Changes that have to do with who is the last administrator come one after another. */
    private static final long LOCK = 0x77656972_75736572L;

    /** Under names of their own, for whoever joins them. */
    static final String COLUMNS = """
            u.id as u_id, u.name as u_name, u.role as u_role, u.tenant as u_tenant, u.password_hash is not null as u_has_password,
            u.disabled as u_disabled, u.must_change_password as u_must_change_password,
            u.sessions_valid_from as u_sessions_valid_from, u.oidc_issuer as u_oidc_issuer, u.oidc_subject as u_oidc_subject,
            u.created_at as u_created_at""";

    private final JdbcOperations jdbc;
    private final Passwords passwords;
    private final Tenants tenants;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    /** A password that was made here, to be shown once. */
    public record Created(User user, String password) {}

    Users(
            JdbcOperations jdbc,
            Passwords passwords,
            Tenants tenants,
            AuditLog audit,
            PlatformTransactionManager transactionManager,
            Clock clock) {
        this.jdbc = jdbc;
        this.passwords = passwords;
        this.tenants = tenants;
        this.audit = audit;
        this.transactions = new TransactionTemplate(transactionManager);
        this.clock = clock;
    }

    /**
     * Makes a user with a generated password, which is to be changed at the first sign-in.
     *
     * @param tenant null for all tenants
     * @throws IllegalArgumentException if the name is not valid or the tenant not known; the message says which
     * @throws NameTakenException if there is a user of that name
     */
    public Created create(String name, Role role, @Nullable String tenant, String actor) {
        String password = Passwords.generate();
        User user = insert(name, passwords.hash(password), role, tenant, null, null, actor);
        return new Created(user, password);
    }

    /** As {@link #create}, for a program: nobody can sign in as it, it has tokens alone. */
    public User createService(String name, Role role, @Nullable String tenant, String actor) {
        return insert(name, null, role, tenant, null, null, actor);
    }

    /**
     * Makes the first administrator, if there is no user at all.
     *
     * @param keep is given the password before the user is stored; what it throws keeps the user from being stored
     * @return whether one was made
     */
    public boolean createFirst(String name, Consumer<String> keep) {
        return Boolean.TRUE.equals(transactions.execute(status -> {
            lock();
            if (Boolean.TRUE.equals(jdbc.queryForObject("select exists (select from console_user)", Boolean.class))) {
                return false;
            }
            Created first = create(name, Role.ADMIN, null, "console");
            keep.accept(first.password());
            return true;
        }));
    }

    /**
     * The user whom an identity provider names, made at the first time. Known by issuer and subject alone: a user of this console
     * never becomes somebody else's by having the same name.
     *
     * @throws IllegalArgumentException if the name cannot be a user's here or the tenant is not known
     * @throws NameTakenException if the name is somebody else's
     */
    public User provision(String issuer, String subject, String name, Role role, @Nullable String tenant) {
        Optional<User> known = findByOidc(issuer, subject);
        return known.isPresent() ? known.get() : insert(normal(name), null, role, tenant, issuer, subject, "oidc");
    }

    /**
     * Changes what a user may do; its sessions and tokens follow within seconds.
     *
     * @return empty if there is no such user
     * @throws IllegalArgumentException if the tenant is not known, or nobody would be left who can let others in
     */
    public Optional<User> change(UUID id, Role role, @Nullable String tenant, boolean disabled, String actor) {
        return change(id, role, tenant, user -> disabled, actor);
    }

    /** As {@link #change}, and the user stays disabled or not, as others have it meanwhile. */
    public Optional<User> change(UUID id, Role role, @Nullable String tenant, String actor) {
        return change(id, role, tenant, User::disabled, actor);
    }

    private Optional<User> change(
            UUID id, Role role, @Nullable String tenant, Predicate<User> toBeDisabled, String actor) {
        return transactions.execute(status -> {
            lock();
            User before = find(id).orElse(null);
            if (before == null) {
                return Optional.<User>empty();
            }
            boolean disabled = toBeDisabled.test(before);
            if (before.role() == role && Objects.equals(before.tenant(), tenant) && before.disabled() == disabled) {
                return Optional.of(before);
            }
            tenants.requireKnown(tenant);
            jdbc.update(
                    "update console_user set role = ?, tenant = ?, disabled = ? where id = ?",
                    role.name(),
                    tenant,
                    disabled,
                    id);
            if (letsOthersIn(before) && list().stream().noneMatch(Users::letsOthersIn)) {
                throw new IllegalArgumentException("user '" + before.name()
                        + "' is the last administrator of all tenants who can sign in: make another one first");
            }
            if (disabled && !before.disabled()) {
                endSessions(id);
            }
            record(
                    "user.change",
                    before,
                    actor,
                    Map.of(
                            "role", before.role() + " to " + role,
                            "tenant", text(before.tenant()) + " to " + text(tenant),
                            "disabled", before.disabled() + " to " + disabled));
            return find(id);
        });
    }

    /**
     * Sets the password that a user has chosen; its sessions are over.
     *
     * @param user as it was when it showed the password before
     * @return the user as it is now
     * @throws IllegalArgumentException if the password is too short, too long or too easy to guess, or the one before, or it has been
     *     changed since
     */
    public User choosePassword(User user, String password) {
        Passwords.requireStrong(password, user.name());
        if (passwords.matches(password, hashOf(user.id()))) {
            throw new IllegalArgumentException("password is the one that it was: choose another one");
        }
        String hash = passwords.hash(password);
        return Objects.requireNonNull(transactions.execute(status -> {
            User before = one("u.id = ? for update", user.id()).orElseThrow();
            if (!before.sessionsValidFrom().equals(user.sessionsValidFrom())) {
                throw new IllegalArgumentException(
                        "password was not taken: yours has been changed since you sent it; sign in again");
            }
            store(user.id(), hash, false);
            record("user.password.change", user, user.name(), Map.of());
            return find(user.id()).orElseThrow();
        }));
    }

    /**
     * Gives a user a generated password, which is to be changed at the first sign-in; its sessions are over, and it is no longer
     * locked out.
     *
     * @return the password; empty if there is no such user
     * @throws IllegalArgumentException if the user is an identity provider's or a program's
     */
    public Optional<String> resetPassword(String name, String actor) {
        String password = Passwords.generate();
        String hash = passwords.hash(password);
        return transactions.execute(status -> {
            User user = find(name).orElse(null);
            if (user == null) {
                return Optional.<String>empty();
            }
            if (user.oidcSubject() != null) {
                throw new IllegalArgumentException("user '" + name + "' signs in by the identity provider");
            }
            if (user.isService()) {
                throw new IllegalArgumentException(
                        "user '" + name + "' is a program's: it has tokens, and no password");
            }
            store(user.id(), hash, true);
            jdbc.update("delete from sign_in_attempts where subject = ?", SignIns.subject(user.name()));
            record("user.password.reset", user, actor, Map.of());
            return Optional.of(password);
        });
    }

    /** The user of that name, in letters of any case. */
    public Optional<User> find(String name) {
        return one("u.name = ?", normal(name));
    }

    public Optional<User> find(UUID id) {
        return one("u.id = ?", id);
    }

    public Optional<User> findByOidc(String issuer, String subject) {
        return one("u.oidc_issuer = ? and u.oidc_subject = ?", issuer, subject);
    }

    /** All of them by name. */
    public List<User> list() {
        return jdbc.query("select " + COLUMNS + " from console_user u order by u.name", Users::user);
    }

    @Nullable
    String hashOf(UUID id) {
        List<@Nullable String> hashes =
                jdbc.query("select password_hash from console_user where id = ?", (row, index) -> row.getString(1), id);
        return hashes.isEmpty() ? null : hashes.get(0);
    }

    /** Two names that are the same here are the same for everything. PostgreSQL takes neither NUL nor half a character. */
    static String normal(String name) {
        String storable = new String(name.replace('\0', '?').getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        return storable.strip().toLowerCase(Locale.ROOT);
    }

    private User insert(
            String name,
            @Nullable String hash,
            Role role,
            @Nullable String tenant,
            @Nullable String issuer,
            @Nullable String subject,
            String actor) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name '" + name
                            + "' is not valid: 1 to 100 of a-z, 0-9, '.', '_', '@', '+' and '-', starting with a letter or digit");
        }
        UUID id = UUID.randomUUID();
        return transactions.execute(status -> {
            tenants.requireKnown(tenant);
            int rows = jdbc.update(
                    "insert into console_user (id, name, password_hash, role, tenant, disabled, must_change_password,"
                            + " sessions_valid_from, oidc_issuer, oidc_subject, created_at)"
                            + " values (?, ?, ?, ?, ?, false, ?, ?, ?, ?, ?) on conflict do nothing",
                    id,
                    name,
                    hash,
                    role.name(),
                    tenant,
                    hash != null,
                    now(),
                    issuer,
                    subject,
                    now());
            if (rows == 0) {
                throw new NameTakenException("user", name);
            }
            User user = find(id).orElseThrow();
            record(
                    "user.create",
                    user,
                    actor,
                    Map.of(
                            "role",
                            role.name(),
                            "tenant",
                            text(tenant),
                            "sign_in",
                            hash != null ? "password" : subject != null ? "oidc" : "none"));
            return user;
        });
    }

    private static boolean letsOthersIn(User user) {
        return user.role() == Role.ADMIN && user.tenant() == null && !user.disabled() && !user.isService();
    }

    private void store(UUID id, String hash, boolean mustChange) {
        jdbc.update(
                "update console_user set password_hash = ?, must_change_password = ? where id = ?",
                hash,
                mustChange,
                id);
        endSessions(id);
    }

    private void endSessions(UUID id) {
        jdbc.update("update console_user set sessions_valid_from = ? where id = ?", now(), id);
    }

    private void lock() {
        jdbc.query("select pg_advisory_xact_lock(" + LOCK + ")", row -> {});
    }

    private void record(String action, User user, String actor, Map<String, String> detail) {
        String tenant = user.tenant();
        audit.append(new AuditEvent(actor, action, tenant == null ? "" : tenant, "user:" + user.name(), detail));
    }

    private static String text(@Nullable String tenant) {
        return tenant == null ? "all" : tenant;
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant().truncatedTo(ChronoUnit.MICROS));
    }

    private Optional<User> one(String where, Object... values) {
        return jdbc.query("select " + COLUMNS + " from console_user u where " + where, Users::user, values).stream()
                .findFirst();
    }

    static User user(ResultSet row, int index) throws SQLException {
        return new User(
                row.getObject("u_id", UUID.class),
                row.getString("u_name"),
                Role.valueOf(row.getString("u_role")),
                row.getString("u_tenant"),
                row.getBoolean("u_has_password"),
                row.getBoolean("u_disabled"),
                row.getBoolean("u_must_change_password"),
                row.getTimestamp("u_sessions_valid_from").toInstant(),
                row.getString("u_oidc_issuer"),
                row.getString("u_oidc_subject"),
                row.getTimestamp("u_created_at").toInstant());
    }
}
