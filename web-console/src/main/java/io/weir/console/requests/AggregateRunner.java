package io.weir.console.requests;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.console.access.Caller;
import io.weir.console.query.Answer;
import io.weir.console.query.ClickHouse;
import io.weir.console.query.InvalidQueryException;
import io.weir.console.query.Queries;
import io.weir.console.query.QueryReader;
import io.weir.console.query.Renewal;
import io.weir.console.warehouse.PatientClient.AbandonedException;
import io.weir.metadata.aggregation.Aggregation;
import io.weir.metadata.aggregation.Aggregations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs aggregations that anybody has handed in at any console. One that a console was running when it died is run again by whichever
 * sees it first; after some attempts it has failed.
 */
@Component
class AggregateRunner implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(AggregateRunner.class);
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private static final int THREADS = 2;
    private static final int MOST_WAITING = 64;
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final int MOST_ATTEMPTS = 3;
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final Duration KEPT = Duration.ofDays(7);
    private static final Duration FORGET_EVERY = Duration.ofMinutes(1);
    private static final Duration GIVEN_UP = Duration.ofMinutes(10);

    private final Aggregations aggregations;
    private final QueryReader reader;
    private final Queries queries;
    private final Semaphore news = new Semaphore(0);
    private final List<Thread> threads = new ArrayList<>();
    /** Of those that somebody waits for, or has waited for: several may, and none may take it away from another. */
    private final Cache<UUID, CompletableFuture<@Nullable Aggregation>> ends =
            Caffeine.newBuilder().expireAfterAccess(Duration.ofMinutes(2)).build();

    private final Semaphore waiting = new Semaphore(MOST_WAITING);
    private volatile boolean running;

    AggregateRunner(Aggregations aggregations, QueryReader reader, Queries queries) {
        this.aggregations = aggregations;
        this.reader = reader;
        this.queries = queries;
    }

    /**
     * The aggregation when it has a result, wherever it is run; as it is, where the time is up, as many wait as may, the one who waits has
     * gone or is interrupted, or the console ends.
     *
     * @param look finds it; asked first, and every two seconds, for another console may run it
     */
    Aggregation await(UUID id, Duration patience, Supplier<Aggregation> look, BooleanSupplier abandoned) {
        if (!waiting.tryAcquire()) {
            return look.get();
        }
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                // Before the look, so that no end falls between the two.
                CompletableFuture<@Nullable Aggregation> end = ends.get(id, any -> new CompletableFuture<>());
                Aggregation found = look.get();
                long left = deadline - System.nanoTime();
                if (found.finishedAt() != null || left <= 0 || !running || abandoned.getAsBoolean()) {
                    return found;
                }
                try {
                    Aggregation ended = end.get(Math.min(left, LOOK.toNanos()), TimeUnit.NANOSECONDS);
                    if (ended != null) {
                        return ended;
                    }
                } catch (TimeoutException e) {
                    // Looked at anew above.
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return found;
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            waiting.release();
        }
    }

    /** @param as what it is now; null if that is not known, or it goes on */
    private void hasEnded(UUID id, @Nullable Aggregation as) {
        CompletableFuture<@Nullable Aggregation> end = ends.asMap().remove(id);
        if (end != null) {
            end.complete(as);
        }
    }

    /** There is something to do. */
    void wake() {
        // More than look for it would be looks for nothing, later on.
        if (news.availablePermits() < THREADS) {
            news.release();
        }
    }

    @Override
    public void start() {
        running = true;
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(this::work, "aggregations-" + i);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    @Override
    public void stop() {
        running = false;
        ends.asMap().keySet().forEach(id -> hasEnded(id, null));
        threads.forEach(Thread::interrupt);
        try {
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(5));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.clear();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void work() {
        long forgot = System.nanoTime() - FORGET_EVERY.toNanos();
        while (running) {
            try {
                // Others' consoles wake nobody here, nor do those that died.
                if (news.tryAcquire(1, TimeUnit.SECONDS)) {
                    runAll();
                } else if (aggregations.hasOpen()) {
                    runAll();
                }
                if (System.nanoTime() - forgot >= FORGET_EVERY.toNanos()) {
                    forgot = System.nanoTime();
                    aggregations.forget(Instant.now().minus(KEPT));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (DataAccessException | TransactionException e) {
                LOG.warn("aggregations cannot be looked after, and wait: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("an aggregation failed in a way that is not foreseen", e);
            }
        }
    }

    private void runAll() {
        UUID claim = UUID.randomUUID();
        Optional<Aggregation> next = aggregations.claim(claim, LEASE);
        while (running && next.isPresent()) {
            Aggregation ended = null;
            try {
                ended = run(next.get(), claim).orElse(null);
            } finally {
                hasEnded(next.get().id(), ended);
            }
            claim = UUID.randomUUID();
            next = aggregations.hasOpen() ? aggregations.claim(claim, LEASE) : Optional.empty();
        }
    }

    /** Returns what has become of it; empty if that is another's to say, or it is run again. */
    private Optional<Aggregation> run(Aggregation aggregation, UUID claim) {
        UUID id = aggregation.id();
        if (aggregation.attempts() > MOST_ATTEMPTS) {
            return aggregations.fail(
                    id,
                    claim,
                    "It was begun " + MOST_ATTEMPTS
                            + " times, and each time the console that ran it ended or lost its database. Hand it in again.");
        }
        Caller owner = new Caller(aggregation.owner(), aggregation.role(), aggregation.tenant());
        try {
            Map<String, Object> document =
                    MAPPER.readValue(aggregation.query(), new TypeReference<Map<String, Object>>() {});
            Answer answer = queries.answer(
                    owner,
                    AggregateController.query(reader, document).read(owner),
                    new ClickHouse.Wait(
                            TIMEOUT, new Renewal(LEASE, () -> aggregations.renew(id, claim, LEASE))::isLost));
            return aggregations.succeed(id, claim, MAPPER.writeValueAsString(answer));
        } catch (AbandonedException e) {
            // This console ends, or another one has it. If it is another's, this changes nothing. The interrupt must
            // not reach JDBC.
            boolean interrupted = Thread.interrupted();
            try {
                aggregations.release(id, claim);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
            return Optional.empty();
        } catch (ClickHouse.Failure e) {
            if (e.isAway() && aggregations.postpone(id, claim, PAUSE, GIVEN_UP)) {
                return Optional.empty();
            }
            LOG.warn("an aggregation failed: {}", e.getMessage());
            return aggregations.fail(id, claim, reason(e));
        } catch (InvalidQueryException e) {
            return aggregations.fail(id, claim, e.pointer() + ": " + e.getMessage());
        } catch (DataAccessException | TransactionException e) {
            // PostgreSQL is away: the claim runs out, and it is run again.
            throw e;
        } catch (RuntimeException e) {
            LOG.error("an aggregation failed", e);
            return aggregations.fail(id, claim, "It could not be run. It is in the log.");
        }
    }

    private static String reason(ClickHouse.Failure e) {
        return e.isAway()
                ? "The warehouse was away when it was run, for the first time more than " + GIVEN_UP.toMinutes()
                        + " minutes ago. Hand it in again."
                : e.isTooMuch()
                        ? "It needs more time or memory than one may use: take a shorter time, or fewer groups."
                        : "It could not be run. It is in the log.";
    }
}
