package io.weir.console.warehouse;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.MessageSupport;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Asks ClickHouse for as long as somebody waits for the answer, and waits {@link #RESTART} for a server that has gone: the embedded one is
 * started anew to learn of an account, and whatever dies is. Safe to use from several threads.
 *
 * <p>The thread that asks sends and receives by itself: each thread more that an answer passes through waits for a processor, and those
 * are ClickHouse's as well.
 */
public final class PatientClient implements Closeable {

    /** How long a server may be away before that is an answer. */
    public static final Duration RESTART = Duration.ofSeconds(15);

    /** The header in which ClickHouse says what it calls an error. */
    public static final String EXCEPTION_CODE = "X-ClickHouse-Exception-Code";

    /**
     * Before what was broken off is sent again. A server that ends breaks connections, those that are kept and new ones at once, until
     * it has gone; a statement that ends the server, or is always broken off after a while, must not be run for ever.
     */
    private static final List<Duration> PAUSES =
            List.of(Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));

    private static final Duration LOOK = Duration.ofMillis(100);
    private static final int AUTHENTICATION_FAILED = 516;
    private static final int MOST_CONNECTIONS = 10_000;
    /** A server that has ended took its connections with it. To look costs a millisecond; else what breaks is sent again. */
    private static final TimeValue LOOK_BEFORE_USE = TimeValue.ofSeconds(1);
    /** Those of many who asked at once are given back. */
    private static final TimeValue LONGEST_IDLE = TimeValue.ofSeconds(30);

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

    /** What ClickHouse replied. To be closed; that breaks the connection if the body has not been read to its end. */
    public static final class Reply implements Closeable {

        private final HttpUriRequestBase request;
        private final ClassicHttpResponse response;

        private Reply(HttpUriRequestBase request, ClassicHttpResponse response) {
            this.request = request;
            this.response = response;
        }

        public int status() {
            return response.getCode();
        }

        /** The first header of that name; empty if there is none. */
        public String header(String name) {
            Header header = response.getFirstHeader(name);
            return header == null || header.getValue() == null ? "" : header.getValue();
        }

        public List<Header> headers() {
            return List.of(response.getHeaders());
        }

        /** As it comes in; of a reply that was {@link PatientClient#read read}, from its beginning each time. */
        public InputStream body() throws IOException {
            HttpEntity entity = response.getEntity();
            return entity == null ? InputStream.nullInputStream() : entity.getContent();
        }

        /** What ClickHouse calls the error; 0 if it does not. */
        public int exceptionCode() {
            try {
                return Integer.parseInt(header(EXCEPTION_CODE));
            } catch (NumberFormatException e) {
                return 0;
            }
        }

        /** Whether ClickHouse does not know the user, or not with that password. */
        public boolean isOfAnUnknownUser() {
            return exceptionCode() == AUTHENTICATION_FAILED;
        }

        private void readWhole() throws IOException {
            try (InputStream body = body()) {
                response.setEntity(new ByteArrayEntity(body.readAllBytes(), null));
            } catch (IOException e) {
                close();
                throw e;
            }
        }

        @Override
        public void close() {
            // To read what is left, as closing the response would, may take as long as the result is large.
            request.cancel();
        }
    }

    /** Looks at who waits, as long as nothing has come. */
    private static final class Watch {

        private static final String NAME = Watch.class.getName();

        private final BooleanSupplier abandoned;
        private final long deadline;
        private boolean connected;

        Watch(BooleanSupplier abandoned, Duration patience) {
            this.abandoned = abandoned;
            this.deadline = System.nanoTime() + patience.toNanos();
        }

        void look() throws LateException {
            lookAt(abandoned);
            if (System.nanoTime() > deadline) {
                throw new LateException();
            }
        }
    }

    /** An interrupt first: who looks may ask a database, which it must not reach. */
    private static void lookAt(BooleanSupplier abandoned) {
        if (Thread.currentThread().isInterrupted() || abandoned.getAsBoolean()) {
            throw new AbandonedException();
        }
    }

    private static final class LateException extends InterruptedIOException {
        private static final long serialVersionUID = 1;
    }

    private static final class WatchedExecutor extends HttpRequestExecutor {

        @Override
        public ClassicHttpResponse execute(
                ClassicHttpRequest request,
                HttpClientConnection connection,
                @Nullable HttpResponseInformationCallback informed,
                HttpContext context)
                throws IOException, HttpException {
            Watch watch = (Watch) context.getAttribute(Watch.NAME);
            watch.connected = true;
            connection.sendRequestHeader(request);
            if (request.getEntity() != null) {
                connection.sendRequestEntity(request);
            }
            connection.flush();
            ClassicHttpResponse response;
            do {
                // One that has come to its end has nothing available either: to receive from it says so.
                while (!connection.isDataAvailable(Timeout.of(LOOK)) && !connection.isStale()) {
                    watch.look();
                }
                response = connection.receiveResponseHeader();
            } while (response.getCode() < HttpStatus.SC_SUCCESS);
            if (MessageSupport.canResponseHaveBody(request.getMethod(), response)) {
                connection.receiveResponseEntity(response);
            }
            return response;
        }
    }

    private final CloseableHttpClient http;
    private final Restarts restarts;
    private final Duration restart;

    public PatientClient(Duration connectTimeout, Restarts restarts) {
        this(connectTimeout, restarts, RESTART);
    }

    PatientClient(Duration connectTimeout, Restarts restarts, Duration restart) {
        this.http = HttpClientBuilder.create()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .useSystemProperties()
                        // As many as ask; how many those may be is others' to say.
                        .setMaxConnTotal(MOST_CONNECTIONS)
                        .setMaxConnPerRoute(MOST_CONNECTIONS)
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.of(connectTimeout))
                                .setValidateAfterInactivity(
                                        restarts == Restarts.NONE ? TimeValue.ZERO_MILLISECONDS : LOOK_BEFORE_USE)
                                .build())
                        .build())
                .setRequestExecutor(new WatchedExecutor())
                .useSystemProperties()
                .evictIdleConnections(LONGEST_IDLE)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableContentCompression()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableDefaultUserAgent()
                .build();
        this.restarts = restarts;
        this.restart = restart;
    }

    /**
     * Asks, and has the whole reply before it returns: what breaks in the middle is sent again too.
     *
     * @see #send
     */
    public Reply read(IntFunction<HttpUriRequestBase> request, Duration patience, BooleanSupplier abandoned)
            throws IOException, TimeoutException {
        return send(request, patience, abandoned, true);
    }

    /**
     * Asks. The body of the reply is read by whoever gets it.
     *
     * @param request by how often it has been broken off: ClickHouse may still be busy with what was sent before under the same id
     * @param patience for the beginning of each reply, and for each piece of it after that
     * @param abandoned whether nobody waits any more; asked several times a second until the reply begins, by this thread
     * @throws AbandonedException if nobody waits, or this thread is interrupted
     * @throws ConnectException if nothing listened for so long, or what does is not trusted
     * @throws TimeoutException if there is no answer in time, or its beginning or all of it, whichever is wanted, stops coming
     */
    public Reply send(IntFunction<HttpUriRequestBase> request, Duration patience, BooleanSupplier abandoned)
            throws IOException, TimeoutException {
        return send(request, patience, abandoned, false);
    }

    private Reply send(
            IntFunction<HttpUriRequestBase> request, Duration patience, BooleanSupplier abandoned, boolean whole)
            throws IOException, TimeoutException {
        Long awaySince = null;
        int broken = 0;
        while (true) {
            Duration pause = LOOK;
            long sent = System.nanoTime();
            try {
                Reply reply = once(request.apply(broken), patience, abandoned, whole);
                if (restarts != Restarts.SENDS_AGAIN_AND_LEARNS_USERS || !reply.isOfAnUnknownUser()) {
                    return reply;
                }
                awaySince = orNow(awaySince);
                if (isTooLong(awaySince)) {
                    return reply;
                }
                reply.close();
            } catch (ConnectException e) {
                awaySince = orNow(awaySince);
                if (isTooLong(awaySince) || isUntrusted(e)) {
                    throw e;
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

    private static Long orNow(@Nullable Long since) {
        return since == null ? Long.valueOf(System.nanoTime()) : since;
    }

    private boolean isTooLong(long awaySince) {
        return System.nanoTime() - awaySince > restart.toNanos();
    }

    /** A handshake that is broken off may be a server's that ends. */
    private static boolean isUntrusted(@Nullable Throwable e) {
        return e != null
                && (e instanceof SSLPeerUnverifiedException
                        || e instanceof CertificateException
                        || isUntrusted(e.getCause()));
    }

    private static ConnectException cannotConnect(IOException cause) {
        if (cause instanceof ConnectException known) {
            return known;
        }
        ConnectException exception = new ConnectException(cause.getMessage());
        exception.initCause(cause);
        return exception;
    }

    private static void pause(Duration pause, BooleanSupplier abandoned) {
        long deadline = System.nanoTime() + pause.toNanos();
        do {
            LockSupport.parkNanos(Math.min(LOOK.toNanos(), deadline - System.nanoTime()));
            lookAt(abandoned);
        } while (System.nanoTime() < deadline);
    }

    private Reply once(HttpUriRequestBase request, Duration patience, BooleanSupplier abandoned, boolean whole)
            throws IOException, TimeoutException {
        // The reply to the attempt before may have been given up.
        request.reset();
        request.setConfig(RequestConfig.custom()
                .setResponseTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .setProtocolUpgradeEnabled(false)
                .setAuthenticationEnabled(false)
                .build());
        Watch watch = new Watch(abandoned, patience);
        HttpClientContext context = HttpClientContext.create();
        context.setAttribute(Watch.NAME, watch);
        try {
            Reply reply = new Reply(request, http.executeOpen(RoutingSupport.determineHost(request), request, context));
            if (whole) {
                reply.readWhole();
            }
            return reply;
        } catch (LateException e) {
            throw new TimeoutException("no answer in " + patience);
        } catch (CancellationException e) {
            // Of the wait for a connection, by an interrupt.
            throw new AbandonedException();
        } catch (HttpException e) {
            throw new IOException(e);
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new AbandonedException();
            }
            if (!watch.connected) {
                throw cannotConnect(e);
            }
            if (e instanceof SocketTimeoutException) {
                throw new TimeoutException("nothing more of the answer in " + patience);
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        http.close();
    }
}
