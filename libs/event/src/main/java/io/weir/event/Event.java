package io.weir.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One event in memory, reused from event to event by one thread. {@link EventReader} fills it, the processor changes it,
 * {@link EventWriter} writes it. Fields that are absent are null, or have no number.
 */
public final class Event implements EventHandler {

    private static final int FIELDS = Field.values().length;

    private final @Nullable String[] texts = new String[FIELDS];
    private final long[] longs = new long[FIELDS];
    private long present; // a bit for each field whose number or flag is there
    private double latency;

    private String[] measurementNames = new String[8];
    private double[] measurementValues = new double[8];
    private int measurements;

    private String[] attributeNames = new String[16];
    private byte[][] attributeValues = new byte[16][];
    private int attributes;

    /** Makes all fields absent. */
    public void clear() {
        Arrays.fill(texts, null);
        present = 0;
        measurements = 0;
        attributes = 0;
    }

    /** The value of a text field, or null. */
    public @Nullable String text(Field field) {
        return texts[field.ordinal()];
    }

    /** Sets a text field; null makes it absent. */
    public void text(Field field, @Nullable String value) {
        texts[field.ordinal()] = value;
    }

    /** Whether a number or flag is there. */
    public boolean has(Field field) {
        return (present & 1L << field.ordinal()) != 0;
    }

    @Override
    public void text(Field field, byte[] buffer, int offset, int length) {
        texts[field.ordinal()] = new String(buffer, offset, length, StandardCharsets.UTF_8);
    }

    @Override
    public void number(Field field, long value) {
        longs[field.ordinal()] = value;
        present |= 1L << field.ordinal();
    }

    @Override
    public void number(Field field, double value) {
        latency = value;
        present |= 1L << field.ordinal();
    }

    @Override
    public void flag(Field field, boolean value) {
        number(field, value ? 1L : 0L);
    }

    /** The value of a whole-number field; 0 where it is absent. */
    public long number(Field field) {
        return has(field) ? longs[field.ordinal()] : 0;
    }

    /** {@code latency_ms}; NaN where it is absent. */
    public double latencyMillis() {
        return has(Field.LATENCY_MS) ? latency : Double.NaN;
    }

    /** A flag; false where it is absent. */
    public boolean flag(Field field) {
        return number(field) != 0;
    }

    /** Makes a number or flag absent. */
    public void remove(Field field) {
        present &= ~(1L << field.ordinal());
        texts[field.ordinal()] = null;
    }

    @Override
    public void measurement(byte[] nameBuffer, int nameOffset, int nameLength, double value) {
        measurement(new String(nameBuffer, nameOffset, nameLength, StandardCharsets.UTF_8), value);
    }

    /** Adds a measurement; the name must be a new one and the value finite. */
    public void measurement(String name, double value) {
        if (measurements == measurementNames.length) {
            measurementNames = Arrays.copyOf(measurementNames, 2 * measurements);
            measurementValues = Arrays.copyOf(measurementValues, 2 * measurements);
        }
        measurementNames[measurements] = name;
        measurementValues[measurements++] = value;
    }

    public int measurements() {
        return measurements;
    }

    public String measurementName(int index) {
        return measurementNames[index];
    }

    public double measurementValue(int index) {
        return measurementValues[index];
    }

    @Override
    public void attribute(
            byte[] nameBuffer, int nameOffset, int nameLength, byte[] valueBuffer, int valueOffset, int valueLength) {
        attribute(
                new String(nameBuffer, nameOffset, nameLength, StandardCharsets.UTF_8),
                Arrays.copyOfRange(valueBuffer, valueOffset, valueOffset + valueLength));
    }

    /** Adds an attribute; the name must be a new one and the value valid JSON. */
    public void attribute(String name, byte[] json) {
        if (attributes == attributeNames.length) {
            attributeNames = Arrays.copyOf(attributeNames, 2 * attributes);
            attributeValues = Arrays.copyOf(attributeValues, 2 * attributes);
        }
        attributeNames[attributes] = name;
        attributeValues[attributes++] = json;
    }

    public int attributes() {
        return attributes;
    }

    public String attributeName(int index) {
        return attributeNames[index];
    }

    /** The value as it stands in JSON. */
    public byte[] attributeValue(int index) {
        return attributeValues[index];
    }
}
