package io.weir.rollup;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;

/**
 * Hours to recompute whether they received events or not.
 *
 * @param from the first
 * @param to the one after the last
 */
record HourRange(Instant from, Instant to) {

    // The range of ClickHouse's DateTime.
    private static final Instant FIRST = Instant.EPOCH;
    private static final Instant LAST = Instant.parse("2106-01-01T00:00:00Z");

    /**
     * Whole hours: the beginning goes down to one and the end up to one.
     *
     * @param from a date or a time with its offset, or empty
     * @param to likewise
     * @throws IllegalArgumentException naming the parameter, its value and what is allowed
     */
    static HourRange of(String from, String to) {
        Instant begin = from.isEmpty() ? FIRST : time("weir.rollup.from", from).truncatedTo(ChronoUnit.HOURS);
        Instant end = to.isEmpty()
                ? LAST
                : time("weir.rollup.to", to)
                        .plus(1, ChronoUnit.HOURS)
                        .minusNanos(1)
                        .truncatedTo(ChronoUnit.HOURS);
        if (!begin.isBefore(end)) {
            throw new IllegalArgumentException(
                    "weir.rollup.from is " + from + ", which is not before weir.rollup.to, " + to);
        }
        return new HourRange(begin, end);
    }

    private static Instant time(String name, String value) {
        try {
            Instant time = value.length() == 10
                    ? LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : java.time.OffsetDateTime.parse(value).toInstant();
            if (time.isBefore(FIRST) || time.isAfter(LAST)) {
                throw new IllegalArgumentException(name + " is " + value + "; it must be from 1970 to 2105");
            }
            return time;
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    name + " is " + value
                            + "; it must be a date such as 2026-11-01 or a time such as 2026-11-01T10:00:00Z",
                    e);
        }
    }
}
