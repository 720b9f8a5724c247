package io.weir.event;

import java.time.LocalDate;

/**
 * RFC 3339 date-times, read without allocating.
 *
 * <p>Exactly the {@code date-time} production: full date, {@code T}, {@code t} or (as its section 5.6 lets applications
 * do) a space, full time with seconds, any number of fraction digits, and {@code Z}, {@code z} or an offset {@code +hh:mm}. {@code -00:00} is read as UTC. Digits beyond
 * milliseconds are cut. A leap second, second 60 at 23:59 UTC, is read as the last millisecond of its minute (59.999), so
 * that it stays in its own minute, hour and day; second 60 elsewhere is refused.
 */
public final class Timestamps {
    /** What {@link #parse} returns for text that is no RFC 3339 date-time. */
    public static final long INVALID = Long.MIN_VALUE;

    private static final int[] DAYS_BEFORE_MONTH = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    private static final int[] DAYS_OF_MONTH = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    private static final long DAYS_TO_EPOCH = -LocalDate.of(0, 1, 1).toEpochDay();
    private static final long MILLIS_OF_DAY = 86_400_000L;

    private Timestamps() {}

    /** @return epoch milliseconds (years 0000 to 9999), or {@link #INVALID} */
    public static long parse(byte[] buffer, int offset, int length) {
        if (length < 20) {
            return INVALID;
        }
        int year = two(buffer, offset) * 100 + two(buffer, offset + 2);
        int month = two(buffer, offset + 5);
        int day = two(buffer, offset + 8);
        int hour = two(buffer, offset + 11);
        int minute = two(buffer, offset + 14);
        int second = two(buffer, offset + 17);
        // two() gives a large negative number for what is no digit, which stays negative in the sum of years.
        if (year < 0
                || two(buffer, offset) < 0
                || month < 1
                || month > 12
                || day < 1
                || day > daysOfMonth(year, month)
                || hour < 0
                || hour > 23
                || minute < 0
                || minute > 59
                || second < 0
                || second > 60) {
            return INVALID;
        }
        if (buffer[offset + 4] != '-'
                || buffer[offset + 7] != '-'
                || !isSeparator(buffer[offset + 10])
                || buffer[offset + 13] != ':'
                || buffer[offset + 16] != ':') {
            return INVALID;
        }
        int at = offset + 19;
        int end = offset + length;
        int millis = 0;
        if (buffer[at] == '.') {
            int from = ++at;
            for (int scale = 100; at < end && isDigit(buffer[at]); at++, scale /= 10) {
                millis += (buffer[at] - '0') * scale;
            }
            if (at == from || at == end) {
                return INVALID;
            }
        }
        int offsetMinutes;
        byte zone = buffer[at];
        if (zone == 'Z' || zone == 'z') {
            if (at + 1 != end) {
                return INVALID;
            }
            offsetMinutes = 0;
        } else if (zone == '+' || zone == '-') {
            if (at + 6 != end || buffer[at + 3] != ':') {
                return INVALID;
            }
            int offsetHour = two(buffer, at + 1);
            int offsetMinute = two(buffer, at + 4);
            if (offsetHour < 0 || offsetHour > 23 || offsetMinute < 0 || offsetMinute > 59) {
                return INVALID;
            }
            offsetMinutes = offsetHour * 60 + offsetMinute;
            if (zone == '-') {
                offsetMinutes = -offsetMinutes;
            }
        } else {
            return INVALID;
        }
        long minutes = epochDay(year, month, day) * 1440 + hour * 60 + minute - offsetMinutes;
        if (second == 60) {
            if (Math.floorMod(minutes, 1440) != 1439) {
                return INVALID;
            }
            return minutes * 60_000 + 59_999;
        }
        return minutes * 60_000 + second * 1000 + millis;
    }

    /** Days since 1970-01-01 of a date of the proleptic Gregorian calendar, years 0 to 9999. */
    private static long epochDay(int year, int month, int day) {
        int past = year - 1;
        // Years before this one, the year 0 (a leap year) among them.
        long leaps = year == 0 ? 0 : past / 4 - past / 100 + past / 400 + 1;
        long days = 365L * year + leaps + DAYS_BEFORE_MONTH[month - 1] + day - 1;
        if (month > 2 && isLeap(year)) {
            days++;
        }
        return days - DAYS_TO_EPOCH;
    }

    private static int daysOfMonth(int year, int month) {
        return month == 2 && isLeap(year) ? 29 : DAYS_OF_MONTH[month - 1];
    }

    private static boolean isLeap(int year) {
        return (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    private static int two(byte[] buffer, int at) {
        int tens = buffer[at] - '0';
        int ones = buffer[at + 1] - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1_000_000 : tens * 10 + ones;
    }

    private static boolean isSeparator(byte c) {
        return c == 'T' || c == 't' || c == ' ';
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    /** The last representable instant of the warehouse's DateTime64(3): 2299-12-31T23:59:59.999Z. */
    static final long LAST_STORABLE = (LocalDate.of(2300, 1, 1).toEpochDay()) * MILLIS_OF_DAY - 1;
}
