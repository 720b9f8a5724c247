package io.weir.event;

import java.util.Arrays;

/**
 * Finds where each event of a request body begins and ends, piece by piece, whatever the pieces are.
 *
 * <p>A body is one JSON array of events, one event or several after one another, or one event a line. Only the frame is
 * looked at: {@link EventReader} says whether what is inside is an event. Memory is bounded by the largest event; one that
 * lies inside a piece is handed on where it lies, without a copy.
 *
 * <p>One instance reads one body, on one thread at a time.
 */
public final class BodyReader {

    /** How events stand in a body. */
    public enum Framing {
        /** By its first bytes: an array; or lines, if its first line holds a whole event; or events after one another. */
        AUTO,
        /** One event a line; a broken one costs its line only. */
        LINES,
        /** One array, or events after one another with any white space between and inside. */
        DOCUMENT
    }

    /** Takes the framed events; the bytes are valid during the call only. */
    public interface Sink {

        /** @param position the event's place in the body, from 0, rejected ones counted */
        void event(long position, byte[] buffer, int offset, int length);

        /** What cannot be framed, with its original bytes, at most as many as the largest event has. */
        void rejected(long position, Rejection why, byte[] buffer, int offset, int length);
    }

    private enum State {
        /** Nothing but white space so far. */
        START,
        /** In lines. */
        LINE,
        /** Before an event, outside of an array. */
        BETWEEN,
        /** Behind {@code [}. */
        FIRST_ELEMENT,
        /** Behind a comma. */
        ELEMENT,
        /** Behind an element. */
        AFTER_ELEMENT,
        /** In an event that is an object or an array. */
        CONTAINER,
        /** In an element that is a word or a number; strings end as containers do. */
        SCALAR,
        /** Behind {@code ]}. */
        END,
        /** The rest cannot be read. */
        LOST
    }

    private final EventLimits limits;
    private final Framing framing;
    private final LineReader lines;

    private State state;
    private boolean array;
    private boolean firstLine = true;
    private long position;

    private int depth;
    private boolean inString;
    private boolean escaped;

    private byte[] held = new byte[0];
    private int heldLength;
    private boolean tooLarge;

    public BodyReader(EventLimits limits, Framing framing) {
        this.limits = limits;
        this.framing = framing;
        this.lines = new LineReader(limits, true);
        this.state = framing == Framing.LINES ? State.LINE : State.START;
    }

    /** Takes the next piece. */
    public void feed(byte[] buffer, int offset, int length, Sink sink) {
        int end = offset + length;
        int i = offset;
        while (i < end) {
            if (state == State.LINE) {
                lines.feed(buffer, i, end - i, sink, position);
                return;
            }
            byte b = buffer[i];
            switch (state) {
                case CONTAINER -> i = container(buffer, i, end, sink);
                case SCALAR -> i = scalar(buffer, i, end, sink);
                case LOST -> {
                    return;
                }
                default -> {
                    if (isSpace(b) || state == State.START && isByteOrderMark(b)) {
                        if (b == '\n' && !array && framing == Framing.AUTO && firstLine && position > 0) {
                            // The first line held whole events: go on by lines, which a broken one cannot disturb.
                            state = State.LINE;
                        }
                        i++;
                    } else {
                        i = outside(buffer, i, end, sink);
                    }
                }
            }
        }
    }

    /** Takes a byte that is not white space, outside of an event. */
    private int outside(byte[] buffer, int at, int end, Sink sink) {
        byte b = buffer[at];
        boolean element = state == State.FIRST_ELEMENT || state == State.ELEMENT;
        if (state == State.START && b == '[') {
            array = true;
            state = State.FIRST_ELEMENT;
            return at + 1;
        }
        if (state == State.FIRST_ELEMENT && b == ']') {
            state = State.END;
            return at + 1;
        }
        if (state == State.AFTER_ELEMENT && (b == ',' || b == ']')) {
            state = b == ',' ? State.ELEMENT : State.END;
            return at + 1;
        }
        if (b == '{' || element && (b == '[' || b == '"')) {
            if (element || state == State.START || state == State.BETWEEN) {
                depth = 0;
                inString = false;
                escaped = false;
                state = State.CONTAINER;
                return at;
            }
        } else if (element && b != ',' && b != ']' && b != '}') {
            state = State.SCALAR;
            return at;
        }
        String wanted =
                switch (state) {
                    case FIRST_ELEMENT, ELEMENT -> "an event should stand here";
                    case AFTER_ELEMENT -> "',' or ']' should stand here";
                    case END -> "bytes after the end of the array";
                    default -> "an event should begin with '{', or an array of events with '['";
                };
        lose(Reason.MALFORMED_JSON, wanted + "; the rest of the body cannot be read", buffer, at, end, sink);
        return end;
    }

    private int container(byte[] buffer, int from, int end, Sink sink) {
        int i = from;
        while (i < end) {
            byte b = buffer[i++];
            if (inString) {
                if (escaped) {
                    escaped = false;
                } else if (b == '\\') {
                    escaped = true;
                } else if (b == '"') {
                    inString = false;
                    if (depth == 0) {
                        return frame(buffer, from, i, sink);
                    }
                }
            } else if (b == '"') {
                inString = true;
            } else if (b == '{' || b == '[') {
                depth++;
            } else if ((b == '}' || b == ']') && --depth == 0) {
                return frame(buffer, from, i, sink);
            } else if (b == '\n' && position == 0) {
                firstLine = false;
            }
        }
        hold(buffer, from, end, sink);
        return end;
    }

    private int scalar(byte[] buffer, int from, int end, Sink sink) {
        for (int i = from; i < end; i++) {
            byte b = buffer[i];
            if (b == ',' || b == ']' || isSpace(b)) {
                return frame(buffer, from, i, sink);
            }
        }
        hold(buffer, from, end, sink);
        return end;
    }

    /** Hands on the event that ends before {@code to}. */
    private int frame(byte[] buffer, int from, int to, Sink sink) {
        state = array ? State.AFTER_ELEMENT : State.BETWEEN;
        if (tooLarge) {
            tooLarge = false;
            return to;
        }
        if (heldLength > 0) {
            hold(buffer, from, to, sink);
            if (tooLarge) {
                tooLarge = false;
                return to;
            }
            int length = heldLength;
            heldLength = 0;
            sink.event(position++, held, 0, length);
        } else if (to - from > limits.maxEventBytes()) {
            sink.rejected(position++, EventReader.tooLarge(limits), buffer, from, limits.maxEventBytes());
        } else {
            sink.event(position++, buffer, from, to - from);
        }
        return to;
    }

    private void hold(byte[] buffer, int from, int to, Sink sink) {
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

    private void lose(Reason reason, String detail, byte[] buffer, int from, int end, Sink sink) {
        state = State.LOST;
        int length = Math.min(end - from, limits.maxEventBytes());
        sink.rejected(position++, new Rejection(reason, null, detail, -1), buffer, from, length);
    }

    /** Says that the body has ended. */
    public void end(Sink sink) {
        switch (state) {
            case LINE -> lines.end(sink);
            case CONTAINER, SCALAR -> {
                if (!tooLarge) {
                    lose(Reason.TRUNCATED, "the body ends in the middle of an event", held, 0, heldLength, sink);
                }
            }
            case FIRST_ELEMENT, ELEMENT, AFTER_ELEMENT ->
                lose(Reason.TRUNCATED, "the body ends before the array does", held, 0, 0, sink);
            default -> {}
        }
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private static boolean isByteOrderMark(byte b) {
        return b == (byte) 0xef || b == (byte) 0xbb || b == (byte) 0xbf;
    }
}
