package io.weir.event;

import java.nio.charset.StandardCharsets;

/**
 * Durations and sizes as text with a unit, read without allocating in the usual cases.
 *
 * <p>A quantity is a decimal number without sign ({@code 12}, {@code 1.5}, {@code .5} is not one), any number of spaces,
 * and a unit; without a unit it is milliseconds or bytes. Units of time, in this writing only: {@code ns us µs μs ms s m
 * min h}. Units of size, in any case: {@code B}, decimal {@code K KB M MB G GB T TB P PB} (powers of 1000), binary
 * {@code Ki KiB Mi MiB Gi GiB Ti TiB Pi PiB} (powers of 1024).
 */
public final class Quantities {
    private static final int MOST_DIGITS = 19;
    private static final int MOST_EXACT_DIGITS = 15;
    private static final double[] POWERS_OF_TEN = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    private Quantities() {}

    /** @return milliseconds, at least 0; or NaN if the text is no duration */
    public static double millis(byte[] buffer, int offset, int length) {
        int end = offset + length;
        int unit = endOfNumber(buffer, offset, end);
        if (unit < 0) {
            return Double.NaN;
        }
        double millis = 1;
        double perMilli = 1; // divided by, not multiplied with its reciprocal, which would round twice
        int from = skipSpaces(buffer, unit, end);
        switch (unitOf(buffer, from, end)) {
            case 0, 'm' << 8 | 's' -> {}
            case 'n' << 8 | 's' -> perMilli = 1e6;
            case 'u' << 8 | 's', 0xC2B5 << 8 | 's', 0xCEBC << 8 | 's' -> perMilli = 1e3;
            case 's' -> millis = 1e3;
            case 'm', ('m' << 8 | 'i') << 8 | 'n' -> millis = 6e4;
            case 'h' -> millis = 3.6e6;
            default -> {
                return Double.NaN;
            }
        }
        return number(buffer, offset, unit) * millis / perMilli;
    }

    /**
     * @return bytes, at least 0; a fraction of a unit is rounded half up; -1 if the text is no size, a fraction of a byte, or
     *     beyond 2^63-1
     */
    public static long bytes(byte[] buffer, int offset, int length) {
        int end = offset + length;
        int unit = endOfNumber(buffer, offset, end);
        if (unit < 0) {
            return -1;
        }
        int from = skipSpaces(buffer, unit, end);
        long factor = factor(buffer, from, end);
        if (factor < 0) {
            return -1;
        }
        int digits = digits(buffer, offset, end) - offset;
        if (digits == unit - offset && digits <= MOST_DIGITS) {
            long whole = 0; // of 19 digits at most, so below 2^64
            for (int at = offset; at < unit; at++) {
                whole = whole * 10 + (buffer[at] - '0');
            }
            boolean fits = whole >= 0 && Math.multiplyHigh(whole, factor) == 0 && whole * factor >= 0;
            return fits ? whole * factor : -1;
        }
        if (factor == 1) {
            return -1;
        }
        double bytes = number(buffer, offset, unit) * factor;
        return bytes < 0x1p63 ? Math.round(bytes) : -1;
    }

    private static long factor(byte[] buffer, int from, int end) {
        int letters = end - from;
        if (letters == 0) {
            return 1;
        }
        int first = buffer[from] | 0x20;
        if (first == 'b') {
            return letters == 1 ? 1 : -1;
        }
        int power =
                switch (first) {
                    case 'k' -> 1;
                    case 'm' -> 2;
                    case 'g' -> 3;
                    case 't' -> 4;
                    case 'p' -> 5;
                    default -> 0;
                };
        boolean binary = letters > 1 && (buffer[from + 1] | 0x20) == 'i';
        int rest = from + (binary ? 2 : 1);
        if (power == 0 || (rest != end && (rest + 1 != end || (buffer[rest] | 0x20) != 'b'))) {
            return -1;
        }
        long factor = 1;
        for (int i = 0; i < power; i++) {
            factor *= binary ? 1024 : 1000;
        }
        return factor;
    }

    /** Up to three bytes as one number, the last one lowest; -1 if there are more. */
    private static int unitOf(byte[] buffer, int from, int end) {
        if (end - from > 3) {
            return -1;
        }
        int unit = 0;
        for (int at = from; at < end; at++) {
            unit = unit << 8 | (buffer[at] & 0xff);
        }
        return unit;
    }

    private static int skipSpaces(byte[] buffer, int from, int end) {
        int at = from;
        while (at < end && buffer[at] == ' ') {
            at++;
        }
        return at;
    }

    /** Index after the number, or -1 if there is none; at most 256 characters are taken for a number. */
    private static int endOfNumber(byte[] buffer, int offset, int end) {
        int at = digits(buffer, offset, end);
        if (at == offset) {
            return -1;
        }
        if (at < end && buffer[at] == '.') {
            int fraction = digits(buffer, at + 1, end);
            if (fraction == at + 1) {
                return -1;
            }
            at = fraction;
        }
        return at - offset > 256 ? -1 : at;
    }

    private static int digits(byte[] buffer, int from, int end) {
        int at = from;
        while (at < end && buffer[at] >= '0' && buffer[at] <= '9') {
            at++;
        }
        return at;
    }

    private static double number(byte[] buffer, int from, int to) {
        if (to - from > MOST_EXACT_DIGITS + 1) {
            return Double.parseDouble(new String(buffer, from, to - from, StandardCharsets.ISO_8859_1));
        }
        long digits = 0;
        int scale = 0;
        boolean fraction = false;
        for (int at = from; at < to; at++) {
            if (buffer[at] == '.') {
                fraction = true;
            } else {
                digits = digits * 10 + (buffer[at] - '0');
                scale += fraction ? 1 : 0;
            }
        }
        return digits / POWERS_OF_TEN[scale];
    }
}
