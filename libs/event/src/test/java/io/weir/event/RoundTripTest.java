package io.weir.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

class RoundTripTest {
    private static final EventReader READER = new EventReader(EventLimits.DEFAULT, Stage.ENRICHED);

    /** What an event is made of, for a test to hold one against another. */
    private record Content(
            Map<Field, Object> fields, Map<String, Double> measurements, Map<String, String> attributes) {

        static Content of(Event event) {
            Map<Field, Object> fields = new LinkedHashMap<>();
            for (Field field : Field.values()) {
                if (event.has(field)) {
                    fields.put(field, value(event, field));
                }
            }
            Map<String, Double> measurements = new LinkedHashMap<>();
            for (int i = 0; i < event.measurements(); i++) {
                measurements.put(event.measurementName(i), event.measurementValue(i));
            }
            Map<String, String> attributes = new LinkedHashMap<>();
            for (int i = 0; i < event.attributes(); i++) {
                attributes.put(event.attributeName(i), new String(event.attributeValue(i), UTF_8));
            }
            return new Content(fields, measurements, attributes);
        }

        private static Object value(Event event, Field field) {
            return switch (field.kind) {
                case TIMESTAMP, STATUS_CODE, SIZE -> event.number(field);
                case DURATION -> event.latencyMillis();
                case FLAG -> event.flag(field);
                default -> Objects.requireNonNull(event.text(field));
            };
        }

        void into(Event event) {
            fields.forEach((field, value) -> {
                switch (field.kind) {
                    case TIMESTAMP, STATUS_CODE, SIZE -> event.number(field, (Long) value);
                    case DURATION -> event.number(field, (Double) value);
                    case FLAG -> event.flag(field, (Boolean) value);
                    default -> event.text(field, (String) value);
                }
            });
            measurements.forEach(event::measurement);
            attributes.forEach((name, json) -> event.attribute(name, json.getBytes(UTF_8)));
        }
    }

    @Property(tries = 4_000, seed = "20260131", edgeCases = EdgeCasesMode.NONE)
    void readingWhatWasWrittenGivesTheSameEvent(@ForAll("contents") Content content) {
        Event event = new Event();
        content.into(event);
        ByteSink written = new ByteSink();
        EventWriter.write(event, written);

        Event again = new Event();
        assertThat(READER.read(written.array(), 0, written.size(), 0, again))
                .as(written.toString())
                .isNull();
        assertThat(Content.of(again)).isEqualTo(content);

        ByteSink rewritten = new ByteSink();
        EventWriter.write(again, rewritten);
        assertThat(rewritten.toString()).isEqualTo(written.toString());
    }

    @Property(tries = 4_000, seed = "20260131", edgeCases = EdgeCasesMode.NONE)
    void theEventDoesNotDependOnTheOrderOfItsFieldsOrOnItsLayout(
            @ForAll("contents") Content content, @ForAll long seed) {
        Event event = new Event();
        content.into(event);
        byte[] shuffled = Shuffled.json(event.toString(), seed).getBytes(UTF_8);
        Event again = new Event();
        assertThat(READER.read(shuffled, 0, shuffled.length, 0, again))
                .as(new String(shuffled, UTF_8))
                .isNull();
        Content other = Content.of(again);
        assertThat(other.fields).isEqualTo(content.fields);
        assertThat(other.measurements).isEqualTo(content.measurements);
        assertThat(other.attributes.keySet()).isEqualTo(content.attributes.keySet());
    }

    @Property(tries = 50_000, seed = "20260131")
    void aNumberIsReadBackAsTheSameDouble(@ForAll("doubles") double value) {
        ByteSink json = new ByteSink();
        json.write("{\"id\":\"1\",\"tenant\":\"t\",\"timestamp\":1,\"received_at\":1,\"measurements\":{\"m\":"
                .getBytes(UTF_8));
        EventWriter.number(value, json);
        json.write("}}".getBytes(UTF_8));
        Event event = new Event();
        assertThat(READER.read(json.array(), 0, json.size(), 0, event))
                .as(json.toString())
                .isNull();
        assertThat(event.measurementValue(0)).isEqualTo(value);
    }

    @Property(tries = 50_000, seed = "20260131")
    void anyDecimalIsReadAsTheDoubleNearestToIt(@ForAll("decimals") String decimal) {
        double expected = Double.parseDouble(decimal);
        byte[] json = ("{\"measurements\":{\"m\":" + decimal + "}}").getBytes(UTF_8);
        Event event = new Event();
        Rejection rejection = new EventReader(EventLimits.DEFAULT, Stage.INGEST).read(json, 0, json.length, 0, event);
        if (Double.isInfinite(expected)) {
            assertThat(rejection).isNotNull();
        } else {
            assertThat(rejection).isNull();
            assertThat(event.measurementValue(0)).isEqualTo(expected);
        }
    }

    @Provide
    Arbitrary<Double> doubles() {
        return Arbitraries.oneOf(
                Arbitraries.longs().map(Double::longBitsToDouble).filter(Double::isFinite),
                Arbitraries.doubles().between(-1e6, 1e6).ofScale(3),
                Arbitraries.longs().map(Long::doubleValue),
                Arbitraries.of(
                        0.0,
                        -0.0,
                        0.1,
                        1e22,
                        1e23,
                        9007199254740991.0,
                        9007199254740993.0,
                        Double.MIN_VALUE,
                        Double.MAX_VALUE));
    }

    @Provide
    Arbitrary<String> decimals() {
        Arbitrary<String> digits =
                Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(24);
        return Combinators.combine(
                        Arbitraries.of("", "-"),
                        digits.map(text -> text.replaceFirst("^0+(?=.)", "")),
                        digits.map(text -> "." + text).injectNull(0.3),
                        Arbitraries.integers()
                                .between(-340, 320)
                                .map(exponent -> "e" + exponent)
                                .injectNull(0.3))
                .as((sign, whole, fraction, exponent) ->
                        sign + whole + (fraction == null ? "" : fraction) + (exponent == null ? "" : exponent));
    }

    @Provide
    Arbitrary<Content> contents() {
        Arbitrary<Map<String, Double>> measurements =
                Arbitraries.maps(names(), doubles()).ofMaxSize(4);
        Arbitrary<Map<String, String>> attributes = Arbitraries.maps(
                        Arbitraries.oneOf(names(), Arbitraries.of("", "id", "attributes", "tenant")),
                        Arbitraries.of(
                                "1",
                                "-0.50e1",
                                "\"\"",
                                "\"\\ud83d\\ude00 \\\"\"",
                                "null",
                                "true",
                                "[]",
                                "{}",
                                "[ 1, {\"a\":[false]} ]",
                                "{\"a\":{\"b\":null},\"\\u0062\":\"é\"}"))
                .ofMaxSize(5);
        return Combinators.combine(fields(), measurements, attributes).as(Content::new);
    }

    private static Arbitrary<Map<Field, Object>> fields() {
        List<Field> candidates = Arrays.stream(Field.values())
                .filter(field -> field.kind != Field.Kind.MEASUREMENTS && field.kind != Field.Kind.ATTRIBUTES)
                .toList();
        List<Arbitrary<@Nullable Object>> values = candidates.stream()
                .map(field -> switch (field) {
                    case ID, TENANT, TIMESTAMP, RECEIVED_AT -> RoundTripTest.value(field);
                    default -> RoundTripTest.value(field).injectNull(0.5);
                })
                .toList();
        return Combinators.combine(values).as(chosen -> {
            Map<Field, Object> fields = new LinkedHashMap<>();
            for (int i = 0; i < chosen.size(); i++) {
                Object value = chosen.get(i);
                if (value != null) {
                    fields.put(candidates.get(i), value);
                }
            }
            return fields;
        });
    }

    private static Arbitrary<Object> value(Field field) {
        return switch (field.kind) {
            case IDENTIFIER ->
                names().filter(name -> name.getBytes(UTF_8).length <= field.maxBytes())
                        .map(name -> name);
            case SLUG ->
                Arbitraries.of("request", "log", "reading", "a", "a_b.c-9").map(slug -> slug);
            case TEXT ->
                Arbitraries.strings()
                        .all()
                        .ofMaxLength(40)
                        .map(text -> new String(text.getBytes(UTF_8), UTF_8))
                        .filter(text -> text.getBytes(UTF_8).length <= field.maxBytes())
                        .map(text -> text);
            case TIMESTAMP ->
                Arbitraries.longs().between(0, Timestamps.LAST_STORABLE).map(millis -> millis);
            case STATUS_CODE -> Arbitraries.longs().between(100, 599).map(code -> code);
            case SIZE -> Arbitraries.longs().greaterOrEqual(0).map(bytes -> bytes);
            case DURATION ->
                Arbitraries.oneOf(
                                Arbitraries.doubles().between(0, 1e6).ofScale(3),
                                Arbitraries.doubles().greaterOrEqual(0))
                        .map(millis -> millis + 0.0);
            case FLAG -> Arbitraries.of(true, false).map(flag -> flag);
            case MEASUREMENTS, ATTRIBUTES -> throw new IllegalArgumentException(field.json());
        };
    }

    /** Any text without control characters and halves of surrogate pairs. */
    private static Arbitrary<String> names() {
        return Arbitraries.oneOf(
                        Arbitraries.strings().ascii().ofMinLength(1).ofMaxLength(20),
                        Arbitraries.strings().all().ofMinLength(1).ofMaxLength(12))
                .map(text -> new String(text.getBytes(UTF_8), UTF_8))
                .map(text -> text.codePoints()
                        .map(c -> Character.isISOControl(c) ? '"' : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString());
    }
}
