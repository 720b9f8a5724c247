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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Pushes results to whoever listens, each once and in order, whichever console ran the query: what is new is asked of PostgreSQL, twice a
 * second for all listeners together. A stream ends after ten minutes, so that a credential that was taken away counts; clients come
 * back by themselves, with the number of the last result that they have seen.
 */
@Component
class ResultStreams implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(ResultStreams.class);
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final long LOOK_MILLIS = 500;
    private static final int BEATS_BETWEEN = 30;
    /** A result may be some megabytes long. */
    private static final int AT_ONCE = 5;

    private static final int MOST = 1000;

    private static final class Listener {
        private final UUID subscription;
        private final SseEmitter emitter;
        private final Function<Result, Object> view;
        private long seen;

        Listener(UUID subscription, SseEmitter emitter, Function<Result, Object> view, long seen) {
            this.subscription = subscription;
            this.emitter = emitter;
            this.view = view;
            this.seen = seen;
        }
    }

    private final Subscriptions subscriptions;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    private @Nullable ScheduledExecutorService executor;
    private int looks;

    ResultStreams(Subscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    /**
     * A stream of the results after that number.
     *
     * @return null if as many listen as this console serves, or it ends
     */
    @Nullable
    SseEmitter open(UUID subscription, long seen, Function<Result, Object> shown) {
        if (listeners.size() >= MOST || !isRunning()) {
            return null;
        }
        SseEmitter emitter = new SseEmitter(LONGEST.toMillis());
        Listener listener = new Listener(subscription, emitter, shown, seen);
        emitter.onCompletion(() -> listeners.remove(listener));
        emitter.onTimeout(emitter::complete);
        emitter.onError(error -> listeners.remove(listener));
        listeners.add(listener);
        return emitter;
    }

    private void look() {
        try {
            boolean beat = ++looks % BEATS_BETWEEN == 0;
            if (listeners.isEmpty()) {
                return;
            }
            Map<UUID, Subscription> found = subscriptions.find(
                    listeners.stream().map(listener -> listener.subscription).collect(Collectors.toSet()));
            for (Listener listener : listeners) {
                Subscription subscription = found.get(listener.subscription);
                if (subscription == null) {
                    listener.emitter.complete();
                } else {
                    push(listener, subscription.lastNumber(), beat);
                }
            }
        } catch (DataAccessException e) {
            LOG.warn("results cannot be pushed, and wait: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("results were not pushed", e);
        }
    }

    private void push(Listener listener, long newest, boolean beat) {
        try {
            while (listener.seen < newest) {
                List<Result> results = subscriptions.after(listener.subscription, listener.seen, AT_ONCE);
                if (results.isEmpty()) {
                    break;
                }
                for (Result result : results) {
                    listener.emitter.send(SseEmitter.event()
                            .id(Long.toString(result.number()))
                            .name("result")
                            .data(listener.view.apply(result), MediaType.APPLICATION_JSON));
                    listener.seen = result.number();
                }
            }
            if (beat) {
                // Else proxies think that nobody is there, and nobody notices that the client is gone.
                listener.emitter.send(SseEmitter.event().comment(""));
            }
        } catch (IOException | IllegalStateException e) {
            listeners.remove(listener);
        }
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "subscription-streams");
            thread.setDaemon(true);
            return thread;
        });
        executor = started;
        started.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Before the web server waits for requests to end: these would not by themselves. */
    @Override
    public synchronized void stop() {
        if (executor != null) {
            executor.shutdownNow();
            executor = null;
        }
        listeners.forEach(listener -> listener.emitter.complete());
        listeners.clear();
    }

    @Override
    public synchronized boolean isRunning() {
        return executor != null;
    }
}
