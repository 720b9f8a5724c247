package io.weir.event;

import org.jspecify.annotations.Nullable;

/**
 * Cuts a request body into its events, wherever the chunks of the body begin and end. It finds where an event begins and
 * ends and no more: each event that it hands over is yet to be read by an {@link EventReader}, which refuses what is not
 * JSON or no event.
 *
 * <p>What cannot be cut is refused here, and counted as one event:
 *
 * <ul>
 *   <li>an event of more than {@link EventLimits#maxEventBytes()} ({@link Reason#TOO_LARGE}): reading goes on behind it;
 *   <li>brackets that do not match, or bytes where an event should be ({@link Reason#MALFORMED_JSON}): in an array the
 *       rest of the body cannot be read; among objects, reading goes on at the next line that starts with a brace;
 *   <li>a body that ends inside an event or an array ({@link Reason#TRUNCATED}).
 * </ul>
 *
 * <p>Memory: at most one event of the allowed size. An event within one chunk is handed over as a slice of it, uncopied.
 * The result does not depend on how the body is cut into chunks. A UTF-8 byte order mark at the start is skipped. A body
 * without bytes, or of whitespace alone, holds zero events.
 *
 * <p>Not thread-safe.
 */
public final class BodyReader {

    /** How the body says where an event ends. */
    public enum Framing {
        /**
         * By its first bytes: {@code [} begins an array. A brace begins a document of objects, until the first object turns
         * out to stand on a line of its own: from there on each line is an event. Anything else is read as lines.
         */
        AUTO,
        /** Each line is one event, blank lines aside: NDJSON, JSON Lines. A broken line harms no other. */
        LINES,
        /** One array of events, or one or more objects one after the other, in any layout. */
        DOCUMENT
    }

    /** Takes what was cut out. */
    public interface Sink {
        /**
         * One event, still to be checked.
         *
         * @param position counted from 0 in the order of the body, refused events included
         * @param bytes valid during the call only
         */
        void event(long position, byte[] bytes, int offset, int length);

        /**
         * Something that could not be cut out.
         *
         * @param bytes its first bytes, as many as an event may have at most; valid during the call only; for an array
         *     that breaks off between two events there are none
         */
        void rejected(long position, Rejection why, byte[] bytes, int offset, int length);
    }

    private enum State {
        /** Nothing but the byte order mark and whitespace was seen. */
        START,
        LINES,
        /** Between two objects, or inside one. */
        OBJECTS,
        /** Between two elements of the array, or inside one. */
        ARRAY,
        /** Behind the array. */
        AFTER_ARRAY,
        /** Collects bytes for a refusal, until a line starts with a brace. */
        RESYNCHRONISE,
        /** Collects bytes for a refusal; the rest of the body cannot be read. */
        UNREADABLE
    }

    /** What may come next between two elements of the array. */
    private enum Expected {
        EVENT_OR_END,
        EVENT,
        COMMA_OR_END
    }

    /** What an event that has begun is made of. */
    private enum Shape {
        NONE,
        CONTAINER,
        STRING,
        /** A number or a word: what is no event but can be cut out of an array all the same. */
        BARE
    }

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] NOTHING = new byte[0];
    private static final int MOST_TRACKED_LEVELS = 64;

    private final Framing framing;
    private final int maxBytes;
    private final LineReader lines;
    private final HeldBytes held = new HeldBytes();

    private State state = State.START;
    private Expected expected = Expected.EVENT_OR_END;
    private int markBytes;
    private long position;
    /** Bytes of the body before the chunk that is being read. */
    private long consumed;

    // The event that has begun.
    private Shape shape = Shape.NONE;
    /** Where it begins, in bytes of the body. */
    private long begin;

    private int level;
    /** One bit a level for the first 64 levels: 1 for an object. */
    private long kinds;

    private boolean inString;
    private boolean escaped;
    /** The last byte outside strings that is no whitespace. */
    private byte significant;

    private boolean atLineStart;
    private boolean severalLines;
    /** The event was refused as too large already; only its end is looked for. */
    private boolean skipping;

    /** Why the event cannot be read on, just found. */
    private @Nullable String broken;

    /** A refusal that still collects bytes. */
    private @Nullable Rejection pending;

    public BodyReader(EventLimits limits, Framing framing) {
        this.framing = framing;
        this.maxBytes = limits.maxEventBytes();
        this.lines = new LineReader(limits, true);
    }

    /** How many events were handed over so far, refused ones included. */
    public long position() {
        return state == State.LINES ? lines.position() : position;
    }

    /** Makes the reader ready for another body. */
    public void reset() {
        state = State.START;
        expected = Expected.EVENT_OR_END;
        markBytes = 0;
        position = 0;
        consumed = 0;
        pending = null;
        atLineStart = false;
        severalLines = false;
        forgetEvent();
        lines.reset();
    }

    /** Takes the next bytes of the body. */
    public void feed(byte[] bytes, int offset, int length, Sink sink) {
        int at = offset;
        int to = offset + length;
        while (at < to) {
            at = switch (state) {
                case START -> start(bytes, offset, at, to, sink);
                case LINES -> lines(bytes, at, to, sink);
                case OBJECTS -> objects(bytes, offset, at, to, sink);
                case ARRAY -> array(bytes, offset, at, to, sink);
                case AFTER_ARRAY -> afterArray(bytes, offset, at, to);
                case RESYNCHRONISE -> resynchronise(bytes, offset, at, to, sink);
                case UNREADABLE -> unreadable(bytes, at, to, sink);
            };
        }
        consumed += length;
    }

    /** To be called once after the last chunk of a body that came whole. */
    public void end(Sink sink) {
        finish("the body ends inside an event", sink);
        if (state == State.LINES) {
            lines.end(sink);
        }
    }

    /**
     * To be called instead of {@link #end} when the body broke off: a connection that closed, a compressed stream that
     * cannot be read on. What is held of an event is refused as {@link Reason#TRUNCATED}, as is an array that was not
     * closed; what was handed over before stands.
     */
    public void cutOff(String detail, Sink sink) {
        finish(detail, sink);
        if (state == State.LINES) {
            lines.cutOff(detail, sink);
        }
    }

    private void finish(String truncated, Sink sink) {
        if (pending != null) {
            refuse(pending, held.array(), 0, held.size(), sink);
            return;
        }
        if (state == State.START && markBytes > 0 && markBytes < BYTE_ORDER_MARK.length) {
            Rejection why = new Rejection(Reason.TRUNCATED, null, truncated, markBytes);
            refuse(why, BYTE_ORDER_MARK, 0, markBytes, sink);
        } else if (shape != Shape.NONE) {
            if (!skipping) {
                Rejection why = new Rejection(Reason.TRUNCATED, null, truncated, held.size());
                refuse(why, held.array(), 0, held.size(), sink);
            }
        } else if (state == State.ARRAY) {
            refuse(new Rejection(Reason.TRUNCATED, null, "the array is not closed", 0), NOTHING, 0, 0, sink);
        }
        forgetEvent();
    }

    // ---- states

    private int start(byte[] bytes, int offset, int from, int to, Sink sink) {
        int at = from;
        while (markBytes < BYTE_ORDER_MARK.length && at < to && consumed + at - offset == markBytes) {
            if (bytes[at] != BYTE_ORDER_MARK[markBytes]) {
                break;
            }
            markBytes++;
            at++;
        }
        if (at == to) {
            return at;
        }
        if (markBytes > 0 && markBytes < BYTE_ORDER_MARK.length) {
            // Part of a mark is part of a broken line.
            startLines();
            lines.feed(BYTE_ORDER_MARK, 0, markBytes, sink);
            return at;
        }
        if (framing == Framing.LINES) {
            startLines();
            return at;
        }
        at = skipSpace(bytes, at, to);
        if (at == to) {
            return at;
        }
        if (bytes[at] == '[') {
            state = State.ARRAY;
            return at + 1;
        }
        if (framing == Framing.AUTO && bytes[at] != '{') {
            startLines();
        } else {
            state = State.OBJECTS;
        }
        return at;
    }

    private void startLines() {
        state = State.LINES;
        lines.reset(position);
    }

    private int lines(byte[] bytes, int at, int to, Sink sink) {
        lines.feed(bytes, at, to - at, sink);
        return to;
    }

    private int objects(byte[] bytes, int offset, int from, int to, Sink sink) {
        int at = from;
        if (shape == Shape.NONE) {
            while (at < to && isSpace(bytes[at])) {
                if (bytes[at] == '\n' && framing == Framing.AUTO && position == 1 && !severalLines) {
                    // The first object stood on a line of its own.
                    startLines();
                    return at + 1;
                }
                at++;
            }
            if (at == to) {
                return to;
            }
            begin(bytes[at], consumed + at - offset);
            if (shape != Shape.CONTAINER || bytes[at] != '{') {
                forgetEvent();
                begin = consumed + at - offset;
                pending = malformed("expected an object", 0);
                state = State.RESYNCHRONISE;
                atLineStart = false;
                return at;
            }
        }
        return event(bytes, offset, at, to, sink);
    }

    private int array(byte[] bytes, int offset, int from, int to, Sink sink) {
        int at = from;
        if (shape == Shape.NONE) {
            at = skipSpace(bytes, at, to);
            if (at == to) {
                return to;
            }
            byte c = bytes[at];
            if (c == ',' && expected == Expected.COMMA_OR_END) {
                expected = Expected.EVENT;
                return at + 1;
            }
            if (c == ']' && expected != Expected.EVENT) {
                state = State.AFTER_ARRAY;
                return at + 1;
            }
            begin(c, consumed + at - offset);
            if (expected == Expected.COMMA_OR_END || shape == Shape.NONE) {
                forgetEvent();
                begin = consumed + at - offset;
                pending = malformed(
                        expected == Expected.COMMA_OR_END
                                ? "expected a comma or the end of the array"
                                : "expected an event",
                        0);
                state = State.UNREADABLE;
                return at;
            }
        }
        return event(bytes, offset, at, to, sink);
    }

    private int afterArray(byte[] bytes, int offset, int from, int to) {
        int at = skipSpace(bytes, from, to);
        if (at < to) {
            begin = consumed + at - offset;
            pending = malformed("bytes after the end of the array", 0);
            state = State.UNREADABLE;
        }
        return at;
    }

    private int unreadable(byte[] bytes, int from, int to, Sink sink) {
        collect(bytes, from, to, sink);
        return to;
    }

    private int resynchronise(byte[] bytes, int offset, int from, int to, Sink sink) {
        int at = from;
        while (at < to && !(atLineStart && bytes[at] == '{')) {
            if (atLineStart) {
                atLineStart = false;
            }
            int newline = Words.indexOf(bytes, at, to, (byte) '\n');
            atLineStart = newline >= 0;
            at = newline < 0 ? to : newline + 1;
        }
        collect(bytes, from, at, sink);
        if (at < to) {
            if (pending != null) {
                refuse(pending, held.array(), 0, held.size(), sink);
            }
            goOnAt();
        }
        return at;
    }

    /** A line starts with a brace where no event is open any more. */
    private void goOnAt() {
        forgetEvent();
        if (framing == Framing.AUTO) {
            startLines();
        } else {
            state = State.OBJECTS;
        }
    }

    /** Keeps bytes for the refusal that is pending, and hands it over when it has as many as it may have. */
    private void collect(byte[] bytes, int from, int to, Sink sink) {
        if (pending == null) {
            return;
        }
        int room = maxBytes - held.size();
        held.add(bytes, from, Math.min(room, to - from));
        if (held.size() == maxBytes) {
            refuse(pending, held.array(), 0, held.size(), sink);
        }
    }

    private void refuse(Rejection why, byte[] bytes, int offset, int length, Sink sink) {
        pending = null;
        sink.rejected(position++, why, bytes, offset, length);
        held.clear();
    }

    private Rejection malformed(String detail, long at) {
        return new Rejection(Reason.MALFORMED_JSON, null, detail + " at byte " + (begin + at) + " of the body", (int)
                Math.min(at, Integer.MAX_VALUE));
    }

    // ---- one event

    private void begin(byte first, long at) {
        begin = at;
        level = 0;
        significant = 0;
        inString = false;
        escaped = false;
        atLineStart = false;
        severalLines = false;
        shape = switch (first) {
            case '{', '[' -> Shape.CONTAINER;
            case '"' -> Shape.STRING;
            case ',', ']', '}', ':' -> Shape.NONE;
            default -> Shape.BARE;
        };
    }

    private void forgetEvent() {
        shape = Shape.NONE;
        skipping = false;
        held.clear();
    }

    /**
     * Goes on with the event that has begun, from a byte of it.
     *
     * @return index behind its end, or of the byte that broke it, or {@code to}
     */
    private int event(byte[] bytes, int offset, int from, int to, Sink sink) {
        int stop = shape == Shape.BARE ? endOfWord(bytes, from, to) : scan(bytes, from, to);
        if (broken != null) {
            breakOff(broken, bytes, offset, from, stop, sink);
        } else if (shape == Shape.NONE) {
            ended(bytes, from, stop, sink);
        } else if (!skipping) {
            hold(bytes, from, stop, sink);
        }
        return stop;
    }

    /** The event cannot be read on from the byte at {@code stop}. */
    private void breakOff(String detail, byte[] bytes, int offset, int from, int stop, Sink sink) {
        broken = null;
        boolean nextEvent = bytes[stop] == '{';
        if (!skipping) {
            hold(bytes, from, stop, sink);
        }
        long at = consumed + stop - offset - begin;
        if (!skipping) {
            pending = malformed(detail, at);
        } else if (state == State.ARRAY) {
            // The event itself was refused as too large; that the rest of the array is lost has to be said too.
            begin += at;
            pending = malformed(detail, 0);
        }
        shape = Shape.NONE;
        skipping = false;
        if (nextEvent) {
            if (pending != null) {
                refuse(pending, held.array(), 0, held.size(), sink);
            }
            goOnAt();
        } else {
            state = state == State.ARRAY ? State.UNREADABLE : State.RESYNCHRONISE;
            atLineStart = false;
        }
    }

    private void ended(byte[] bytes, int from, int to, Sink sink) {
        expected = Expected.COMMA_OR_END;
        if (!skipping) {
            if (held.size() == 0) {
                if (to - from > maxBytes) {
                    refuse(Rejection.tooLarge(maxBytes), bytes, from, maxBytes, sink);
                } else {
                    sink.event(position++, bytes, from, to - from);
                }
            } else {
                hold(bytes, from, to, sink);
                if (!skipping) {
                    sink.event(position++, held.array(), 0, held.size());
                }
            }
        }
        forgetEvent();
    }

    private void hold(byte[] bytes, int from, int to, Sink sink) {
        int room = maxBytes - held.size();
        held.add(bytes, from, Math.min(room, to - from));
        if (to - from > room) {
            refuse(Rejection.tooLarge(maxBytes), held.array(), 0, maxBytes, sink);
            skipping = true;
        }
    }

    private int endOfWord(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            byte c = bytes[at];
            if (c == ',' || c == ']' || isSpace(c)) {
                shape = Shape.NONE;
                break;
            }
            at++;
        }
        return at;
    }

    /**
     * Looks for the end of a string or of a container.
     *
     * @return index behind the end ({@link #shape} is NONE then), or of the byte that cannot be ({@link #broken} is set), or
     *     {@code to}
     */
    private int scan(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (atLineStart) {
                if (bytes[at] == '{' && state == State.OBJECTS && !canOpenObject()) {
                    broken = "an event starts inside another";
                    return at;
                }
                atLineStart = false;
            }
            if (inString) {
                at = scanString(bytes, at, to);
                if (shape == Shape.STRING && !inString) {
                    shape = Shape.NONE;
                    return at;
                }
                continue;
            }
            byte c = bytes[at];
            switch (c) {
                case '"' -> inString = true;
                case '{', '[' -> {
                    if (level < MOST_TRACKED_LEVELS) {
                        long bit = 1L << level;
                        kinds = c == '{' ? kinds | bit : kinds & ~bit;
                    }
                    level++;
                }
                case '}', ']' -> {
                    if (level <= MOST_TRACKED_LEVELS && (kinds >>> (level - 1) & 1) != (c == '}' ? 1 : 0)) {
                        broken = "a bracket does not match";
                        return at;
                    }
                    if (--level == 0) {
                        shape = Shape.NONE;
                        return at + 1;
                    }
                }
                case '\n' -> {
                    atLineStart = true;
                    severalLines = true;
                }
                default -> {}
            }
            if (!isSpace(c)) {
                significant = c;
            }
            at++;
        }
        return at;
    }

    /** Index behind the closing quote, or behind a newline, or {@code to}. */
    private int scanString(byte[] bytes, int from, int to) {
        int at = from;
        if (escaped) {
            escaped = false;
            at++;
        }
        while (at < to) {
            int last = to - 8;
            while (at <= last) {
                long word = Words.at(bytes, at);
                long hits = Words.zeros(word ^ Words.QUOTES)
                        | Words.zeros(word ^ Words.BACKSLASHES)
                        | Words.zeros(word ^ Words.NEWLINES);
                if (hits != 0) {
                    at += Words.first(hits);
                    break;
                }
                at += 8;
            }
            if (at >= to) {
                return to;
            }
            byte c = bytes[at++];
            if (c == '"') {
                inString = false;
                return at;
            }
            if (c == '\\') {
                if (at == to) {
                    escaped = true;
                    return to;
                }
                at++;
            } else if (c == '\n') {
                atLineStart = true;
                severalLines = true;
                return at;
            }
        }
        return at;
    }

    /** Whether an object may start here, as far as the last bytes tell. */
    private boolean canOpenObject() {
        if (inString) {
            return false;
        }
        boolean inObject = level > MOST_TRACKED_LEVELS || (kinds >>> (level - 1) & 1) == 1;
        return inObject ? significant == ':' : significant == '[' || significant == ',';
    }

    // ----

    private static int skipSpace(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && isSpace(bytes[at])) {
            at++;
        }
        return at;
    }

    private static boolean isSpace(byte c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }
}
