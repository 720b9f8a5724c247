package io.weir.metadata.user;

import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Sign-in by password, and what slows down whoever guesses. Failures are counted by name and by address, whether or not anybody
 * has the name; from some number on each one locks the name or the address out for twice as long as the one before.
 *
 * <p>An attempt is counted before its password is looked at, so that attempts at once are no way round the lock. Nothing in an
 * answer, nor the time that it takes, tells a wrong password from a locked or unknown name.
 */
public class SignIns {

    static final int FAILURES_OF_A_NAME = 5;
    static final int FAILURES_OF_AN_ADDRESS = 20;
    private static final Duration FIRST_LOCK = Duration.ofSeconds(15);
    private static final Duration LONGEST_LOCK = Duration.ofMinutes(15);
    private static final Duration FORGET_AFTER = Duration.ofDays(1);

    /**
     * What came of an attempt.
     *
     * @param user whoever signed in; empty if name or password are wrong, the user is disabled, or there have been too many attempts
     * @param lockedOut whether the last was the reason, so that the password was not looked at. Not for whoever tries to sign in
     */
    public record Attempt(Optional<User> user, boolean lockedOut) {}

    private final JdbcOperations jdbc;
    private final Passwords passwords;
    private final Users users;
    private final Clock clock;

    SignIns(JdbcOperations jdbc, Passwords passwords, Users users, Clock clock) {
        this.jdbc = jdbc;
        this.passwords = passwords;
        this.users = users;
        this.clock = clock;
    }

    /**
     * Signs in with that name and password.
     *
     * @param address where the attempt comes from, as text
     */
    public Attempt attempt(String name, String password, String address) {
        forgetOld();
        boolean heard = count("address:" + address, FAILURES_OF_AN_ADDRESS) && count(subject(name), FAILURES_OF_A_NAME);
        Optional<User> user = name.length() > 200 ? Optional.empty() : users.find(printable(name));
        boolean same = passwords.matches(
                password, heard ? user.map(User::id).map(users::hashOf).orElse(null) : null);
        if (!same || user.isEmpty() || user.get().disabled()) {
            return new Attempt(Optional.empty(), !heard);
        }
        jdbc.update("delete from sign_in_attempts where subject = ?", subject(name));
        // Others at the address may still be guessing: only this attempt is taken back.
        jdbc.update(
                "update sign_in_attempts set failures = failures - 1, locked_until = last_at where subject = ?",
                "address:" + address);
        return new Attempt(user, false);
    }

    /** Until when the name is locked out; empty if it is not. */
    public Optional<Instant> lockedUntil(String name) {
        return until(subject(name));
    }

    /** Whether an attempt from that address would come to nothing, whatever its name and password. */
    public boolean isLockedOut(String address) {
        return until("address:" + address).isPresent();
    }

    /**
     * The last attempt may be at a later time than this one, by another console's clock or because it overtook this one. That alone
     * is no lock, here and where attempts are counted.
     */
    private Optional<Instant> until(String subject) {
        List<Instant> until = jdbc.query(
                "select locked_until from sign_in_attempts where subject = ? and locked_until > last_at",
                (row, index) -> row.getTimestamp(1).toInstant(),
                subject);
        Instant now = clock.instant();
        return until.stream().filter(now::isBefore).findFirst();
    }

    /** Hashed, so that what somebody typed into the wrong field, such as a password, is not kept. */
    static String subject(String name) {
        return "name:" + HexFormat.of().formatHex(Secrets.sha256(Users.normal(name)));
    }

    /** PostgreSQL takes no NUL, and no user has one. */
    private static String printable(String name) {
        return new String(name.replace('\0', ' ').getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    /** Counts an attempt as failed; false, and nothing counted, if it is locked out. */
    private boolean count(String subject, int allowed) {
        Instant now = clock.instant();
        int rows = jdbc.update(
                """
                        insert into sign_in_attempts as known (subject, failures, last_at, locked_until) values (?, 1, ?, ?)
                        on conflict (subject) do update set
                            failures = known.failures + 1,
                            last_at = excluded.last_at,
                            locked_until = case when known.failures + 1 < ? then excluded.last_at
                                else excluded.last_at + least(? * 2 ^ least(known.failures + 1 - ?, 20), ?) * interval '1 second' end
                        where known.locked_until <= greatest(known.last_at, excluded.last_at)""",
                subject,
                Timestamp.from(now),
                Timestamp.from(now),
                allowed,
                FIRST_LOCK.toSeconds(),
                allowed,
                LONGEST_LOCK.toSeconds());
        return rows > 0;
    }

    private void forgetOld() {
        jdbc.update(
                "delete from sign_in_attempts where last_at < ?",
                Timestamp.from(clock.instant().minus(FORGET_AFTER)));
    }
}
