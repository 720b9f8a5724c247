package io.weir.processor.enrich.log;

import static io.weir.event.Field.BYTES;
import static io.weir.event.Field.CLIENT_IP;
import static io.weir.event.Field.ENDPOINT;
import static io.weir.event.Field.MESSAGE;
import static io.weir.event.Field.METHOD;
import static io.weir.event.Field.REFERRER;
import static io.weir.event.Field.STATUS_CODE;
import static io.weir.event.Field.TYPE;
import static io.weir.event.Field.USER_AGENT;
import static io.weir.event.Field.USER_ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.event.EventLimits;
import io.weir.event.Rejection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessLogParserTest {
    private static final String RECEIVED = "2015-05-21T00:00:00Z";
    private static final String LINE =
            "83.149.9.216 - frank [17/May/2015:10:05:03 +0000] \"GET /images/kibana-search.png HTTP/1.1\" 200 203023"
                    + " \"http://semicomplete.com/presentations/\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1)\"";

    @Test
    void aCombinedLineGivesEveryField() {
        ReadFields read = combined(LINE).accepted();

        assertThat(read.field(TYPE)).isEqualTo("request");
        assertThat(read.time()).isEqualTo(Instant.parse("2015-05-17T10:05:03Z"));
        assertThat(read.field(CLIENT_IP)).isEqualTo("83.149.9.216");
        assertThat(read.field(USER_ID)).isEqualTo("frank");
        assertThat(read.field(METHOD)).isEqualTo("GET");
        assertThat(read.field(ENDPOINT)).isEqualTo("/images/kibana-search.png");
        assertThat(read.field(STATUS_CODE)).isEqualTo(200L);
        assertThat(read.field(BYTES)).isEqualTo(203023L);
        assertThat(read.field(REFERRER)).isEqualTo("http://semicomplete.com/presentations/");
        assertThat(read.field(USER_AGENT)).isEqualTo("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1)");
        assertThat(read.field(MESSAGE)).isEqualTo(LINE);
        assertThat(read.attributes).containsExactly(java.util.Map.entry("protocol", "\"HTTP/1.1\""));
    }

    @Test
    void everyRealLineIsRead() throws IOException {
        for (String line : resource("access-combined.log")) {
            ReadFields read = combined(line);
            assertThat(read.rejection).as(line).isNull();
            assertThat(read.fields).as(line).containsKeys(METHOD, ENDPOINT, STATUS_CODE, BYTES, CLIENT_IP);
        }
    }

    @Test
    void aCommonLineEndsWithTheSize() {
        ReadFields read = ReadFields.of(
                        LogFormat.COMMON,
                        "127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200 2326",
                        "2000-10-11T00:00:00Z")
                .accepted();

        assertThat(read.time()).isEqualTo(Instant.parse("2000-10-10T20:55:36Z"));
        assertThat(read.field(BYTES)).isEqualTo(2326L);
        assertThat(read.fields).doesNotContainKeys(USER_ID, REFERRER, USER_AGENT);
    }

    @Test
    void aDashIsAnAbsentFieldAndZeroBytes() {
        ReadFields read = combined(
                        "62.108.180.233 - - [18/May/2015:06:05:40 +0000] \"HEAD /projects/ HTTP/1.1\" 304 - \"-\" \"-\"")
                .accepted();

        assertThat(read.field(BYTES)).isEqualTo(0L);
        assertThat(read.fields).doesNotContainKeys(USER_ID, REFERRER, USER_AGENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2001:db8::1", "::1", "fe80::1ff:fe23:4567:890a%eth2", "::ffff:192.0.2.128", "[2001:db8::1]"})
    void anIpv6ClientIsAClient(String client) {
        ReadFields read = combined(LINE.replace("83.149.9.216", client)).accepted();

        assertThat(read.field(CLIENT_IP)).isEqualTo(client.replace("[", "").replace("]", ""));
    }

    @Test
    void aClientNameIsNoAddress() {
        ReadFields read = combined(LINE.replace("83.149.9.216", "crawl-66-249.googlebot.com"))
                .accepted();

        assertThat(read.fields).doesNotContainKey(CLIENT_IP);
        assertThat(read.attributes).containsEntry("client_host", "\"crawl-66-249.googlebot.com\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-| ",
                "''|",
                "\\x16\\x03\\x01\\x02\\x00\\x01|\"\\u0016\\u0003\\u0001\\u0002\\u0000\\u0001\"",
                "quit|\"quit\"",
                "\\\\n|\"\\\\n\"",
                "t3 12.1.2|\"t3 12.1.2\"",
                "145.ll|\"145.ll\"",
                "\\xE2\\x28\\xA1|\"\uFFFD(\uFFFD\""
            })
    void aBrokenRequestKeepsTheLineWithoutMethod(String request, String attribute) {
        String line = LINE.replace("GET /images/kibana-search.png HTTP/1.1", request == null ? "" : request)
                .replace(" 200 ", " 400 ");
        ReadFields read = combined(line).accepted();

        assertThat(read.fields).doesNotContainKeys(METHOD, ENDPOINT);
        assertThat(read.field(STATUS_CODE)).isEqualTo(400L);
        assertThat(read.field(MESSAGE)).isEqualTo(line);
        assertThat(read.attributes.get("request_line")).isEqualTo(attribute);
    }

    @Test
    void binaryGarbageInTheRequestIsReplacedAndKept() {
        byte[] line = LINE.replace("GET /images/kibana-search.png HTTP/1.1", "\u0000\u0001\u00FF\u00FE\u0016")
                .getBytes(StandardCharsets.ISO_8859_1);
        ReadFields read = ReadFields.of(LogFormat.COMBINED, line, RECEIVED, EventLimits.DEFAULT, "UTC")
                .accepted();

        assertThat(read.fields).doesNotContainKeys(METHOD, ENDPOINT);
        assertThat(read.field(MESSAGE)).asString().contains("\"\u0000\u0001\uFFFD\uFFFD\u0016\" 200");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /|GET|/",
                "GET /a b c HTTP/1.1|GET|/a b c",
                "OPTIONS * HTTP/1.1|OPTIONS|*",
                "CONNECT example.com:443 HTTP/1.1|CONNECT|example.com:443",
                "GET http://example.com/x?y=1 HTTP/1.1|GET|http://example.com/x?y=1",
                "M-SEARCH /x HTTP/1.1|M-SEARCH|/x",
                "GET /q?a=\\\"b\\\" HTTP/1.1|GET|/q?a=\"b\"",
                "GET /\\xD0\\xB6 HTTP/1.1|GET|/\u0436",
                "GET /a\"b HTTP/1.1|GET|/a\"b",
                "GET /a\\ HTTP/1.1|GET|/a\\",
                "GET  /two-spaces  HTTP/1.1 |GET|/two-spaces"
            })
    void oddRequestsAreStillRead(String request, String method, String endpoint) {
        ReadFields read = combined(LINE.replace("GET /images/kibana-search.png HTTP/1.1", request))
                .accepted();

        assertThat(read.field(METHOD)).isEqualTo(method);
        assertThat(read.field(ENDPOINT)).isEqualTo(endpoint);
        assertThat(read.field(STATUS_CODE)).isEqualTo(200L);
    }

    @Test
    void escapedQuotesInTheUserAgentAreUndone() {
        ReadFields read = combined(LINE.replace("(Macintosh;", "\\\"quoted\\\" \\\\ (Macintosh;"))
                .accepted();

        assertThat(read.field(USER_AGENT)).isEqualTo("Mozilla/5.0 \"quoted\" \\ (Macintosh; Intel Mac OS X 10_9_1)");
    }

    @Test
    void aLineCutOffWithinTheUserAgentIsRead() {
        ReadFields read = combined(LINE.substring(0, LINE.length() - 9)).accepted();

        assertThat(read.field(USER_AGENT)).isEqualTo("Mozilla/5.0 (Macintosh; Intel Mac OS X");
    }

    @Test
    void furtherFieldsAtTheEndAreAttributes() {
        ReadFields read =
                combined(LINE + " \"203.0.113.7\" 0.004 - \"a \\\"b\\\"\"").accepted();

        assertThat(read.attributes)
                .containsEntry("extra_1", "\"203.0.113.7\"")
                .containsEntry("extra_2", "\"0.004\"")
                .doesNotContainKey("extra_3")
                .containsEntry("extra_4", "\"a \\\"b\\\"\"");
    }

    @Test
    void aVirtualHostInFrontIsAnAttribute() {
        ReadFields read = combined("www.example.com:443 " + LINE).accepted();

        assertThat(read.attributes).containsEntry("virtual_host", "\"www.example.com:443\"");
        assertThat(read.field(CLIENT_IP)).isEqualTo("83.149.9.216");
        assertThat(read.field(USER_ID)).isEqualTo("frank");
    }

    @Test
    void aUserNameMayHaveSpaces() {
        assertThat(combined(LINE.replace("frank", "frank n furter")).accepted().field(USER_ID))
                .isEqualTo("frank n furter");
    }

    @ParameterizedTest
    @CsvSource({
        "17/May/2015:10:05:03 +0200,2015-05-17T08:05:03Z",
        "17/May/2015:10:05:03 -0330,2015-05-17T13:35:03Z",
        "17/May/2015:10:05:03.123 +0000,2015-05-17T10:05:03.123Z",
        "2015-05-17T10:05:03+02:00,2015-05-17T08:05:03Z",
        "17/may/2015:23:59:60 +0000,2015-05-17T23:59:59Z"
    })
    void timesAreInUtcMilliseconds(String time, String expected) {
        assertThat(combined(LINE.replace("17/May/2015:10:05:03 +0000", time))
                        .accepted()
                        .time())
                .isEqualTo(Instant.parse(expected));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "17/May/2015:10:05:03 +0000|31/Feb/2015:10:05:03 +0000|timestamp|is not like [17/May/2015:10:05:03 +0000]",
                "17/May/2015:10:05:03 +0000|17/May/2015:24:05:03 +0000|timestamp|is not like [17/May/2015:10:05:03 +0000]",
                "17/May/2015:10:05:03 +0000|17/Mai/2015:10:05:03 +0000|timestamp|is not like [17/May/2015:10:05:03 +0000]",
                "17/May/2015:10:05:03 +0000||timestamp|is not like [17/May/2015:10:05:03 +0000]",
                " 200 203023 | 999 203023 |status_code|the status '999' is not within 100..599",
                " 200 203023 | 200 many |bytes|the size 'many' is not a whole number",
                "83.149.9.216 - frank [|- [||fewer than three fields (host, ident, user) before the time",
                "[17/May/2015:10:05:03 +0000]|17/May/2015||no [time] after host, ident and user",
            })
    void aLineThatMakesNoSenseSaysWhy(String part, String replacement, String field, String detail) {
        Rejection rejection = combined(LINE.replace(part, replacement == null ? "" : replacement))
                .refused();

        assertThat(rejection.reason()).isEqualTo("unreadable_line");
        assertThat(rejection.field()).isEqualTo(field);
        assertThat(rejection.detail()).contains(detail);
    }

    @Test
    void noPrefixOfALineIsReadUnlessTheSizeIsThere() {
        int size = LINE.indexOf("203023");
        for (int length = 0; length < size; length++) {
            assertThat(combined(LINE.substring(0, length)).refused().reason()).isEqualTo("unreadable_line");
        }
        for (int length = size + 1; length <= LINE.length(); length++) {
            combined(LINE.substring(0, length)).accepted();
        }
    }

    @Test
    void aTimeOutsideTheLimitsIsRefused() {
        assertThat(ReadFields.of(LogFormat.COMBINED, LINE, "2016-12-01T00:00:00Z")
                        .refused()
                        .reason())
                .isEqualTo("timestamp_too_old");
        assertThat(ReadFields.of(LogFormat.COMBINED, LINE, "2015-05-16T00:00:00Z")
                        .refused()
                        .reason())
                .isEqualTo("timestamp_ahead");
    }

    private static ReadFields combined(String line) {
        return ReadFields.of(LogFormat.COMBINED, line, RECEIVED);
    }

    static List<String> resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(AccessLogParserTest.class.getResourceAsStream("/" + name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
