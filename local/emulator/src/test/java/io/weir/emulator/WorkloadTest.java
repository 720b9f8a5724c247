package io.weir.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class WorkloadTest {

    private static final long NOON = Instant.parse("2026-11-21T12:00:00.123Z").toEpochMilli();
    private final JsonMapper json = new JsonMapper();

    @Test
    void requestsAreJsonWithTheFieldsOfTheContract() {
        Workload requests = requests(0.02, 0, 1);
        for (int i = 0; i < 5000; i++) {
            JsonNode event = json.readTree(text(requests, i, NOON));
            assertThat(event.get("id").asString()).isEqualTo("%s-%012d".formatted("p", i));
            assertThat(event.get("timestamp").asString()).isEqualTo("2026-11-21T12:00:00.123Z");
            assertThat(event.get("type").asString()).isEqualTo("request");
            assertThat(event.get("endpoint").asString()).startsWith("/");
            assertThat(event.get("status_code").asInt()).isBetween(100, 599);
            assertThat(event.get("latency_ms").asDouble()).isPositive();
            assertThat(event.get("bytes").asLong()).isNotNegative();
            assertThat(event.get("attributes").isObject()).isTrue();
        }
    }

    @Test
    void paddedEventsHaveExactlyTheWantedSize() {
        Workload requests = requests(0.02, 1024, 1);
        Workload readings = new DeviceReadings(50, 1024, null, 1);
        for (int i = 0; i < 1000; i++) {
            assertThat(text(requests, i, NOON).strip()).hasSize(1024);
            assertThat(text(readings, i, NOON).strip()).hasSize(1024);
        }
    }

    @Test
    void theErrorRateIsTheShareOfServerErrors() {
        Workload requests = requests(0.1, 0, 7);
        int errors = 0;
        for (int i = 0; i < 20_000; i++) {
            if (json.readTree(text(requests, i, NOON)).get("status_code").asInt() >= 500) {
                errors++;
            }
        }
        assertThat(errors / 20_000.0).isBetween(0.09, 0.11);
    }

    @Test
    void someEndpointsAreMuchMoreFrequentThanOthersAndAllOccur() {
        Workload requests = requests(0, 0, 3);
        Map<String, Integer> byEndpoint = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            JsonNode event = json.readTree(text(requests, i, NOON));
            String template = event.get("method").asString() + " "
                    + event.get("endpoint").asString().replaceAll("[0-9]+", "#").replaceAll("\\?.*", "");
            byEndpoint.merge(template, 1, Integer::sum);
        }
        assertThat(byEndpoint).hasSize(30);
        assertThat(byEndpoint.get("GET /")).isGreaterThan(10 * byEndpoint.getOrDefault("HEAD /api/products/#", 0));
    }

    @Test
    void theSameSeedMakesTheSameEvents() {
        Workload one = requests(0.02, 1024, 42);
        Workload other = requests(0.02, 1024, 42);
        for (int i = 0; i < 200; i++) {
            assertThat(text(one, i, NOON)).isEqualTo(text(other, i, NOON));
        }
    }

    @Test
    void devicesReportInTurnAndAreWarmerInTheAfternoonThanAtNight() {
        DeviceReadings readings = new DeviceReadings(50, 0, new EventIds("p"), 5);
        double afternoon = 0;
        double night = 0;
        for (int i = 0; i < 100; i++) {
            JsonNode event = json.readTree(text(readings, i, NOON + 3 * 3_600_000));
            assertThat(event.get("device_id").asString()).isEqualTo("device-%04d".formatted(i % 50));
            afternoon += event.at("/measurements/temperature_celsius").asDouble();
            night += json.readTree(text(readings, i, NOON - 9 * 3_600_000))
                    .at("/measurements/temperature_celsius")
                    .asDouble();
        }
        assertThat(afternoon / 100).isGreaterThan(night / 100 + 5);
    }

    @Test
    void logLinesAreInTheCombinedFormat() {
        AccessLog log = new AccessLog(0.05, 1);
        for (int i = 0; i < 500; i++) {
            assertThat(text(log, i, NOON))
                    .matches("[0-9.]+ - - \\[21/Nov/2026:12:00:00 \\+0000] \"GET \\S+ HTTP/1.1\" [0-9]{3} [0-9]+ \"-\" "
                            + "\"[^\"]+\"\n");
        }
    }

    @Test
    void numbersAreWrittenAsJsonReadsThem() {
        byte[] bytes = new byte[12];
        for (long thousandths : new long[] {0, 1, -1, 999, 1000, -1000, 12_345, -98_765_432, 99_999_999}) {
            Slots.decimal(bytes, 0, 12, thousandths);
            assertThat(json.readTree(bytes).asDouble()).isEqualTo(thousandths / 1000.0);
        }
    }

    @Test
    void anIdPrefixThatWouldBreakTheContractIsRefused() {
        assertThatThrownBy(() -> new EventIds("x".repeat(52))).hasMessageContaining("1 to 51");
        assertThatThrownBy(() -> new EventIds("a\"b")).hasMessageContaining("a\"b");
    }

    private static Workload requests(double errorRate, int eventBytes, long seed) {
        return new RequestEvents(new RequestEvents.Mix(errorRate, 0, eventBytes, new EventIds("p"), null), seed);
    }

    private static String text(Workload workload, long sequence, long at) {
        byte[] bytes = new byte[workload.maxBytes() + 3];
        int length = workload.render(bytes, 3, sequence, at);
        return new String(bytes, 3, length, StandardCharsets.UTF_8);
    }
}
