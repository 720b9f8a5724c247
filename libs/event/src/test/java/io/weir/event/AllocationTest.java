package io.weir.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.weir.event.BodyReader.Framing;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What the readme promises of the hot path: nothing is allocated for an event. */
class AllocationTest {
    private static final int ROUNDS = 20_000;
    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final byte[] EVENT =
            ("{\"id\":\"e-1\",\"timestamp\":\"2026-01-31T12:00:00.5+01:00\",\"type\":\"request\","
                            + "\"status_code\":200,\"latency_ms\":\"1.2s\",\"bytes\":\"12KiB\",\"message\":\"a \\\"b\\\" \\u00e9\","
                            + "\"measurements\":{\"t\":21.25,\"n\\u0041\":-3e2},\"attributes\":{\"a\":[1.5,{\"b\":null}]},\"plan\":\"é\"}")
                    .getBytes(UTF_8);
    private static final long NOW = 1769860800000L;

    @Test
    void readingWritingAndFramingAllocateNothing() {
        EventReader reader = new EventReader(EventLimits.DEFAULT, Stage.INGEST);
        Event event = new Event();
        ByteSink sink = new ByteSink();
        byte[] body = ("[" + new String(EVENT, UTF_8) + "," + new String(EVENT, UTF_8) + "]").getBytes(UTF_8);
        BodyReader bodyReader = new BodyReader(EventLimits.DEFAULT, Framing.AUTO);
        long[] taken = new long[1];
        BodyReader.Sink events = new BodyReader.Sink() {
            @Override
            public void event(long position, byte[] bytes, int offset, int length) {
                event.clear();
                taken[0] += reader.read(bytes, offset, length, NOW, event) == null ? 1 : 0;
                sink.reset();
                EventWriter.write(event, sink);
            }

            @Override
            public void rejected(long position, Rejection why, byte[] bytes, int offset, int length) {
                throw new AssertionError(why.toString());
            }
        };
        Runnable round = () -> {
            bodyReader.reset();
            bodyReader.feed(body, 0, body.length / 3, events);
            bodyReader.feed(body, body.length / 3, body.length - body.length / 3, events);
            bodyReader.end(events);
        };
        repeat(round);
        taken[0] = 0;
        long bytes = repeat(round);
        assertThat(taken[0]).isEqualTo(2L * ROUNDS);
        // Less than a byte an event: room for what the compiler and the counting itself allocate.
        assertThat(bytes).isLessThan(ROUNDS);
    }

    @Test
    void idsAreWrittenWithoutAllocating() {
        byte[] id = new byte[36];
        Runnable round = () -> Ids.uuid7(id, 0);
        repeat(round);
        assertThat(repeat(round)).isLessThan(ROUNDS);
    }

    private static long repeat(Runnable round) {
        long before = THREAD.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            round.run();
        }
        return THREAD.getCurrentThreadAllocatedBytes() - before;
    }
}
