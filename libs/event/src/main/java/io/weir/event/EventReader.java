package io.weir.event;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads one event, checks it against the contract, and hands its parts to a handler, all in one pass.
 *
 * <p>An instance is reused from event to event by one thread; it allocates nothing for an event that is taken. The same
 * bytes, stage, limits and time of reception always give the same result.
 */
public final class EventReader {

    private final EventLimits limits;
    private final Stage stage;
    private final FieldTable fields;
    private final JsonScanner json = new JsonScanner();
    private final NameSet attributeNames;
    private final NameSet measurementNames;
    private byte[] nameCopy = new byte[256];

    public EventReader(EventLimits limits, Stage stage) {
        this.limits = limits;
        this.stage = stage;
        this.fields = new FieldTable(stage);
        this.attributeNames = new NameSet(limits.maxAttributes());
        this.measurementNames = new NameSet(limits.maxMeasurements());
    }

    /**
     * Reads the event in that range.
     *
     * @param receivedAtMillis what the limits of time are measured from; not used for {@link Stage#ENRICHED}
     * @return null if the event is valid and the handler has seen all of it; otherwise why not, and the handler may have
     *     seen a part of it
     */
    public @Nullable Rejection read(
            byte[] buffer, int offset, int length, long receivedAtMillis, EventHandler handler) {
        if (length > limits.maxEventBytes() && stage == Stage.INGEST) {
            return tooLarge(limits);
        }
        json.reset(buffer, offset, length);
        try {
            event(receivedAtMillis, handler);
            return null;
        } catch (JsonScanner.Refused refused) {
            return refused.rejection;
        }
    }

    static Rejection tooLarge(EventLimits limits) {
        return new Rejection(
                Reason.TOO_LARGE, null, "the event is larger than " + limits.maxEventBytes() + " bytes", -1);
    }

    private void event(long receivedAt, EventHandler handler) {
        if (json.peek() != '{') {
            // Told apart so that a person who sends a list or a word learns what is wanted.
            json.skip(0, limits.maxDepth());
            throw json.refused(Reason.NOT_AN_OBJECT, "an event is a JSON object");
        }
        json.take('{');
        attributeNames.clear();
        measurementNames.clear();
        long seen = 0;
        boolean id = false;
        boolean timestamp = false;
        if (!json.take('}')) {
            do {
                json.peek();
                json.string();
                Field field = fields.find(json.text, json.textOffset, json.textLength);
                if (field == null) {
                    attribute(1, handler);
                    continue;
                }
                long bit = 1L << field.ordinal();
                if ((seen & bit) != 0) {
                    throw json.refused(Reason.DUPLICATE_FIELD, field.json(), "the field stands twice");
                }
                seen |= bit;
                json.expect(':');
                if (json.takeNull()) {
                    continue;
                }
                id |= field == Field.ID;
                timestamp |= field == Field.TIMESTAMP;
                value(field, receivedAt, handler);
            } while (json.take(','));
            json.expect('}');
        }
        json.expectEnd();
        if (id && !timestamp) {
            throw new JsonScanner.Refused(new Rejection(
                    Reason.MISSING_FIELD,
                    Field.TIMESTAMP.json(),
                    "an event with an id of its own needs a timestamp of its own, so that a repeat is the same event",
                    -1));
        }
    }

    private void value(Field field, long receivedAt, EventHandler handler) {
        switch (field.kind) {
            case IDENTIFIER, SLUG, TEXT -> text(field, handler);
            case TIMESTAMP -> timestamp(field, receivedAt, handler);
            case STATUS_CODE -> statusCode(field, handler);
            case DURATION -> handler.number(field, quantity(field, Quantities.Unit.MILLISECONDS));
            case SIZE -> {
                double bytes = quantity(field, Quantities.Unit.BYTES);
                if (bytes != Math.rint(bytes) || bytes >= 1L << 53) {
                    throw json.refused(Reason.OUT_OF_RANGE, field.json(), "must be a whole number below 2^53");
                }
                handler.number(field, (long) bytes);
            }
            case FLAG -> {
                int next = json.peek();
                if (next != 't' && next != 'f') {
                    throw wrongType(field, "true or false");
                }
                handler.flag(field, json.takeBoolean());
            }
            case MEASUREMENTS -> measurements(field, handler);
            case ATTRIBUTES -> attributes(field, handler);
        }
    }

    private JsonScanner.Refused wrongType(Field field, String wanted) {
        // What stands there must be JSON all the same, or the event is malformed before it is of the wrong type.
        json.skip(1, limits.maxDepth());
        return json.refused(Reason.WRONG_TYPE, field.json(), "must be " + wanted);
    }

    private void text(Field field, EventHandler handler) {
        if (json.peek() != '"') {
            throw wrongType(field, "a string");
        }
        json.string();
        if (json.textLength > field.maxBytes()) {
            throw json.refused(Reason.OUT_OF_RANGE, field.json(), "is longer than " + field.maxBytes() + " bytes");
        }
        if (field.kind != Field.Kind.TEXT) {
            if (json.textHasControl) {
                throw json.refused(Reason.CONTROL_CHARACTER, field.json(), "holds a control character");
            }
            if (json.textLength == 0) {
                throw json.refused(Reason.OUT_OF_RANGE, field.json(), "is empty");
            }
            if (field.kind == Field.Kind.SLUG && !isSlug()) {
                throw json.refused(Reason.OUT_OF_RANGE, field.json(), "must be a-z, then a-z, 0-9, '_', '.' or '-'");
            }
        }
        handler.text(field, json.text, json.textOffset, json.textLength);
    }

    private boolean isSlug() {
        for (int i = 0; i < json.textLength; i++) {
            byte b = json.text[json.textOffset + i];
            boolean letter = b >= 'a' && b <= 'z';
            boolean other = b >= '0' && b <= '9' || b == '_' || b == '.' || b == '-';
            if (!letter && (i == 0 || !other)) {
                return false;
            }
        }
        return true;
    }

    private void timestamp(Field field, long receivedAt, EventHandler handler) {
        long millis;
        int next = json.peek();
        if (next == '"') {
            json.string();
            millis = Timestamps.parse(json.text, json.textOffset, json.textLength);
            if (millis == Timestamps.INVALID) {
                throw json.refused(
                        Reason.WRONG_TYPE,
                        field.json(),
                        "must be an RFC 3339 date and time such as 2026-01-31T12:00:00Z, or epoch milliseconds");
            }
        } else if (next == '-' || next >= '0' && next <= '9') {
            json.number();
            if (!json.integral) {
                throw json.refused(Reason.WRONG_TYPE, field.json(), "must be a whole number of milliseconds");
            }
            millis = json.longValue;
        } else {
            throw wrongType(field, "an RFC 3339 date and time, or epoch milliseconds");
        }
        if (stage == Stage.INGEST) {
            Rejection outside = timeRejection(millis, receivedAt, limits);
            if (outside != null) {
                throw new JsonScanner.Refused(outside);
            }
        }
        handler.number(field, millis);
    }

    /** Why an event of that time, received at that time (both epoch milliseconds), is not taken; null if it is. */
    public static @Nullable Rejection timeRejection(long millis, long receivedAtMillis, EventLimits limits) {
        if (millis < receivedAtMillis - limits.maxAge().toMillis()) {
            String hint = millis > 0
                            && millis * 1000
                                    > receivedAtMillis - limits.maxAge().toMillis()
                            && millis < 1L << 34
                    ? "; it looks like seconds, but milliseconds are wanted"
                    : "";
            return new Rejection(
                    Reason.TIMESTAMP_TOO_OLD,
                    Field.TIMESTAMP.json(),
                    "is more than " + limits.maxAge().toDays() + " days before the event was received" + hint,
                    -1);
        }
        if (millis > receivedAtMillis + limits.maxAhead().toMillis()) {
            return new Rejection(
                    Reason.TIMESTAMP_AHEAD,
                    Field.TIMESTAMP.json(),
                    "is more than " + limits.maxAhead().toHours() + " hours after the event was received",
                    -1);
        }
        return null;
    }

    private void statusCode(Field field, EventHandler handler) {
        long code = -1;
        int next = json.peek();
        if (next == '"') {
            json.string();
            if (json.textLength == 3) {
                code = 0;
                for (int i = 0; i < 3; i++) {
                    int digit = json.text[json.textOffset + i] - '0';
                    code = digit < 0 || digit > 9 ? -1000 : code * 10 + digit;
                }
            }
        } else if (next == '-' || next >= '0' && next <= '9') {
            json.number();
            code = json.integral ? json.longValue : -1;
        } else {
            throw wrongType(field, "a number from 100 to 599");
        }
        if (code < 100 || code > 599) {
            throw json.refused(Reason.OUT_OF_RANGE, field.json(), "must be from 100 to 599");
        }
        handler.number(field, code);
    }

    private double quantity(Field field, Quantities.Unit unit) {
        double value;
        int next = json.peek();
        if (next == '"') {
            json.string();
            value = Quantities.parse(json.text, json.textOffset, json.textLength, unit);
            if (Double.isNaN(value)) {
                throw json.refused(
                        Reason.WRONG_TYPE, field.json(), "must be a number, or a number with " + unit.examples);
            }
        } else if (next == '-' || next >= '0' && next <= '9') {
            json.number();
            value = json.doubleValue;
        } else {
            throw wrongType(field, "a number, or a number with " + unit.examples);
        }
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw json.refused(Reason.OUT_OF_RANGE, field.json(), "must not be negative or infinite");
        }
        return value + 0.0; // no negative zero
    }

    private void measurements(Field field, EventHandler handler) {
        if (json.peek() != '{') {
            throw wrongType(field, "an object of numbers");
        }
        json.take('{');
        if (json.take('}')) {
            return;
        }
        do {
            json.peek();
            json.string();
            String problem = measurementNames.add(json.text, json.textOffset, json.textLength);
            if (problem != null) {
                throw problem == NameSet.TWICE
                        ? json.refused(Reason.DUPLICATE_FIELD, named("measurements."), problem)
                        : json.refused(Reason.TOO_MANY, field.json(), problem);
            }
            int nameLength = keepName();
            json.expect(':');
            int next = json.peek();
            if (next != '-' && (next < '0' || next > '9')) {
                json.skip(2, limits.maxDepth());
                throw json.refused(Reason.WRONG_TYPE, named("measurements.", nameLength), "must be a number");
            }
            json.number();
            if (Double.isInfinite(json.doubleValue)) {
                throw json.refused(Reason.OUT_OF_RANGE, named("measurements.", nameLength), "is too large");
            }
            handler.measurement(nameCopy, 0, nameLength, json.doubleValue);
        } while (json.take(','));
        json.expect('}');
    }

    private void attributes(Field field, EventHandler handler) {
        if (json.peek() != '{') {
            throw wrongType(field, "an object");
        }
        json.take('{');
        if (json.take('}')) {
            return;
        }
        do {
            json.peek();
            json.string();
            attribute(2, handler);
        } while (json.take(','));
        json.expect('}');
    }

    /** The name has been read; the colon and the value follow. */
    private void attribute(int depth, EventHandler handler) {
        String problem = attributeNames.add(json.text, json.textOffset, json.textLength);
        if (problem != null) {
            throw problem == NameSet.TWICE
                    ? json.refused(Reason.DUPLICATE_FIELD, named("attributes."), problem)
                    : json.refused(Reason.TOO_MANY, Field.ATTRIBUTES.json(), problem);
        }
        byte[] name = json.text;
        int nameOffset = json.textOffset;
        int nameLength = json.textLength;
        if (name != json.buffer()) {
            // An unescaped name stands in scratch space, which the value may use again.
            nameLength = keepName();
            name = nameCopy;
            nameOffset = 0;
        }
        json.expect(':');
        json.peek();
        int from = json.position();
        json.skip(depth, limits.maxDepth());
        handler.attribute(name, nameOffset, nameLength, json.buffer(), from, json.position() - from);
    }

    private int keepName() {
        if (nameCopy.length < json.textLength) {
            nameCopy = new byte[Math.max(json.textLength, 2 * nameCopy.length)];
        }
        System.arraycopy(json.text, json.textOffset, nameCopy, 0, json.textLength);
        return json.textLength;
    }

    private String named(String prefix) {
        return prefix + shortened(json.textAsString());
    }

    private String named(String prefix, int nameLength) {
        return prefix + shortened(new String(nameCopy, 0, nameLength, StandardCharsets.UTF_8));
    }

    private static String shortened(String name) {
        StringBuilder clean = new StringBuilder();
        name.codePoints()
                .limit(64)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }

    /** The names that one event has used so far, by their 64-bit hash: a collision is as good as a repeat. */
    private static final class NameSet {

        static final String TWICE = "the name stands twice";

        private final long[] hashes;
        private final String tooMany;
        private int size;

        NameSet(int capacity) {
            this.hashes = new long[capacity];
            this.tooMany = "has more than " + capacity + " members";
        }

        void clear() {
            size = 0;
        }

        @Nullable
        String add(byte[] buffer, int offset, int length) {
            long hash = 0xcbf29ce484222325L; // FNV-1a
            for (int i = offset; i < offset + length; i++) {
                hash = (hash ^ buffer[i]) * 0x100000001b3L;
            }
            for (int i = 0; i < size; i++) {
                if (hashes[i] == hash) {
                    return TWICE;
                }
            }
            if (size == hashes.length) {
                return tooMany;
            }
            hashes[size++] = hash;
            return null;
        }
    }
}
