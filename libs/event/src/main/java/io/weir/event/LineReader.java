package io.weir.event;

import java.util.Arrays;

/**
 * Splits a body into lines, piece by piece. A line ends with LF or CR LF, the last one also with the body; empty ones are
 * skipped and not counted. A line larger than the largest event is rejected, and its first bytes are kept.
 *
 * <p>Memory is bounded by the largest event; a line that lies inside a piece is handed on without a copy. One instance
 * reads one body, on one thread at a time.
 */
public final class LineReader {

    private final EventLimits limits;
    private final boolean stripped;
    private long position;
    private byte[] held = new byte[0];
    private int heldLength;
    private boolean tooLarge;

    /** A reader of log lines, which are handed on as they stand. */
    public LineReader(EventLimits limits) {
        this(limits, false);
    }

    LineReader(EventLimits limits, boolean stripped) {
        this.limits = limits;
        this.stripped = stripped;
    }

    /** Takes the next piece. */
    public void feed(byte[] buffer, int offset, int length, BodyReader.Sink sink) {
        int end = offset + length;
        int from = offset;
        for (int i = offset; i < end; i++) {
            if (buffer[i] == '\n') {
                line(buffer, from, i, sink);
                from = i + 1;
            }
        }
        hold(buffer, from, end, sink);
    }

    void feed(byte[] buffer, int offset, int length, BodyReader.Sink sink, long firstPosition) {
        position = Math.max(position, firstPosition);
        feed(buffer, offset, length, sink);
    }

    /** Says that the body has ended. */
    public void end(BodyReader.Sink sink) {
        line(held, 0, 0, sink);
    }

    private void line(byte[] buffer, int from, int to, BodyReader.Sink sink) {
        if (heldLength > 0 && !tooLarge) {
            hold(buffer, from, to, sink);
        }
        if (tooLarge) {
            tooLarge = false;
        } else if (heldLength > 0) {
            int length = heldLength;
            heldLength = 0;
            emit(held, 0, length, sink);
        } else {
            emit(buffer, from, to, sink);
        }
    }

    private void emit(byte[] buffer, int from, int to, BodyReader.Sink sink) {
        int start = from;
        int end = to;
        if (end > start && buffer[end - 1] == '\r') {
            end--;
        }
        if (stripped) {
            while (start < end && (buffer[start] == ' ' || buffer[start] == '\t')) {
                start++;
            }
            while (end > start && (buffer[end - 1] == ' ' || buffer[end - 1] == '\t')) {
                end--;
            }
            if (position == 0
                    && end - start >= 3
                    && buffer[start] == (byte) 0xef
                    && buffer[start + 1] == (byte) 0xbb
                    && buffer[start + 2] == (byte) 0xbf) {
                start += 3;
            }
        }
        if (end == start) {
            return;
        }
        if (end - start > limits.maxEventBytes()) {
            sink.rejected(position++, EventReader.tooLarge(limits), buffer, start, limits.maxEventBytes());
        } else {
            sink.event(position++, buffer, start, end - start);
        }
    }

    private void hold(byte[] buffer, int from, int to, BodyReader.Sink sink) {
        if (tooLarge) {
            return;
        }
        int length = to - from;
        int fits = Math.min(length, limits.maxEventBytes() - heldLength);
        if (held.length < heldLength + fits) {
            held = Arrays.copyOf(held, Math.min(limits.maxEventBytes(), Math.max(heldLength + fits, 2 * held.length)));
        }
        System.arraycopy(buffer, from, held, heldLength, fits);
        heldLength += fits;
        if (fits < length) {
            tooLarge = true;
            int kept = heldLength;
            heldLength = 0;
            sink.rejected(position++, EventReader.tooLarge(limits), held, 0, kept);
        }
    }
}
