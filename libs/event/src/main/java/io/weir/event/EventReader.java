package io.weir.event;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads one event in one pass over its bytes: strict JSON (RFC 8259, UTF-8), checked against the contract on the way, handed
 * over part by part.
 *
 * <p>Fields may stand in any order. For a valid event nothing is allocated, but for numbers with more digits than a double
 * holds. Time is linear in the event's length, the stack is flat whatever the nesting, and memory that is kept between
 * events is a small multiple of the largest one. The same bytes, stage, limits and time of reception always give the same
 * result.
 *
 * <p>Three things that RFC 8259 leaves open are refused, because readers further on do not agree on them and would store
 * different events: a name that stands twice in one object, at any level; an escaped surrogate without its other half; a
 * number beyond the range of a double.
 *
 * <p>Reused from event to event by one thread.
 */
public final class EventReader {
    private static final long MOST_MILLIS = 1L << 53;
    /** Containers around the value of an attribute, wherever the event has it: the event and attributes. */
    private static final int ATTRIBUTE_DEPTH = 2;

    private static final String TIMESTAMP_FORMS =
            "must be an RFC 3339 date and time such as 2026-01-31T12:00:00Z, or epoch milliseconds";

    private final EventLimits limits;
    private final Stage stage;
    private final FieldTable fields;
    private final JsonScanner json;

    private long receivedAt;
    private EventHandler handler = new Event();

    /** A bit for each field whose name has been seen, and for each that has a value. */
    private long seen;

    private long present;

    // Unknown top-level fields are attributes, so their names and those in attributes are of one object.
    private int attributesObject;
    private int measurementsObject;
    private int attributes;
    private int measurements;

    public EventReader(EventLimits limits, Stage stage) {
        this.limits = limits;
        this.stage = stage;
        this.fields = FieldTable.of(stage);
        this.json = new JsonScanner(limits.maxDepth());
    }

    /**
     * Reads the event in that range; whitespace may stand around it.
     *
     * @param receivedAtMillis what the limits of time are measured from; not used for {@link Stage#ENRICHED}
     * @return null if the event is valid and the handler has seen all of it; otherwise why not, and the handler may have
     *     seen a part of it
     * @throws IndexOutOfBoundsException if the range does not lie in the buffer
     */
    public @Nullable Rejection read(
            byte[] buffer, int offset, int length, long receivedAtMillis, EventHandler handler) {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (stage == Stage.INGEST && length > limits.maxEventBytes()) {
            return Rejection.tooLarge(limits.maxEventBytes());
        }
        this.receivedAt = receivedAtMillis;
        this.handler = handler;
        seen = 0;
        present = 0;
        attributes = 0;
        measurements = 0;
        json.begin(buffer, offset, length);
        attributesObject = json.newObject();
        measurementsObject = json.newObject();
        int after = event(offset);
        json.release();
        return after < 0 ? json.refusal : null;
    }

    /** Why an event of that time, received at that time (both epoch milliseconds), is not taken; null if it is. */
    public static @Nullable Rejection timeRejection(long millis, long receivedAtMillis, EventLimits limits) {
        long oldest = receivedAtMillis - millis(limits.maxAge());
        if (millis < oldest) {
            boolean seconds = millis > oldest / 1000 && millis <= receivedAtMillis / 1000 + 86_400;
            return new Rejection(
                    Reason.TIMESTAMP_TOO_OLD,
                    Field.TIMESTAMP.json(),
                    "is more than " + limits.maxAge().toDays() + " days before the event was received"
                            + (seconds ? "; it looks like seconds, but milliseconds are wanted" : ""),
                    -1);
        }
        if (millis > receivedAtMillis + millis(limits.maxAhead())) {
            return new Rejection(
                    Reason.TIMESTAMP_AHEAD,
                    Field.TIMESTAMP.json(),
                    "is more than " + limits.maxAhead().toHours() + " hours after the event was received",
                    -1);
        }
        return null;
    }

    /** The duration in milliseconds, cut so that it can be added to any time of this and the next millennia. */
    private static long millis(Duration duration) {
        return duration.getSeconds() >= MOST_MILLIS / 1000 ? MOST_MILLIS : duration.toMillis();
    }

    private int event(int from) {
        int at = json.skipSpace(from);
        if (at == json.end) {
            return json.unexpected(at, "a JSON object");
        }
        if (json.buffer[at] != '{') {
            return notAnObject(at);
        }
        at = json.skipSpace(at + 1);
        if (at < json.end && json.buffer[at] == '}') {
            at++;
        } else {
            do {
                at = field(json.skipSpace(at));
                if (at < 0) {
                    return -1;
                }
            } while (json.buffer[at - 1] == ',');
        }
        at = json.skipSpace(at);
        if (at != json.end) {
            return json.fail(Reason.MALFORMED_JSON, null, "bytes after the end of the event", at);
        }
        return complete(at);
    }

    private int notAnObject(int at) {
        byte c = json.buffer[at];
        if (c != '[' && c != '"' && c != '-' && !Text.isDigit(c) && c != 't' && c != 'f' && c != 'n') {
            return json.unexpected(at, "a JSON object");
        }
        // Told apart from malformed JSON, so that who sends a list or a word learns what is wanted.
        int after = json.skipValue(at, 0);
        return after < 0 ? after : json.fail(Reason.NOT_AN_OBJECT, null, "an event is a JSON object", at);
    }

    private int complete(int at) {
        if (stage == Stage.ENRICHED) {
            return require(Field.ID, require(Field.TENANT, require(Field.TIMESTAMP, require(Field.RECEIVED_AT, at))));
        }
        if (isPresent(Field.ID) && !isPresent(Field.TIMESTAMP)) {
            return json.fail(
                    Reason.MISSING_FIELD,
                    Field.TIMESTAMP.json(),
                    "an event with an id of its own needs a timestamp of its own, so that a repeat is the same event",
                    at);
        }
        return at;
    }

    private int require(Field field, int at) {
        return at < 0 || isPresent(field) ? at : json.fail(Reason.MISSING_FIELD, field.json(), "is absent", json.end);
    }

    private boolean isPresent(Field field) {
        return (present & 1L << field.ordinal()) != 0;
    }

    /** @return index after the comma or the brace behind the field, or -1 */
    private int field(int nameAt) {
        int at = json.name(nameAt);
        if (at < 0) {
            return -1;
        }
        Field field = fields.find(json.text, json.textOffset, json.textLength);
        if (field == null) {
            at = attribute(nameAt, at);
        } else {
            long bit = 1L << field.ordinal();
            if ((seen & bit) != 0) {
                return json.fail(Reason.DUPLICATE_FIELD, field.json(), "the field stands twice", nameAt);
            }
            seen |= bit;
            at = json.colon(at);
            if (at >= 0) {
                at = value(field, at);
            }
        }
        return at < 0 ? at : afterMember(at);
    }

    /** @return index after the comma or the closing brace, or -1 */
    private int afterMember(int from) {
        int at = json.skipSpace(from);
        if (at < json.end && (json.buffer[at] == ',' || json.buffer[at] == '}')) {
            return at + 1;
        }
        return json.unexpected(at, "',' or '}'");
    }

    private int value(Field field, int at) {
        if (at == json.end) {
            return json.unexpected(at, "a value");
        }
        if (json.buffer[at] == 'n') {
            return json.literal(at);
        }
        present |= 1L << field.ordinal();
        return switch (field.kind) {
            case TEXT, IDENTIFIER, SLUG -> text(field, at);
            case TIMESTAMP -> timestamp(field, at);
            case STATUS_CODE -> statusCode(field, at);
            case SIZE -> size(field, at);
            case DURATION -> duration(field, at);
            case FLAG -> flag(field, at);
            case MEASUREMENTS -> measurements(field, at);
            case ATTRIBUTES -> attributes(field, at);
        };
    }

    private int text(Field field, int at) {
        if (json.buffer[at] != '"') {
            return wrongType(field, "must be a string", at);
        }
        int after = json.string(at);
        if (after < 0) {
            return -1;
        }
        int length = json.textLength;
        if (length > field.maxBytes()) {
            return outOfRange(field, "is longer than " + field.maxBytes() + " bytes", at);
        }
        if (field.kind != Field.Kind.TEXT) {
            if (length == 0 && field != Field.ID && field != Field.TYPE) {
                // A name that names nothing: as good as absent, and many clients send it for that.
                return after;
            }
            if (Text.holdsControl(json.text, json.textOffset, length)) {
                return json.fail(Reason.CONTROL_CHARACTER, field.json(), "holds a control character", at);
            }
            if (length == 0) {
                return outOfRange(field, "is empty", at);
            }
            if (field.kind == Field.Kind.SLUG && !Text.isSlug(json.text, json.textOffset, length)) {
                return outOfRange(field, "must be a-z, then a-z, 0-9, '_', '.' or '-'", at);
            }
        }
        handler.text(field, json.text, json.textOffset, length);
        return after;
    }

    private int timestamp(Field field, int at) {
        int after;
        long millis;
        if (json.buffer[at] == '"') {
            after = json.string(at);
            if (after < 0) {
                return -1;
            }
            millis = Timestamps.parse(json.text, json.textOffset, json.textLength);
            if (millis == Timestamps.INVALID) {
                return wrongType(field, TIMESTAMP_FORMS, at);
            }
        } else {
            after = wholeNumber(field, TIMESTAMP_FORMS, at);
            if (after < 0) {
                return -1;
            }
            millis = json.longValue;
        }
        if (stage == Stage.INGEST) {
            Rejection outside = timeRejection(millis, receivedAt, limits);
            if (outside != null) {
                return json.fail(outside, at);
            }
        } else if (millis < 0 || millis > Timestamps.LAST_STORABLE) {
            return outOfRange(field, "must lie in the years 1970 to 2299", at);
        }
        handler.number(field, millis);
        return after;
    }

    private int statusCode(Field field, int at) {
        int after;
        long code;
        if (json.buffer[at] == '"') {
            after = json.string(at);
            if (after < 0) {
                return -1;
            }
            code = threeDigits();
            if (code < 0) {
                return wrongType(field, "must be a whole number, or three digits", at);
            }
        } else {
            after = wholeNumber(field, "must be a whole number, or three digits", at);
            if (after < 0) {
                return -1;
            }
            code = json.longValue;
        }
        if (code < 100 || code > 599) {
            return outOfRange(field, "must be from 100 to 599", at);
        }
        handler.number(field, code);
        return after;
    }

    private int threeDigits() {
        if (json.textLength != 3) {
            return -1;
        }
        int value = 0;
        for (int i = json.textOffset; i < json.textOffset + 3; i++) {
            if (!Text.isDigit(json.text[i])) {
                return -1;
            }
            value = value * 10 + (json.text[i] - '0');
        }
        return value;
    }

    private int size(Field field, int at) {
        int after;
        long bytes;
        if (json.buffer[at] == '"') {
            after = json.string(at);
            if (after < 0) {
                return -1;
            }
            bytes = Quantities.bytes(json.text, json.textOffset, json.textLength);
            if (bytes < 0) {
                return wrongType(field, "must be a whole number, or a size such as \"12KB\" or \"12 KiB\"", at);
            }
        } else {
            after = wholeNumber(field, "must be a whole number, or a size such as \"12KB\" or \"12 KiB\"", at);
            if (after < 0) {
                return -1;
            }
            bytes = json.longValue;
            if (bytes < 0) {
                return outOfRange(field, "must not be negative", at);
            }
        }
        handler.number(field, bytes);
        return after;
    }

    private int duration(Field field, int at) {
        int after;
        double millis;
        byte c = json.buffer[at];
        if (c == '"') {
            after = json.string(at);
            if (after < 0) {
                return -1;
            }
            millis = Quantities.millis(json.text, json.textOffset, json.textLength);
            if (Double.isNaN(millis)) {
                return wrongType(field, "must be milliseconds, or a duration such as \"1.2s\" or \"350 ms\"", at);
            }
        } else if (c == '-' || Text.isDigit(c)) {
            after = json.number(field.json(), at);
            if (after < 0) {
                return -1;
            }
            millis = json.integer ? json.longValue : json.doubleValue;
        } else {
            return wrongType(field, "must be milliseconds, or a duration such as \"1.2s\" or \"350 ms\"", at);
        }
        if (millis < 0 || Double.isInfinite(millis)) {
            return outOfRange(field, "must not be negative or infinite", at);
        }
        handler.number(field, millis + 0.0); // no negative zero
        return after;
    }

    private int flag(Field field, int at) {
        byte c = json.buffer[at];
        if (c != 't' && c != 'f') {
            return wrongType(field, "must be true or false", at);
        }
        int after = json.literal(at);
        if (after >= 0) {
            handler.flag(field, c == 't');
        }
        return after;
    }

    /** Reads a number that must be whole, in whatever notation, into {@link JsonScanner#longValue}. */
    private int wholeNumber(Field field, String wanted, int at) {
        byte c = json.buffer[at];
        if (c != '-' && !Text.isDigit(c)) {
            return wrongType(field, wanted, at);
        }
        int after = json.number(field.json(), at);
        if (after >= 0 && !json.integer) {
            double value = json.doubleValue;
            if (value != Math.rint(value)) {
                return json.fail(Reason.WRONG_TYPE, field.json(), wanted, at);
            }
            if (Math.abs(value) >= 0x1p63) {
                return outOfRange(field, "does not fit into 64 bits", at);
            }
            json.longValue = (long) value;
        }
        return after;
    }

    private int measurements(Field field, int from) {
        if (json.buffer[from] != '{') {
            return wrongType(field, "must be an object of numbers", from);
        }
        int at = json.skipSpace(from + 1);
        if (at < json.end && json.buffer[at] == '}') {
            return at + 1;
        }
        do {
            at = measurement(json.skipSpace(at));
            if (at >= 0) {
                at = afterMember(at);
            }
            if (at < 0) {
                return -1;
            }
        } while (json.buffer[at - 1] == ',');
        return at;
    }

    private int measurement(int nameAt) {
        int at = json.name(nameAt);
        if (at < 0) {
            return -1;
        }
        int nameOffset = json.textOffset;
        int nameLength = json.textLength;
        boolean nameEscaped = json.textEscaped;
        if (nameLength == 0 || nameLength > Field.MEASUREMENTS.maxBytes()) {
            return outOfRange(
                    Field.MEASUREMENTS, "a name has 1 to " + Field.MEASUREMENTS.maxBytes() + " bytes", nameAt);
        }
        if (!json.isNew(measurementsObject)) {
            return json.fail(
                    Reason.DUPLICATE_FIELD,
                    member(Field.MEASUREMENTS, nameEscaped, nameOffset, nameLength),
                    "the name stands twice",
                    nameAt);
        }
        at = json.colon(at);
        if (at < 0) {
            return -1;
        }
        if (at == json.end) {
            return json.unexpected(at, "a number");
        }
        byte c = json.buffer[at];
        if (c == 'n') {
            return json.literal(at);
        }
        if (c != '-' && !Text.isDigit(c)) {
            int after = json.skipValue(at, 2);
            return after < 0
                    ? after
                    : json.fail(
                            Reason.WRONG_TYPE,
                            member(Field.MEASUREMENTS, nameEscaped, nameOffset, nameLength),
                            "must be a number",
                            at);
        }
        int after = json.number(Field.MEASUREMENTS.json(), at);
        if (after < 0) {
            return -1;
        }
        if (++measurements > limits.maxMeasurements()) {
            return json.fail(
                    Reason.TOO_MANY,
                    Field.MEASUREMENTS.json(),
                    "has more than " + limits.maxMeasurements() + " members",
                    nameAt);
        }
        double value = json.integer ? json.longValue : json.doubleValue;
        handler.measurement(json.nameBuffer(nameEscaped), nameOffset, nameLength, value);
        return after;
    }

    private int attributes(Field field, int from) {
        if (json.buffer[from] != '{') {
            return wrongType(field, "must be an object", from);
        }
        int at = json.skipSpace(from + 1);
        if (at < json.end && json.buffer[at] == '}') {
            return at + 1;
        }
        do {
            int nameAt = json.skipSpace(at);
            at = json.name(nameAt);
            if (at >= 0) {
                at = attribute(nameAt, at);
            }
            if (at >= 0) {
                at = afterMember(at);
            }
            if (at < 0) {
                return -1;
            }
        } while (json.buffer[at - 1] == ',');
        return at;
    }

    /** Goes on behind an attribute's name, which was read last: a member of attributes, or a field that will become one. */
    private int attribute(int nameAt, int from) {
        int nameOffset = json.textOffset;
        int nameLength = json.textLength;
        boolean nameEscaped = json.textEscaped;
        if (!json.isNew(attributesObject)) {
            return json.fail(
                    Reason.DUPLICATE_FIELD,
                    member(Field.ATTRIBUTES, nameEscaped, nameOffset, nameLength),
                    "the name stands twice, in attributes or as a field that the contract does not know",
                    nameAt);
        }
        if (++attributes > limits.maxAttributes()) {
            return json.fail(
                    Reason.TOO_MANY,
                    Field.ATTRIBUTES.json(),
                    "has more than " + limits.maxAttributes() + " members",
                    nameAt);
        }
        int at = json.colon(from);
        if (at < 0) {
            return -1;
        }
        int after = json.skipValue(at, ATTRIBUTE_DEPTH);
        if (after >= 0) {
            handler.attribute(json.nameBuffer(nameEscaped), nameOffset, nameLength, json.buffer, at, after - at);
        }
        return after;
    }

    private int wrongType(Field field, String wanted, int at) {
        // What stands there must be JSON all the same, or the event is malformed before it is of the wrong type.
        int after = json.skipValue(at, 1);
        return after < 0 ? after : json.fail(Reason.WRONG_TYPE, field.json(), wanted, at);
    }

    private int outOfRange(Field field, String allowed, int at) {
        return json.fail(Reason.OUT_OF_RANGE, field.json(), allowed, at);
    }

    /** The member's full name, cut to what an answer and a log bear. */
    private String member(Field field, boolean escaped, int offset, int length) {
        String name = new String(json.nameBuffer(escaped), offset, length, StandardCharsets.UTF_8);
        int end = name.codePointCount(0, name.length()) <= 64 ? name.length() : name.offsetByCodePoints(0, 64);
        return field.json() + '.' + name.substring(0, end);
    }
}
