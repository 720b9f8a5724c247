package io.weir.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One event in memory, reused from event to event by one thread. {@link EventReader} fills it, the processor changes it,
 * {@link EventWriter} writes it.
 *
 * <p>Texts, names and raw values are kept as UTF-8 in one buffer of the event's own, so that filling it allocates nothing
 * once it is warm; strings are made when they are asked for. Setting a field again replaces it, and its old bytes stay in
 * the buffer until {@link #clear()}. Setters do not check the contract: what a reader would refuse can be set.
 */
public final class Event implements EventHandler {

    private static final int FIELDS = Field.values().length;

    private final ByteSink bytes = new ByteSink();
    private final int[] offsets = new int[FIELDS];
    private final int[] lengths = new int[FIELDS];
    private final long[] numbers = new long[FIELDS];
    private long present;

    /** Offset and length of each measurement's name. */
    private int[] measurementNames = new int[2 * 16];

    private double[] measurementValues = new double[16];
    private int measurements;

    /** Offset and length of each attribute's name, then of its value. */
    private int[] attributePlaces = new int[4 * 32];

    /** Names as strings, as far as they were asked for. */
    private @Nullable String[] attributeNames = new @Nullable String[32];

    private int attributes;

    /** Makes all fields absent and keeps the memory. */
    public void clear() {
        bytes.reset();
        present = 0;
        measurements = 0;
        attributes = 0;
    }

    /** Whether the field is there; for measurements and attributes see their counts. */
    public boolean has(Field field) {
        return (present & bit(field)) != 0;
    }

    /** Makes a text, number or flag absent. */
    public void remove(Field field) {
        present &= ~bit(field);
    }

    /** The value of a text field, or null where it is absent. */
    public @Nullable String text(Field field) {
        return has(field) ? string(offset(field), length(field)) : null;
    }

    /** Sets a text field; null makes it absent. */
    public void text(Field field, @Nullable String value) {
        if (value == null) {
            remove(field);
            return;
        }
        int offset = bytes.size();
        bytes.text(value);
        place(field, offset);
    }

    @Override
    public void text(Field field, byte[] buffer, int offset, int length) {
        int at = bytes.size();
        bytes.write(buffer, offset, length);
        place(field, at);
    }

    /** The buffer that offsets point into; it may be another one after each change of the event. */
    public byte[] array() {
        return bytes.array();
    }

    /** Where in {@link #array()} the text of a field starts that is there. */
    public int offset(Field field) {
        return offsets[field.ordinal()];
    }

    /** How many bytes the text of a field has; 0 where it is absent. */
    public int length(Field field) {
        return has(field) ? lengths[field.ordinal()] : 0;
    }

    @Override
    public void number(Field field, long value) {
        if (field == Field.LATENCY_MS) {
            number(field, (double) value);
            return;
        }
        numbers[field.ordinal()] = value;
        present |= bit(field);
    }

    @Override
    public void number(Field field, double value) {
        numbers[field.ordinal()] = Double.doubleToRawLongBits(value);
        present |= bit(field);
    }

    @Override
    public void flag(Field field, boolean value) {
        numbers[field.ordinal()] = value ? 1 : 0;
        present |= bit(field);
    }

    /** The value of a whole-number field; 0 where it is absent. */
    public long number(Field field) {
        return has(field) ? numbers[field.ordinal()] : 0;
    }

    /** {@code latency_ms}; NaN where it is absent. */
    public double latencyMillis() {
        return has(Field.LATENCY_MS) ? Double.longBitsToDouble(numbers[Field.LATENCY_MS.ordinal()]) : Double.NaN;
    }

    /** A flag; false where it is absent. */
    public boolean flag(Field field) {
        return number(field) != 0;
    }

    // ---- measurements

    /** How many there are. */
    public int measurements() {
        return measurements;
    }

    public String measurementName(int index) {
        return string(measurementNameOffset(index), measurementNameLength(index));
    }

    /** Where in {@link #array()} the name starts. */
    public int measurementNameOffset(int index) {
        return measurementNames[2 * checked(index, measurements)];
    }

    public int measurementNameLength(int index) {
        return measurementNames[2 * checked(index, measurements) + 1];
    }

    public double measurementValue(int index) {
        return measurementValues[checked(index, measurements)];
    }

    /** Adds a measurement; the name must be a new one and the value finite. */
    public void measurement(String name, double value) {
        int offset = bytes.size();
        bytes.text(name);
        addMeasurement(offset, value);
    }

    @Override
    public void measurement(byte[] nameBuffer, int nameOffset, int nameLength, double value) {
        int offset = bytes.size();
        bytes.write(nameBuffer, nameOffset, nameLength);
        addMeasurement(offset, value);
    }

    private void addMeasurement(int nameOffset, double value) {
        if (measurements == measurementValues.length) {
            measurementValues = Arrays.copyOf(measurementValues, 2 * measurements);
            measurementNames = Arrays.copyOf(measurementNames, 4 * measurements);
        }
        measurementNames[2 * measurements] = nameOffset;
        measurementNames[2 * measurements + 1] = bytes.size() - nameOffset;
        measurementValues[measurements++] = value;
    }

    // ---- attributes

    /** How many there are. */
    public int attributes() {
        return attributes;
    }

    public String attributeName(int index) {
        String name = attributeNames[checked(index, attributes)];
        if (name == null) {
            name = string(attributeNameOffset(index), attributeNameLength(index));
            attributeNames[index] = name;
        }
        return name;
    }

    /** Where in {@link #array()} the unescaped name starts. */
    public int attributeNameOffset(int index) {
        return attributePlaces[4 * checked(index, attributes)];
    }

    public int attributeNameLength(int index) {
        return attributePlaces[4 * checked(index, attributes) + 1];
    }

    /** A copy of the value as it stands in JSON. */
    public byte[] attributeValue(int index) {
        int offset = attributeValueOffset(index);
        return Arrays.copyOfRange(bytes.array(), offset, offset + attributeValueLength(index));
    }

    /** Where in {@link #array()} the value starts, as it stands in JSON. */
    public int attributeValueOffset(int index) {
        return attributePlaces[4 * checked(index, attributes) + 2];
    }

    public int attributeValueLength(int index) {
        return attributePlaces[4 * checked(index, attributes) + 3];
    }

    /** The index of the attribute of that name, in unescaped UTF-8; -1 if there is none. */
    public int attributeIndex(byte[] name, int offset, int length) {
        byte[] array = bytes.array();
        for (int i = 0; i < attributes; i++) {
            int from = attributePlaces[4 * i];
            if (attributePlaces[4 * i + 1] == length
                    && Arrays.equals(array, from, from + length, name, offset, offset + length)) {
                return i;
            }
        }
        return -1;
    }

    /** Adds an attribute; the name must be a new one and the value valid JSON. */
    public void attribute(String name, byte[] json) {
        int nameOffset = bytes.size();
        bytes.text(name);
        int index = addAttribute(nameOffset);
        attributeValue(index, json, 0, json.length);
    }

    /** Adds an attribute; the name must be a new one and the value valid JSON. */
    @Override
    public void attribute(
            byte[] nameBuffer, int nameOffset, int nameLength, byte[] valueBuffer, int valueOffset, int valueLength) {
        int offset = bytes.size();
        bytes.write(nameBuffer, nameOffset, nameLength);
        int index = addAttribute(offset);
        attributeValue(index, valueBuffer, valueOffset, valueLength);
    }

    /** Replaces the value of an attribute by other valid JSON. */
    public void attributeValue(int index, byte[] json, int offset, int length) {
        int at = bytes.size();
        bytes.write(json, offset, length);
        attributePlaces[4 * checked(index, attributes) + 2] = at;
        attributePlaces[4 * index + 3] = length;
    }

    /** Removes an attribute; those behind it move up by one. */
    public void removeAttribute(int index) {
        int behind = attributes - checked(index, attributes) - 1;
        System.arraycopy(attributePlaces, 4 * index + 4, attributePlaces, 4 * index, 4 * behind);
        System.arraycopy(attributeNames, index + 1, attributeNames, index, behind);
        attributes--;
    }

    private int addAttribute(int nameOffset) {
        if (attributes == attributeNames.length) {
            attributePlaces = Arrays.copyOf(attributePlaces, 8 * attributes);
            attributeNames = Arrays.copyOf(attributeNames, 2 * attributes);
        }
        attributePlaces[4 * attributes] = nameOffset;
        attributePlaces[4 * attributes + 1] = bytes.size() - nameOffset;
        attributeNames[attributes] = null;
        return attributes++;
    }

    // ----

    private void place(Field field, int offset) {
        offsets[field.ordinal()] = offset;
        lengths[field.ordinal()] = bytes.size() - offset;
        present |= bit(field);
    }

    private String string(int offset, int length) {
        return new String(bytes.array(), offset, length, StandardCharsets.UTF_8);
    }

    private static long bit(Field field) {
        return 1L << field.ordinal();
    }

    private static int checked(int index, int count) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException("index " + index + " of " + count);
        }
        return index;
    }

    /** The event as {@link EventWriter} writes it. */
    @Override
    public String toString() {
        ByteSink json = new ByteSink();
        EventWriter.write(this, json);
        return json.toString();
    }
}
