package io.weir.event;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Damages valid events at random and holds the reader against Jackson and the contract: it must take exactly what
 * {@link ContractOracle} takes, and hand over exactly what is there.
 */
class EventReaderFuzzTest {
    private static final int TRIES = Integer.getInteger("weir.fuzz.tries", 300_000);
    private static final long SEED = Long.getLong("weir.fuzz.seed", 20260131L);
    private static final long NOW = Instant.parse("2026-01-31T12:00:00Z").toEpochMilli();

    /** Small, so that the limits are met often. */
    private static final EventLimits LIMITS = new EventLimits(1200, 8, 4, 5, Duration.ofDays(400), Duration.ofDays(1));

    private static final String[] EVENTS = {
        "{}",
        "{\"message\":\"hello\"}",
        "{\"id\":\"e1\",\"timestamp\":\"2026-01-31T11:59:58.123Z\",\"type\":\"request\",\"source\":\"shop\"}",
        "{\"timestamp\":1769860800000,\"type\":\"request\",\"method\":\"GET\",\"endpoint\":\"/a/b?c=d\",\"status_code\":200,"
                + "\"latency_ms\":12.75,\"bytes\":512,\"referrer\":\"-\",\"user_agent\":\"curl/8\",\"client_ip\":\"::1\"}",
        "{\"status_code\":\"404\",\"latency_ms\":\"1.2s\",\"bytes\":\"12KiB\",\"user_id\":\"u\",\"device_id\":\"d\"}",
        "{\"measurements\":{\"t\":21.5,\"h\":-3e2,\"p\":1013,\"n\":null},\"device_id\":\"d-1\",\"type\":\"reading\"}",
        "{ \"severity\" : \"warn\" ,\r\n\t\"message\" : \"caf\u00e9 \ud83d\ude00 \\\"x\\\" \\u00e9\\ud83d\\ude00\\n\" }",
        "{\"attributes\":{\"a\":1,\"b\":[1,2,{\"c\":null}],\"d\":\"x\"},\"plan\":\"gold\",\"tenant\":\"t\"}",
        "{\"x\":{\"y\":{\"z\":[true,false]}},\"bytes\":\"1.5 MB\",\"latency_ms\":\"350 ms\",\"trace_id\":\"abc\"}",
        "{\"timestamp\":\"2026-01-31 12:00:00+01:00\",\"session_id\":\"s\",\"a\\u0062c\":-0.0,\"measurements\":{}}",
        "{\"timestamp\":\"2025-12-31T23:59:60.5Z\",\"id\":\"\u00e9\u00e9\",\"bytes\":0,\"attributes\":{}}",
    };
    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\"a\":1,",
        ",\"b\":[]",
        "\"message\":",
        "\"id\":\"1\",",
        "null",
        "true",
        "1e999",
        "-1",
        "0",
        "00",
        "1.",
        "e5",
        "E+2",
        ".5",
        "9223372036854775808",
        "12345678901234567890.5",
        "\\u0000",
        "\\ud800",
        "\\udc00",
        "\\ud83d\\ude00",
        "\\u00e9",
        "\\n",
        "\\x",
        "\u0000",
        "\u001f",
        "\u007f",
        "\t",
        "\n",
        " ",
        "\u0085",
        "\u00e9",
        "\ud83d\ude00",
        "\uFEFF",
        "\"\"",
        "{}",
        "[[[[[[",
        "]]]]]]",
        "{\"a\":{\"a\":{\"a\":",
        "KB",
        "ms",
        "Z",
        "+02:00",
        "60",
        "9999",
        "\"timestamp\":1769860800000,",
        "\"attributes\":{\"q\":2},",
        "\"measurements\":{\"q\":2},",
        "\"type\":\"log\",",
        "\"status_code\":599.0,",
        "\"latency_ms\":0.30000000000000004,",
        "\"bytes\":7e2,",
        "aaaaaaaaaaaaaaaaaaaa"
    };
    private static final String[] INVALID_UTF8 = {
        "\u0080",
        "\u00c0\u0080",
        "\u00e0\u0080\u0080",
        "\u00ed\u00a0\u0080",
        "\u00f4\u0090\u0080\u0080",
        "\u00ff",
        "\u00c3"
    };

    private final ContractOracle oracle = new ContractOracle(LIMITS);
    private final EventReader reader = new EventReader(LIMITS, Stage.INGEST);
    private final Event event = new Event();

    @Test
    void theReaderTakesExactlyWhatJacksonAndTheContractTake() {
        SplittableRandom random = new SplittableRandom(SEED);
        int taken = 0;
        for (int i = 0; i < TRIES; i++) {
            byte[] bytes = EVENTS[random.nextInt(EVENTS.length)].getBytes(UTF_8);
            for (int edits = random.nextInt(1, 5); edits > 0; edits--) {
                bytes = damaged(bytes, random);
            }
            taken += check(bytes, random) ? 1 : 0;
        }
        // A fuzz test that only ever sees refusals, or none, tests little.
        assertThat(taken).isBetween(TRIES / 20, TRIES / 20 * 19);
    }

    @Test
    void theEventsThatAreDamagedAreValid() {
        for (String json : EVENTS) {
            assertThat(check(json.getBytes(UTF_8), new SplittableRandom(1)))
                    .as(json)
                    .isTrue();
        }
    }

    /** @return whether the event was taken, by both */
    private boolean check(byte[] bytes, SplittableRandom random) {
        // What stands around the event in its buffer must not matter.
        int before = random.nextInt(10);
        byte[] buffer = new byte[before + bytes.length + random.nextInt(10)];
        Arrays.fill(buffer, (byte) PIECES[random.nextInt(PIECES.length)].charAt(0));
        System.arraycopy(bytes, 0, buffer, before, bytes.length);

        event.clear();
        Rejection rejection = reader.read(buffer, before, bytes.length, NOW, event);
        ContractOracle.Content expected = oracle.read(bytes, NOW);
        if (expected == null) {
            assertThat(rejection).as(() -> "took " + describe(bytes)).isNotNull();
            assertThat(Objects.requireNonNull(rejection).offset())
                    .as(() -> describe(bytes))
                    .isBetween(0, bytes.length);
            return false;
        }
        assertThat(rejection).as(() -> "refused " + describe(bytes)).isNull();
        assertThat(content()).as(() -> describe(bytes)).isEqualTo(expected);
        return true;
    }

    private ContractOracle.Content content() {
        Map<Field, Object> fields = new TreeMap<>();
        for (Field field : Field.values()) {
            if (event.has(field)) {
                fields.put(
                        field,
                        switch (field.kind) {
                            case TIMESTAMP, STATUS_CODE, SIZE -> event.number(field);
                            case DURATION -> event.latencyMillis();
                            case FLAG -> event.flag(field);
                            default -> Objects.requireNonNull(event.text(field));
                        });
            }
        }
        Map<String, Double> measurements = new LinkedHashMap<>();
        for (int i = 0; i < event.measurements(); i++) {
            measurements.put(event.measurementName(i), event.measurementValue(i));
        }
        Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
        for (int i = 0; i < event.attributes(); i++) {
            attributes.put(event.attributeName(i), oracle.tree(event.attributeValue(i)));
        }
        return new ContractOracle.Content(fields, measurements, attributes);
    }

    private static String describe(byte[] bytes) {
        return new String(bytes, UTF_8) + " = " + new String(bytes, ISO_8859_1);
    }

    private static byte[] damaged(byte[] bytes, SplittableRandom random) {
        int at = random.nextInt(bytes.length + 1);
        int to = Math.min(bytes.length, at + random.nextInt(1, 9));
        return switch (random.nextInt(9)) {
            case 0 -> spliced(bytes, at, Math.min(at + 1, bytes.length), new byte[] {(byte) random.nextInt(256)});
            case 1 -> spliced(bytes, at, at, new byte[] {(byte) random.nextInt(256)});
            case 2 -> spliced(bytes, at, to, new byte[0]);
            case 3 -> spliced(bytes, to, to, Arrays.copyOfRange(bytes, at, to));
            case 4 -> spliced(bytes, at, at, PIECES[random.nextInt(PIECES.length)].getBytes(UTF_8));
            case 5 -> spliced(bytes, at, to, PIECES[random.nextInt(PIECES.length)].getBytes(UTF_8));
            case 6 -> withMember(bytes, random);
            case 7 -> withoutSomething(bytes, random);
            default ->
                random.nextInt(4) > 0
                        ? withMember(bytes, random)
                        : spliced(
                                bytes, at, at, INVALID_UTF8[random.nextInt(INVALID_UTF8.length)].getBytes(ISO_8859_1));
        };
    }

    /** Puts a piece where a member may stand, which often gives another valid event. */
    private static byte[] withMember(byte[] bytes, SplittableRandom random) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '{' || bytes[i] == ',' || bytes[i] == ':' || bytes[i] == '"') {
                places.add(i + 1);
            }
        }
        if (places.isEmpty()) {
            return bytes;
        }
        int at = places.get(random.nextInt(places.size()));
        return spliced(bytes, at, at, PIECES[random.nextInt(PIECES.length)].getBytes(UTF_8));
    }

    /** Cuts out what stands between two quotes or commas. */
    private static byte[] withoutSomething(byte[] bytes, SplittableRandom random) {
        int from = random.nextInt(bytes.length + 1);
        byte end = random.nextBoolean() ? (byte) '"' : (byte) ',';
        int to = from;
        while (to < bytes.length && bytes[to] != end) {
            to++;
        }
        return spliced(bytes, from, to, new byte[0]);
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] piece) {
        byte[] result = new byte[bytes.length - (to - from) + piece.length];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(piece, 0, result, from, piece.length);
        System.arraycopy(bytes, to, result, from + piece.length, bytes.length - to);
        return result;
    }
}
