package io.weir.bench.pipeline;

import io.weir.bench.platform.ClickHouse;
import io.weir.emulator.Exchange;
import io.weir.emulator.HttpLoop;
import io.weir.emulator.LatencyHistogram;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Measures the delay from a 2xx to an event that can be queried: sends one event now and then, and asks ClickHouse for it
 * until it is there. The delay is found with the precision of the asking, {@link #ASK_MILLIS}, always on the long side.
 */
final class Probes implements Runnable {

    private static final long SEND_MILLIS = 500;
    private static final long ASK_MILLIS = 50;
    private static final long LOST_MILLIS = 60_000;

    private final URI ingest;
    private final String key;
    private final String run;
    private final ClickHouse clickhouse;
    private final LatencyHistogram delays = new LatencyHistogram();
    private final Map<String, Long> outstanding = new HashMap<>();
    private volatile boolean stopped;
    private volatile int lost;
    private volatile int failed;

    Probes(URI ingest, String key, String run, ClickHouse clickhouse) {
        this.ingest = ingest;
        this.key = key;
        this.run = run;
        this.clickhouse = clickhouse;
    }

    /** Sends no more; {@link #run} returns once those under way have arrived. */
    void stop() {
        stopped = true;
    }

    /** The delays; to be read once {@link #run} has returned. */
    LatencyHistogram delays() {
        return delays;
    }

    /** Probes that were accepted and could not be queried within a minute. */
    int lost() {
        return lost;
    }

    /** Probes that were not accepted. */
    int failed() {
        return failed;
    }

    @Override
    public void run() {
        InetSocketAddress address = new InetSocketAddress(ingest.getHost(), ingest.getPort());
        try (HttpLoop loop = new HttpLoop(address, 4, 20_000)) {
            String head =
                    Exchange.postHead(ingest.getHost(), ingest.getPort(), "/v1/events", "application/json", key, false);
            long nextSend = System.nanoTime();
            long nextAsk = nextSend;
            long began = System.currentTimeMillis();
            int number = 0;
            while (!stopped || loop.busy() > 0 || !outstanding.isEmpty()) {
                long now = System.nanoTime();
                if (!stopped && now - nextSend >= 0 && loop.idle() > 0) {
                    nextSend = now + SEND_MILLIS * 1_000_000;
                    send(loop, head, run + "-probe-" + number++);
                }
                if (!outstanding.isEmpty() && now - nextAsk >= 0) {
                    ask(began);
                    nextAsk = System.nanoTime() + ASK_MILLIS * 1_000_000;
                }
                loop.run(5);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void send(HttpLoop loop, String head, String id) {
        byte[] body = ("{\"id\":\"" + id + "\",\"timestamp\":\"" + Instant.now()
                        + "\",\"type\":\"probe\",\"source\":\"bench\"}")
                .getBytes(StandardCharsets.UTF_8);
        Exchange exchange = new Exchange();
        exchange.request(
                (head + "Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII),
                body,
                body.length);
        loop.send(exchange, new Exchange.Outcome() {
            @Override
            public void answered(Exchange answered) {
                if (answered.status() / 100 == 2) {
                    outstanding.put(id, System.nanoTime());
                } else {
                    failed++;
                }
            }

            @Override
            public void unanswered(Exchange unanswered, String why) {
                failed++;
            }
        });
    }

    private void ask(long began) throws IOException {
        // A range of the primary key: tenant, type, and time.
        String found = clickhouse.query("SELECT id FROM weir.events WHERE tenant = '" + PipelineBench.TENANT
                + "' AND type = 'probe' AND timestamp >= fromUnixTimestamp64Milli(" + (began - 1000) + ") AND id IN ('"
                + String.join("','", outstanding.keySet()) + "')");
        long now = System.nanoTime();
        found.lines().forEach(id -> {
            Long acceptedAt = outstanding.remove(id);
            if (acceptedAt != null) {
                delays.record(now - acceptedAt);
            }
        });
        Iterator<Long> rest = outstanding.values().iterator();
        while (rest.hasNext()) {
            if (now - rest.next() > LOST_MILLIS * 1_000_000) {
                rest.remove();
                lost++;
            }
        }
    }
}
