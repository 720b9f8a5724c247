package io.weir.console.warehouse;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Asks ClickHouse for as long as somebody waits for the answer. */
public final class PatientClient {

    private static final long LOOK_EVERY_MILLIS = 100;

    /** Whoever asked is gone. */
    public static final class AbandonedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        public AbandonedException() {
            super("the client has gone", null, false, false);
        }
    }

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(3))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final Duration patience;

    /** @param patience until an answer begins */
    public PatientClient(Duration patience) {
        this.patience = patience;
    }

    /**
     * Asks. The body of the answer is to be closed.
     *
     * @param abandoned whether nobody waits any more; asked several times a second, by this thread
     * @throws AbandonedException if nobody waits, or this thread is interrupted
     * @throws TimeoutException if there is no answer in time
     */
    public HttpResponse<InputStream> send(HttpRequest request, BooleanSupplier abandoned)
            throws IOException, TimeoutException {
        CompletableFuture<HttpResponse<InputStream>> answer =
                http.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
        long deadline = System.nanoTime() + patience.toNanos();
        boolean givenUp = true;
        try {
            while (true) {
                try {
                    HttpResponse<InputStream> response = answer.get(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
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

    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            // It is not wanted any more.
        }
    }
}
