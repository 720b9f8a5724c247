package io.weir.task;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Lets one run of a job go on at a time, over all machines: an advisory lock in PostgreSQL, which a process that dies gives back
 * with its connection. A machine that vanishes gives it back after a minute, when PostgreSQL misses it.
 *
 * <p>A job takes its own by itself. It may take another's for as long as that one must not begin, and gives it back soon.
 *
 * <p>Does not hold through a pooler that shares connections between transactions, such as PgBouncer in that mode.
 */
public final class JobLock {

    /** Gives the lock back. */
    public interface Held extends AutoCloseable {
        @Override
        void close();
    }

    private static final int ANSWER_SECONDS = 5;

    private final DataSource dataSource;
    private final Duration patience;
    private final Map<String, Connection> held = new ConcurrentHashMap<>();

    JobLock(DataSource dataSource, Duration patience) {
        this.dataSource = dataSource;
        this.patience = patience;
    }

    Held take(String job) throws InterruptedException {
        return take(job, patience);
    }

    /**
     * Waits until no run of the job is going on, and lets none begin until it is given back.
     *
     * @param job its name
     * @throws JobIsRunningException if a run of the job has it for longer than we wait
     */
    public Held take(String job, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            Connection connection = dataSource.getConnection();
            try {
                connection.setAutoCommit(true);
                try (Statement statement = connection.createStatement()) {
                    statement.execute("set tcp_keepalives_idle = 30");
                    statement.execute("set tcp_keepalives_interval = 10");
                    statement.execute("set tcp_keepalives_count = 3");
                }
                while (!query(connection, "select pg_try_advisory_lock(hashtext('weir.task'), hashtext(?))", job)) {
                    if (System.nanoTime() > deadline) {
                        throw new JobIsRunningException(job);
                    }
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            } catch (SQLException | RuntimeException | InterruptedException e) {
                connection.close();
                throw e;
            }
            held.put(job, connection);
            return new Held() {
                @Override
                public void close() {
                    held.remove(job, connection);
                    release(connection, job);
                }

                @Override
                public String toString() {
                    return "Job " + job;
                }
            };
        } catch (SQLException e) {
            throw new IllegalStateException("the lock of job " + job + " was not to be had: " + e.getMessage(), e);
        }
    }

    /**
     * To be called before each change that another run must not meet: a PostgreSQL that failed over has let go of the locks.
     *
     * @throws IllegalStateException if one of the locks that this process took is no longer its own
     */
    public void requireHeld() {
        held.forEach((job, connection) -> {
            try {
                // One that is no longer among the held ones has just been given back, by another thread.
                if (connection.isValid(ANSWER_SECONDS) || held.get(job) != connection) {
                    return;
                }
            } catch (SQLException e) {
                throw lost(job, e);
            }
            throw lost(job, null);
        });
    }

    private static IllegalStateException lost(String job, @Nullable SQLException cause) {
        return new IllegalStateException(
                "the lock of job " + job + " was lost: another run may be going on, so nothing more is changed", cause);
    }

    private static void release(Connection connection, String job) {
        try (connection) {
            query(connection, "select pg_advisory_unlock(hashtext('weir.task'), hashtext(?))", job);
        } catch (SQLException e) {
            // A connection that is broken has given the lock back already.
            throw lost(job, e);
        }
    }

    private static boolean query(Connection connection, String sql, String job) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, job);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
