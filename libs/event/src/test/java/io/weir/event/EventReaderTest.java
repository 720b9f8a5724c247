package io.weir.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventReaderTest {
    private static final long NOW = 1_760_000_000_000L;

    private final Event event = new Event();

    @Test
    void everyFieldOfTheContractIsRead() {
        assertThat(read("""
                {"id":"e-1","timestamp":"2025-10-09T08:53:20.5+00:00","type":"request","source":"shop",
                 "user_id":"u1","device_id":"d1","session_id":"s1","trace_id":"t1","method":"GET","endpoint":"/a?b=1",
                 "status_code":200,"latency_ms":12.5,"bytes":512,"referrer":"-","user_agent":"curl","client_ip":"::1",
                 "severity":"info","message":"line \\"1\\"\\nline 2 \\u00e9\\ud83d\\ude00",
                 "measurements":{"t":21.5,"n\\u0041":-3e2},"attributes":{"a":[1,{"b":null}]},"plan":"gold"}
                """)).isNull();
        assertThat(event.text(Field.ID)).isEqualTo("e-1");
        assertThat(event.number(Field.TIMESTAMP)).isEqualTo(1_760_000_000_500L);
        assertThat(event.text(Field.ENDPOINT)).isEqualTo("/a?b=1");
        assertThat(event.number(Field.STATUS_CODE)).isEqualTo(200);
        assertThat(event.latencyMillis()).isEqualTo(12.5);
        assertThat(event.number(Field.BYTES)).isEqualTo(512);
        assertThat(event.text(Field.MESSAGE)).isEqualTo("line \"1\"\nline 2 é😀");
        assertThat(event.measurementName(1)).isEqualTo("nA");
        assertThat(event.measurementValue(1)).isEqualTo(-300);
        assertThat(event.attributeName(0)).isEqualTo("a");
        assertThat(event.attributeValue(0)).asString().isEqualTo("[1,{\"b\":null}]");
        assertThat(event.attributeName(1)).isEqualTo("plan");
        assertThat(event.attributeValue(1)).asString().isEqualTo("\"gold\"");
    }

    @Test
    void anIdWithoutTimestampIsRefusedWhereverTheIdStands() {
        Rejection rejection = read("{\"type\":\"log\",\"id\":\"1\"}");
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo("missing_field");
        assertThat(rejection.field()).isEqualTo("timestamp");
    }

    private @Nullable Rejection read(String json) {
        event.clear();
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return new EventReader(EventLimits.DEFAULT, Stage.INGEST).read(bytes, 0, bytes.length, NOW, event);
    }
}
