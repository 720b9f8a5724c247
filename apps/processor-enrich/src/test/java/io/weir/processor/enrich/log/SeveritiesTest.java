package io.weir.processor.enrich.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeveritiesTest {
    @ParameterizedTest
    @CsvSource({
        "TRACE,trace", "verbose,trace", "DEBUG,debug", "FINE,debug", "7,debug", "Information,info", "notice,info",
                "6,info",
        "30,info", "WARNING,warn", "warn,warn", "4,warn", "err,error", "SEVERE,error", "3,error", "crit,fatal",
        "Emergency,fatal", "0,fatal", "60,fatal", "banana,", "8,", "'',"
    })
    void namesOfAllLoggersMeetOnOneScale(String name, String severity) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        byte[] found = Severities.normalise(bytes, 0, bytes.length);

        assertThat(found == null ? null : new String(found, StandardCharsets.UTF_8))
                .isEqualTo(severity);
    }
}
