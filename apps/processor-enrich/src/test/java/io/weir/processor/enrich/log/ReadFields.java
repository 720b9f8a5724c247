package io.weir.processor.enrich.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.event.EventHandler;
import io.weir.event.EventLimits;
import io.weir.event.Field;
import io.weir.event.Rejection;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a parser made of a line, for tests to look at. Refuses text that is not well-formed UTF-8. */
final class ReadFields implements EventHandler {
    static final EventLimits NO_TIME_LIMIT = new EventLimits(
            EventLimits.DEFAULT.maxEventBytes(),
            EventLimits.DEFAULT.maxAttributes(),
            EventLimits.DEFAULT.maxMeasurements(),
            EventLimits.DEFAULT.maxDepth(),
            java.time.Duration.ofDays(365 * 100),
            java.time.Duration.ofDays(365 * 100));

    final Map<Field, Object> fields = new EnumMap<>(Field.class);
    final Map<String, String> attributes = new LinkedHashMap<>();

    @Nullable
    Rejection rejection;

    static ReadFields of(LogFormat format, String line, String receivedAt) {
        return of(format, line.getBytes(StandardCharsets.UTF_8), receivedAt, EventLimits.DEFAULT, "UTC");
    }

    static ReadFields of(LogFormat format, byte[] line, String receivedAt, EventLimits limits, String zone) {
        ReadFields read = new ReadFields();
        // Surrounded by other bytes, which no parser may look at.
        byte[] buffer = new byte[line.length + 40];
        java.util.Arrays.fill(buffer, (byte) '"');
        System.arraycopy(line, 0, buffer, 20, line.length);
        read.rejection = LogLines.of(limits, ZoneId.of(zone), false)
                .read(format, buffer, 20, line.length, Instant.parse(receivedAt).toEpochMilli(), read);
        return read;
    }

    @Nullable
    Object field(Field field) {
        return fields.get(field);
    }

    @Nullable
    Instant time() {
        Object millis = fields.get(Field.TIMESTAMP);
        return millis == null ? null : Instant.ofEpochMilli((Long) millis);
    }

    ReadFields accepted() {
        assertThat(rejection).isNull();
        return this;
    }

    Rejection refused() {
        assertThat(rejection).isNotNull();
        return java.util.Objects.requireNonNull(rejection);
    }

    @Override
    public void text(Field field, byte[] buffer, int offset, int length) {
        assertThat(fields).doesNotContainKey(field);
        fields.put(field, decode(buffer, offset, length));
    }

    @Override
    public void number(Field field, long value) {
        assertThat(fields).doesNotContainKey(field);
        fields.put(field, value);
    }

    @Override
    public void number(Field field, double value) {
        assertThat(fields).doesNotContainKey(field);
        fields.put(field, value);
    }

    @Override
    public void flag(Field field, boolean value) {
        fields.put(field, value);
    }

    @Override
    public void measurement(byte[] name, int offset, int length, double value) {
        throw new AssertionError("log lines have no measurements");
    }

    @Override
    public void attribute(byte[] name, int nameOffset, int nameLength, byte[] value, int offset, int length) {
        String key = decode(name, nameOffset, nameLength);
        assertThat(attributes).doesNotContainKey(key);
        attributes.put(key, decode(value, offset, length));
    }

    private static String decode(byte[] bytes, int offset, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(bytes, offset, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new AssertionError("not well-formed UTF-8", e);
        }
    }
}
