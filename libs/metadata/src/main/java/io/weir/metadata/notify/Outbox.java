package io.weir.metadata.notify;

import io.weir.metadata.rule.RuleJson;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.RowMapper;

/**
 * Notices on their way. A notice is stored once for its key, and leaves only when a channel has taken it or it is given up.
 *
 * <p>Guarantee: at least once. What was claimed by a process that died is claimed again when the claim has run out; a channel may
 * then hear a notice twice, with the same id.
 */
public class Outbox {

    /**
     * A notice that is to be sent now.
     *
     * @param attempts that have failed
     */
    public record Claimed(Notice notice, int attempts) {}

    /**
     * One attempt.
     *
     * @param attempt from 1 on
     * @param at when it began
     * @param outcome SENT, FAILED or REFUSED
     * @param detail what the other side said; see {@link #log}
     * @param millis how long it took, in milliseconds
     */
    public record Attempt(
            UUID notice, UUID channel, int attempt, Instant at, String outcome, String detail, int millis) {}

    private static final RowMapper<Notice> NOTICE =
            (row, number) -> RuleJson.MAPPER.readValue(row.getString("notice"), Notice.class);

    private static final RowMapper<Attempt> ATTEMPT = (row, number) -> new Attempt(
            row.getObject("outbox", UUID.class),
            row.getObject("channel", UUID.class),
            row.getInt("attempt"),
            row.getTimestamp("at").toInstant(),
            row.getString("outcome"),
            row.getString("detail"),
            row.getInt("millis"));

    private final JdbcOperations jdbc;

    Outbox(JdbcOperations jdbc) {
        this.jdbc = jdbc;
    }

    /** Returns how many were new. They are due at once, and in the order of their times. */
    public int add(List<Notice> notices) {
        int added = 0;
        for (Notice notice : notices) {
            added += jdbc.update(
                    """
                    insert into alert_outbox (id, key, tenant, alert_group, channel, notice, created_at, state, next_attempt_at)
                    values (?, ?, ?, ?, ?, ?, ?, 'WAITING', ?) on conflict (key) do nothing
                    """,
                    notice.id(),
                    notice.key(),
                    notice.tenant(),
                    notice.group(),
                    notice.channel(),
                    RuleJson.MAPPER.writeValueAsString(notice),
                    Timestamp.from(notice.at()),
                    Timestamp.from(notice.at()));
        }
        return added;
    }

    /**
     * Takes notices that are due, so that no other run sends them until the claim has run out: first those that have failed least
     * often, and of these the oldest, so that what is new does not wait for channels that are down. A notice waits while an older one of the same group and channel does: an end is never told before its beginning.
     */
    public List<Claimed> claim(Instant now, Duration claim, int limit) {
        return jdbc.query(
                """
                update alert_outbox set claimed_until = ? where id in (
                    select id from alert_outbox o
                    where state = 'WAITING' and next_attempt_at <= ? and (claimed_until is null or claimed_until <= ?)
                        and not exists (select 1 from alert_outbox older where older.alert_group = o.alert_group
                            and older.channel = o.channel and older.state = 'WAITING'
                            and (older.created_at, older.key) < (o.created_at, o.key))
                    order by attempts, created_at limit ? for update skip locked)
                returning notice, attempts
                """,
                (row, number) -> new Claimed(NOTICE.mapRow(row, number), row.getInt("attempts")),
                Timestamp.from(now.plus(claim)),
                Timestamp.from(now),
                Timestamp.from(now),
                limit);
    }

    /** A channel has taken the notice. */
    public void sent(UUID notice) {
        jdbc.update(
                "update alert_outbox set state = 'SENT', attempts = attempts + 1, claimed_until = null where id = ?",
                notice);
    }

    /** An attempt has failed; there is another one at that time or later. */
    public void again(UUID notice, Instant next) {
        jdbc.update(
                "update alert_outbox set attempts = attempts + 1, next_attempt_at = ?, claimed_until = null where id = ?",
                Timestamp.from(next),
                notice);
    }

    /** The last attempt has failed. */
    public void givenUp(UUID notice) {
        jdbc.update(
                "update alert_outbox set state = 'GIVEN_UP', attempts = attempts + 1, claimed_until = null where id = ?",
                notice);
    }

    /**
     * Sends a notice that waits, and those that wait behind it, by another channel too, each once: nothing is sent to a channel that
     * it was for already, so fallbacks that go round in a circle end. Call it in a transaction.
     */
    public void useFallback(Notice notice, UUID fallback) {
        List<Notice> waiting = jdbc.query("""
                update alert_outbox o set fallback_used = true from alert_outbox first
                where first.id = ? and o.alert_group = first.alert_group and o.channel = first.channel
                    and (o.created_at, o.key) >= (first.created_at, first.key)
                    and o.state = 'WAITING' and not o.fallback_used
                returning o.notice
                """, NOTICE, notice.id());
        add(waiting.stream().map(one -> one.forChannel(fallback)).toList());
    }

    /** Notices that wait although their fallback was used, and behind which others wait that it has not heard of. */
    public List<Notice> holdingBackFromFallback() {
        return jdbc.query("""
                select first.notice from alert_outbox first where first.state = 'WAITING' and first.fallback_used
                    and exists (select 1 from alert_outbox o
                        where o.alert_group = first.alert_group and o.channel = first.channel
                            and (o.created_at, o.key) > (first.created_at, first.key)
                            and o.state = 'WAITING' and not o.fallback_used)
                order by first.created_at
                """, NOTICE);
    }

    /** Adds to the delivery log. PostgreSQL takes no NUL in the detail. */
    public void log(String tenant, Attempt attempt) {
        jdbc.update(
                """
                insert into alert_delivery (outbox, tenant, channel, attempt, at, outcome, detail, millis)
                values (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                attempt.notice(),
                tenant,
                attempt.channel(),
                attempt.attempt(),
                Timestamp.from(attempt.at()),
                attempt.outcome(),
                attempt.detail(),
                attempt.millis());
    }

    /**
     * Has a channel told that it is being tested. It is tried once, by the next run that delivers; {@link #attempts} says how it
     * went.
     *
     * @return the notice's id
     */
    public UUID test(Channel channel, String by, Instant now) {
        Notice notice = Notice.test(channel, by, now);
        add(List.of(notice));
        return notice.id();
    }

    /** The tenant's latest attempts, newest first. */
    public List<Attempt> deliveries(String tenant, int limit) {
        return jdbc.query(
                "select * from alert_delivery where tenant = ? order by id desc limit ?", ATTEMPT, tenant, limit);
    }

    /** The attempts to deliver a notice, oldest first. */
    public List<Attempt> attempts(UUID notice) {
        return jdbc.query("select * from alert_delivery where outbox = ? order by id", ATTEMPT, notice);
    }

    /** How many wait to be sent. */
    public long waiting() {
        Long count = jdbc.queryForObject("select count(*) from alert_outbox where state = 'WAITING'", Long.class);
        return count == null ? 0 : count;
    }

    /**
     * Forgets what was sent or given up before that time, except of groups that are not over: who was told of a beginning is to be
     * told the end. The delivery log stays.
     */
    public int forget(Instant before) {
        return jdbc.update("""
                delete from alert_outbox o where state <> 'WAITING' and created_at < ?
                    and not exists (select 1 from alert_group g where g.id = o.alert_group)
                """, Timestamp.from(before));
    }

    /** Forgets attempts that were made before that time. Returns how many. */
    public int forgetDeliveries(Instant before) {
        return jdbc.update("delete from alert_delivery where at < ?", Timestamp.from(before));
    }
}
