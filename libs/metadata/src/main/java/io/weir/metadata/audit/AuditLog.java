package io.weir.metadata.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Who did what, in a chain of hashes. Safe to use from several threads and processes: they append one after another.
 *
 * <p>Appending takes part in a transaction that is going on, so that a deed and its entry are stored together or not at all;
 * others that append wait until it ends. Where none is going on, those of this process that wait at the same time share one
 * commit; each returns when its entry is stored. Rows cannot be changed by SQL; {@link #verify} finds what somebody who can get past
 * that has changed, taken out or cut off. It does not find a log that was made anew from the first changed row on, head included: for that, keep
 * the number and hash of an entry elsewhere and compare.
 */
public class AuditLog {

    private static final int LONGEST_PAGE = 1000;
    /** A statement that is on record can be some hundred KiB long: so many at a time come from the database, and end a page. */
    private static final int FETCHED_AT_ONCE = 16;

    private static final int LARGEST_PAGE = 1 << 20;
    private static final int MOST_AT_ONCE = 500;

    /**
     * Some entries in order.
     *
     * @param hasMore whether there may be more
     */
    public record Page(List<AuditEntry> entries, boolean hasMore) {}

    /**
     * What {@link #verify} found.
     *
     * @param entries how many were read
     * @param problem the first thing that is wrong, with the number of its entry; null if nothing is
     */
    public record Verification(long entries, @Nullable String problem) {

        public boolean isIntact() {
            return problem == null;
        }
    }

    private record Head(long number, byte[] hash) {}

    private static final class Waiting {
        private final AuditEvent event;
        private volatile @Nullable AuditEntry entry;
        private volatile @Nullable RuntimeException failure;

        Waiting(AuditEvent event) {
            this.event = event;
        }

        boolean isOver() {
            return entry != null || failure != null;
        }
    }

    private final JdbcOperations jdbc;
    private final TransactionTemplate transactions;
    private final Clock clock;
    private final ReentrantLock turns = new ReentrantLock();
    private final Condition changed = turns.newCondition();
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private boolean someoneAppends;
    /** As this process left it; used by whoever appends. */
    private @Nullable Head left;

    AuditLog(JdbcOperations jdbc, PlatformTransactionManager transactionManager, Clock clock) {
        this.jdbc = jdbc;
        this.transactions = new TransactionTemplate(transactionManager);
        this.clock = clock;
    }

    /** Appends an entry. */
    public AuditEntry append(AuditEvent event) {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            return append(List.of(event), null).get(0);
        }
        Waiting mine = new Waiting(event);
        turns.lock();
        try {
            waiting.add(mine);
            while (!mine.isOver()) {
                if (someoneAppends) {
                    changed.awaitUninterruptibly();
                } else {
                    appendThoseThatWait();
                }
            }
        } finally {
            turns.unlock();
        }
        RuntimeException failure = mine.failure;
        if (failure != null) {
            throw failure;
        }
        return Objects.requireNonNull(mine.entry);
    }

    /** Called with {@link #turns}, which others have meanwhile: they wait for the next turn, or find that theirs is over. */
    private void appendThoseThatWait() {
        List<Waiting> some = new ArrayList<>();
        for (Waiting next; some.size() < MOST_AT_ONCE && (next = waiting.poll()) != null; ) {
            some.add(next);
        }
        someoneAppends = true;
        turns.unlock();
        // An interrupt of this thread is nothing to those whose entries it stores.
        boolean interrupted = Thread.interrupted();
        try {
            append(some);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            turns.lock();
            someoneAppends = false;
            // After an error that is nobody's to catch.
            some.stream()
                    .filter(one -> !one.isOver())
                    .forEach(one -> one.failure = new IllegalStateException("the audit log was not written"));
            changed.signalAll();
        }
    }

    private void append(List<Waiting> some) {
        try {
            List<AuditEvent> events = some.stream().map(one -> one.event).toList();
            AuditEntry alone = events.size() == 1 ? appendAtOnce(events.get(0)) : null;
            List<AuditEntry> entries = alone == null ? append(events, null) : List.of(alone);
            for (int i = 0; i < some.size(); i++) {
                some.get(i).entry = entries.get(i);
            }
            AuditEntry last = entries.get(entries.size() - 1);
            left = new Head(last.number(), last.hash());
        } catch (RuntimeException e) {
            if (some.size() == 1
                    || e instanceof TransactionException
                    || e instanceof DataAccessResourceFailureException) {
                some.forEach(one -> one.failure = e);
                return;
            }
            // What cannot be stored of one takes nobody else's with it.
            some.forEach(one -> append(List.of(one)));
        }
    }

    /** One way to the database instead of four, as long as no other process appends; null if one has. */
    private @Nullable AuditEntry appendAtOnce(AuditEvent event) {
        Head head = left;
        if (head == null) {
            return null;
        }
        AuditEntry entry = sealed(head, event, null);
        int stored = jdbc.update(
                """
                with moved as (update audit_log_head set number = ?, hash = ? where number = ? and hash = ? returning 1)
                insert into audit_log (number, at, actor, action, tenant, subject, detail, hash)
                select ?, ?::timestamptz, ?, ?, ?, ?, ?::json, ? from moved
                """,
                entry.number(),
                entry.hash(),
                head.number,
                head.hash,
                entry.number(),
                Timestamp.from(entry.at()),
                entry.actor(),
                entry.action(),
                entry.tenant(),
                entry.subject(),
                entry.detail(),
                entry.hash());
        return stored == 0 ? null : entry;
    }

    /**
     * Appends an entry unless there is one with that key already: for deeds that may be repeated after a crash.
     *
     * @param key unique to the deed
     * @return the entry; empty if it was there
     */
    public Optional<AuditEntry> appendOnce(String key, AuditEvent event) {
        return transactions.execute(status -> {
            head(true);
            boolean known = !jdbc.queryForList("select 1 from audit_log where event_key = ?", Integer.class, key)
                    .isEmpty();
            return known
                    ? Optional.<AuditEntry>empty()
                    : Optional.of(append(List.of(event), key).get(0));
        });
    }

    /** Entries in order, those after the given number. */
    public List<AuditEntry> entries(long after, int limit) {
        return jdbc.query(
                "select * from audit_log where number > ? order by number limit ?", AuditLog::entry, after, limit);
    }

    /**
     * As {@link #entries(long, int)}, but no more than are good to have in memory at once, and at least one if there is one.
     *
     * @param tenant whom they concern; null for all entries
     */
    public Page page(long after, int limit, @Nullable String tenant) {
        return transactions.execute(status -> jdbc.query(
                connection -> {
                    PreparedStatement select = connection.prepareStatement("select * from audit_log where number > ?"
                            + (tenant == null ? "" : " and tenant = ?") + " order by number limit ?");
                    // Has an effect in a transaction only.
                    select.setFetchSize(FETCHED_AT_ONCE);
                    int parameter = 1;
                    select.setLong(parameter++, after);
                    if (tenant != null) {
                        select.setString(parameter++, tenant);
                    }
                    select.setInt(parameter, limit);
                    return select;
                },
                rows -> {
                    List<AuditEntry> entries = new ArrayList<>();
                    long size = 0;
                    while (size < LARGEST_PAGE && rows.next()) {
                        AuditEntry entry = entry(rows, entries.size());
                        entries.add(entry);
                        size += entry.detail().length();
                    }
                    return new Page(entries, size >= LARGEST_PAGE || entries.size() == limit);
                }));
    }

    /**
     * Hands over entries one after another, of which few are in memory and no transaction is going on meanwhile.
     *
     * @param last the number of the last one
     * @param tenant whom they concern; null for all entries
     */
    public void read(long after, long last, @Nullable String tenant, Consumer<AuditEntry> reader) {
        long number = after;
        Page page = new Page(List.of(), true);
        while (page.hasMore() && number < last) {
            page = page(number, (int) Math.min(LONGEST_PAGE, last - number), tenant);
            for (AuditEntry entry : page.entries()) {
                number = entry.number();
                if (number > last) {
                    return;
                }
                reader.accept(entry);
            }
        }
    }

    /** Reads the whole log and computes every hash anew. */
    public Verification verify() {
        Head head = head(false);
        long number = 0;
        byte[] hash = new byte[32];
        while (number < head.number) {
            List<AuditEntry> page = page(number, (int) Math.min(LONGEST_PAGE, head.number - number), null)
                    .entries();
            if (page.isEmpty()) {
                return new Verification(number, "entries " + (number + 1) + " to " + head.number + " are missing");
            }
            for (AuditEntry entry : page) {
                if (entry.number() != number + 1) {
                    return new Verification(number, "entry " + (number + 1) + " is missing");
                }
                hash = hash(hash, entry);
                if (!Arrays.equals(hash, entry.hash())) {
                    return new Verification(number, "entry " + entry.number() + " is not what was appended");
                }
                number++;
            }
        }
        if (!Arrays.equals(hash, head.hash)) {
            return new Verification(number, "the head of the log does not go with entry " + number);
        }
        Long beyond = jdbc.queryForObject(
                "select count(*) from audit_log where number > (select number from audit_log_head)", Long.class);
        if (beyond == null || beyond > 0) {
            return new Verification(number, "there are " + beyond + " entries beyond the head of the log");
        }
        return new Verification(number, null);
    }

    private List<AuditEntry> append(List<AuditEvent> events, @Nullable String key) {
        return transactions.execute(status -> {
            Head head = head(true);
            List<AuditEntry> entries = new ArrayList<>();
            for (AuditEvent event : events) {
                AuditEntry entry = sealed(head, event, key);
                head = new Head(entry.number(), entry.hash());
                entries.add(entry);
            }
            jdbc.batchUpdate(
                    "insert into audit_log (number, at, actor, action, tenant, subject, detail, event_key, hash)"
                            + " values (?, ?, ?, ?, ?, ?, ?::json, ?, ?)",
                    entries.stream()
                            .map(entry -> new @Nullable Object[] {
                                entry.number(),
                                Timestamp.from(entry.at()),
                                entry.actor(),
                                entry.action(),
                                entry.tenant(),
                                entry.subject(),
                                entry.detail(),
                                key,
                                entry.hash()
                            })
                            .toList());
            jdbc.update("update audit_log_head set number = ?, hash = ?", head.number, head.hash);
            return entries;
        });
    }

    private AuditEntry sealed(Head head, AuditEvent event, @Nullable String key) {
        AuditEntry unsealed = new AuditEntry(
                head.number + 1,
                // What the database keeps.
                clock.instant().truncatedTo(ChronoUnit.MICROS),
                event.actor(),
                event.action(),
                event.tenant(),
                event.subject(),
                event.detailAsJson(),
                key,
                new byte[0]);
        return new AuditEntry(
                unsealed.number(),
                unsealed.at(),
                unsealed.actor(),
                unsealed.action(),
                unsealed.tenant(),
                unsealed.subject(),
                unsealed.detail(),
                key,
                hash(head.hash, unsealed));
    }

    private Head head(boolean toAppend) {
        Head head = jdbc.queryForObject(
                "select number, hash from audit_log_head" + (toAppend ? " for update" : ""),
                (row, index) -> new Head(row.getLong(1), row.getBytes(2)));
        if (head == null) {
            throw new IllegalStateException("audit_log_head has no row: the audit log has been tampered with");
        }
        return head;
    }

    /** Every part comes with its length, so that no two contents are the same bytes. */
    private static byte[] hash(byte[] previous, AuditEntry entry) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(previous);
            String key = entry.key();
            for (String part : List.of(
                    Long.toString(entry.number()),
                    entry.at().toString(),
                    entry.actor(),
                    entry.action(),
                    entry.tenant(),
                    entry.subject(),
                    entry.detail(),
                    key == null ? "" : "=" + key)) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                digest.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
                digest.update(bytes);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static AuditEntry entry(ResultSet row, int index) throws SQLException {
        Instant at = row.getTimestamp("at").toInstant();
        return new AuditEntry(
                row.getLong("number"),
                at,
                row.getString("actor"),
                row.getString("action"),
                row.getString("tenant"),
                row.getString("subject"),
                row.getString("detail"),
                row.getString("event_key"),
                row.getBytes("hash"));
    }
}
