package io.weir.event;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTest {
    private static final long NOW = Instant.parse("2026-01-31T12:00:00Z").toEpochMilli();
    private static final String DAY = "86400000";

    private final Event event = new Event();

    @Test
    void everyFieldOfTheContractIsRead() {
        assertThat(ingest("""
                {"id":"e-1","timestamp":"2026-01-31T12:00:00.5+01:00","type":"request","source":"shop",
                 "user_id":"u1","device_id":"d1","session_id":"s1","trace_id":"t1","method":"GET","endpoint":"/a?b=1",
                 "status_code":200,"latency_ms":12.5,"bytes":512,"referrer":"-","user_agent":"curl","client_ip":"::1",
                 "severity":"info","message":"line \\"1\\"\\nline 2 \\u00e9\\ud83d\\ude00",
                 "measurements":{"t":21.5,"n\\u0041":-3e2},"attributes":{"a":[1,{"b":null}]},"plan":"gold"}
                """)).isNull();
        assertThat(event.text(Field.ID)).isEqualTo("e-1");
        assertThat(event.number(Field.TIMESTAMP)).isEqualTo(NOW - 3_600_000 + 500);
        assertThat(event.text(Field.TYPE)).isEqualTo("request");
        assertThat(event.text(Field.SOURCE)).isEqualTo("shop");
        assertThat(event.text(Field.USER_ID)).isEqualTo("u1");
        assertThat(event.text(Field.DEVICE_ID)).isEqualTo("d1");
        assertThat(event.text(Field.SESSION_ID)).isEqualTo("s1");
        assertThat(event.text(Field.TRACE_ID)).isEqualTo("t1");
        assertThat(event.text(Field.METHOD)).isEqualTo("GET");
        assertThat(event.text(Field.ENDPOINT)).isEqualTo("/a?b=1");
        assertThat(event.number(Field.STATUS_CODE)).isEqualTo(200);
        assertThat(event.latencyMillis()).isEqualTo(12.5);
        assertThat(event.number(Field.BYTES)).isEqualTo(512);
        assertThat(event.text(Field.REFERRER)).isEqualTo("-");
        assertThat(event.text(Field.USER_AGENT)).isEqualTo("curl");
        assertThat(event.text(Field.CLIENT_IP)).isEqualTo("::1");
        assertThat(event.text(Field.SEVERITY)).isEqualTo("info");
        assertThat(event.text(Field.MESSAGE)).isEqualTo("line \"1\"\nline 2 é😀");
        assertThat(measurements()).isEqualTo("t=21.5 nA=-300.0");
        assertThat(attributes()).isEqualTo("a=[1,{\"b\":null}] plan=\"gold\"");
    }

    @Test
    void anEmptyObjectIsAnEvent() {
        assertThat(ingest(" { } \r\n")).isNull();
        assertThat(event).hasToString("{}");
    }

    @Test
    void aFieldOfNullIsAbsent() {
        assertThat(ingest("""
                {"id":null,"timestamp":null,"status_code":null,"latency_ms":null,"is_bot":null,"measurements":null,
                 "attributes":null,"message":null}""")).isNull();
        assertThat(event.toString()).isEqualTo("{\"attributes\":{\"is_bot\":null}}");
        assertThat(ingest("{\"measurements\":{\"a\":null,\"b\":1}}")).isNull();
        assertThat(measurements()).isEqualTo("b=1.0");
    }

    @Test
    void anEmptyNameOfSomethingIsAbsentAndAnEmptyTextIsNot() {
        assertThat(ingest("{\"user_id\":\"\",\"source\":\"\",\"message\":\"\"}"))
                .isNull();
        assertThat(event.has(Field.USER_ID)).isFalse();
        assertThat(event.has(Field.SOURCE)).isFalse();
        assertThat(event.text(Field.MESSAGE)).isEmpty();
    }

    @Test
    void whatOnlyWeirSetsIsAnAttributeWhereProducersSendIt() {
        assertThat(ingest("{\"tenant\":\"other\",\"received_at\":1,\"country\":\"DE\",\"is_bot\":\"no\"}"))
                .isNull();
        assertThat(event.has(Field.TENANT)).isFalse();
        assertThat(attributes()).isEqualTo("tenant=\"other\" received_at=1 country=\"DE\" is_bot=\"no\"");
    }

    @Test
    void namesAreKnownHoweverTheyAreEscaped() {
        assertThat(
                        ingest(
                                "{\"m\\u0065ssage\":\"a\",\"x\\\"\\u00e9\\\\\":1,\"attributes\":{\"\\ud83d\\ude00\":2,\"\":3}}"))
                .isNull();
        assertThat(event.text(Field.MESSAGE)).isEqualTo("a");
        assertThat(attributes()).isEqualTo("x\"é\\=1 😀=2 =3");
        assertThat(event.toString()).isEqualTo("{\"message\":\"a\",\"attributes\":{\"x\\\"é\\\\\":1,\"😀\":2,\"\":3}}");
    }

    @Test
    void anAttributesValueIsHandedOverAsItStands() {
        assertThat(ingest("{\"attributes\" : { \"a\" : [ 1.50 , { \"b\" : \"\\u0041\" } ] , \"c\" : -0.0e+1 } }"))
                .isNull();
        assertThat(attributes()).isEqualTo("a=[ 1.50 , { \"b\" : \"\\u0041\" } ] c=-0.0e+1");
    }

    @Test
    void theEventIsReadFromTheMiddleOfABuffer() {
        byte[] buffer = "{\"a\":1}{\"b\":2}{\"c\":3}".getBytes(UTF_8);
        EventReader reader = new EventReader(EventLimits.DEFAULT, Stage.INGEST);
        assertThat(reader.read(buffer, 7, 7, NOW, event)).isNull();
        assertThat(attributes()).isEqualTo("b=2");
        assertThatThrownBy(() -> reader.read(buffer, 7, 70, NOW, event)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aReaderIsAsNewAfterARefusal() {
        EventReader reader = new EventReader(EventLimits.DEFAULT, Stage.INGEST);
        byte[] broken = "{\"id\":\"1\",\"a\":{\"b\":[{\"c\"".getBytes(UTF_8);
        byte[] whole = "{\"a\":{\"b\":[]},\"message\":\"m\"}".getBytes(UTF_8);
        assertThat(reader.read(broken, 0, broken.length, NOW, event)).isNotNull();
        event.clear();
        assertThat(reader.read(whole, 0, whole.length, NOW, event)).isNull();
        assertThat(event.toString()).isEqualTo("{\"message\":\"m\",\"attributes\":{\"a\":{\"b\":[]}}}");
    }

    // ---- values

    @ParameterizedTest
    @CsvSource({
        "'\"2026-01-31T12:00:00Z\"',0",
        "1769860800000,0",
        "1769860800000.0,0",
        "1.7698608e12,0",
        "17698608E5,0",
        "'\"2026-02-01T12:00:00Z\"'," + DAY,
        "'\"2024-12-27T12:00:00Z\"',-34560000000",
    })
    void aTimestampIsADateTimeOrMilliseconds(String json, long sinceNow) {
        assertThat(ingest("{\"timestamp\":" + json + "}")).isNull();
        assertThat(event.number(Field.TIMESTAMP) - NOW).isEqualTo(sinceNow);
    }

    @ParameterizedTest
    @CsvSource({"200,200", "'\"404\"',404", "5e2,500", "100.0,100", "599,599"})
    void aStatusCodeIsANumberOrThreeDigits(String json, long code) {
        assertThat(ingest("{\"status_code\":" + json + "}")).isNull();
        assertThat(event.number(Field.STATUS_CODE)).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "-0,0",
        "-0.0,0",
        "12.5,12.5",
        "1e-3,0.001",
        "'\"1.2s\"',1200",
        "'\"350 ms\"',350",
        "'\"80us\"',0.08",
        "9007199254740993,9007199254740993",
        "1e308,1e308"
    })
    void aLatencyIsMillisecondsOrADuration(String json, double millis) {
        assertThat(ingest("{\"latency_ms\":" + json + "}")).isNull();
        assertThat(event.latencyMillis()).isEqualTo(millis);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "-0,0",
        "1e3,1000",
        "'\"12KB\"',12000",
        "'\"12KiB\"',12288",
        "'\"1.5 MiB\"',1572864",
        "9223372036854775807,9223372036854775807",
        "'\"9223372036854775807\"',9223372036854775807"
    })
    void aSizeIsBytesOrHasAUnit(String json, long bytes) {
        assertThat(ingest("{\"bytes\":" + json + "}")).isNull();
        assertThat(event.number(Field.BYTES)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0.0",
                "1",
                "-1",
                "0.1",
                "1e22",
                "1e23",
                "123456789012345678",
                "1234567890123456789",
                "12345678901234567890",
                "9007199254740993",
                "9007199254740993e1",
                "0.30000000000000004",
                "2.2250738585072011e-308",
                "4.9e-324",
                "2e-324",
                "1e-400",
                "1.7976931348623157e308",
                "0.000000000000000000000000000000000000000000000000001",
                "100000000000000000000000e-22",
                "3.14159265358979323846264338327950288",
                "179769313486231580793728971405301e276"
            })
    void aNumberIsTheDoubleNearestToIt(String json) {
        assertThat(ingest("{\"measurements\":{\"m\":" + json + "}}")).isNull();
        assertThat(event.measurementValue(0)).isEqualTo(Double.parseDouble(json));
    }

    // ---- refusals

    static Stream<Arguments> refusals() {
        String deep = "[".repeat(15) + "]".repeat(15);
        return Stream.of(
                arguments("", "malformed_json", null, 0),
                arguments("  ", "malformed_json", null, 2),
                arguments("{", "malformed_json", null, 1),
                arguments("hello", "malformed_json", null, 0),
                arguments("{\"a\":1,}", "malformed_json", null, 7),
                arguments("{\"a\":1 \"b\":2}", "malformed_json", null, 7),
                arguments("{a:1}", "malformed_json", null, 1),
                arguments("{'a':1}", "malformed_json", null, 1),
                arguments("{\"a\" 1}", "malformed_json", null, 5),
                arguments("{\"a\":}", "malformed_json", null, 5),
                arguments("{\"a\":[1,]}", "malformed_json", null, 8),
                arguments("{\"a\":[1}", "malformed_json", null, 7),
                arguments("{\"a\":01}", "malformed_json", null, 5),
                arguments("{\"a\":1.}", "malformed_json", null, 7),
                arguments("{\"a\":.5}", "malformed_json", null, 5),
                arguments("{\"a\":+1}", "malformed_json", null, 5),
                arguments("{\"a\":1e}", "malformed_json", null, 7),
                arguments("{\"a\":0x10}", "malformed_json", null, 6),
                arguments("{\"a\":NaN}", "malformed_json", null, 5),
                arguments("{\"a\":tru}", "malformed_json", null, 5),
                arguments("{\"a\":\"\t\"}", "malformed_json", null, 6),
                arguments("{\"a\":\"\\x\"}", "malformed_json", null, 6),
                arguments("{\"a\":\"\\u12g4\"}", "malformed_json", null, 6),
                arguments("{\"a\":\"open}", "malformed_json", null, 11),
                arguments("{\"a\":1}{\"b\":2}", "malformed_json", null, 7),
                arguments("{\"a\":1} x", "malformed_json", null, 8),
                arguments("{\"a\":1}\0", "malformed_json", null, 7),
                arguments("{/* */}", "malformed_json", null, 1),
                arguments("{\"message\":[1,}", "malformed_json", null, 14),
                arguments("\uFEFF{}", "malformed_json", null, 0),
                arguments("{\"a\":\"\\ud800\"}", "invalid_utf8", null, 6),
                arguments("{\"a\":\"\\ud800\\ud800\"}", "invalid_utf8", null, 6),
                arguments("{\"a\":\"\\udc00\\ud800\"}", "invalid_utf8", null, 6),
                arguments("{\"a\":\"\\ud800x\"}", "invalid_utf8", null, 6),
                arguments("[]", "not_an_object", null, 0),
                arguments(" [{\"a\":1}]", "not_an_object", null, 1),
                arguments("\"text\"", "not_an_object", null, 0),
                arguments("12", "not_an_object", null, 0),
                arguments("null", "not_an_object", null, 0),
                arguments("{\"b\":" + deep + "}", "too_deep", null, 5 + 14),
                arguments("{\"attributes\":{\"b\":" + deep + "}}", "too_deep", null, 19 + 14),
                arguments(members("attributes", 257), "too_many", "attributes", -1),
                arguments(members("measurements", 65), "too_many", "measurements", -1),
                arguments("{\"message\":1}", "wrong_type", "message", 11),
                arguments("{\"message\":{}}", "wrong_type", "message", 11),
                arguments("{\"user_id\":true}", "wrong_type", "user_id", 11),
                arguments("{\"timestamp\":\"yesterday\"}", "wrong_type", "timestamp", 13),
                arguments("{\"timestamp\":\"1769860800000\"}", "wrong_type", "timestamp", 13),
                arguments("{\"timestamp\":1.5}", "wrong_type", "timestamp", 13),
                arguments("{\"timestamp\":[]}", "wrong_type", "timestamp", 13),
                arguments("{\"status_code\":\"OK\"}", "wrong_type", "status_code", 15),
                arguments("{\"status_code\":\"20\"}", "wrong_type", "status_code", 15),
                arguments("{\"status_code\":200.5}", "wrong_type", "status_code", 15),
                arguments("{\"status_code\":true}", "wrong_type", "status_code", 15),
                arguments("{\"latency_ms\":\"fast\"}", "wrong_type", "latency_ms", 14),
                arguments("{\"latency_ms\":{}}", "wrong_type", "latency_ms", 14),
                arguments("{\"bytes\":\"many\"}", "wrong_type", "bytes", 9),
                arguments("{\"bytes\":0.5}", "wrong_type", "bytes", 9),
                arguments("{\"measurements\":[1]}", "wrong_type", "measurements", 16),
                arguments("{\"measurements\":{\"a\":\"1\"}}", "wrong_type", "measurements.a", 21),
                arguments("{\"attributes\":\"a\"}", "wrong_type", "attributes", 14),
                arguments("{\"id\":\"\",\"timestamp\":1769860800000}", "out_of_range", "id", 6),
                arguments("{\"id\":\"" + "x".repeat(65) + "\"}", "out_of_range", "id", 6),
                arguments("{\"type\":\"\"}", "out_of_range", "type", 8),
                arguments("{\"type\":\"Request\"}", "out_of_range", "type", 8),
                arguments("{\"type\":\"1st\"}", "out_of_range", "type", 8),
                arguments("{\"type\":\"" + "t".repeat(65) + "\"}", "out_of_range", "type", 8),
                arguments("{\"user_id\":\"" + "é".repeat(129) + "\"}", "out_of_range", "user_id", 11),
                arguments("{\"endpoint\":\"" + "/".repeat(8193) + "\"}", "out_of_range", "endpoint", 12),
                arguments("{\"status_code\":99}", "out_of_range", "status_code", 15),
                arguments("{\"status_code\":\"600\"}", "out_of_range", "status_code", 15),
                arguments("{\"latency_ms\":-0.1}", "out_of_range", "latency_ms", 14),
                arguments("{\"latency_ms\":1e309}", "out_of_range", "latency_ms", 14),
                arguments("{\"bytes\":-1}", "out_of_range", "bytes", 9),
                arguments("{\"bytes\":9223372036854775808}", "out_of_range", "bytes", 9),
                arguments("{\"measurements\":{\"a\":1e400}}", "out_of_range", "measurements", 21),
                arguments("{\"measurements\":{\"\":1}}", "out_of_range", "measurements", 17),
                arguments("{\"attributes\":{\"a\":[-1e400]}}", "out_of_range", "attributes", 20),
                arguments("{\"id\":\"1\"}", "missing_field", "timestamp", 10),
                arguments("{\"timestamp\":null,\"id\":\"1\"}", "missing_field", "timestamp", 27),
                arguments("{\"type\":\"a\",\"type\":\"a\"}", "duplicate_field", "type", 12),
                arguments("{\"type\":null,\"typ\\u0065\":\"a\"}", "duplicate_field", "type", 13),
                arguments("{\"a\":1,\"a\":1}", "duplicate_field", "attributes.a", 7),
                arguments("{\"attributes\":{\"a\":1},\"\\u0061\":1}", "duplicate_field", "attributes.a", 22),
                arguments("{\"a\":1,\"attributes\":{\"a\":1}}", "duplicate_field", "attributes.a", 21),
                arguments("{\"measurements\":{\"a\":1,\"a\":2}}", "duplicate_field", "measurements.a", 23),
                arguments("{\"x\":[{\"a\":1,\"\\u0061\":2}]}", "duplicate_field", "attributes", 13),
                arguments("{\"user_id\":\"a\\u0000b\"}", "control_character", "user_id", 11),
                arguments("{\"user_id\":\"a\\nb\"}", "control_character", "user_id", 11),
                arguments("{\"source\":\"\u007f\"}", "control_character", "source", 10),
                arguments("{\"source\":\"\u0085\"}", "control_character", "source", 10),
                arguments("{\"a\\u0000\":1}", "control_character", null, 1),
                arguments("{\"timestamp\":1769860800}", "timestamp_too_old", "timestamp", 13),
                arguments("{\"timestamp\":\"2024-12-27T11:59:59.999Z\"}", "timestamp_too_old", "timestamp", 13),
                arguments("{\"timestamp\":-9223372036854775808}", "timestamp_too_old", "timestamp", 13),
                arguments("{\"timestamp\":\"2026-02-01T12:00:00.001Z\"}", "timestamp_ahead", "timestamp", 13),
                arguments("{\"timestamp\":\"9999-12-31T23:59:59Z\"}", "timestamp_ahead", "timestamp", 13),
                arguments("{\"timestamp\":9223372036854775807}", "timestamp_ahead", "timestamp", 13));
    }

    private static String members(String field, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"m" + i + "\":" + i)
                .collect(Collectors.joining(",", "{\"" + field + "\":{", "}}"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aRefusalNamesTheReasonTheFieldAndThePlace(String json, String reason, @Nullable String field, int offset) {
        Rejection rejection = ingest(json);
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).as(rejection.toString()).isEqualTo(reason);
        assertThat(rejection.field()).as(rejection.toString()).isEqualTo(field);
        if (offset >= 0) {
            assertThat(rejection.offset()).as(rejection.toString()).isEqualTo(offset);
        }
        assertThat(rejection.detail()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0080",
                "\u00c3",
                "\u00c3(",
                "\u00c0\u0080",
                "\u00c1\u00bf",
                "\u00e0\u0080\u0080",
                "\u00e2\u0082",
                "\u00ed\u00a0\u0080",
                "\u00ed\u00bf\u00bf",
                "\u00f0\u0080\u0080\u0080",
                "\u00f4\u0090\u0080\u0080",
                "\u00f5\u0080\u0080\u0080",
                "\u00f0\u009f\u0098",
                "\u00fe",
                "\u00ff"
            })
    void bytesThatAreNotUtf8AreRefusedWhereverTheyStand(String latin1) {
        for (String around : new String[] {"{\"message\":\"12345678", "{\"a\":[\"", "{\"", "{\"id\":\"\\n"}) {
            byte[] bytes = (around + latin1 + "\"]}").getBytes(ISO_8859_1);
            Rejection rejection =
                    new EventReader(EventLimits.DEFAULT, Stage.INGEST).read(bytes, 0, bytes.length, NOW, event);
            assertThat(rejection).isNotNull();
            assertThat(rejection.reason()).isEqualTo("invalid_utf8");
            assertThat(rejection.offset()).isEqualTo(around.length());
        }
    }

    @Test
    void secondsInPlaceOfMillisecondsAreToldSo() {
        Rejection rejection = ingest("{\"timestamp\":1769860800}");
        assertThat(rejection).isNotNull();
        assertThat(rejection.detail()).contains("it looks like seconds");
    }

    @Test
    void anEventLargerThanAllowedIsRefusedUnread() {
        String most = "{\"message\":\"" + "m".repeat(256 * 1024 - 14) + "\"}";
        assertThat(ingest(most)).isNull();
        Rejection rejection = ingest(most + " ");
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo("too_large");
    }

    @Test
    void asManyAndAsDeepAsAllowedIsAllowed() {
        assertThat(ingest(members("attributes", 256))).isNull();
        assertThat(ingest(members("measurements", 64))).isNull();
        assertThat(ingest("{\"a\":" + "[".repeat(14) + "]".repeat(14) + "}")).isNull();
        assertThat(ingest("{\"attributes\":{\"a\":" + "[".repeat(14) + "]".repeat(14) + "}}"))
                .isNull();
        assertThat(ingest("{\"id\":\"" + "x".repeat(64) + "\",\"timestamp\":" + NOW + "}"))
                .isNull();
        assertThat(ingest("{\"user_id\":\"" + "é".repeat(128) + "\"}")).isNull();
    }

    @Test
    void nestingOf100000LevelsIsRefusedLikeAnyOther() {
        Rejection rejection = ingest("{\"a\":" + "[".repeat(100_000));
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo("too_deep");
        rejection = ingest("[".repeat(100_000));
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo("too_deep");
    }

    @Test
    void aLongNumberIsOneNumber() {
        assertThat(ingest("{\"measurements\":{\"a\":0." + "0".repeat(100_000) + "1},\"bytes\":1" + "0".repeat(5) + "}"))
                .isNull();
        Rejection rejection = ingest("{\"bytes\":" + "9".repeat(200_000) + "}");
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo("out_of_range");
    }

    // ---- enriched

    private static final String ENRICHED = "\"id\":\"1\",\"tenant\":\"acme\",\"timestamp\":1,\"received_at\":2";

    @Test
    void theEnrichmentOfAnEnrichedEventIsRead() {
        assertThat(enriched("{" + ENRICHED + ",\"is_bot\":true,\"country\":\"DE\",\"endpoint_template\":\"/a/{id}\"}"))
                .isNull();
        assertThat(event.text(Field.TENANT)).isEqualTo("acme");
        assertThat(event.number(Field.RECEIVED_AT)).isEqualTo(2);
        assertThat(event.flag(Field.IS_BOT)).isTrue();
        assertThat(event.text(Field.ENDPOINT_TEMPLATE)).isEqualTo("/a/{id}");
        assertThat(event.attributes()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"id", "tenant", "timestamp", "received_at"})
    void anEnrichedEventLacksNothingThatTheProcessorSets(String field) {
        Rejection rejection = enriched("{" + ENRICHED.replace("\"" + field + "\"", "\"other\"") + "}");
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo("missing_field");
        assertThat(rejection.field()).isEqualTo(field);
    }

    @Test
    void anEnrichedEventMayBeOldAndLargeButMustBeStorable() {
        String large = ",\"message\":\"" + "m".repeat(300 * 1024) + "\"";
        assertThat(enriched("{" + ENRICHED + large + "}")).isNull();
        Rejection rejection = enriched("{" + ENRICHED.replace(":1,", ":10413792000000,") + "}");
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo("out_of_range");
        rejection = enriched("{" + ENRICHED + ",\"is_bot\":\"true\"}");
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo("wrong_type");
    }

    @Test
    void everyReasonThatTheReadersGiveIsTested() {
        Set<Reason> others = EnumSet.of(
                Reason.UNREADABLE_LINE, // the processor's
                Reason.UNSTORABLE, // the sink's
                Reason.TRUNCATED, // BodyReaderTest
                Reason.TOO_LARGE); // above
        Set<String> tested =
                refusals().map(arguments -> (String) arguments.get()[1]).collect(Collectors.toSet());
        for (Reason reason : Reason.values()) {
            assertThat(others.contains(reason) || tested.contains(reason.code()))
                    .as(reason.code())
                    .isTrue();
        }
    }

    // ----

    private @Nullable Rejection ingest(String json) {
        return read(json, Stage.INGEST);
    }

    private @Nullable Rejection enriched(String json) {
        return read(json, Stage.ENRICHED);
    }

    private @Nullable Rejection read(String json, Stage stage) {
        event.clear();
        byte[] bytes = json.getBytes(UTF_8);
        return new EventReader(EventLimits.DEFAULT, stage).read(bytes, 0, bytes.length, NOW, event);
    }

    private String measurements() {
        return IntStream.range(0, event.measurements())
                .mapToObj(i -> event.measurementName(i) + "=" + event.measurementValue(i))
                .collect(Collectors.joining(" "));
    }

    private String attributes() {
        return IntStream.range(0, event.attributes())
                .mapToObj(i -> event.attributeName(i) + "=" + new String(event.attributeValue(i), UTF_8))
                .collect(Collectors.joining(" "));
    }
}
