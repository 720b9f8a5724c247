package io.weir.source.http.ingest;

import io.weir.event.BodyReader;
import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Headers;
import io.weir.event.LineReader;
import io.weir.event.Rejection;
import io.weir.source.http.SourceProperties;
import io.weir.source.http.access.Allowance;
import io.weir.source.http.access.Sender;
import io.weir.source.http.body.BodyDecoder;
import io.weir.source.http.body.CorruptBodyException;
import io.weir.source.http.kafka.Delivery;
import io.weir.source.http.kafka.EventPublisher;
import io.weir.source.http.problem.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/**
 * The body of one request on its way into Kafka.
 *
 * <p>Pieces of the body come one at a time, each asked for only when there is room for its events: memory is bounded by
 * one piece, one event and what is in flight. It ends when the body has ended (or failed) and Kafka has acknowledged (or
 * refused) everything that was sent.
 */
final class Upload extends BaseSubscriber<DataBuffer> implements BodyReader.Sink, Delivery.Listener {

    /** The event reader keeps scratch space: one for each thread that reads. */
    private static final ThreadLocal<EventHead> HEAD = ThreadLocal.withInitial(EventHead::new);

    private static final String EVENT_TYPE = "application/json";

    private final EventPublisher publisher;
    private final SourceProperties properties;
    private final Sender sender;
    private final MonoSink<Outcome> result;
    private final BodyDecoder decoder;
    private final ThreadLocal<EventReader> readers;
    private final @Nullable BodyReader events;
    private final @Nullable LineReader lines;
    private final boolean validated;
    private final EventIds ids;
    private final long receivedAt;
    private final int largestEvent;

    private final Header[] commonHeaders;
    private final byte[] keyPrefix;
    private final byte[] defaultKey;
    private byte[] lastKey;

    /** The body itself and each delivery: the upload is over when there are none left. */
    private final AtomicInteger parts = new AtomicInteger(1);

    private final AtomicBoolean bodyOver = new AtomicBoolean();
    private volatile @Nullable Problem problem;
    private volatile boolean undelivered;
    private @Nullable Delivery delivery;
    private boolean closed;
    private boolean roomTaken;
    private long receivedBytes;
    private volatile long accepted;
    private volatile long rejected;
    private final List<Outcome.Rejected> rejections = new ArrayList<>(0);

    Upload(
            EventPublisher publisher,
            SourceProperties properties,
            EventLimits limits,
            ThreadLocal<EventReader> readers,
            IngestRequest request,
            Sender sender,
            EventIds ids,
            Instant receivedAt,
            MonoSink<Outcome> result) {
        this.publisher = publisher;
        this.properties = properties;
        this.sender = sender;
        this.result = result;
        this.ids = ids;
        this.receivedAt = receivedAt.toEpochMilli();
        this.largestEvent = limits.maxEventBytes();
        this.readers = readers;
        this.decoder = request.coding().newDecoder();
        this.validated = request.logFormat() == null;
        this.events = request.framing() == null ? null : new BodyReader(limits, request.framing());
        this.lines = request.framing() == null ? new LineReader(limits) : null;
        String source = request.source() == null ? sender.name() : request.source();
        String type = request.logFormat() == null ? EVENT_TYPE : "text/plain; format=" + request.logFormat();
        this.commonHeaders = new Header[] {
            header(Headers.CONTENT_TYPE, type),
            sender.tenantHeader(),
            header(Headers.RECEIVED_AT, Long.toString(this.receivedAt)),
            header(Headers.REQUEST_ID, request.id()),
            header(Headers.SOURCE, source)
        };
        this.keyPrefix = (sender.tenant() + "/").getBytes(StandardCharsets.UTF_8);
        this.defaultKey = (sender.tenant() + "/" + source).getBytes(StandardCharsets.UTF_8);
        this.lastKey = defaultKey;
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        askOn();
    }

    @Override
    protected void hookOnNext(DataBuffer piece) {
        long before = accepted + rejected;
        long bytesBefore = receivedBytes;
        Delivery open = null;
        try {
            synchronized (this) {
                if (closed) {
                    return;
                }
                try {
                    read(piece);
                } finally {
                    open = delivery;
                    delivery = null;
                }
            }
        } finally {
            DataBufferUtils.release(piece);
            giveRoomBack();
            if (open != null) {
                open.sealed();
            }
        }
        long wait = sender.allowance().take(accepted + rejected - before, receivedBytes - bytesBefore);
        if (problem != null) {
            abandon();
            return;
        }
        Allowance.LimitExceeded quota = sender.allowance().exceededQuota();
        if (quota != null) {
            fail(quota.toProblem());
        } else if (wait > 0) {
            // The server gives up on a connection that is not read for the read timeout.
            long longest = properties.readTimeout().toNanos() / 3;
            Schedulers.parallel().schedule(this::askOn, Math.min(wait, longest), TimeUnit.NANOSECONDS);
        } else {
            askOn();
        }
    }

    /** Asks for the next piece once there is room for it. */
    private void askOn() {
        if (publisher.takeRoomOrElse(this::goOn)) {
            goOn();
        }
    }

    private void goOn() {
        synchronized (this) {
            roomTaken = true;
        }
        if (isDisposed()) {
            giveRoomBack();
        } else {
            request(1);
        }
    }

    private void giveRoomBack() {
        synchronized (this) {
            if (!roomTaken) {
                return;
            }
            roomTaken = false;
        }
        publisher.giveBack();
    }

    private void read(DataBuffer piece) {
        try (DataBuffer.ByteBufferIterator buffers = piece.readableByteBuffers()) {
            while (problem == null && buffers.hasNext()) {
                ByteBuffer buffer = buffers.next();
                decoder.decode(buffer, this::decoded);
            }
        } catch (CorruptBodyException e) {
            problem = Problem.badRequest("corrupt_body", "The body cannot be read on: " + e.getMessage() + ".");
        }
    }

    private void decoded(byte[] bytes, int offset, int length) {
        if (problem != null) {
            return;
        }
        receivedBytes += length;
        if (receivedBytes > properties.maxRequestSize().toBytes()) {
            problem = IngestRequest.tooLarge(properties.maxRequestSize().toBytes());
            return;
        }
        if (events != null) {
            events.feed(bytes, offset, length, this);
        } else if (lines != null) {
            lines.feed(bytes, offset, length, this);
        }
    }

    @Override
    protected void hookOnComplete() {
        long before = accepted + rejected;
        Delivery open;
        synchronized (this) {
            if (closed) {
                return;
            }
            try {
                decoder.end();
                if (events != null) {
                    events.end(this);
                } else if (lines != null) {
                    lines.end(this);
                }
            } catch (CorruptBodyException e) {
                problem = Problem.badRequest("corrupt_body", "The body cannot be read on: " + e.getMessage() + ".");
            }
            open = delivery;
            delivery = null;
        }
        if (open != null) {
            open.sealed();
        }
        // The last event of a body need not end with a line feed.
        sender.allowance().take(accepted + rejected - before, 0);
        if (receivedBytes == 0 && problem == null) {
            problem = Problem.badRequest("empty_body", "The body is empty: send one event or more.");
        }
        endOfBody();
    }

    /** The client is gone, or was silent for too long: nobody is left to answer. */
    @Override
    protected void hookOnError(Throwable error) {
        close();
        giveRoomBack();
        result.error(error);
    }

    private void fail(Problem why) {
        if (problem == null) {
            problem = why;
        }
        abandon();
    }

    private void abandon() {
        cancel();
        endOfBody();
    }

    private void endOfBody() {
        if (bodyOver.compareAndSet(false, true)) {
            close();
            giveRoomBack();
            partOver();
        }
    }

    private synchronized void close() {
        if (!closed) {
            closed = true;
            decoder.close();
        }
    }

    private void partOver() {
        if (parts.decrementAndGet() == 0) {
            result.success(new Outcome(accepted, rejected, rejections, problem, !undelivered));
        }
    }

    @Override
    public void delivered(@Nullable Exception failure) {
        if (failure != null) {
            undelivered = true;
            fail(Problem.unavailable(
                    "kafka_unavailable", "Kafka did not acknowledge the events; send the request again."));
        }
        partOver();
    }

    @Override
    public void event(long position, byte[] buffer, int offset, int length) {
        if (problem != null) {
            return;
        }
        byte[] id = null;
        byte[] key = defaultKey;
        if (validated) {
            EventHead head = HEAD.get();
            head.clear();
            Rejection rejection = readers.get().read(buffer, offset, length, receivedAt, head);
            if (rejection != null) {
                rejected(position, rejection, buffer, offset, length);
                return;
            }
            if (head.hasId()) {
                id = head.id();
            }
            if (head.hasSource()) {
                if (!head.isSourceOf(lastKey, keyPrefix.length)) {
                    lastKey = head.appendSource(keyPrefix);
                }
                key = lastKey;
            }
        }
        Header[] headers = Arrays.copyOf(commonHeaders, commonHeaders.length + 1);
        headers[commonHeaders.length] = new RecordHeader(Headers.ID, id == null ? ids.at(position) : id);
        if (send(key, buffer, offset, length, headers)) {
            accepted++;
        }
    }

    @Override
    public void rejected(long position, Rejection why, byte[] buffer, int offset, int length) {
        if (problem != null) {
            return;
        }
        List<Header> headers = new ArrayList<>(Arrays.asList(commonHeaders));
        headers.add(new RecordHeader(Headers.ID, ids.at(position)));
        headers.add(header(Headers.REASON, why.reason()));
        headers.add(header(Headers.DETAIL, why.detail()));
        headers.add(header(Headers.POSITION, Long.toString(position)));
        if (why.field() != null) {
            headers.add(header(Headers.FIELD, why.field()));
        }
        if (send(defaultKey, buffer, offset, Math.min(length, largestEvent), headers.toArray(Header[]::new))) {
            rejected++;
            if (rejections.size() < properties.reportedRejections()) {
                rejections.add(new Outcome.Rejected(position, why.reason(), why.field(), why.detail()));
            }
        }
    }

    private boolean send(byte[] key, byte[] buffer, int offset, int length, Header[] headers) {
        if (publisher.isOverfull()) {
            problem = Problem.unavailable("overloaded", "More waits for Kafka than fits; send the request again.");
            return false;
        }
        if (!publisher.isConnected() || delivery != null && delivery.hasFailed()) {
            problem = Problem.unavailable("kafka_unavailable", "Kafka cannot be reached; send the request again.");
            return false;
        }
        Delivery open = delivery;
        if (open == null) {
            open = publisher.delivery(this);
            parts.incrementAndGet();
            delivery = open;
        }
        byte[] value = Arrays.copyOfRange(buffer, offset, offset + length);
        publisher.send(key, value, Arrays.asList(headers), open);
        return true;
    }
}
