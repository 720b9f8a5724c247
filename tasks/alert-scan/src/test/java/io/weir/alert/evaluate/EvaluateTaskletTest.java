package io.weir.alert.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluateTaskletTest {

    @ParameterizedTest
    @CsvSource({
        "10:00:00, PT10S, PT10S",
        "10:00:04, PT10S, PT6S",
        // A sleep of 5.999 s would end before the minute's windows may be evaluated.
        "10:00:04.000000001, PT10S, PT6S",
        "10:00:09.999999999, PT10S, PT0.001S",
        "10:00:10, PT10S, PT0S",
        "10:00:59, PT10S, PT0S",
        "10:00:04, PT0S, PT0S",
        "10:00:04, PT45S, PT0S"
    })
    void aScanWaitsForTheWindowsThatHaveJustEndedUnlessTheDelayIsLong(String time, Duration delay, Duration wait) {
        assertThat(EvaluateTasklet.wait(Instant.parse("2026-01-02T" + time + "Z"), delay))
                .isEqualTo(wait);
    }
}
