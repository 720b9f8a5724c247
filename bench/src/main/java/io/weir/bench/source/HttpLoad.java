package io.weir.bench.source;

import io.weir.emulator.Exchange;
import io.weir.emulator.HttpLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The same POST over and over on a number of connections, each as soon as the one before it was answered. By wrk where it
 * is installed, because it costs the least; else by our own loop.
 */
final class HttpLoad {

    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern TOTAL = Pattern.compile("(\\d+) requests in");
    private static final Pattern REFUSED = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");

    private final @Nullable Path wrk = Arrays.stream(System.getenv("PATH").split(":"))
            .map(directory -> Path.of(directory, "wrk"))
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    private final Path directory;

    HttpLoad(Path directory) {
        this.directory = directory;
    }

    /** Which generator is used. */
    String name() {
        return wrk == null ? "own loop, 1 thread" : "wrk, 1 thread";
    }

    /**
     * Loads an address.
     *
     * @return requests a second that were answered with 2xx
     */
    double run(URI address, String contentType, String key, byte[] body, int connections, int seconds)
            throws IOException, InterruptedException {
        Path program = wrk;
        return program == null
                ? loop(address, contentType, key, body, connections, seconds)
                : wrk(program, address, contentType, key, body, connections, seconds);
    }

    private double wrk(
            Path program, URI address, String contentType, String key, byte[] body, int connections, int seconds)
            throws IOException, InterruptedException {
        Path bodyFile = Files.write(directory.resolve("body"), body);
        Path script = Files.writeString(directory.resolve("post.lua"), """
                local file = io.open("%s", "rb")
                wrk.method = "POST"
                wrk.body = file:read("*a")
                wrk.headers["Content-Type"] = "%s"
                wrk.headers["Authorization"] = "Bearer %s"
                """.formatted(bodyFile, contentType, key));
        Process process = new ProcessBuilder(
                        program.toString(),
                        "-t1",
                        "-c" + connections,
                        "-d" + seconds + "s",
                        "--timeout",
                        "20s",
                        "-s",
                        script.toString(),
                        address.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("wrk failed: " + output);
        }
        double rate = number(RATE, output, -1);
        double total = number(TOTAL, output, 0);
        if (rate < 0 || total == 0) {
            throw new IOException("wrk gave no result: " + output);
        }
        return rate * (1 - number(REFUSED, output, 0) / total);
    }

    private static double number(Pattern pattern, String text, double otherwise) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : otherwise;
    }

    private static double loop(URI address, String contentType, String key, byte[] body, int connections, int seconds)
            throws IOException {
        byte[] head = (Exchange.postHead(
                                address.getHost(), address.getPort(), address.getPath(), contentType, key, false)
                        + "Content-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        try (HttpLoop loop =
                new HttpLoop(new InetSocketAddress(address.getHost(), address.getPort()), connections, 20_000)) {
            Counter counter = new Counter();
            long begin = System.nanoTime();
            long end = begin + seconds * 1_000_000_000L;
            for (int i = 0; i < connections; i++) {
                Exchange exchange = new Exchange();
                exchange.request(head, body, body.length);
                counter.free.add(exchange);
            }
            while (System.nanoTime() < end) {
                Exchange next = counter.free.poll();
                while (next != null) {
                    loop.send(next, counter);
                    next = counter.free.poll();
                }
                loop.run(10);
            }
            return counter.answered / ((System.nanoTime() - begin) / 1e9);
        }
    }

    private static final class Counter implements Exchange.Outcome {
        private final java.util.ArrayDeque<Exchange> free = new java.util.ArrayDeque<>();
        private long answered;

        @Override
        public void answered(Exchange exchange) {
            if (exchange.status() / 100 == 2) {
                answered++;
            }
            free.add(exchange);
        }

        @Override
        public void unanswered(Exchange exchange, String why) {
            free.add(exchange);
        }
    }
}
