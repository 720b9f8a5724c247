package io.weir.event;

/** RFC 3339 dates and times, as milliseconds since the epoch, without allocating. */
public final class Timestamps {

    /** What {@link #parse} returns for text that is not a date and time. */
    public static final long INVALID = Long.MIN_VALUE;

    private static final int[] DAYS_BEFORE_MONTH = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

    private Timestamps() {}

    /**
     * Parses a date and time such as {@code 2026-01-31T12:00:00.123Z} or {@code 2026-01-31 12:00:00+01:00}.
     *
     * <p>Years 0000 to 9999; any number of fractional digits, cut to milliseconds; a leap second counts as the last
     * millisecond of its minute; an offset is required ({@code Z}, or hours and minutes up to 23:59).
     *
     * @return milliseconds since the epoch, or {@link #INVALID}
     */
    public static long parse(byte[] text, int offset, int length) {
        int end = offset + length;
        if (length < 20
                || text[offset + 4] != '-'
                || text[offset + 7] != '-'
                || text[offset + 13] != ':'
                || text[offset + 16] != ':') {
            return INVALID;
        }
        byte separator = text[offset + 10];
        if (separator != 'T' && separator != 't' && separator != ' ') {
            return INVALID;
        }
        int year = digits(text, offset, 4);
        int month = digits(text, offset + 5, 2);
        int day = digits(text, offset + 8, 2);
        int hour = digits(text, offset + 11, 2);
        int minute = digits(text, offset + 14, 2);
        int second = digits(text, offset + 17, 2);
        if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) {
            return INVALID;
        }
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
            return INVALID;
        }
        int at = offset + 19;
        int millis = 0;
        if (text[at] == '.') {
            int factor = 100;
            int from = ++at;
            while (at < end && text[at] >= '0' && text[at] <= '9') {
                millis += (text[at] - '0') * factor;
                factor /= 10;
                at++;
            }
            if (at == from) {
                return INVALID;
            }
        }
        int zone = zoneMinutes(text, at, end);
        if (zone == Integer.MIN_VALUE) {
            return INVALID;
        }
        if (second == 60) {
            second = 59;
            millis = 999;
        }
        long days = epochDay(year, month, day);
        return ((days * 24 + hour) * 60 + minute - zone) * 60_000 + second * 1000L + millis;
    }

    private static int zoneMinutes(byte[] text, int at, int end) {
        if (at + 1 == end && (text[at] == 'Z' || text[at] == 'z')) {
            return 0;
        }
        if (at + 6 != end || text[at + 3] != ':' || text[at] != '+' && text[at] != '-') {
            return Integer.MIN_VALUE;
        }
        int hours = digits(text, at + 1, 2);
        int minutes = digits(text, at + 4, 2);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return Integer.MIN_VALUE;
        }
        int total = hours * 60 + minutes;
        return text[at] == '-' ? -total : total;
    }

    private static int digits(byte[] text, int at, int count) {
        int value = 0;
        for (int i = at; i < at + count; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private static boolean isLeap(int year) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    private static int daysIn(int year, int month) {
        return switch (month) {
            case 2 -> isLeap(year) ? 29 : 28;
            case 4, 6, 9, 11 -> 30;
            default -> 31;
        };
    }

    private static long epochDay(int year, int month, int day) {
        int before = year - 1;
        long leapDays = year == 0 ? -1 : before / 4 - before / 100 + before / 400;
        long days = 365L * year + leapDays + DAYS_BEFORE_MONTH[month - 1] + (month > 2 && isLeap(year) ? 1 : 0) + day;
        // 0001-01-01 is day 366 in this count; 1970-01-01 is 719163 days after 0000-12-31.
        return days - 365 - 719_163;
    }
}
