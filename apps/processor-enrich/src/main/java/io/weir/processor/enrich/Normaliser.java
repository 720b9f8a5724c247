package io.weir.processor.enrich;

import io.weir.event.Event;
import io.weir.event.EventHandler;
import io.weir.event.Field;
import io.weir.processor.enrich.log.Severities;
import io.weir.processor.enrich.request.Endpoints;
import io.weir.processor.enrich.request.Methods;
import io.weir.processor.enrich.text.ByteBuilder;
import io.weir.processor.enrich.text.Utf8;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a reader and the event: brings each field into its one form on its way, and at the end fills in what the
 * record did not say itself.
 *
 * <p>A method or a severity that is off the scale keeps its own text as an attribute ({@code original_method}, {@code
 * original_severity}), as long as the event has room for one.
 */
final class Normaliser implements EventHandler {
    private static final byte[] ORIGINAL_METHOD = ascii("original_method");
    private static final byte[] ORIGINAL_SEVERITY = ascii("original_severity");
    private static final byte[][] STATUS_CLASSES = {ascii("1xx"), ascii("2xx"), ascii("3xx"), ascii("4xx"), ascii("5xx")
    };

    private final Event event;
    private final Endpoints endpoints;
    private final int maximumAttributes;
    private final ByteBuilder originalMethod = new ByteBuilder(64);
    private final ByteBuilder originalSeverity = new ByteBuilder(64);
    private final ByteBuilder newName = new ByteBuilder(64);

    private boolean namesMayRepeat;
    private boolean tooMany;
    private long seen;
    private boolean hasMeasurements;
    private EventKind kind = EventKind.OTHER;

    Normaliser(Event event, Endpoints endpoints, int maximumAttributes) {
        this.event = event;
        this.endpoints = endpoints;
        this.maximumAttributes = maximumAttributes;
    }

    /**
     * Forgets the last event.
     *
     * @param mayRepeatNames whether attributes may come with a name that another one has already; it is then numbered
     */
    void begin(boolean mayRepeatNames) {
        namesMayRepeat = mayRepeatNames;
        tooMany = false;
        originalMethod.clear();
        originalSeverity.clear();
        seen = 0;
        hasMeasurements = false;
        kind = EventKind.OTHER;
    }

    /** Whether it had more attributes than an event may have. */
    boolean hasTooMany() {
        return tooMany;
    }

    /** What the event turned out to be; valid after {@link #end}. */
    EventKind kind() {
        return kind;
    }

    @Override
    public void text(Field field, byte[] buffer, int offset, int length) {
        switch (field) {
            case METHOD -> method(buffer, offset, length);
            case ENDPOINT -> endpoint(buffer, offset, length);
            case SEVERITY -> severity(buffer, offset, length);
            case TYPE -> {
                kind = EventKind.of(buffer, offset, length);
                pass(field, buffer, offset, length);
            }
            default -> pass(field, buffer, offset, length);
        }
    }

    @Override
    public void number(Field field, long value) {
        saw(field);
        event.number(field, value);
        if (field == Field.STATUS_CODE && value >= 100 && value <= 599) {
            byte[] statusClass = STATUS_CLASSES[(int) (value / 100) - 1];
            pass(Field.STATUS_CLASS, statusClass, 0, statusClass.length);
        }
    }

    @Override
    public void number(Field field, double value) {
        saw(field);
        event.number(field, value);
    }

    @Override
    public void flag(Field field, boolean value) {
        saw(field);
        event.flag(field, value);
    }

    @Override
    public void measurement(byte[] nameBuffer, int nameOffset, int nameLength, double value) {
        hasMeasurements = true;
        event.measurement(nameBuffer, nameOffset, nameLength, value);
    }

    @Override
    public void attribute(
            byte[] nameBuffer, int nameOffset, int nameLength, byte[] valueBuffer, int valueOffset, int valueLength) {
        if (event.attributes() >= maximumAttributes) {
            tooMany = true;
            return;
        }
        if (namesMayRepeat && event.attributeIndex(nameBuffer, nameOffset, nameLength) >= 0) {
            int number = 2;
            do {
                newName.clear()
                        .append(nameBuffer, nameOffset, nameLength)
                        .append('_')
                        .appendNumber(number++);
            } while (event.attributeIndex(newName.array(), 0, newName.size()) >= 0);
            event.attribute(newName.array(), 0, newName.size(), valueBuffer, valueOffset, valueLength);
        } else {
            event.attribute(nameBuffer, nameOffset, nameLength, valueBuffer, valueOffset, valueLength);
        }
    }

    /**
     * Fills in what was not said.
     *
     * @param receivedAt epoch milliseconds
     */
    void end(byte[] id, byte[] tenant, byte @Nullable [] source, long receivedAt) {
        if (!has(Field.ID)) {
            event.text(Field.ID, id, 0, id.length);
        }
        event.text(Field.TENANT, tenant, 0, tenant.length);
        if (!has(Field.SOURCE) && source != null && source.length > 0) {
            event.text(Field.SOURCE, source, 0, source.length);
        }
        if (!has(Field.TIMESTAMP)) {
            event.number(Field.TIMESTAMP, receivedAt);
        }
        event.number(Field.RECEIVED_AT, receivedAt);
        if (!has(Field.TYPE)) {
            kind = inferred();
            event.text(Field.TYPE, kind.type(), 0, kind.type().length);
        }
        keepOriginal(ORIGINAL_METHOD, originalMethod);
        keepOriginal(ORIGINAL_SEVERITY, originalSeverity);
    }

    private EventKind inferred() {
        if (has(Field.ENDPOINT) || has(Field.METHOD) || has(Field.STATUS_CODE)) {
            return EventKind.REQUEST;
        }
        if (hasMeasurements) {
            return EventKind.READING;
        }
        return has(Field.MESSAGE) ? EventKind.LOG : EventKind.OTHER;
    }

    private void method(byte[] buffer, int offset, int length) {
        byte[] method = Methods.normalise(buffer, offset, length);
        pass(Field.METHOD, method, 0, method.length);
        if (Methods.isOther(method)) {
            Utf8.appendJsonString(buffer, offset, length, originalMethod);
        }
    }

    private void endpoint(byte[] buffer, int offset, int length) {
        if (length == 0) {
            return;
        }
        endpoints.read(buffer, offset, length);
        pass(Field.ENDPOINT, endpoints.array(), endpoints.offset(), endpoints.length());
        ByteBuilder template = endpoints.template();
        pass(Field.ENDPOINT_TEMPLATE, template.array(), 0, template.size());
    }

    private void severity(byte[] buffer, int offset, int length) {
        byte @Nullable [] severity = Severities.normalise(buffer, offset, length);
        if (severity == null) {
            Utf8.appendJsonString(buffer, offset, length, originalSeverity);
        } else {
            pass(Field.SEVERITY, severity, 0, severity.length);
        }
    }

    private void keepOriginal(byte[] name, ByteBuilder original) {
        if (original.size() > 0 && event.attributes() < maximumAttributes) {
            namesMayRepeat = true;
            attribute(name, 0, name.length, original.array(), 0, original.size());
        }
    }

    private void pass(Field field, byte[] buffer, int offset, int length) {
        saw(field);
        event.text(field, buffer, offset, length);
    }

    private void saw(Field field) {
        seen |= 1L << field.ordinal();
    }

    private boolean has(Field field) {
        return (seen & 1L << field.ordinal()) != 0;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
