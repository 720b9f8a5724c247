package io.weir.metadata.subscription;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.subscription.Subscription.Result;
import io.weir.metadata.tenant.NameTakenException;
import io.weir.metadata.user.Role;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Standing queries. Safe to use from several threads and processes: at each time that is due, one process runs a subscription and
 * stores one result. A process that dies while it runs one leaves it to the others. Times that were missed are made up for by one run.
 *
 * <p>Each claim has an id of its own, a new one each time: it alone says whose a run is.
 */
public class Subscriptions {

    /** How many results of a subscription are kept, the newest. */
    public static final int KEPT_RESULTS = 1000;

    static final Duration SHORTEST = Duration.ofSeconds(10);
    static final Duration LONGEST = Duration.ofDays(31);
    static final int MOST = 100;
    /** How many of an owner's are run at once, by all processes together. */
    static final int AT_ONCE = 2;
    /** The first of its times that is yet to come, where the last one has passed. */
    private static final String NEXT_TIME =
            "due_at + ceil(greatest(extract(epoch from now() - due_at), 0.001) / every_seconds)"
                    + " * every_seconds * interval '1 second'";

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,99}");

    private static final RowMapper<Subscription> SUBSCRIPTION = (row, number) -> new Subscription(
            row.getObject("id", UUID.class),
            row.getString("name"),
            row.getString("owner"),
            Role.valueOf(row.getString("role")),
            row.getString("tenant"),
            row.getString("query"),
            Duration.ofSeconds(row.getInt("every_seconds")),
            row.getBoolean("paused"),
            row.getTimestamp("due_at").toInstant(),
            row.getLong("last_number"),
            row.getTimestamp("created_at").toInstant());

    private static final RowMapper<Result> RESULT = (row, number) -> new Result(
            row.getObject("subscription", UUID.class),
            row.getLong("number"),
            row.getTimestamp("ran_at").toInstant(),
            row.getString("result"),
            row.getString("error"));

    private final JdbcOperations jdbc;
    private final AuditLog audit;
    private final TransactionTemplate transactions;

    Subscriptions(JdbcOperations jdbc, AuditLog audit, PlatformTransactionManager transactionManager) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.transactions = new TransactionTemplate(transactionManager);
    }

    /**
     * Makes one that is due at once. On record in the audit log.
     *
     * @throws IllegalArgumentException naming the field if the name or the interval is not valid, or the owner has too many
     * @throws NameTakenException if the owner has one of that name
     */
    public Subscription create(
            String name, String owner, Role role, @Nullable String tenant, String query, Duration every) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name '" + name
                            + "' is not valid: 1 to 100 letters, digits, spaces, '.', '-' and '_', starting with a letter or digit");
        }
        if (every.compareTo(SHORTEST) < 0 || every.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("every is " + every.toSeconds() + " s: it must be "
                    + SHORTEST.toSeconds() + " s to " + LONGEST.toDays() + " days");
        }
        UUID id = UUID.randomUUID();
        try {
            transactions.executeWithoutResult(status -> {
                lock("weir-subscriptions/" + owner);
                int stored =
                        jdbc.update("""
                        insert into subscription (id, name, owner, role, tenant, query, every_seconds)
                        select ?, ?, ?, ?, ?, ?, ? where (select count(*) from subscription where owner = ?) < ?
                        """, id, name, owner, role.name(), tenant, query, every.toSeconds(), owner, MOST);
                if (stored == 0) {
                    throw new IllegalArgumentException(
                            "'" + owner + "' has " + MOST + " subscriptions, which is the most: delete one first");
                }
                record("subscription.create", owner, tenant, id, Map.of("name", name, "query", query));
            });
        } catch (DuplicateKeyException e) {
            throw new NameTakenException("subscription of yours", name);
        }
        return find(id).orElseThrow();
    }

    public Optional<Subscription> find(UUID id) {
        return jdbc.query("select * from subscription where id = ?", SUBSCRIPTION, id).stream()
                .findFirst();
    }

    /** Those of a tenant, by owner and name; null for those of everybody. */
    public List<Subscription> list(@Nullable String tenant) {
        return jdbc.query(
                "select * from subscription where ?::text is null or tenant = ? order by owner, name",
                SUBSCRIPTION,
                tenant,
                tenant);
    }

    /** Runs it no more until it is {@link #resume resumed}. On record, if it changes something. */
    public void pause(Subscription subscription, String actor) {
        setPaused(subscription, true, "subscription.pause", actor);
    }

    /** Runs it again, from the next of its times on: as if it had never been paused. On record, if it changes something. */
    public void resume(Subscription subscription, String actor) {
        setPaused(subscription, false, "subscription.resume", actor);
    }

    private void setPaused(Subscription subscription, boolean paused, String action, String actor) {
        transactions.executeWithoutResult(status -> {
            if (jdbc.update(
                            "update subscription set paused = ?, due_at = case when ? or due_at > now() then due_at else "
                                    + NEXT_TIME + " end where id = ? and paused != ?",
                            paused,
                            paused,
                            subscription.id(),
                            paused)
                    > 0) {
                record(action, actor, subscription.tenant(), subscription.id(), Map.of("name", subscription.name()));
            }
        });
    }

    /** Deletes it with its results. On record. False if it was gone. */
    public boolean delete(Subscription subscription, String actor) {
        return Boolean.TRUE.equals(transactions.execute(status -> {
            boolean deleted = jdbc.update("delete from subscription where id = ?", subscription.id()) > 0;
            if (deleted) {
                record(
                        "subscription.delete",
                        actor,
                        subscription.tenant(),
                        subscription.id(),
                        Map.of("name", subscription.name(), "owner", subscription.owner()));
            }
            return deleted;
        }));
    }

    private void record(String action, String actor, @Nullable String tenant, UUID id, Map<String, String> detail) {
        audit.append(new AuditEvent(actor, action, tenant == null ? "" : tenant, id.toString(), detail));
    }

    /**
     * Takes one that is due and that nobody runs, for so long; empty if there is none. It is one of the tenant, and of its owners
     * one of the owner, of whom none has been taken for the longest time; of that owner's the one that has been due the longest.
     * An owner of whom {@value #AT_ONCE} are running waits.
     */
    public Optional<Subscription> claim(UUID claim, Duration lease) {
        if (jdbc.queryForList("""
                select 1 from subscription
                where not paused and due_at <= now() and (claimed_until is null or claimed_until < now()) limit 1
                """, Integer.class).isEmpty()) {
            return Optional.empty();
        }
        return Objects.requireNonNull(transactions.execute(status -> {
            // One after the other: else two would see at once that an owner has room for one more. What is due is asked
            // twice: whoever had a claim that has run out may still finish it, after the inner query has seen it.
            lock("weir-subscription-claims");
            return jdbc.query("""
                            update subscription set claimed_by = ?, claimed_until = now() + ? * interval '1 millisecond',
                                claimed_at = clock_timestamp()
                            where not paused and due_at <= now() and (claimed_until is null or claimed_until < now())
                                and id = (select id from (select id, due_at,
                                    not paused and due_at <= now() and (claimed_until is null or claimed_until < now()) as due,
                                    count(*) filter (where claimed_by is not null and claimed_until >= now())
                                        over (partition by owner) as running,
                                    max(claimed_at) over (partition by tenant) as tenant_served,
                                    max(claimed_at) over (partition by owner) as owner_served
                                from subscription) known
                                where due and running < ?
                                order by tenant_served nulls first, owner_served nulls first, due_at limit 1)
                            returning *
                            """, SUBSCRIPTION, claim, lease.toMillis(), AT_ONCE).stream()
                    .findFirst();
        }));
    }

    private void lock(String name) {
        jdbc.query("select pg_advisory_xact_lock(hashtextextended(?, 0))", row -> {}, name);
    }

    /** Keeps it for so long from now. False if it is another's by now, or deleted. */
    public boolean renew(UUID id, UUID claim, Duration lease) {
        return jdbc.update(
                        "update subscription set claimed_until = now() + ? * interval '1 millisecond'"
                                + " where id = ? and claimed_by = ?",
                        lease.toMillis(),
                        id,
                        claim)
                > 0;
    }

    /** Gives it back unrun, not to be run for so long. */
    public void release(UUID id, UUID claim, Duration pause) {
        jdbc.update(
                "update subscription set claimed_by = null, claimed_until = now() + ? * interval '1 millisecond'"
                        + " where id = ? and claimed_by = ?",
                pause.toMillis(),
                id,
                claim);
    }

    /**
     * Stores what a run gave, and when it is due next: the first of its times that is yet to come.
     *
     * @param result as JSON, or null
     * @param error for a person, or null; one of the two
     * @return false if it is another's by now, or deleted: then nothing is stored
     */
    public boolean finish(UUID id, UUID claim, Instant ranAt, @Nullable String result, @Nullable String error) {
        return Boolean.TRUE.equals(transactions.execute(status -> {
            List<Long> number = jdbc.queryForList(
                    "update subscription set last_number = last_number + 1, claimed_by = null, claimed_until = null, due_at = "
                            + NEXT_TIME + " where id = ? and claimed_by = ? returning last_number",
                    Long.class,
                    id,
                    claim);
            if (number.isEmpty()) {
                return false;
            }
            jdbc.update(
                    "insert into subscription_result (subscription, number, ran_at, result, error) values (?, ?, ?, ?, ?)",
                    id,
                    number.get(0),
                    Timestamp.from(ranAt),
                    result,
                    error);
            jdbc.update(
                    "delete from subscription_result where subscription = ? and number <= ?",
                    id,
                    number.get(0) - KEPT_RESULTS);
            return true;
        }));
    }

    /** Results after a number, the oldest first. */
    public List<Result> after(UUID id, long number, int limit) {
        return jdbc.query(
                "select * from subscription_result where subscription = ? and number > ? order by number limit ?",
                RESULT,
                id,
                number,
                limit);
    }

    /** Results before a number, the newest first. */
    public List<Result> before(UUID id, long number, int limit) {
        return jdbc.query(
                "select * from subscription_result where subscription = ? and number < ? order by number desc limit ?",
                RESULT,
                id,
                number,
                limit);
    }

    /** Those of them that there are, by their id. */
    public Map<UUID, Subscription> find(Collection<UUID> ids) {
        return jdbc
                .query("select * from subscription where id = any (?)", SUBSCRIPTION, (Object) ids.toArray(UUID[]::new))
                .stream()
                .collect(Collectors.toMap(Subscription::id, subscription -> subscription));
    }

    /** The newest result of a run that did not fail and that began after the one time and not after the other. */
    public Optional<Result> newest(UUID id, Instant after, Instant until) {
        return jdbc
                .query(
                        "select * from subscription_result where subscription = ? and error is null"
                                + " and ran_at > ? and ran_at <= ? order by number desc limit 1",
                        RESULT,
                        id,
                        Timestamp.from(after),
                        Timestamp.from(until))
                .stream()
                .findFirst();
    }
}
