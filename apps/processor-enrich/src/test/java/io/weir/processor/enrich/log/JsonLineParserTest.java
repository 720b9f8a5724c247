package io.weir.processor.enrich.log;

import static io.weir.event.Field.BYTES;
import static io.weir.event.Field.CLIENT_IP;
import static io.weir.event.Field.ENDPOINT;
import static io.weir.event.Field.LATENCY_MS;
import static io.weir.event.Field.MESSAGE;
import static io.weir.event.Field.METHOD;
import static io.weir.event.Field.SEVERITY;
import static io.weir.event.Field.SOURCE;
import static io.weir.event.Field.STATUS_CODE;
import static io.weir.event.Field.TIMESTAMP;
import static io.weir.event.Field.TYPE;
import static io.weir.event.Field.USER_AGENT;
import static io.weir.event.Field.USER_ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.event.EventLimits;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonLineParserTest {
    private static final String RECEIVED = "2026-10-12T00:00:00Z";

    @Test
    void aLineOfZapIsRead() {
        ReadFields read =
                json("{\"level\":\"warn\",\"ts\":1791763000.1234,\"logger\":\"db\",\"msg\":\"slow \\u00fcber\\n\","
                                + "\"elapsed\":{\"s\":3},\"tags\":[\"a\",1]}")
                        .accepted();

        assertThat(read.field(TYPE)).isEqualTo("log");
        assertThat(read.time()).isEqualTo(Instant.ofEpochMilli(1791763000123L));
        assertThat(read.field(SEVERITY)).asString().isEqualToIgnoringCase("warn");
        assertThat(read.field(MESSAGE)).isEqualTo("slow \u00fcber");
        assertThat(read.attributes)
                .containsEntry("logger", "\"db\"")
                .containsEntry("elapsed", "{\"s\":3}")
                .containsEntry("tags", "[\"a\",1]")
                .hasSize(3);
    }

    @Test
    void aLineOfPinoIsRead() {
        ReadFields read =
                json("{\"level\":50,\"time\":1791763000123,\"pid\":1,\"hostname\":\"api-1\",\"msg\":\"boom\"}")
                        .accepted();

        assertThat(read.field(SEVERITY)).isEqualTo("50");
        assertThat(read.field(SOURCE)).isEqualTo("api-1");
        assertThat(read.attributes).containsEntry("pid", "1");
    }

    @Test
    void anAccessLogOfNginxInJsonIsARequest() {
        ReadFields read = json("{\"time_iso8601\":\"2026-10-11T22:14:15+02:00\",\"remote_addr\":\"2001:db8::1\","
                        + "\"remote_user\":\"\",\"request\":\"GET /a?b=c HTTP/1.1\",\"status\":\"200\","
                        + "\"body_bytes_sent\":\"612\",\"request_time\":\"0.250\",\"http_user_agent\":\"curl/8\"}")
                .accepted();

        assertThat(read.field(TYPE)).isEqualTo("request");
        assertThat(read.time()).isEqualTo(Instant.parse("2026-10-11T20:14:15Z"));
        assertThat(read.field(METHOD)).isEqualTo("GET");
        assertThat(read.field(ENDPOINT)).isEqualTo("/a?b=c");
        assertThat(read.field(STATUS_CODE)).isEqualTo(200L);
        assertThat(read.field(BYTES)).isEqualTo(612L);
        assertThat(read.field(LATENCY_MS)).isEqualTo(250.0);
        assertThat(read.field(CLIENT_IP)).isEqualTo("2001:db8::1");
        assertThat(read.field(USER_AGENT)).isEqualTo("curl/8");
        assertThat(read.fields).doesNotContainKey(USER_ID);
    }

    @Test
    void aLineOfDockerKeepsItsMessageWithoutTheLineEnd() {
        ReadFields read =
                json("{\"log\":\"hello\\n\",\"stream\":\"stdout\",\"time\":\"2026-10-11T22:14:15.123456789Z\"}")
                        .accepted();

        assertThat(read.field(MESSAGE)).isEqualTo("hello");
        assertThat(read.time()).isEqualTo(Instant.parse("2026-10-11T22:14:15.123Z"));
        assertThat(read.attributes).containsOnlyKeys("stream");
    }

    @Test
    void whatDoesNotFitItsFieldStaysAnAttribute() {
        ReadFields read = json("{\"status\":\"ok\",\"bytes\":-1,\"level\":\"banana\",\"source\":{\"file\":\"a\"},"
                        + "\"client_ip\":\"unknown\",\"message\":17,\"method\":false,\"type\":\"Not A Slug\",\"user_id\":null}")
                .accepted();

        assertThat(read.fields).containsOnlyKeys(TYPE);
        assertThat(read.attributes)
                .containsEntry("status", "\"ok\"")
                .containsEntry("bytes", "-1")
                .containsEntry("level", "\"banana\"")
                .containsEntry("source", "{\"file\":\"a\"}")
                .containsEntry("client_ip", "\"unknown\"")
                .containsEntry("message", "17")
                .containsEntry("method", "false")
                .containsEntry("type", "\"Not A Slug\"")
                .hasSize(8);
    }

    @Test
    void theFirstMemberForAFieldWins() {
        ReadFields read = json("{\"host\":\"web-1\",\"service\":\"api\",\"msg\":\"a\",\"message\":\"b\"}")
                .accepted();

        assertThat(read.field(SOURCE)).isEqualTo("web-1");
        assertThat(read.field(MESSAGE)).isEqualTo("a");
        assertThat(read.attributes).containsEntry("service", "\"api\"").containsEntry("message", "\"b\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1791763000|1791763000000",
                "1791763000.5|1791763000500",
                "1791763000123|1791763000123",
                "1791763000123456|1791763000123",
                "1791763000123456789|1791763000123",
                "\"1791763000\"|1791763000000",
                "\"2026-10-11T22:14:15Z\"|1791756855000",
                "\"2026-10-11 22:14:15,250\"|1791756855250",
                "\"2026-10-11T22:14:15+0200\"|1791749655000",
                "\"11/Oct/2026:22:14:15 +0000\"|1791756855000"
            })
    void timesOfAllUnitsAndFormsAreRead(String time, long millis) {
        assertThat(json("{\"time\":" + time + "}").accepted().field(TIMESTAMP)).isEqualTo(millis);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1,2]|unreadable_line|not an object",
                "\"text\"|unreadable_line|not an object",
                "{\"a\":}|unreadable_line|not a JSON object",
                "{\"a\":1|unreadable_line|not a JSON object",
                "{\"a\":1}}|unreadable_line|goes on after its JSON object",
                "{\"a\":1} {\"b\":2}|unreadable_line|goes on after its JSON object",
                "{\"a\":1},\"method\":\"GET\"|unreadable_line|goes on after its JSON object",
                "1,\"method\":\"GET\"|unreadable_line|goes on",
                "{},\"a\":{\"b\":2}|unreadable_line|goes on after its JSON object",
                "\"x\",\"a\":\"{\"|unreadable_line|goes on",
                "''|unreadable_line|not",
                "{\"time\":\"yesterday\"}|unreadable_line|the time 'yesterday'",
                "{\"time\":\"2020-10-11T22:14:15Z\"}|timestamp_too_old|days before",
                "{\"time\":\"2027-10-11T22:14:15Z\"}|timestamp_ahead|hours after",
                "{\"a\":1,\"a\":2}|duplicate_field|twice"
            })
    void aLineThatMakesNoSenseSaysWhy(String line, String reason, String detail) {
        assertThat(json(line).refused().reason()).isEqualTo(reason);
        assertThat(json(line).refused().detail()).contains(detail);
    }

    @Test
    void invalidUtf8IsReplaced() {
        byte[] line = "{\"msg\":\"caf\u00E9\",\"x\":\"\u00FF\"}".getBytes(StandardCharsets.ISO_8859_1);
        ReadFields read = ReadFields.of(LogFormat.JSON, line, RECEIVED, EventLimits.DEFAULT, "UTC")
                .accepted();

        assertThat(read.field(MESSAGE)).isEqualTo("caf\uFFFD");
        assertThat(read.attributes).containsEntry("x", "\"\uFFFD\"");
    }

    @Test
    void surrogatesArePaired() {
        assertThat(json("{\"msg\":\"\\ud83d\\ude00\"}").accepted().field(MESSAGE))
                .isEqualTo("\uD83D\uDE00");
    }

    @Test
    void controlCharactersStayInTheMessageOnly() {
        ReadFields read =
                json("{\"msg\":\"a\\u0000\\tb\",\"host\":\"w\\u0000eb\"}").accepted();

        assertThat(read.field(MESSAGE)).isEqualTo("a\u0000\tb");
        assertThat(read.field(SOURCE)).isEqualTo("w\uFFFDeb");
    }

    private static ReadFields json(String line) {
        return ReadFields.of(LogFormat.JSON, line, RECEIVED);
    }
}
