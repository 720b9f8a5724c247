package io.weir.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {

    @ParameterizedTest
    @CsvSource({
        "350,350",
        "1.2s,1200",
        "350 ms,350",
        "80us,0.08",
        "80µs,0.08",
        "80μs,0.08",
        "15ns,0.000015",
        "0.3ms,0.3",
        "2m,120000",
        "2   min,120000",
        "1.5h,5400000",
        "0,0",
        "00.50s,500",
        "123456789012345678901234567890ms,123456789012345678901234567890",
    })
    void aDurationIsReadAsMilliseconds(String text, double millis) {
        assertThat(millis(text)).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "s", "-1s", "+1s", ".5s", "1.s", "1..2s", "1.2.3s", "1 S", "1sec", "1d", "1s ", " 1s", "1s1",
                "1e3", "NaN", "0x10", "1,5s", "1m30s", "1µ", "1 µm"
            })
    void whatIsNoDurationIsRefused(String text) {
        assertThat(millis(text)).isNaN();
    }

    @ParameterizedTest
    @CsvSource({
        "512,512",
        "512B,512",
        "512 b,512",
        "12KB,12000",
        "12k,12000",
        "12KiB,12288",
        "12 Ki,12288",
        "1.5MB,1500000",
        "1.5 MiB,1572864",
        "2GB,2000000000",
        "2gib,2147483648",
        "3TB,3000000000000",
        "3TiB,3298534883328",
        "1PB,1000000000000000",
        "1PiB,1125899906842624",
        "0.0015KB,2",
        "9223372036854775807,9223372036854775807",
        "8191PiB,9222246136947933184",
    })
    void aSizeIsReadAsBytes(String text, long bytes) {
        assertThat(bytes(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "B",
                "-1",
                "1.5",
                "1.5B",
                "1X",
                "1KBB",
                "1KIBX",
                "1 K B",
                "1ib",
                "1i",
                "9223372036854775808",
                "18446744073709551616",
                "8192PiB",
                "99999999.5PB",
                "1e3",
                "٣KB"
            })
    void whatIsNoSizeIsRefused(String text) {
        assertThat(bytes(text)).isEqualTo(-1);
    }

    @Property(seed = "20260131")
    void aNumberAloneIsInTheSmallestUnit(
            @ForAll @LongRange(min = 0) long bytes, @ForAll @DoubleRange(max = 1e9) double millis) {
        assertThat(bytes(Long.toString(bytes))).isEqualTo(bytes);
        String plain = new java.math.BigDecimal(millis).toPlainString();
        assertThat(millis(plain.length() > 256 ? "1" : plain)).isEqualTo(plain.length() > 256 ? 1 : millis);
    }

    private static double millis(String text) {
        byte[] bytes = ("1" + text + "s").getBytes(StandardCharsets.UTF_8);
        return Quantities.millis(bytes, 1, bytes.length - 2);
    }

    private static long bytes(String text) {
        byte[] bytes = ("1" + text + "B").getBytes(StandardCharsets.UTF_8);
        return Quantities.bytes(bytes, 1, bytes.length - 2);
    }
}
