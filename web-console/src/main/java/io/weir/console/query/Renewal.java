package io.weir.console.query;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Says now and then, while ClickHouse is waited for, that what is being run is still ours, and whether it is: for {@link ClickHouse.Wait}. Of
 * one claim, and for the thread that runs it.
 *
 * <p>A renewal that PostgreSQL does not answer is tried again for as long as the lease lasts: what ClickHouse has done for minutes is
 * not thrown away for that.
 */
public final class Renewal {

    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);

    private final Duration lease;
    private final BooleanSupplier renew;
    private final LongSupplier nanos;
    private long renewed;
    private long next;

    /**
     * @param lease from now, and from each time it is renewed; it is renewed when a third of it has passed
     * @param renew false if somebody else has it by now
     */
    public Renewal(Duration lease, BooleanSupplier renew) {
        this(lease, renew, System::nanoTime);
    }

    Renewal(Duration lease, BooleanSupplier renew, LongSupplier nanos) {
        this.lease = lease;
        this.renew = renew;
        this.nanos = nanos;
        this.renewed = nanos.getAsLong();
        this.next = renewed + lease.toNanos() / 3;
    }

    /**
     * Whether somebody else may run it by now.
     *
     * @throws DataAccessException if PostgreSQL has not answered for as long as the lease lasted; where it neither answers nor refuses,
     *     a connection's timeout later
     */
    public boolean isLost() {
        long now = nanos.getAsLong();
        if (now - next < 0) {
            return false;
        }
        try {
            if (!renew.getAsBoolean()) {
                return true;
            }
            renewed = now;
            next = now + lease.toNanos() / 3;
        } catch (DataAccessException | TransactionException e) {
            if (nanos.getAsLong() - renewed >= lease.toNanos()) {
                throw e;
            }
            next = nanos.getAsLong() + AFTER_A_FAILURE.toNanos();
        }
        return false;
    }
}
