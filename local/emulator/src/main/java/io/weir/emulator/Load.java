package io.weir.emulator;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Sends lanes of events to one ingestion address by their schedules, on the calling thread. The load is open: a server
 * that falls behind is not spared, and the latency of a POST counts from the moment when it was due, so waiting for a
 * free connection is part of it. Memory is bounded by {@link Settings#pending}; once that many batches wait for a final
 * answer, the schedule is late but nothing is left out.
 */
public final class Load implements Exchange.Outcome {

    private static final long FIRST_BACKOFF_MILLIS = 100;
    private static final long LONGEST_BACKOFF_MILLIS = 2_000;
    private static final long LONGEST_RETRY_AFTER_MILLIS = 30_000;

    /**
     * How to send.
     *
     * @param ingest scheme, host and port, such as {@code http://127.0.0.1:8090}; plain HTTP only
     * @param key API key, null for none
     * @param run part of every idempotency key; must differ from run to run
     * @param connections how many connections, hence how many POSTs at once
     * @param pending how many batches may wait for their final answer
     * @param timeout of one attempt
     * @param duration how long events happen; null until {@link Load#stop()}
     * @param drain how long batches without a final answer are still repeated afterwards
     */
    public record Settings(
            URI ingest,
            @Nullable String key,
            String run,
            int connections,
            int pending,
            Duration timeout,
            @Nullable Duration duration,
            Duration drain,
            boolean gzip,
            long seed) {

        public Settings {
            if (!"http".equals(ingest.getScheme()) || ingest.getHost() == null) {
                throw new IllegalArgumentException(
                        "The ingestion address is not of the form http://host:port: " + ingest);
            }
            if (connections < 1 || pending < connections) {
                throw new IllegalArgumentException(
                        "There must be a connection, and no fewer pending batches than those");
            }
        }

        int port() {
            return ingest.getPort() < 0 ? 80 : ingest.getPort();
        }
    }

    /** Is told what happens, on the thread that runs the load. */
    public interface Observer {
        /**
         * A final answer has come.
         *
         * @param batch valid during the call only
         * @param accepted how many events the answer counts as accepted
         */
        default void answered(Batch batch, long accepted, long rejected) {}

        /** A batch is given up, and nobody knows whether its events arrived; valid during the call only. */
        default void unknown(Batch batch, String why) {}

        /** Called at least every 100 ms or so. */
        default void tick(Totals totals) {}
    }

    private final Settings settings;
    private final List<Lane> lanes;
    private final Observer observer;
    private final Totals totals = new Totals();
    private final Map<Lane, String> heads = new HashMap<>();
    private final Map<Lane, ArrayDeque<Batch>> spare = new HashMap<>();
    private final PriorityQueue<Batch> repeats = new PriorityQueue<>(Comparator.comparingLong(Batch::repeatAt));
    private final SplittableRandom jitter;
    private int pending;
    private volatile boolean stopped;
    private long startedAt;
    private long startedAtMillis;

    public Load(Settings settings, List<Lane> lanes, Observer observer) {
        this.settings = settings;
        this.lanes = List.copyOf(lanes);
        this.observer = observer;
        this.jitter = new SplittableRandom(settings.seed);
        for (Lane lane : lanes) {
            heads.put(
                    lane,
                    Exchange.postHead(
                            settings.ingest.getHost(),
                            settings.port(),
                            lane.workload().path(),
                            lane.workload().contentType(),
                            settings.key,
                            settings.gzip));
            spare.put(lane, new ArrayDeque<>());
        }
    }

    /** Ends the events; what is pending is still brought to an end. May be called from any thread. */
    public void stop() {
        stopped = true;
    }

    /** What has happened so far; its numbers may be read from other threads, a little late. */
    public Totals totals() {
        return totals;
    }

    /**
     * Runs the whole load: events for the duration, then repeats until every batch has its final answer.
     *
     * @throws IOException if connections cannot be managed at all; a server that is away is no such reason
     */
    public Totals run() throws IOException {
        InetSocketAddress address = new InetSocketAddress(settings.ingest.getHost(), settings.port());
        try (HttpLoop loop = new HttpLoop(address, settings.connections, settings.timeout.toMillis())) {
            startedAt = System.nanoTime();
            startedAtMillis = System.currentTimeMillis();
            totals.started(startedAt);
            Duration duration = settings.duration;
            long length = duration == null ? Long.MAX_VALUE : duration.toNanos();
            long endedAt = 0;
            while (true) {
                long now = System.nanoTime();
                long elapsed = now - startedAt;
                // What is due by the end of the duration is sent, however late the server makes it.
                boolean producing =
                        !stopped && earliest().nextDue() < length && elapsed - settings.drain.toNanos() < length;
                if (!producing && endedAt == 0) {
                    endedAt = now;
                    totals.ended(now);
                }
                sendRepeats(loop, now);
                long nextDue = producing ? sendDue(loop, elapsed, length) : Long.MAX_VALUE;
                if (!producing) {
                    if (pending == 0) {
                        break;
                    }
                    if (now - endedAt > settings.drain.toNanos()) {
                        giveUpRest(loop);
                        break;
                    }
                }
                observer.tick(totals);
                loop.run(pause(loop, nextDue));
            }
        }
        return totals;
    }

    private long pause(HttpLoop loop, long nextDue) {
        long now = System.nanoTime();
        long wait = 100_000_000;
        if (loop.idle() > 0) {
            if (nextDue != Long.MAX_VALUE && pending < settings.pending) {
                wait = Math.min(wait, startedAt + nextDue - now);
            }
            Batch repeat = repeats.peek();
            if (repeat != null) {
                wait = Math.min(wait, repeat.repeatAt() - now);
            }
        }
        // Rounded up: a millisecond late rather than a spinning thread.
        return wait <= 0 ? 0 : (wait + 999_999) / 1_000_000;
    }

    private void sendRepeats(HttpLoop loop, long now) {
        Batch repeat = repeats.peek();
        while (repeat != null && repeat.repeatAt() - now <= 0 && loop.idle() > 0) {
            repeats.remove();
            totals.retried++;
            repeat.sending();
            loop.send(repeat, this);
            repeat = repeats.peek();
        }
    }

    /** @return when the next batch of any lane is due, in nanoseconds since the start */
    private long sendDue(HttpLoop loop, long elapsed, long length) {
        while (true) {
            Lane earliest = earliest();
            long due = earliest.nextDue();
            if (due > elapsed || due >= length || loop.idle() == 0 || pending >= settings.pending) {
                return due;
            }
            Batch batch = render(earliest, due);
            pending++;
            totals.sent += batch.events();
            totals.bytes += batch.bytes();
            totals.posts++;
            batch.sending();
            loop.send(batch, this);
        }
    }

    private Lane earliest() {
        Lane earliest = lanes.get(0);
        for (Lane lane : lanes) {
            if (lane.nextDue() < earliest.nextDue()) {
                earliest = lane;
            }
        }
        return earliest;
    }

    private Batch render(Lane lane, long due) {
        Batch spareOne = spareOf(lane).pollFirst();
        Batch batch = spareOne == null ? new Batch(lane) : spareOne;
        Workload workload = lane.workload();
        int size = lane.batchSize();
        if (batch.rendered.length == 0) {
            batch.rendered = new byte[size * workload.maxBytes()];
        }
        long number = lane.takeNumber();
        long first = number * size;
        int at = 0;
        for (int i = 0; i < size; i++) {
            long happens = startedAtMillis + lane.offsetOf(first + i) / 1_000_000;
            at += workload.render(batch.rendered, at, first + i, happens);
            batch.validity(i, workload.lastWasValid());
        }
        batch.fill(number, first, size, at, startedAt + due);
        byte[] body = batch.rendered;
        int length = at;
        if (settings.gzip) {
            body = gzip(body, length);
            length = body.length;
        }
        byte[] head = (heads.get(lane) + "Idempotency-Key: " + settings.run + '-' + lane.name() + '-' + number
                        + "\r\nContent-Length: " + length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        batch.request(head, body, length);
        return batch;
    }

    private static byte[] gzip(byte[] bytes, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(length / 2);
        try (GZIPOutputStream gzip = new FastGzip(out)) {
            gzip.write(bytes, 0, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(ByteArrayOutputStream out) throws IOException {
            super(out, 8192);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    private ArrayDeque<Batch> spareOf(Lane lane) {
        return spare.computeIfAbsent(lane, any -> new ArrayDeque<>());
    }

    @Override
    public void answered(Exchange exchange) {
        Batch batch = (Batch) exchange;
        int status = batch.status();
        totals.status(status);
        if (status >= 200 && status < 300) {
            finish(batch, batch.answerNumber("accepted"), batch.answerNumber("rejected"));
        } else if (status == 408 || status == 425 || status == 429 || status >= 500) {
            comeAgain(batch, "HTTP " + status, batch.retryAfterMillis());
        } else {
            totals.refusal(status, batch.answerText());
            if ((status == 401 || status == 403) && totals.accepted == 0) {
                stopped = true;
            }
            long rejected = batch.answerNumber("rejected");
            finish(batch, Math.max(0, batch.answerNumber("accepted")), rejected < 0 ? batch.events() : rejected);
        }
    }

    @Override
    public void unanswered(Exchange exchange, String why) {
        totals.unanswered++;
        comeAgain((Batch) exchange, why, -1);
    }

    private void comeAgain(Batch batch, String why, long retryAfterMillis) {
        totals.trouble(why);
        if (batch.lane().repeat() == Lane.Repeat.NEVER) {
            giveUp(batch, why);
            return;
        }
        long wait;
        if (retryAfterMillis >= 0) {
            wait = Math.min(retryAfterMillis, LONGEST_RETRY_AFTER_MILLIS);
            // Spread, so that all do not come back in the same instant.
            wait += jitter.nextLong(1 + wait / 4 + 20);
        } else {
            long backoff = FIRST_BACKOFF_MILLIS << Math.min(10, batch.attempts() - 1);
            wait = Math.min(LONGEST_BACKOFF_MILLIS, backoff);
            wait = wait / 2 + jitter.nextLong(1 + wait / 2);
        }
        batch.repeatAt(System.nanoTime() + wait * 1_000_000);
        repeats.add(batch);
    }

    private void finish(Batch batch, long accepted, long rejected) {
        if (accepted < 0) {
            totals.trouble("an answer without \"accepted\"");
        }
        totals.latency.record(System.nanoTime() - batch.intendedAt());
        totals.accepted += Math.max(0, accepted);
        totals.rejected += Math.max(0, rejected);
        observer.answered(batch, Math.max(0, accepted), Math.max(0, rejected));
        recycle(batch);
    }

    private void giveUp(Batch batch, String why) {
        totals.unknown += batch.events();
        observer.unknown(batch, why);
        recycle(batch);
    }

    private void recycle(Batch batch) {
        pending--;
        spareOf(batch.lane()).addFirst(batch);
    }

    private void giveUpRest(HttpLoop loop) {
        for (Batch batch : new ArrayList<>(repeats)) {
            giveUp(batch, "no final answer before the end");
        }
        repeats.clear();
        // What is still on a connection was counted as sent and got no answer.
        totals.unknownPosts = loop.busy();
    }
}
