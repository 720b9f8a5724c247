package io.weir.metadata.aggregation;

import io.weir.metadata.aggregation.Aggregation.State;
import io.weir.metadata.user.Role;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Queries to be run later. One process at a time has claimed one, and keeps it for as long as it says so; what a process that died
 * had claimed can be claimed again. So one may be run more than once, and its result is stored once.
 *
 * <p>Each claim has an id of its own, a new one each time: it alone says whose an aggregation is.
 */
public class Aggregations {

    private static final RowMapper<Aggregation> AGGREGATION = (row, number) -> {
        Timestamp finished = row.getTimestamp("finished_at");
        return new Aggregation(
                row.getObject("id", UUID.class),
                row.getString("owner"),
                Role.valueOf(row.getString("role")),
                row.getString("tenant"),
                row.getString("query"),
                State.valueOf(row.getString("state")),
                row.getInt("attempts"),
                row.getString("result"),
                row.getString("error"),
                row.getTimestamp("submitted_at").toInstant(),
                finished == null ? null : finished.toInstant());
    };

    /** Of an owner; a few more where several are handed in at the same moment. */
    public static final int MOST_OPEN = 20;

    private final JdbcOperations jdbc;
    private final TransactionTemplate transactions;

    Aggregations(JdbcOperations jdbc, PlatformTransactionManager transactionManager) {
        this.jdbc = jdbc;
        this.transactions = new TransactionTemplate(transactionManager);
    }

    /** Hands one in; empty, and nothing stored, if {@link #MOST_OPEN} of the owner's have no result yet. */
    public Optional<UUID> submit(String owner, Role role, @Nullable String tenant, String query) {
        UUID id = UUID.randomUUID();
        int stored = jdbc.update("""
                insert into aggregation (id, owner, role, tenant, query, state) select ?, ?, ?, ?, ?, 'PENDING'
                where (select count(*) from aggregation where owner = ? and state in ('PENDING', 'RUNNING')) < ?
                """, id, owner, role.name(), tenant, query, owner, MOST_OPEN);
        return stored == 0 ? Optional.empty() : Optional.of(id);
    }

    public Optional<Aggregation> find(UUID id) {
        return jdbc.query("select * from aggregation where id = ?", AGGREGATION, id).stream()
                .findFirst();
    }

    /** Whether there may be something to {@link #claim}: cheaper than to try. */
    public boolean hasOpen() {
        return !jdbc.queryForList("""
                        select 1 from aggregation
                        where state in ('PENDING', 'RUNNING') and (claimed_until is null or claimed_until < now()) limit 1
                        """, Integer.class).isEmpty();
    }

    /**
     * Takes one that nobody runs, for so long, by a claim of that id; empty if there is none. It is one of the tenant, and of its owners one of the owner,
     * of whom none has been taken for the longest time; of that owner's the oldest. An owner of whom one is running waits.
     */
    public Optional<Aggregation> claim(UUID claim, Duration lease) {
        return Objects.requireNonNull(transactions.execute(status -> {
            // One after the other: else two would see at once that nothing of an owner is running. What is due is asked
            // twice: whoever had a claim that has run out may still finish it, after the inner query has seen it.
            // And not waited for until it is on disk: one that PostgreSQL forgets is claimed again.
            jdbc.query(
                    "select set_config('synchronous_commit', 'off', true),"
                            + " pg_advisory_xact_lock(hashtextextended('weir-aggregation-claims', 0))",
                    row -> {});
            return jdbc.query("""
                            update aggregation set state = 'RUNNING', attempts = attempts + 1, claimed_by = ?,
                                claimed_until = now() + ? * interval '1 millisecond', claimed_at = clock_timestamp()
                            where id = (select id from aggregation open
                                where state in ('PENDING', 'RUNNING') and (claimed_until is null or claimed_until < now())
                                    and not exists (select 1 from aggregation busy where busy.owner = open.owner
                                        and busy.state = 'RUNNING' and busy.claimed_until >= now())
                                order by
                                    (select max(claimed_at) from aggregation served
                                        where coalesce(served.tenant, '') = coalesce(open.tenant, '')) nulls first,
                                    (select max(claimed_at) from aggregation served
                                        where served.owner = open.owner) nulls first,
                                    submitted_at limit 1)
                                and state in ('PENDING', 'RUNNING') and (claimed_until is null or claimed_until < now())
                            returning *
                            """, AGGREGATION, claim, lease.toMillis()).stream()
                    .findFirst();
        }));
    }

    /** Keeps it for so long from now. False if it is another's by now. */
    public boolean renew(UUID id, UUID claim, Duration lease) {
        return jdbc.update("""
                        update aggregation set claimed_until = now() + ? * interval '1 millisecond'
                        where id = ? and claimed_by = ? and state = 'RUNNING'
                        """, lease.toMillis(), id, claim) > 0;
    }

    /** Gives it back, to be run at once. It does not count as begun. */
    public void release(UUID id, UUID claim) {
        jdbc.update("""
                update aggregation set state = 'PENDING', attempts = attempts - 1, claimed_by = null, claimed_until = null
                where id = ? and claimed_by = ? and state = 'RUNNING'
                """, id, claim);
    }

    /**
     * As {@link #release}, because the warehouse is away, and not to be run for so long. False, and nothing stored, if that was so for
     * the first time longer ago than {@code patience}, or it is another's by now.
     */
    public boolean postpone(UUID id, UUID claim, Duration pause, Duration patience) {
        return jdbc.update("""
                        update aggregation set state = 'PENDING', attempts = attempts - 1, claimed_by = null,
                            claimed_until = now() + ? * interval '1 millisecond', away_since = coalesce(away_since, now())
                        where id = ? and claimed_by = ? and state = 'RUNNING'
                            and (away_since is null or away_since > now() - ? * interval '1 millisecond')
                        """, pause.toMillis(), id, claim, patience.toMillis()) > 0;
    }

    /** Stores what came of it, and returns it as it is now; empty, and nothing stored, if it is another's by now. */
    public Optional<Aggregation> succeed(UUID id, UUID claim, String result) {
        return finish(id, claim, State.SUCCESS, result, null);
    }

    /** As {@link #succeed}. */
    public Optional<Aggregation> fail(UUID id, UUID claim, String error) {
        return finish(id, claim, State.ERROR, null, error);
    }

    private Optional<Aggregation> finish(
            UUID id, UUID claim, State state, @Nullable String result, @Nullable String error) {
        return jdbc.query("""
                        update aggregation set state = ?, result = ?, error = ?, finished_at = now(), claimed_until = null
                        where id = ? and claimed_by = ? and state = 'RUNNING'
                        returning *
                        """, AGGREGATION, state.name(), result, error, id, claim).stream()
                .findFirst();
    }

    /** Forgets what was finished before that time. Returns how many. */
    public int forget(Instant before) {
        return jdbc.update("delete from aggregation where finished_at < ?", Timestamp.from(before));
    }
}
