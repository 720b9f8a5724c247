package io.weir.console.subscription;

import io.weir.console.access.Caller;
import io.weir.console.query.Answer;
import io.weir.console.query.ClickHouse;
import io.weir.console.query.InvalidQueryException;
import io.weir.console.query.Queries;
import io.weir.console.query.QueryReader;
import io.weir.console.query.Renewal;
import io.weir.console.warehouse.PatientClient.AbandonedException;
import io.weir.metadata.subscription.Subscription;
import io.weir.metadata.subscription.Subscriptions;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Runs what is due, as its owner; of several consoles one runs each. */
@Component
class SubscriptionRunner implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionRunner.class);
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /** More than one owner is given at once. */
    private static final int THREADS = 4;

    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    /** In bytes: a thousand of them are kept, and each is sent to everybody who listens. */
    private static final int LONGEST_RESULT = 1 << 20;
    /** For as long as the warehouse is away; the run is made up for. */
    private static final Duration AWAY_PAUSE = Duration.ofSeconds(5);

    private final Subscriptions subscriptions;
    private final Users users;
    private final QueryReader reader;
    private final Queries queries;
    private volatile @Nullable ScheduledExecutorService executor;

    SubscriptionRunner(Subscriptions subscriptions, Users users, QueryReader reader, Queries queries) {
        this.subscriptions = subscriptions;
        this.users = users;
        this.reader = reader;
        this.queries = queries;
    }

    @Override
    public void start() {
        ScheduledExecutorService started = Executors.newScheduledThreadPool(THREADS, work -> {
            Thread thread = new Thread(work, "subscriptions");
            thread.setDaemon(true);
            return thread;
        });
        executor = started;
        for (int i = 0; i < THREADS; i++) {
            started.scheduleWithFixedDelay(this::runWhatIsDue, 1, 1, TimeUnit.SECONDS);
        }
    }

    @Override
    public void stop() {
        ScheduledExecutorService stopped = executor;
        executor = null;
        if (stopped == null) {
            return;
        }
        stopped.shutdownNow();
        try {
            stopped.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return executor != null;
    }

    private void runWhatIsDue() {
        try {
            while (isRunning()) {
                UUID claim = UUID.randomUUID();
                Optional<Subscription> next = subscriptions.claim(claim, LEASE);
                if (next.isEmpty()) {
                    return;
                }
                run(next.get(), claim);
            }
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("subscriptions cannot be looked after, and wait: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("a subscription failed in a way that is not foreseen", e);
        }
    }

    private void run(Subscription subscription, UUID claim) {
        UUID id = subscription.id();
        Instant began = Instant.now();
        try {
            Caller owner = owner(subscription);
            QueryReader.Request request = reader.read(subscription.query().getBytes(StandardCharsets.UTF_8), owner);
            Answer answer = queries.answer(
                    owner,
                    request.query(),
                    new ClickHouse.Wait(
                            TIMEOUT, new Renewal(LEASE, () -> subscriptions.renew(id, claim, LEASE))::isLost));
            subscriptions.finish(id, claim, began, json(answer, LONGEST_RESULT), null);
        } catch (AbandonedException e) {
            // This console ends, or another one has it. The interrupt must not reach JDBC.
            boolean interrupted = Thread.interrupted();
            try {
                subscriptions.release(id, claim, Duration.ZERO);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        } catch (ClickHouse.Failure e) {
            if (e.isAway()) {
                subscriptions.release(id, claim, AWAY_PAUSE);
            } else {
                LOG.warn("subscription {} failed: {}", id, e.getMessage());
                fail(
                        id,
                        claim,
                        began,
                        e.isTooMuch()
                                ? "It needs more time or memory than one may use: take a shorter time, or fewer groups."
                                : "It could not be run. It is in the log.");
            }
        } catch (InvalidQueryException e) {
            fail(id, claim, began, (e.pointer().isEmpty() ? "" : e.pointer() + ": ") + e.getMessage());
        } catch (OwnerException e) {
            fail(id, claim, began, String.valueOf(e.getMessage()));
            subscriptions.pause(subscription, "console");
        } catch (DataAccessException | TransactionException e) {
            // PostgreSQL is away: the claim runs out, and it is run again.
            throw e;
        } catch (RuntimeException e) {
            LOG.error("subscription {} failed in a way that is not foreseen", id, e);
            fail(id, claim, began, "It could not be run. It is in the log.");
        }
    }

    /**
     * As JSON, without its last rows where it would be longer than so many bytes otherwise, and then it says so: a row that is not
     * there has another meaning then than in one that its query's limit has truncated.
     */
    static String json(Answer answer, int longest) {
        String whole = MAPPER.writeValueAsString(answer);
        if (bytes(whole) <= longest) {
            return whole;
        }
        int rows = 0;
        long length = bytes(cut(answer, 0));
        for (Map<String, @Nullable Object> row : answer.data()) {
            length += bytes(MAPPER.writeValueAsString(row)) + 1;
            if (length > longest) {
                break;
            }
            rows++;
        }
        return cut(answer, rows);
    }

    private static String cut(Answer answer, int rows) {
        ObjectNode cut = MAPPER.valueToTree(answer.cut(rows));
        cut.withObject("meta").put("cut_for_length", true);
        return MAPPER.writeValueAsString(cut);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private void fail(UUID id, UUID claim, Instant began, String why) {
        subscriptions.finish(id, claim, began, null, why);
    }

    /** As the owner is now, and no more than it was when it subscribed. */
    private Caller owner(Subscription subscription) {
        User user = users.find(subscription.owner())
                .filter(found -> !found.disabled())
                .orElseThrow(() -> new OwnerException("Its owner may no longer ask; it is paused."));
        if (user.tenant() != null && !user.tenant().equals(subscription.tenant())) {
            throw new OwnerException("Its owner no longer sees these rows; it is paused.");
        }
        Role role = user.role().includes(subscription.role()) ? subscription.role() : user.role();
        if (!role.includes(Role.ANALYST)) {
            throw new OwnerException("Its owner is no longer an analyst; it is paused.");
        }
        return new Caller(subscription.owner(), role, subscription.tenant());
    }

    private static final class OwnerException extends RuntimeException {
        private static final long serialVersionUID = 1;

        OwnerException(String message) {
            super(message, null, false, false);
        }
    }
}
