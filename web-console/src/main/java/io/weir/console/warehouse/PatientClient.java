package io.weir.console.warehouse;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Asks ClickHouse for as long as somebody waits for the answer, and waits {@link #RESTART} for a server that has gone: the embedded one is
 * started anew to learn of an account, and whatever dies is. Safe to use from several threads.
 */
public final class PatientClient {

    /** How long a server may be away before that is an answer. */
    public static final Duration RESTART = Duration.ofSeconds(15);

    /**
     * Before what was broken off is sent again. A server that ends breaks connections, those that are kept and new ones at once, until
     * it has gone; a statement that ends the server, or is always broken off after a while, must not be run for ever.
     */
    private static final List<Duration> PAUSES =
            List.of(Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));

    private static final Duration LOOK = Duration.ofMillis(100);
    private static final String AUTHENTICATION_FAILED = "516";

    /** Whoever asked is gone; nobody reads this. */
    public static final class AbandonedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        public AbandonedException() {
            super("the client has gone", null, false, false);
        }
    }

    /** What may be done about a server that is started anew. */
    public enum Restarts {
        /** It is not: what breaks is not sent again. */
        NONE,
        /** What breaks may be sent again. */
        SENDS_AGAIN,
        /** The same; and a server that does not know its user may know it after that. */
        SENDS_AGAIN_AND_LEARNS_USERS
    }

    private final HttpClient http;
    private final Restarts restarts;
    private final Duration restart;

    public PatientClient(Duration connectTimeout, Restarts restarts) {
        this(connectTimeout, restarts, RESTART);
    }

    PatientClient(Duration connectTimeout, Restarts restarts, Duration restart) {
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(connectTimeout)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        this.restarts = restarts;
        this.restart = restart;
    }

    /**
     * Asks. A body that is a stream is to be closed.
     *
     * @param request by how often it has been broken off: ClickHouse may still be busy with what was sent before under the same id
     * @param patience for each answer, or its beginning where the body is a stream
     * @param abandoned whether nobody waits any more; asked several times a second, by this thread
     * @throws AbandonedException if nobody waits, or this thread is interrupted
     * @throws ConnectException if nothing listened for so long
     * @throws TimeoutException if there is no answer in time
     */
    public <T> HttpResponse<T> send(
            IntFunction<HttpRequest> request,
            HttpResponse.BodyHandler<T> handler,
            Duration patience,
            BooleanSupplier abandoned)
            throws IOException, TimeoutException {
        Long awaySince = null;
        int broken = 0;
        while (true) {
            Duration pause = LOOK;
            long sent = System.nanoTime();
            try {
                HttpResponse<T> answer = once(request.apply(broken), handler, patience, abandoned);
                if (restarts != Restarts.SENDS_AGAIN_AND_LEARNS_USERS || !isOfAnUnknownUser(answer)) {
                    return answer;
                }
                awaySince = orNow(awaySince);
                if (isTooLong(awaySince)) {
                    return answer;
                }
                close(answer.body());
            } catch (ConnectException | HttpConnectTimeoutException e) {
                awaySince = orNow(awaySince);
                if (isTooLong(awaySince)) {
                    throw e instanceof ConnectException connect ? connect : cannotConnect(e);
                }
            } catch (IOException e) {
                boolean atOnce = System.nanoTime() - sent < restart.toNanos() / 3;
                if (restarts == Restarts.NONE || broken == PAUSES.size() || broken > 0 && !atOnce) {
                    throw e;
                }
                // It was there until now.
                awaySince = System.nanoTime();
                pause = PAUSES.get(broken++);
            }
            pause(pause, abandoned);
        }
    }

    /** Whether ClickHouse does not know the user, or not with that password. */
    public static boolean isOfAnUnknownUser(HttpResponse<?> answer) {
        return answer.headers()
                .firstValue("X-ClickHouse-Exception-Code")
                .filter(AUTHENTICATION_FAILED::equals)
                .isPresent();
    }

    private static Long orNow(@Nullable Long since) {
        return since == null ? Long.valueOf(System.nanoTime()) : since;
    }

    private boolean isTooLong(long awaySince) {
        return System.nanoTime() - awaySince > restart.toNanos();
    }

    private static ConnectException cannotConnect(IOException cause) {
        ConnectException exception = new ConnectException(cause.getMessage());
        exception.initCause(cause);
        return exception;
    }

    private static void pause(Duration pause, BooleanSupplier abandoned) {
        long deadline = System.nanoTime() + pause.toNanos();
        do {
            LockSupport.parkNanos(Math.min(LOOK.toNanos(), deadline - System.nanoTime()));
            if (abandoned.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                throw new AbandonedException();
            }
        } while (System.nanoTime() < deadline);
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
                    HttpResponse<T> response = answer.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
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
