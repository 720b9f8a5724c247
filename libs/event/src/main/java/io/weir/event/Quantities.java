package io.weir.event;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Amounts of time and data, with or without a unit. */
public final class Quantities {

    /** What an amount is wanted in. */
    public enum Unit {
        MILLISECONDS("a unit of time: ns, us, ms, s, m or h"),
        BYTES("a unit of data: B, KB, MB, GB, TB, KiB, MiB, GiB or TiB");

        final String examples;

        Unit(String examples) {
            this.examples = examples;
        }
    }

    private Quantities() {}

    /**
     * Parses a decimal number and an optional unit, such as {@code 1.2s}, {@code 350 ms} or {@code 12KiB}; a number alone
     * is in the wanted unit. Units of data may be written in any case; {@code KB} is 1000 bytes and {@code KiB} 1024.
     *
     * @return the amount, or NaN if the text is no such amount
     */
    public static double parse(byte[] text, int offset, int length, Unit unit) {
        if (length == 0 || length > 40) {
            return Double.NaN;
        }
        int at = offset;
        int end = offset + length;
        boolean digit = false;
        boolean point = false;
        while (at < end && (text[at] >= '0' && text[at] <= '9' || text[at] == '.' && !point)) {
            point |= text[at] == '.';
            digit |= text[at] != '.';
            at++;
        }
        if (!digit) {
            return Double.NaN;
        }
        double number = Double.parseDouble(new String(text, offset, at - offset, StandardCharsets.US_ASCII));
        while (at < end && text[at] == ' ') {
            at++;
        }
        String suffix = new String(text, at, end - at, StandardCharsets.UTF_8);
        double divisor = 1;
        double factor = 1;
        if (unit == Unit.MILLISECONDS) {
            switch (suffix) {
                case "", "ms" -> {}
                case "ns" -> divisor = 1e6;
                case "us", "µs", "μs" -> divisor = 1e3;
                case "s" -> factor = 1e3;
                case "m", "min" -> factor = 60e3;
                case "h" -> factor = 3600e3;
                default -> factor = Double.NaN;
            }
        } else {
            factor = switch (suffix.toUpperCase(Locale.ROOT)) {
                case "", "B" -> 1;
                case "KB" -> 1e3;
                case "MB" -> 1e6;
                case "GB" -> 1e9;
                case "TB" -> 1e12;
                case "KIB" -> 1L << 10;
                case "MIB" -> 1L << 20;
                case "GIB" -> 1L << 30;
                case "TIB" -> 1L << 40;
                default -> Double.NaN;
            };
            return Math.rint(number * factor);
        }
        return number * factor / divisor;
    }
}
