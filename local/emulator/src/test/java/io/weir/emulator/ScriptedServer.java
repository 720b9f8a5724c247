package io.weir.emulator;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An HTTP server on a free port that answers as the test says, byte for byte. */
final class ScriptedServer implements AutoCloseable {

    record Request(int number, Map<String, String> headers, byte[] body) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }

        List<String> lines() {
            return new String(body, StandardCharsets.UTF_8).lines().toList();
        }
    }

    static final String ACCEPTED =
            "HTTP/1.1 202 Accepted\r\nContent-Length: 29\r\n\r\n{\"accepted\":%4d,\"rejected\":0}";

    final List<Request> requests = new CopyOnWriteArrayList<>();
    private final ServerSocket socket;
    private final Function<Request, @Nullable String> script;

    /** @param script the whole answer for a request; null closes the connection without one */
    ScriptedServer(Function<Request, @Nullable String> script) throws IOException {
        this.script = script;
        this.socket = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        Thread accept = new Thread(this::accept);
        accept.setDaemon(true);
        accept.start();
    }

    static String accepts(Request request) {
        return String.format(Locale.ROOT, ACCEPTED, request.lines().size());
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                Thread serve = new Thread(() -> serve(connection));
                serve.setDaemon(true);
                serve.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = connection.getInputStream();
            OutputStream out = connection.getOutputStream();
            while (true) {
                Request request = read(in);
                if (request == null) {
                    return;
                }
                String answer = script.apply(request);
                if (answer == null) {
                    return;
                }
                out.write(answer.getBytes(StandardCharsets.UTF_8));
                out.flush();
                if (answer.contains("Connection: close")) {
                    return;
                }
            }
        } catch (IOException clientHasGone) {
            return;
        }
    }

    private @Nullable Request read(InputStream in) throws IOException {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        String line = line(in);
        if (line == null) {
            return null;
        }
        headers.put(":request", line);
        while ((line = line(in)) != null && !line.isEmpty()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("Content-Length", "0")));
        synchronized (requests) {
            Request request = new Request(requests.size(), headers, body);
            requests.add(request);
            return request;
        }
    }

    private static @Nullable String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next;
        while ((next = in.read()) != '\n') {
            if (next < 0) {
                return null;
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
