package io.weir.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {
    private static final long YEAR_0 =
            LocalDateTime.of(0, 1, 2, 0, 0).toInstant(ZoneOffset.UTC).toEpochMilli();
    private static final long YEAR_9999 =
            LocalDateTime.of(9999, 12, 30, 0, 0).toInstant(ZoneOffset.UTC).toEpochMilli();

    @Property(tries = 20_000, seed = "20260131")
    void agreesWithJavaTimeOnEveryInstantAndOffset(
            @ForAll @LongRange(min = -62167132800000L, max = 253402128000000L) long millis,
            @ForAll @IntRange(min = -18 * 60, max = 18 * 60) int offsetMinutes) {
        assertThat(millis).isBetween(YEAR_0, YEAR_9999);
        OffsetDateTime time = Instant.ofEpochMilli(millis).atOffset(ZoneOffset.ofTotalSeconds(offsetMinutes * 60));
        String text = time.format(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSxxx"));
        assertThat(parse(text)).isEqualTo(millis);
    }

    @Property(tries = 5_000, seed = "20260131")
    void everyDayOfTheCalendarIsKnownAndNoOther(
            @ForAll @IntRange(min = 0, max = 9999) int year,
            @ForAll @IntRange(max = 14) int month,
            @ForAll @IntRange(max = 33) int day) {
        boolean valid = month >= 1
                && month <= 12
                && day >= 1
                && day <= java.time.YearMonth.of(year, month).lengthOfMonth();
        long expected = valid
                ? LocalDateTime.of(year, month, day, 0, 0)
                        .toInstant(ZoneOffset.UTC)
                        .toEpochMilli()
                : Timestamps.INVALID;
        assertThat(parse(String.format("%04d-%02d-%02dT00:00:00Z", year, month, day)))
                .isEqualTo(expected);
    }

    @Test
    void anyNumberOfFractionDigitsIsCutToMilliseconds() {
        assertThat(parse("1970-01-01T00:00:00.9Z")).isEqualTo(900);
        assertThat(parse("1970-01-01T00:00:00.0019999999999999999999Z")).isEqualTo(1);
        assertThat(parse("1969-12-31T23:59:59.9999Z")).isEqualTo(-1);
    }

    @Test
    void aLeapSecondIsTheLastMillisecondOfItsMinute() {
        assertThat(parse("2016-12-31T23:59:60Z"))
                .isEqualTo(Instant.parse("2016-12-31T23:59:59.999Z").toEpochMilli());
        assertThat(parse("2017-01-01T00:59:60.5+01:00")).isEqualTo(parse("2016-12-31T23:59:60Z"));
        assertThat(parse("2016-12-31T22:59:60Z")).isEqualTo(Timestamps.INVALID);
    }

    @Test
    void theLettersMayBeSmallAndTheSeparatorASpace() {
        assertThat(parse("1970-01-01t00:00:01z")).isEqualTo(1000);
        assertThat(parse("1970-01-01 00:00:01Z")).isEqualTo(1000);
        assertThat(parse("1970-01-01T00:00:01-00:00")).isEqualTo(1000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026",
                "2026-01-31",
                "2026-01-31T12:00Z",
                "2026-01-31T12:00:00",
                "2026-01-31T12:00:00.Z",
                "2026-01-31T12:00:00.123",
                "2026-01-31T12:00:00+01",
                "2026-01-31T12:00:00+0100",
                "2026-01-31T12:00:00+01:00 ",
                "2026-01-31T12:00:00 Z",
                "2026-01-31T12:00:00Zulu",
                "2026-01-31T24:00:00Z",
                "2026-01-31T12:60:00Z",
                "2026-01-31T12:00:61Z",
                "2026-01-31T12:00:00+24:00",
                "2026-01-31T12:00:00+01:60",
                "2026-01-31_12:00:00Z",
                "2026/01/31T12:00:00Z",
                "2026-01-31T12.00.00Z",
                "+026-01-31T12:00:00Z",
                "20x6-01-31T12:00:00Z",
                "2026-1-31T12:00:00.0Z",
                "12026-01-31T12:00:00Z",
                "2026-01-31T12:00:00,5Z",
                "1767225600000",
                "2026-01-31T12:00:0٣Z",
            })
    void whatIsNoRfc3339DateTimeIsRefused(String text) {
        assertThat(parse(text)).isEqualTo(Timestamps.INVALID);
    }

    @Test
    void theLastStorableTimeIsTheEndOfTheYear2299() {
        assertThat(Timestamps.LAST_STORABLE).isEqualTo(parse("2299-12-31T23:59:59.999Z"));
    }

    private static long parse(String text) {
        byte[] bytes = ("##" + text + "##").getBytes(StandardCharsets.UTF_8);
        return Timestamps.parse(bytes, 2, bytes.length - 4);
    }
}
