package io.weir.processor.enrich.log;

/**
 * Reads the times of log lines, without allocation.
 *
 * <p>All methods give epoch milliseconds, or {@link #UNREADABLE} where the text is no such time or names a day or hour
 * that does not exist. A leap second counts as the last second of its minute. Fractions beyond the millisecond are cut.
 */
final class Timestamps {
    static final long UNREADABLE = Long.MIN_VALUE;

    private static final String MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";

    private Timestamps() {}

    /** {@code 17/May/2015:10:05:03 +0000}, with or without a fraction, or RFC 3339. */
    static long accessLog(byte[] b, int from, int to) {
        if (to - from < 20 || b[from + 2] != '/') {
            return rfc3339(b, from, to);
        }
        int day = digits(b, from, 2);
        int month = month(b, from + 3);
        int year = digits(b, from + 7, 4);
        if (b[from + 6] != '/' || b[from + 11] != ':' || b[from + 14] != ':' || b[from + 17] != ':') {
            return UNREADABLE;
        }
        int hour = digits(b, from + 12, 2);
        int minute = digits(b, from + 15, 2);
        int second = digits(b, from + 18, 2);
        int at = from + 20;
        int fraction = 0;
        if (at < to && b[at] == '.') {
            fraction = milliseconds(b, at + 1, to);
            at = afterDigits(b, at + 1, to);
        }
        if (at < to && b[at] == ' ') {
            at++;
        }
        return millis(year, month, day, hour, minute, second, fraction, offsetMinutes(b, at, to));
    }

    /**
     * RFC 3339, and what loggers make of it: a space or {@code _} for the {@code T}, a comma before the fraction, an
     * offset without colon or minutes, or no offset at all (then UTC).
     */
    static long rfc3339(byte[] b, int from, int to) {
        if (to - from < 19 || b[from + 4] != '-' || b[from + 7] != '-') {
            return UNREADABLE;
        }
        byte separator = b[from + 10];
        if ((separator != 'T' && separator != 't' && separator != ' ' && separator != '_')
                || b[from + 13] != ':'
                || b[from + 16] != ':') {
            return UNREADABLE;
        }
        int at = from + 19;
        int fraction = 0;
        if (at < to && (b[at] == '.' || b[at] == ',')) {
            fraction = milliseconds(b, at + 1, to);
            at = afterDigits(b, at + 1, to);
        }
        if (at < to && b[at] == ' ') {
            at++;
        }
        int offset = at == to ? 0 : offsetMinutes(b, at, to);
        return millis(
                digits(b, from, 4),
                digits(b, from + 5, 2),
                digits(b, from + 8, 2),
                digits(b, from + 11, 2),
                digits(b, from + 14, 2),
                digits(b, from + 17, 2),
                fraction,
                offset);
    }

    /** 1 to 12 for an English month of three letters; -1 otherwise. */
    static int month(byte[] b, int from) {
        for (int i = 0; i < MONTHS.length(); i += 3) {
            if ((b[from] | 0x20) == MONTHS.charAt(i)
                    && (b[from + 1] | 0x20) == MONTHS.charAt(i + 1)
                    && (b[from + 2] | 0x20) == MONTHS.charAt(i + 2)) {
                return i / 3 + 1;
            }
        }
        return -1;
    }

    /** A number of exactly {@code count} digits; -1 if one of them is none. */
    static int digits(byte[] b, int from, int count) {
        int number = 0;
        for (int i = from; i < from + count; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /** @param offsetMinutes east of Greenwich; {@link Integer#MIN_VALUE} makes the whole unreadable */
    static long millis(
            int year, int month, int day, int hour, int minute, int second, int millisecond, int offsetMinutes) {
        if (year < 0
                || month < 1
                || month > 12
                || day < 1
                || day > daysOf(year, month)
                || hour < 0
                || hour > 23
                || minute < 0
                || minute > 59
                || second < 0
                || second > 60
                || millisecond < 0
                || offsetMinutes == Integer.MIN_VALUE) {
            return UNREADABLE;
        }
        long seconds = epochDay(year, month, day) * 86_400L
                + hour * 3_600L
                + minute * 60L
                + Math.min(second, 59)
                - offsetMinutes * 60L;
        return seconds * 1_000 + millisecond;
    }

    static int daysOf(int year, int month) {
        return switch (month) {
            case 2 -> isLeap(year) ? 29 : 28;
            case 4, 6, 9, 11 -> 30;
            default -> 31;
        };
    }

    private static boolean isLeap(int year) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    /** Days since 1970-01-01 in the proleptic Gregorian calendar, for years from 0 (H. Hinnant, days_from_civil). */
    private static long epochDay(int year, int month, int day) {
        int y = month <= 2 ? year - 1 : year;
        int era = Math.floorDiv(y, 400);
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097L + dayOfEra - 719_468;
    }

    static int milliseconds(byte[] b, int from, int to) {
        int result = 0;
        int count = 0;
        for (int i = from; i < to && b[i] >= '0' && b[i] <= '9'; i++) {
            if (count < 3) {
                result = result * 10 + (b[i] - '0');
            }
            count++;
        }
        if (count == 0) {
            return -1;
        }
        for (int i = count; i < 3; i++) {
            result *= 10;
        }
        return result;
    }

    static int afterDigits(byte[] b, int from, int to) {
        int i = from;
        while (i < to && b[i] >= '0' && b[i] <= '9') {
            i++;
        }
        return i;
    }

    /** {@code Z}, {@code UTC}, {@code GMT}, {@code +hh:mm}, {@code +hhmm}, {@code +hh}, up to 18 hours. */
    static int offsetMinutes(byte[] b, int from, int to) {
        int size = to - from;
        if (size == 1 && (b[from] == 'Z' || b[from] == 'z')) {
            return 0;
        }
        if (size == 3 && ((b[from] == 'U' && b[from + 1] == 'T') || (b[from] == 'G' && b[from + 1] == 'M'))) {
            return 0;
        }
        if (size < 3 || (b[from] != '+' && b[from] != '-')) {
            return Integer.MIN_VALUE;
        }
        int hours = digits(b, from + 1, 2);
        int minutes;
        if (size == 3) {
            minutes = 0;
        } else if (size == 5) {
            minutes = digits(b, from + 3, 2);
        } else if (size == 6 && b[from + 3] == ':') {
            minutes = digits(b, from + 4, 2);
        } else {
            return Integer.MIN_VALUE;
        }
        if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) {
            return Integer.MIN_VALUE;
        }
        int total = hours * 60 + minutes;
        return b[from] == '-' ? -total : total;
    }
}
