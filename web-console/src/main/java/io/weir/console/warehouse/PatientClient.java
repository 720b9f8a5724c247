package io.weir.console.warehouse;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Asks ClickHouse for as long as somebody waits for the answer. For a server that is just being started it waits {@link #RESTART}: the
 * embedded one is, to learn of an account, and whatever dies is. Safe to use from several threads.
 */
public final class PatientClient {

    /** How long a server may be away before that is an answer. */
    public static final Duration RESTART = Duration.ofSeconds(15);

    /** How long a server that ends may go on to break connections. */
    private static final Duration ENDING = Duration.ofSeconds(5);

    private static final long LOOK_EVERY_MILLIS = 100;
    private static final String AUTHENTICATION_FAILED = "516";

    /** Whoever asked is gone; nobody reads this. */
    public static final class AbandonedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        public AbandonedException() {
            super("the client has gone", null, false, false);
        }
    }

    private final HttpClient http;
    private final boolean usersMayBeNew;

    /** @param usersMayBeNew whether a server that does not know its user may learn of it by being started anew */
    public PatientClient(Duration connectTimeout, boolean usersMayBeNew) {
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(connectTimeout)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        this.usersMayBeNew = usersMayBeNew;
    }

    /**
     * Asks; again where the connection breaks, so only what may be asked twice. A server that ends breaks connections: those that are
     * kept, and new ones until it has gone. If the next server breaks one too, the statement may be the cause, and it is not sent again.
     * A body that is a stream is to be closed.
     *
     * @param patience until an answer begins, each time
     * @param abandoned whether nobody waits any more; asked several times a second, by this thread
     * @throws AbandonedException if nobody waits, or this thread is interrupted
     * @throws TimeoutException if there is no answer in time
     */
    public <T> HttpResponse<T> send(
            HttpRequest request, HttpResponse.BodyHandler<T> handler, Duration patience, BooleanSupplier abandoned)
            throws IOException, TimeoutException {
        long restarted = System.nanoTime() + RESTART.toNanos();
        long ended = Long.MAX_VALUE;
        boolean hasBroken = false;
        boolean hasGone = false;
        while (true) {
            long now = System.nanoTime();
            boolean mayComeUp = now < restarted;
            try {
                HttpResponse<T> answer = once(request, handler, patience, abandoned);
                if (!mayComeUp || !usersMayBeNew || !isOfAnUnknownUser(answer)) {
                    return answer;
                }
                close(answer.body());
            } catch (IOException e) {
                if (!mayComeUp) {
                    throw e;
                }
                if (e instanceof ConnectException || e instanceof HttpConnectTimeoutException) {
                    hasGone = hasBroken;
                } else if (!hasBroken) {
                    hasBroken = true;
                    ended = now + ENDING.toNanos();
                } else if (hasGone || now > ended) {
                    throw e;
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MILLIS));
            if (abandoned.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                throw new AbandonedException();
            }
        }
    }

    private static boolean isOfAnUnknownUser(HttpResponse<?> answer) {
        return answer.headers()
                .firstValue("X-ClickHouse-Exception-Code")
                .filter(AUTHENTICATION_FAILED::equals)
                .isPresent();
    }

    private <T> HttpResponse<T> once(
            HttpRequest request, HttpResponse.BodyHandler<T> handler, Duration patience, BooleanSupplier abandoned)
            throws IOException, TimeoutException {
        CompletableFuture<HttpResponse<T>> answer = http.sendAsync(request, handler);
        long deadline = System.nanoTime() + patience.toNanos();
        boolean givenUp = true;
        try {
            while (true) {
                try {
                    HttpResponse<T> response = answer.get(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
                    givenUp = false;
                    return response;
                } catch (TimeoutException e) {
                    if (abandoned.getAsBoolean()) {
                        throw new AbandonedException();
                    }
                    if (System.nanoTime() > deadline) {
                        throw e;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AbandonedException();
        } catch (ExecutionException e) {
            givenUp = false;
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            // Closes the connection; unless the answer came after the last look.
            if (givenUp && !answer.cancel(true) && !answer.isCompletedExceptionally()) {
                close(answer.join().body());
            }
        }
    }

    private static void close(Object body) {
        if (body instanceof InputStream stream) {
            try {
                stream.close();
            } catch (IOException e) {
                // It is not wanted any more.
            }
        }
    }
}
