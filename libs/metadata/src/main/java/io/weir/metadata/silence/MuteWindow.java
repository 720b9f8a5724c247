package io.weir.metadata.silence;

import io.weir.metadata.label.Labels;
import io.weir.metadata.label.Matcher;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A time of the week in which matching alerts are not told about, by the clock on the wall of a time zone.
 *
 * @param matchers as {@link Matcher#parseList} reads them; empty for every alert
 * @param days comma-separated, such as {@code MONDAY,FRIDAY}: the days on which a window begins
 * @param fromTime such as {@code 22:00}
 * @param toTime exclusive; at or before {@code fromTime} it is on the next day
 * @param zone such as {@code Europe/Berlin}
 */
@Table("alert_mute_window")
public record MuteWindow(
        @Id UUID id,
        String tenant,
        String name,
        String matchers,
        String days,
        String fromTime,
        String toTime,
        String zone) {

    public MuteWindow {
        Matcher.parseList(matchers);
        parseDays(days);
        parseTime("fromTime", fromTime);
        parseTime("toTime", toTime);
        try {
            ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("zone '" + zone + "' is not a time zone, such as Europe/Berlin");
        }
    }

    /** The same, as the window of that id. */
    public MuteWindow withId(UUID other) {
        return new MuteWindow(other, tenant, name, matchers, days, fromTime, toTime, zone);
    }

    public boolean covers(Labels labels, Instant now) {
        return isOpen(now) && Matcher.allMatch(Matcher.parseList(matchers), labels);
    }

    private boolean isOpen(Instant now) {
        ZonedDateTime local = now.atZone(ZoneId.of(zone));
        LocalTime time = local.toLocalTime();
        LocalTime from = parseTime("fromTime", fromTime);
        LocalTime to = parseTime("toTime", toTime);
        Set<DayOfWeek> begins = parseDays(days);
        boolean today = begins.contains(local.getDayOfWeek());
        if (from.isBefore(to)) {
            return today && !time.isBefore(from) && time.isBefore(to);
        }
        boolean sinceYesterday = begins.contains(local.getDayOfWeek().minus(1)) && time.isBefore(to);
        return sinceYesterday || (today && !time.isBefore(from));
    }

    private static LocalTime parseTime(String field, String text) {
        try {
            return LocalTime.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(field + " '" + text + "' is not a time, such as 22:00");
        }
    }

    private static Set<DayOfWeek> parseDays(String text) {
        try {
            return Arrays.stream(text.split(","))
                    .map(day -> DayOfWeek.valueOf(day.strip()))
                    .collect(Collectors.toSet());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("days '" + text + "' are not days, such as MONDAY,FRIDAY");
        }
    }
}
