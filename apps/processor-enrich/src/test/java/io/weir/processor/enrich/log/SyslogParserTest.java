package io.weir.processor.enrich.log;

import static io.weir.event.Field.MESSAGE;
import static io.weir.event.Field.SEVERITY;
import static io.weir.event.Field.SOURCE;
import static io.weir.event.Field.TIMESTAMP;
import static io.weir.event.Field.TYPE;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.event.EventLimits;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyslogParserTest {
    private static final String RECEIVED = "2026-10-12T00:00:00Z";

    @Test
    void theExampleOfRfc3164() {
        ReadFields read = syslog("<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8")
                .accepted();

        assertThat(read.field(TYPE)).isEqualTo("log");
        assertThat(read.time()).isEqualTo(Instant.parse("2026-10-11T22:14:15Z"));
        assertThat(read.field(SOURCE)).isEqualTo("mymachine");
        assertThat(read.field(SEVERITY)).isEqualTo("fatal");
        assertThat(read.field(MESSAGE)).isEqualTo("'su root' failed for lonvick on /dev/pts/8");
        assertThat(read.attributes).containsEntry("facility", "\"auth\"").containsEntry("app", "\"su\"");
    }

    @Test
    void aLineOfAFileHasNoPriority() {
        ReadFields read = syslog("Oct  1 06:25:03 web-1 sshd[24200]: Connection closed by 173.234.31.186 [preauth]")
                .accepted();

        assertThat(read.time()).isEqualTo(Instant.parse("2026-10-01T06:25:03Z"));
        assertThat(read.fields).doesNotContainKey(SEVERITY);
        assertThat(read.field(SOURCE)).isEqualTo("web-1");
        assertThat(read.attributes).containsEntry("app", "\"sshd\"").containsEntry("pid", "\"24200\"");
        assertThat(read.field(MESSAGE)).isEqualTo("Connection closed by 173.234.31.186 [preauth]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<13>2026-10-11T22:14:15.003+02:00 host app[7]: text|2026-10-11T20:14:15.003Z|host|text",
                "2026-10-11T22:14:15.003Z host app[7]: text|2026-10-11T22:14:15.003Z|host|text",
                "<189>Oct 11 2026 22:14:15: %ASA-5-111008: User logged|2026-10-11T22:14:15Z||User logged",
                "<189>*Oct 11 22:14:15.123: %SYS-5-CONFIG_I: Configured|2026-10-11T22:14:15.123Z||Configured",
                "<13>Oct 11 22:14:15 su[12]: no host|2026-10-11T22:14:15Z||no host",
                "<13>Oct 11 22:14:15 2026 host app: asctime|2026-10-11T22:14:15Z|host|asctime",
                "<13>Oct 11 22:14:15 fe80::1 app: v6|2026-10-11T22:14:15Z|fe80::1|v6",
                "<13>Oct 11 22:14:15 host no tag here|2026-10-11T22:14:15Z|host|no tag here",
                "<13>Oct 11 22:14:15 host|2026-10-11T22:14:15Z||host",
                "<13>no time at all|||no time at all",
                "75 <13>Oct 11 22:14:15 host app: counted|2026-10-11T22:14:15Z|host|counted"
            })
    void whatIsSentAsRfc3164IsRead(String line, String time, String source, String message) {
        ReadFields read = syslog(line).accepted();

        assertThat(read.time()).isEqualTo(time == null ? null : Instant.parse(time));
        assertThat(read.field(SOURCE)).isEqualTo(source);
        assertThat(read.field(MESSAGE)).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource({
        "Dec 31 23:59:58,2027-01-01T00:00:05Z,2026-12-31T23:59:58Z",
        "Jan  1 00:00:05,2026-12-31T23:59:58Z,2027-01-01T00:00:05Z",
        "Feb 29 12:00:00,2028-03-01T00:00:00Z,2028-02-29T12:00:00Z",
        "Feb 29 12:00:00,2028-12-01T00:00:00Z,2028-02-29T12:00:00Z",
        "Nov  1 12:00:00,2026-10-12T00:00:00Z,2025-11-01T12:00:00Z",
        "Sep  1 12:00:00,2026-10-12T00:00:00Z,2026-09-01T12:00:00Z"
    })
    void theYearIsTheLatestThatIsNotAhead(String time, String received, String expected) {
        ReadFields read = ReadFields.of(LogFormat.SYSLOG, "<13>" + time + " host app: x", received)
                .accepted();

        assertThat(read.time()).isEqualTo(Instant.parse(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin,Jul 11 22:14:15,2026-07-11T20:14:15Z",
        "Europe/Berlin,Jan 11 22:14:15,2026-01-11T21:14:15Z",
        "+05:30,Jul 11 22:14:15,2026-07-11T16:44:15Z",
        "UTC,Jul 11 22:14:15,2026-07-11T22:14:15Z"
    })
    void aTimeWithoutZoneIsOfTheZoneThatIsSet(String zone, String time, String expected) {
        byte[] line = ("<13>" + time + " host app: x").getBytes(StandardCharsets.UTF_8);
        ReadFields read = ReadFields.of(LogFormat.SYSLOG, line, "2026-08-01T00:00:00Z", EventLimits.DEFAULT, zone)
                .accepted();

        assertThat(read.time()).isEqualTo(Instant.parse(expected));
    }

    @Test
    void theExampleOfRfc5424WithStructuredData() {
        ReadFields read = syslog("<165>1 2026-10-11T22:14:15.003Z mymachine.example.com evntslog 42 ID47"
                        + " [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"]"
                        + "[examplePriority@32473 class=\"high\"] \uFEFFAn application event log entry...")
                .accepted();

        assertThat(read.time()).isEqualTo(Instant.parse("2026-10-11T22:14:15.003Z"));
        assertThat(read.field(SOURCE)).isEqualTo("mymachine.example.com");
        assertThat(read.field(SEVERITY)).isEqualTo("info");
        assertThat(read.field(MESSAGE)).isEqualTo("An application event log entry...");
        assertThat(read.attributes)
                .containsEntry("facility", "\"local4\"")
                .containsEntry("app", "\"evntslog\"")
                .containsEntry("pid", "\"42\"")
                .containsEntry("msgid", "\"ID47\"")
                .containsEntry(
                        "exampleSDID@32473", "{\"iut\":\"3\",\"eventSource\":\"Application\",\"eventID\":\"1011\"}")
                .containsEntry("examplePriority@32473", "{\"class\":\"high\"}");
    }

    @Test
    void anRfc5424HeaderOfNilValuesIsRead() {
        ReadFields read = syslog("<0>1 - - - - - - - a dash is the message").accepted();

        assertThat(read.fields).doesNotContainKeys(TIMESTAMP, SOURCE);
        assertThat(read.field(SEVERITY)).isEqualTo("fatal");
        assertThat(read.field(MESSAGE)).isEqualTo("- a dash is the message");
    }

    @Test
    void escapesInStructuredDataAreUndone() {
        ReadFields read =
                syslog("<13>1 - h a p m [x@1 a=\"q\\\"u\\]o\\\\t\\e\"]").accepted();

        assertThat(read.attributes).containsEntry("x@1", "{\"a\":\"q\\\"u]o\\\\t\\\\e\"}");
        assertThat(read.field(MESSAGE)).isEqualTo("");
    }

    @Test
    void aParameterThatComesAgainIsNumbered() {
        ReadFields read = syslog("<13>1 - h a p m [origin ip=\"::1\" ip=\"::2\" ip=\"::3\"] x")
                .accepted();

        assertThat(read.attributes).containsEntry("origin", "{\"ip\":\"::1\",\"ip_2\":\"::2\",\"ip_3\":\"::3\"}");
    }

    @Test
    void invalidUtf8InTheMessageIsReplaced() {
        byte[] line = "<13>Oct 11 22:14:15 host app: caf\u00E9".getBytes(StandardCharsets.ISO_8859_1);
        ReadFields read = ReadFields.of(LogFormat.SYSLOG, line, RECEIVED, EventLimits.DEFAULT, "UTC")
                .accepted();

        assertThat(read.field(MESSAGE)).isEqualTo("caf\uFFFD");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|neither a priority",
                "hello world|neither a priority",
                "<192>Oct 11 22:14:15 host app: x|priority",
                "<>Oct 11 22:14:15 host app: x|priority",
                "<13|priority",
                "<13>1 yesterday h a p m - x|is not RFC 3339",
                "<13>1 2026-13-11T22:14:15Z h a p m - x|is not RFC 3339",
                "<13>1 2026-10-11T22:14:15Z h a|cut off",
                "<13>1 - h a p m [x@1 a=\"q\"|structured data",
                "<13>1 - h a p m [x@1 a=\"q|structured data",
                "<13>1 - h a p m [x@1 a=q]|structured data",
                "<13>1 - h a p m [] x|structured data",
                "<13>1 - h a p m text|structured data",
                "<13>1 - h a p m [x@1]text|no space"
            })
    void aLineThatMakesNoSenseSaysWhy(String line, String detail) {
        assertThat(syslog(line).refused().reason()).isEqualTo("unreadable_line");
        assertThat(syslog(line).refused().detail()).contains(detail);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<165>1 2026-10-11T22:14:15.003Z host app 42 ID47 [a@1 b=\"3\" c=\"\\\"d\"][e@2 f=\"g\"] \uFEFFmessage",
                "<34>Oct 11 22:14:15 mymachine su[123]: 'su root' failed",
                "75 <13>Oct 11 2026 22:14:15.123 host app: counted"
            })
    void noPrefixOfALineBreaksTheParser(String line) {
        for (int length = 0; length <= line.length(); length++) {
            ReadFields read = syslog(line.substring(0, length));
            assertThat(read.rejection == null || read.rejection.reason().equals("unreadable_line"))
                    .isTrue();
        }
    }

    private static ReadFields syslog(String line) {
        return ReadFields.of(LogFormat.SYSLOG, line, RECEIVED);
    }
}
