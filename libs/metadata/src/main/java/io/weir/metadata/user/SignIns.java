package io.weir.metadata.user;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
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
    /** Of no user: what is asked for one that is known is asked for every other. */
    private static final UUID NOBODY = new UUID(0, 0);

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

    SignIns(JdbcOperations jdbc, Passwords passwords, Users users) {
        this.jdbc = jdbc;
        this.passwords = passwords;
        this.users = users;
    }

    /**
     * Signs in with that name and password.
     *
     * @param address where the attempt comes from, as text
     */
    public Attempt attempt(String name, String password, String address) {
        forgetOld();
        boolean heard = count("address:" + address, FAILURES_OF_AN_ADDRESS) && count(subject(name), FAILURES_OF_A_NAME);
        Optional<User> user = name.length() > 200 ? Optional.empty() : users.find(name);
        String hash = users.hashOf(user.map(User::id).orElse(NOBODY));
        boolean same = passwords.matches(password, heard ? hash : null);
        if (!same || user.isEmpty() || user.get().disabled()) {
            return new Attempt(Optional.empty(), !heard);
        }
        jdbc.update("delete from sign_in_attempts where subject = ?", subject(name));
        // Others at the address may still be guessing: only this attempt is taken back.
        jdbc.update(
                "update sign_in_attempts set failures = failures - 1, locked_until = '-infinity' where subject = ?",
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

    private Optional<Instant> until(String subject) {
        return jdbc
                .query(
                        "select locked_until from sign_in_attempts where subject = ? and locked_until > clock_timestamp()",
                        (row, index) -> row.getTimestamp(1).toInstant(),
                        subject)
                .stream()
                .findFirst();
    }

    /** Hashed, so that what somebody typed into the wrong field, such as a password, is not kept. */
    static String subject(String name) {
        return "name:" + HexFormat.of().formatHex(Secrets.sha256(Users.normal(name)));
    }

    /**
     * Counts an attempt as failed; false, and nothing counted, if it is locked out. By PostgreSQL's clock as it is when the row is
     * held: neither a console's clock nor an attempt that overtook this one is a lock.
     */
    private boolean count(String subject, int allowed) {
        int rows = jdbc.update("""
                        insert into sign_in_attempts as known (subject, failures, last_at, locked_until)
                        values (?, 1, clock_timestamp(), '-infinity')
                        on conflict (subject) do update set
                            failures = known.failures + 1,
                            last_at = clock_timestamp(),
                            locked_until = case when known.failures + 1 < ? then '-infinity'
                                else clock_timestamp() + least(? * 2 ^ least(known.failures + 1 - ?, 20), ?) * interval '1 second' end
                        where known.locked_until <= clock_timestamp()""", subject, allowed, FIRST_LOCK.toSeconds(), allowed, LONGEST_LOCK.toSeconds());
        return rows > 0;
    }

    private void forgetOld() {
        jdbc.update(
                "delete from sign_in_attempts where last_at < now() - ? * interval '1 second'",
                FORGET_AFTER.toSeconds());
    }
}
