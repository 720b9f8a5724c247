package io.weir.metadata.user;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.tenant.Tenants;
import java.security.SecureRandom;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The tokens of users: {@code weirp_} and 32 random bytes in base64url, stored as SHA-256, for which there is nothing to guess
 * from. A change is on record in the audit log, or not made.
 */
public class PersonalTokens {

    /** What every token begins with. */
    public static final String PREFIX = "weirp_";

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,99}");

    private final JdbcOperations jdbc;
    private final Tenants tenants;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /**
     * A new token.
     *
     * @param secret the token itself, which cannot be read again
     */
    public record Created(PersonalToken token, String secret) {}

    PersonalTokens(
            JdbcOperations jdbc,
            Tenants tenants,
            AuditLog audit,
            PlatformTransactionManager transactionManager,
            Clock clock) {
        this.jdbc = jdbc;
        this.tenants = tenants;
        this.audit = audit;
        this.transactions = new TransactionTemplate(transactionManager);
        this.clock = clock;
    }

    /**
     * Makes a token.
     *
     * @param role at most the owner's
     * @param tenant one of the owner's; null for all of them
     * @param expiresAt in the future; null for never
     * @throws IllegalArgumentException if one of these is not so; the message says which
     */
    public Created create(
            User owner, String name, Role role, @Nullable String tenant, @Nullable Instant expiresAt, String actor) {
        return create(owner, name, role, tenant, expiresAt, actor, null);
    }

    /**
     * As {@link #create(User, String, Role, String, Instant, String)}, by whoever shows another token, with which the
     * new one is revoked.
     *
     * @param madeWith the other token; null for none
     */
    public Created create(
            User owner,
            String name,
            Role role,
            @Nullable String tenant,
            @Nullable Instant expiresAt,
            String actor,
            @Nullable UUID madeWith) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name '" + name
                            + "' is not valid: 1 to 100 letters, digits, spaces, '.', '-' and '_', starting with a letter or digit");
        }
        if (!owner.role().includes(role)) {
            throw new IllegalArgumentException(
                    "role " + role + " is more than that of user '" + owner.name() + "', " + owner.role());
        }
        if (owner.tenant() != null && tenant != null && !tenant.equals(owner.tenant())) {
            throw new IllegalArgumentException(
                    "tenant '" + tenant + "' is not that of user '" + owner.name() + "', " + owner.tenant());
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        if (expiresAt != null && !expiresAt.isAfter(now)) {
            throw new IllegalArgumentException("expires_at " + expiresAt + " is not in the future");
        }
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        String secret = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        UUID id = UUID.randomUUID();
        return transactions.execute(status -> {
            tenants.requireKnown(tenant);
            if (madeWith != null) {
                requireActive(madeWith, now);
            }
            jdbc.update(
                    "insert into personal_token (id, user_id, name, hash, hint, role, tenant, created_at, expires_at, made_with)"
                            + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    id,
                    owner.id(),
                    name,
                    Secrets.sha256(secret),
                    secret.substring(0, PREFIX.length() + 4),
                    role.name(),
                    tenant,
                    Timestamp.from(now),
                    expiresAt == null ? null : Timestamp.from(expiresAt),
                    madeWith);
            PersonalToken token = find(id).orElseThrow();
            record("token.create", token, actor);
            return new Created(token, secret);
        });
    }

    /** It is not revoked before the new one is stored, and then with it. */
    private void requireActive(UUID madeWith, Instant now) {
        List<Integer> active = jdbc.queryForList(
                "select 1 from personal_token where id = ? and revoked_at is null and (expires_at is null or expires_at > ?)"
                        + " for share",
                Integer.class,
                madeWith,
                Timestamp.from(now));
        if (active.isEmpty()) {
            throw new IllegalArgumentException("the token that you show has expired or been revoked");
        }
    }

    /** The token, whether or not it is still active. */
    public Optional<PersonalToken> find(String secret) {
        return list("where t.hash = ?", Secrets.sha256(secret)).stream().findFirst();
    }

    public Optional<PersonalToken> find(UUID id) {
        return list("where t.id = ?", id).stream().findFirst();
    }

    /** Every token, revoked ones included, the newest first. */
    public List<PersonalToken> list() {
        return list("");
    }

    public List<PersonalToken> list(User owner) {
        return list("where t.user_id = ?", owner.id());
    }

    /**
     * Revokes a token for good, and those that were made with it; consoles notice within seconds. Returns false if it was revoked already
     * or never there.
     */
    public boolean revoke(UUID id, String actor) {
        return Boolean.TRUE.equals(transactions.execute(status -> {
            Set<UUID> all = new LinkedHashSet<>();
            // A token that is being made holds the one that it is made with, and is seen by the next statement.
            for (List<UUID> some = revokeFamily(id); !some.isEmpty(); some = revokeFamily(id)) {
                all.addAll(some);
            }
            // Last, for whoever makes a token waits for the audit log too, and is waited for above.
            all.forEach(one -> record("token.revoke", find(one).orElseThrow(), actor));
            return !all.isEmpty();
        }));
    }

    private List<UUID> revokeFamily(UUID id) {
        return jdbc.query("""
                        with recursive family as (
                            select id from personal_token where id = ?
                            union
                            select made.id from personal_token made join family on made.made_with = family.id)
                        update personal_token set revoked_at = ? where id in (select id from family) and revoked_at is null
                        returning id""", (row, index) -> row.getObject(1, UUID.class), id, Timestamp.from(clock.instant()));
    }

    /** Remembers that the token was used, and where from. To be called at most once a minute or so for a token. */
    public void used(PersonalToken token, String address) {
        transactions.executeWithoutResult(status -> {
            jdbc.update(
                    "update personal_token set last_used_at = ? where id = ?",
                    Timestamp.from(clock.instant()),
                    token.id());
            audit.append(new AuditEvent(
                    token.owner().name(), "token.use", tenant(token), subject(token), Map.of("address", address)));
        });
    }

    private void record(String action, PersonalToken token, String actor) {
        audit.append(new AuditEvent(
                actor,
                action,
                tenant(token),
                subject(token),
                Map.of(
                        "name", token.name(),
                        "hint", token.hint(),
                        "owner", token.owner().name(),
                        "role", token.role().name())));
    }

    private static String subject(PersonalToken token) {
        return "token:" + token.id();
    }

    private static String tenant(PersonalToken token) {
        String tenant = token.effectiveTenant();
        return tenant == null ? "" : tenant;
    }

    private List<PersonalToken> list(String where, Object... values) {
        return jdbc.query(
                "select t.*, " + Users.COLUMNS + " from personal_token t join console_user u on u.id = t.user_id "
                        + where + " order by t.created_at desc, t.id",
                (row, index) -> new PersonalToken(
                        row.getObject("id", UUID.class),
                        Users.user(row, index),
                        row.getString("name"),
                        row.getString("hint"),
                        Role.valueOf(row.getString("role")),
                        row.getString("tenant"),
                        row.getTimestamp("created_at").toInstant(),
                        instant(row.getTimestamp("expires_at")),
                        instant(row.getTimestamp("revoked_at")),
                        instant(row.getTimestamp("last_used_at"))),
                values);
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }
}
