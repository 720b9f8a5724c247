package io.weir.console.subscription;

import io.weir.metadata.subscription.Subscription;
import io.weir.metadata.subscription.Subscription.Result;
import io.weir.metadata.subscription.Subscriptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Pushes results to whoever listens, each once and in order, whichever console ran the query: what is new is asked of PostgreSQL, twice a
 * second for all listeners together.
 *
 * <p>Nobody waits for another: a listener that is sent something has a thread for so long, and one that does not read holds up that
 * thread alone, until the server gives up on its connection. What it has not read waits in PostgreSQL, nowhere else; it comes back with
 * the number of the last result that it has seen.
 *
 * <p>Every two seconds it is asked whether a listener still may listen, in the listener's own thread: that takes as long as it takes,
 * and nothing is sent meanwhile. A stream ends after ten minutes; clients come back by themselves.
 */
@Component
class ResultStreams implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(ResultStreams.class);
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final long LOOK_MILLIS = 500;
    private static final int BEATS_BETWEEN = 10;
    private static final Duration BETWEEN_CHECKS = Duration.ofSeconds(2);

    static final int MOST = 1000;
    static final int MOST_OF_A_CALLER = 20;

    private final class Listener {
        private final UUID subscription;
        private final String caller;
        private final SseEmitter emitter = new SseEmitter(LONGEST.plusMinutes(1).toMillis());
        private final Predicate<Subscription> may;
        private final Function<Result, Object> view;
        private final long began = System.nanoTime();
        private final AtomicBoolean busy = new AtomicBoolean();
        private volatile boolean over;
        private volatile long seen;
        private volatile long checked = began;

        Listener(
                UUID subscription,
                String caller,
                long seen,
                Predicate<Subscription> may,
                Function<Result, Object> view) {
            this.subscription = subscription;
            this.caller = caller;
            this.seen = seen;
            this.may = may;
            this.view = view;
        }

        private boolean isCheckDue() {
            return System.nanoTime() - checked >= BETWEEN_CHECKS.toNanos();
        }

        private void check(Subscription known) {
            if (isCheckDue()) {
                if (!may.test(known)) {
                    over = true;
                }
                checked = System.nanoTime();
            }
        }

        /** Sends what is new, and a sign of life if that is due. Only while it is {@link #busy}. */
        private void send(Subscription known, boolean beat) throws IOException {
            check(known);
            while (!over && seen < known.lastNumber()) {
                // One at a time: a result may be a megabyte long.
                List<Result> next = subscriptions.after(subscription, seen, 1);
                if (next.isEmpty()) {
                    break;
                }
                Result result = next.get(0);
                emitter.send(SseEmitter.event()
                        .id(Long.toString(result.number()))
                        .name("result")
                        .data(view.apply(result), MediaType.APPLICATION_JSON));
                seen = result.number();
                check(known);
            }
            if (beat && !over) {
                // Else proxies think that nobody is there, and nobody notices that the client is gone.
                emitter.send(SseEmitter.event().comment(""));
            }
        }

        /** Ends the stream: now, or once what is being sent has been. */
        private void end() {
            over = true;
            if (busy.compareAndSet(false, true)) {
                emitter.complete();
            }
        }
    }

    private final Subscriptions subscriptions;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    private @Nullable ScheduledExecutorService looking;
    private @Nullable ExecutorService sending;
    private int looks;

    ResultStreams(Subscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    /**
     * A stream of the results after that number.
     *
     * @param may whether the caller may still listen to it
     * @throws ResponseStatusException if the caller, or all callers together, listen to as many as they may, or this console ends
     */
    synchronized SseEmitter open(
            UUID subscription, String caller, long seen, Predicate<Subscription> may, Function<Result, Object> shown) {
        if (listeners.stream()
                        .filter(listener -> listener.caller.equals(caller))
                        .count()
                >= MOST_OF_A_CALLER) {
            throw new ResponseStatusException(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "You have " + MOST_OF_A_CALLER + " streams here, which is the most: end one first.");
        }
        if (listeners.size() >= MOST || !isRunning()) {
            throw new ResponseStatusException(
                    HttpStatus.SERVICE_UNAVAILABLE, "This console serves as many streams as it can. Come back later.");
        }
        Listener listener = new Listener(subscription, caller, seen, may, shown);
        listener.emitter.onCompletion(() -> gone(listener));
        listener.emitter.onTimeout(listener.emitter::complete);
        listener.emitter.onError(error -> gone(listener));
        listeners.add(listener);
        return listener.emitter;
    }

    private void gone(Listener listener) {
        listener.over = true;
        listeners.remove(listener);
    }

    /** How many there are. */
    int count() {
        return listeners.size();
    }

    private void look() {
        try {
            looks++;
            if (listeners.isEmpty()) {
                return;
            }
            Map<UUID, Subscription> found = subscriptions.find(
                    listeners.stream().map(listener -> listener.subscription).collect(Collectors.toSet()));
            for (Listener listener : listeners) {
                serve(listener, found.get(listener.subscription), looks % BEATS_BETWEEN == 0);
            }
        } catch (DataAccessException e) {
            LOG.warn("results cannot be pushed, and wait: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("results were not pushed", e);
        }
    }

    private void serve(Listener listener, @Nullable Subscription known, boolean beat) {
        try {
            if (known == null || System.nanoTime() - listener.began > LONGEST.toNanos()) {
                listener.end();
            } else if (listener.seen < known.lastNumber() || beat || listener.isCheckDue()) {
                send(listener, known, beat);
            }
        } catch (RuntimeException e) {
            LOG.error("a stream could not be looked after, and ends", e);
            gone(listener);
        }
    }

    private void send(Listener listener, Subscription known, boolean beat) {
        ExecutorService executor = sending;
        if (executor == null || !listener.busy.compareAndSet(false, true)) {
            return;
        }
        try {
            executor.execute(() -> {
                try {
                    listener.send(known, beat);
                } catch (IOException | IllegalStateException e) {
                    gone(listener);
                } catch (DataAccessException | TransactionException e) {
                    LOG.warn("results cannot be pushed, and wait: {}", e.getMessage());
                } catch (RuntimeException e) {
                    LOG.error("a result was not pushed", e);
                    gone(listener);
                } finally {
                    listener.busy.set(false);
                    if (listener.over) {
                        listener.end();
                    }
                }
            });
        } catch (RejectedExecutionException e) {
            // It ends.
            listener.busy.set(false);
        }
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(daemons("subscription-streams"));
        looking = started;
        sending = new ThreadPoolExecutor(
                0, MOST, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons("subscription-stream"));
        started.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static ThreadFactory daemons(String name) {
        return work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Before the web server waits for requests to end: these would not by themselves. */
    @Override
    public synchronized void stop() {
        if (looking != null) {
            looking.shutdownNow();
            looking = null;
        }
        if (sending != null) {
            sending.shutdown();
            sending = null;
        }
        listeners.forEach(Listener::end);
        listeners.clear();
    }

    @Override
    public synchronized boolean isRunning() {
        return looking != null;
    }
}
