package io.weir.alert.channel;

import io.weir.alert.deliver.DeliveryException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Posts to an address that a tenant has chosen. The JDK's clients look names up by themselves, so a guard in front of them can be
 * got round by a name that resolves differently the second time; this one connects to the address that was looked at. It follows
 * no redirects, reads a little of the answer only, and the whole exchange has one time limit.
 */
public final class HttpPost implements AutoCloseable {

    private static final int LONGEST_LINE = 8192;
    private static final int MOST_HEADERS = 100;
    private static final int ANSWER_BYTES = 2048;

    /** What came back. */
    record Answer(int status, String retryAfter, String body) {}

    private final AddressGuard guard;
    private final Duration timeout;
    private final boolean allowHttp;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "http-post-timer");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param timeout from connecting to the end of the answer
     * @param allowHttp whether plain http may be used
     */
    public HttpPost(AddressGuard guard, Duration timeout, boolean allowHttp) {
        this.guard = guard;
        this.timeout = timeout;
        this.allowHttp = allowHttp;
    }

    /**
     * Posts, and expects a status of 200 to 299.
     *
     * @return the answer's status and beginning
     * @throws DeliveryException refused, for an address that must not be used and for a status that says that the request is
     *     wrong; unanswered, if no answer came in time; failed, for all else
     */
    Answer json(String address, Map<String, String> headers, String body) throws DeliveryException {
        Answer answer = exchange(parse(address), headers, body.getBytes(StandardCharsets.UTF_8));
        if (answer.status() / 100 == 2) {
            return answer;
        }
        String message = "HTTP status " + answer.status() + ": " + answer.body().strip();
        if (answer.status() == 429 || answer.status() == 503) {
            throw DeliveryException.failed(message, retryAfter(answer.retryAfter()));
        }
        if (answer.status() / 100 == 5 || answer.status() == 408 || answer.status() == 425) {
            throw DeliveryException.failed(message);
        }
        throw DeliveryException.refused(message);
    }

    private URI parse(String address) throws DeliveryException {
        try {
            URI uri = URI.create(address);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if (uri.getHost() == null || uri.getUserInfo() != null || uri.getPort() > 65_535) {
                throw DeliveryException.refused("settings.url is not an address such as https://example.com/hook");
            }
            if (!scheme.equals("https") && !(scheme.equals("http") && allowHttp)) {
                throw DeliveryException.refused("settings.url begins with " + scheme + ": it must be https"
                        + " (weir.alert.allow-http allows http too)");
            }
            return uri;
        } catch (IllegalArgumentException e) {
            throw DeliveryException.refused("settings.url is not an address such as https://example.com/hook");
        }
    }

    private Answer exchange(URI uri, Map<String, String> headers, byte[] body) throws DeliveryException {
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
        String name = uri.getHost();
        String host = name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
        InetAddress target = guard.resolve(host);
        try (Socket plain = new Socket()) {
            // A timeout of the socket starts anew with every byte; this one does not.
            ScheduledFuture<?> end = timer.schedule(() -> close(plain), timeout.toMillis(), TimeUnit.MILLISECONDS);
            try {
                plain.connect(new InetSocketAddress(target, port), (int) timeout.toMillis());
                plain.setSoTimeout((int) timeout.toMillis());
                Socket socket = tls ? secured(plain, host, port) : plain;
                socket.getOutputStream().write(head(uri, headers, body.length).getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().write(body);
                socket.getOutputStream().flush();
                return read(new BufferedInputStream(socket.getInputStream()));
            } finally {
                end.cancel(false);
            }
        } catch (IOException e) {
            throw DeliveryException.unanswered(
                    host + ":" + port + " did not take it within " + timeout.toMillis() + " ms: " + e.getMessage());
        }
    }

    private static String head(URI uri, Map<String, String> headers, int length) {
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        StringBuilder head = new StringBuilder("POST " + path + query + " HTTP/1.1\r\n")
                .append("Host: " + uri.getRawAuthority() + "\r\n")
                .append("Content-Type: application/json\r\n")
                .append("User-Agent: weir\r\n")
                .append("Connection: close\r\n")
                .append("Content-Length: " + length + "\r\n");
        headers.forEach((name, value) -> head.append(name + ": " + oneLine(value) + "\r\n"));
        return head.append("\r\n").toString();
    }

    private static Socket secured(Socket plain, String host, int port) throws IOException {
        SSLSocket socket =
                (SSLSocket) ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(plain, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static Answer read(InputStream in) throws IOException {
        String[] status = line(in).split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("[1-5][0-9]{2}")) {
            throw new IOException("the answer is not HTTP");
        }
        String retryAfter = "";
        int headers = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.toLowerCase(Locale.ROOT).startsWith("retry-after:")) {
                retryAfter = header.substring("retry-after:".length()).strip();
            }
            if (++headers > MOST_HEADERS) {
                throw new IOException("the answer has more than " + MOST_HEADERS + " headers");
            }
        }
        String body;
        try {
            body = new String(in.readNBytes(ANSWER_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            body = ""; // the status has come, and says what happened
        }
        return new Answer(Integer.parseInt(status[1]), retryAfter, body);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the connection ended before the answer");
            }
            if (line.length() >= LONGEST_LINE) {
                throw new IOException("a header of the answer is too long");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static String oneLine(String value) {
        return value.replaceAll("[\\r\\n]", " ");
    }

    /** In seconds; a date is not understood, and the usual wait holds. */
    private static Duration retryAfter(String text) {
        return text.matches("[0-9]{1,9}") ? Duration.ofSeconds(Integer.parseInt(text)) : Duration.ZERO;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is closed
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
