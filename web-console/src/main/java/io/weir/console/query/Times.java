package io.weir.console.query;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as people write them. */
public final class Times {

    private static final Pattern RELATIVE = Pattern.compile("(?:now)?-(\\d{1,6})([smhdw])");
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
    private static final Instant FIRST = Instant.EPOCH;
    private static final Instant LAST = Instant.parse("2100-01-01T00:00:00Z");
    private static final DateTimeFormatter WITH_OFFSET =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssXXX", Locale.ROOT);

    private Times() {}

    /**
     * Reads {@code 2026-11-01T00:00:00Z}, {@code 2026-11-01} (its beginning in the zone), {@code now} or {@code -24h} (s, m, h, d,
     * w before now).
     *
     * @throws InvalidQueryException if it is none of these, or lies outside of 1970 to 2099
     */
    public static Instant read(String text, String pointer, Instant now, ZoneId zone) {
        Instant time;
        Matcher relative = RELATIVE.matcher(text);
        try {
            if (text.equals("now")) {
                time = now;
            } else if (relative.matches()) {
                long count = Long.parseLong(relative.group(1));
                time = now.minus(
                        switch (relative.group(2)) {
                            case "s" -> Duration.ofSeconds(count);
                            case "m" -> Duration.ofMinutes(count);
                            case "h" -> Duration.ofHours(count);
                            case "d" -> Duration.ofDays(count);
                            default -> Duration.ofDays(7 * count);
                        });
                time = time.isBefore(FIRST) ? FIRST : time;
            } else if (DATE.matcher(text).matches()) {
                time = LocalDate.parse(text).atStartOfDay(zone).toInstant();
            } else {
                time = OffsetDateTime.parse(text).toInstant();
            }
        } catch (DateTimeException e) {
            throw new InvalidQueryException(
                    pointer, "'" + text + "' is not a time: use 2026-11-01T00:00:00Z, 2026-11-01, now or -24h");
        }
        if (time.isBefore(FIRST) || time.isAfter(LAST)) {
            throw new InvalidQueryException(pointer, "'" + text + "' lies outside of 1970 to 2099");
        }
        return time.truncatedTo(ChronoUnit.MILLIS);
    }

    /** @throws InvalidQueryException if there is no such zone */
    public static ZoneId zone(String text, String pointer) {
        if (ZoneId.getAvailableZoneIds().contains(text) && !text.startsWith("SystemV/")) {
            return ZoneId.of(text);
        }
        throw new InvalidQueryException(pointer, "'" + text + "' is not a time zone: use a name such as Europe/Berlin");
    }

    /** RFC 3339, in whole seconds. */
    static String write(long second, ZoneId zone) {
        return WITH_OFFSET.format(ZonedDateTime.ofInstant(Instant.ofEpochSecond(second), zone));
    }
}
