package io.weir.alert.evaluate;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Which earlier windows say what is usual for the hour in which a window begins. */
public final class Season {

    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration HOUR = Duration.ofHours(1);

    private Season() {}

    /** The hour in which the window begins that ends then. */
    public static Instant hour(Instant end, Duration window) {
        return end.minus(window).truncatedTo(ChronoUnit.HOURS);
    }

    /**
     * The ends of the windows that begin in the same hour of that week, one after the other without overlap. Windows longer
     * than 20 minutes are few in an hour, so those that begin up to their own length before and after it count too.
     *
     * @param week 1 for the week before
     */
    public static List<Instant> ends(Instant hour, Duration window, int week) {
        Instant from = hour.minus(WEEK.multipliedBy(week));
        Instant to = from.plus(HOUR);
        if (window.compareTo(Duration.ofMinutes(20)) > 0) {
            from = from.minus(window);
            to = to.plus(window);
        }
        List<Instant> ends = new ArrayList<>();
        for (Instant start = from; start.isBefore(to); start = start.plus(window)) {
            ends.add(start.plus(window));
        }
        return ends;
    }
}
