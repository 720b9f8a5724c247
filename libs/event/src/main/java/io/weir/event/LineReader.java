package io.weir.event;

/**
 * Cuts a body into its lines, wherever the chunks of the body begin and end.
 *
 * <p>A line ends at {@code \n} or {@code \r\n}, the last one also at the end of the body. Empty lines are skipped and have
 * no position. A line of more than {@link EventLimits#maxEventBytes()} is refused with
 * {@link Reason#TOO_LARGE} and its first bytes; the next line is read as usual. What a line holds is not looked at.
 *
 * <p>Memory: at most one line of the allowed size. A line within one chunk is handed over as a slice of it, uncopied. Not
 * thread-safe.
 */
public final class LineReader {
    private final int maxBytes;
    private final boolean trimmed;
    private final HeldBytes held = new HeldBytes();
    private long position;
    private boolean skipping;

    /** A reader of log lines, which are handed on as they stand. */
    public LineReader(EventLimits limits) {
        this(limits, false);
    }

    /** @param trimmed whether whitespace around a line is no part of it */
    LineReader(EventLimits limits, boolean trimmed) {
        this.maxBytes = limits.maxEventBytes();
        this.trimmed = trimmed;
    }

    /** How many lines were handed over so far, refused ones included. */
    public long position() {
        return position;
    }

    /** Takes the next bytes of the body; slices handed to the sink are valid during its call only. */
    public void feed(byte[] bytes, int offset, int length, BodyReader.Sink sink) {
        int at = offset;
        int to = offset + length;
        while (at < to) {
            at = feedLine(bytes, at, to, sink);
        }
    }

    /** To be called once after the last chunk. */
    public void end(BodyReader.Sink sink) {
        if (held.size() > 0 && !skipping) {
            line(held.array(), 0, held.size(), sink);
        }
        held.clear();
        skipping = false;
    }

    /**
     * To be called instead of {@link #end} when the body broke off: what is held of a line is refused as
     * {@link Reason#TRUNCATED}.
     */
    public void cutOff(String detail, BodyReader.Sink sink) {
        if (held.size() > 0 && !skipping) {
            sink.rejected(
                    position++,
                    new Rejection(Reason.TRUNCATED, null, detail, held.size()),
                    held.array(),
                    0,
                    Math.min(held.size(), maxBytes));
        }
        held.clear();
        skipping = false;
    }

    /** Makes the reader ready for another body. */
    public void reset() {
        reset(0);
    }

    void reset(long firstPosition) {
        held.clear();
        skipping = false;
        position = firstPosition;
    }

    private int feedLine(byte[] bytes, int at, int to, BodyReader.Sink sink) {
        int newline = Words.indexOf(bytes, at, to, (byte) '\n');
        if (skipping) {
            skipping = newline < 0;
            return newline < 0 ? to : newline + 1;
        }
        if (newline < 0) {
            hold(bytes, at, to, sink);
            return to;
        }
        if (held.size() == 0) {
            line(bytes, at, newline, sink);
        } else {
            hold(bytes, at, newline, sink);
            if (!skipping) {
                line(held.array(), 0, held.size(), sink);
            }
            skipping = false;
            held.clear();
        }
        return newline + 1;
    }

    private void hold(byte[] bytes, int at, int to, BodyReader.Sink sink) {
        // One byte more than a line may have, since that could be the carriage return.
        int room = maxBytes + 1 - held.size();
        held.add(bytes, at, Math.min(to - at, room));
        if (to - at > room) {
            tooLarge(held.array(), 0, sink);
            skipping = true;
            held.clear();
        }
    }

    private void line(byte[] bytes, int from, int to, BodyReader.Sink sink) {
        int start = from;
        int end = to > from && bytes[to - 1] == '\r' ? to - 1 : to;
        if (end - start > maxBytes) {
            tooLarge(bytes, start, sink);
            return;
        }
        if (trimmed) {
            while (start < end && isBlank(bytes[start])) {
                start++;
            }
            while (end > start && isBlank(bytes[end - 1])) {
                end--;
            }
        }
        if (end > start) {
            sink.event(position++, bytes, start, end - start);
        }
    }

    private void tooLarge(byte[] bytes, int from, BodyReader.Sink sink) {
        sink.rejected(position++, Rejection.tooLarge(maxBytes), bytes, from, maxBytes);
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t' || c == '\r';
    }
}
