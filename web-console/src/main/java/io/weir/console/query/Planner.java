package io.weir.console.query;

import io.weir.warehouse.rollup.Dimension;
import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.RollupCatalogue;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Picks the tables: the narrowest and coarsest rollups that answer exactly, whole units that hold what their events give, and the
 * events for the rest.
 */
final class Planner {

    private static final int MOST_INTERVALS = 100;
    private static final List<Grain> COARSEST_FIRST = List.of(Grain.ALL, Grain.YEAR, Grain.DAY, Grain.HOUR);
    /** The narrower, where they have all that is asked for, before the coarser. */
    private static final List<Grain> FEWEST_ROWS_FIRST =
            List.of(Grain.WEEK, Grain.SUMMARY, Grain.ALL, Grain.YEAR, Grain.DAY, Grain.HOUR);

    private final Query query;
    private final Map<Grain, Rollup> rollups = new LinkedHashMap<>();
    private final RollupState state;
    private final List<String> reasons = new ArrayList<>();
    private final @Nullable String onlyEvents;
    private final NavigableSet<Instant> boundaries;

    private Planner(Query query, @Nullable String tenant, RollupState state, List<Grain> grains) {
        this.query = query;
        this.state = state;
        this.onlyEvents = whyOnlyEvents(query);
        if (onlyEvents == null) {
            Set<String> dimensions = query.fields().map(Field::column).collect(Collectors.toSet());
            if (tenant != null) {
                dimensions.add(Field.TENANT);
            }
            grains.forEach(grain -> RollupCatalogue.narrowest(query.subject(), grain, dimensions)
                    .ifPresent(rollup -> rollups.put(grain, rollup)));
        }
        this.boundaries = boundaries(query);
    }

    /** @param tenant whose rows alone are read; null for all */
    static Plan plan(Query query, @Nullable String tenant, RollupState state) {
        Plan narrow = new Planner(query, tenant, state, FEWEST_ROWS_FIRST).plan();
        if (narrow.incomplete().isEmpty()) {
            return narrow;
        }
        // Where days have been dropped, a week that is left may reach into a month and keep it from being taken as a
        // whole.
        Plan wide = new Planner(query, tenant, state, COARSEST_FIRST).plan();
        return missing(wide).compareTo(missing(narrow)) < 0 ? wide : narrow;
    }

    private static Duration missing(Plan plan) {
        return plan.incomplete().stream()
                .map(interval -> Duration.between(interval.from(), interval.to()))
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** Why no rollup can answer, or null if one can. */
    static @Nullable String whyOnlyEvents(Query query) {
        Rollup rollup = RollupCatalogue.rollup(query.subject(), Grain.HOUR);
        Set<String> dimensions =
                rollup.dimensions().stream().map(Dimension::name).collect(Collectors.toSet());
        List<String> missing = query.fields()
                .filter(field -> field.kind() == Field.Kind.ATTRIBUTE || !dimensions.contains(field.column()))
                .map(Field::name)
                .distinct()
                .toList();
        if (!missing.isEmpty()) {
            return "no rollup has " + String.join(", ", missing);
        }
        List<String> unknown = query.metrics().stream()
                .filter(metric -> metric.columns().isEmpty())
                .map(Metric::name)
                .toList();
        if (!unknown.isEmpty()) {
            return "no rollup holds " + String.join(", ", unknown);
        }
        if (query.bucket() == Bucket.MINUTE || query.bucket() == Bucket.FIVE_MINUTES) {
            return "no rollup that is exact is finer than an hour";
        }
        if (query.bucket() == Bucket.HOUR && !hasWholeHours(query)) {
            return "hours of " + query.zone() + " do not begin with those of UTC";
        }
        return null;
    }

    private Plan plan() {
        Instant from = query.from();
        Instant to = query.to();
        if (onlyEvents != null) {
            reasons.add(onlyEvents);
            List<Interval> all = List.of(new Interval(from, to));
            return new Plan(List.of(new Plan.Part(null, all)), reasons, missingEvents(all), "");
        }
        Map<Grain, List<Interval>> rolledUp = new EnumMap<>(Grain.class);
        List<Interval> events = new ArrayList<>();
        Interval all = new Interval(from, to);
        NavigableSet<Instant> dirty = state.dirty(new Interval(from.truncatedTo(ChronoUnit.HOURS), to));
        List<@Nullable Interval> asEvents = new ArrayList<>();
        asEvents.add(null);
        if (!dirty.isEmpty()) {
            asEvents.add(new Interval(dirty.first(), dirty.last().plus(1, ChronoUnit.HOURS)));
        }
        asEvents.add(all);
        for (Interval span : asEvents) {
            // A statement of hundreds of pieces costs more than reading some events for nothing.
            if (span == null || pieces(rolledUp, events) > MOST_INTERVALS) {
                rolledUp.clear();
                events.clear();
                fill(rolledUp, events, span);
            }
        }
        return assemble(rolledUp, events);
    }

    private static int pieces(Map<Grain, List<Interval>> rolledUp, List<Interval> events) {
        return events.size() + rolledUp.values().stream().mapToInt(List::size).sum();
    }

    private Plan assemble(Map<Grain, List<Interval>> rolledUp, List<Interval> events) {
        List<Plan.Part> parts = new ArrayList<>();
        List<Interval> incomplete = new ArrayList<>();
        rollups.forEach((grain, rollup) -> {
            List<Interval> intervals = rolledUp.getOrDefault(grain, List.of());
            if (!intervals.isEmpty()) {
                parts.add(new Plan.Part(rollup, intervals));
            }
        });
        for (Interval interval : rolledUp.getOrDefault(Grain.HOUR, List.of())) {
            days(interval)
                    .filter(day -> state.isGone(Grain.HOUR, day))
                    .forEach(day -> incomplete.add(clip(day, interval)));
        }
        if (!events.isEmpty()) {
            parts.add(new Plan.Part(null, events));
            List<LocalDate> gone = events.stream()
                    .flatMap(Planner::days)
                    .filter(state::eventsAreGone)
                    .distinct()
                    .toList();
            List<Interval> edges = new ArrayList<>();
            if (!gone.isEmpty()) {
                List<Interval> whole = wholeHours(events);
                if (!whole.isEmpty()) {
                    parts.add(new Plan.Part(rollups.get(Grain.HOUR), whole, gone));
                }
                events.forEach(interval -> days(interval)
                        .filter(state::eventsAreGone)
                        .forEach(day -> addEdges(clip(day, interval), edges)));
            }
            incomplete.addAll(missingEvents(edges));
            reasons.add(why(events));
        }
        if (parts.isEmpty()) {
            throw new IllegalStateException("no part of " + query);
        }
        incomplete.sort(Comparator.comparing(Interval::from));
        List<Interval> merged = new ArrayList<>();
        incomplete.forEach(interval -> Interval.append(merged, interval));
        return new Plan(parts, reasons, merged, events.isEmpty() ? state.signature() : "");
    }

    private static List<Interval> wholeHours(List<Interval> intervals) {
        List<Interval> whole = new ArrayList<>();
        for (Interval interval : intervals) {
            Instant first = interval.from().plusMillis(3_599_999).truncatedTo(ChronoUnit.HOURS);
            Instant last = interval.to().truncatedTo(ChronoUnit.HOURS);
            if (first.isBefore(last)) {
                whole.add(new Interval(first, last));
            }
        }
        return whole;
    }

    /** What cannot be had from rollups: parts of hours, and hours that belong to two rows of the answer. */
    private void addEdges(Interval interval, List<Interval> edges) {
        Instant at = interval.from();
        while (at.isBefore(interval.to())) {
            Instant end = at.truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS);
            Interval hour = new Interval(at, end.isBefore(interval.to()) ? end : interval.to());
            if (!hour.from().plus(1, ChronoUnit.HOURS).equals(hour.to()) || !isOneBucket(hour)) {
                edges.add(hour);
            }
            at = hour.to();
        }
    }

    private String why(List<Interval> events) {
        long late = events.stream()
                .mapToLong(interval -> state.dirty(interval).size())
                .sum();
        return "events: what is not rolled up (since " + state.until() + "), " + late
                + " hours with late events, and parts of hours at the ends";
    }

    /** Cuts the query's time. @param asEvents read from events whatever the rollups hold */
    private void fill(Map<Grain, List<Interval>> rolledUp, List<Interval> events, @Nullable Interval asEvents) {
        Instant at = query.from();
        while (at.isBefore(query.to())) {
            Interval next = null;
            for (Grain grain : rollups.keySet()) {
                Interval unit = unit(grain, at);
                if (unit != null && (asEvents == null || !asEvents.overlaps(unit)) && isUsable(grain, unit)) {
                    Interval.append(rolledUp.computeIfAbsent(grain, any -> new ArrayList<>()), unit);
                    next = unit;
                    break;
                }
            }
            if (next == null) {
                Instant end = at.isBefore(state.until())
                        ? at.truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS)
                        : query.to();
                next = new Interval(at, end.isBefore(query.to()) ? end : query.to());
                Interval.append(events, next);
            }
            at = next.to();
        }
    }

    /** The unit that begins then; null if none does, or if it ends too late. */
    private @Nullable Interval unit(Grain grain, Instant at) {
        ZonedDateTime time = at.atZone(ZoneOffset.UTC);
        ZonedDateTime end =
                switch (grain) {
                    case ALL -> time.getDayOfYear() == 1 && isMidnight(time) ? time.plusYears(1) : null;
                    case YEAR -> time.getDayOfMonth() == 1 && isMidnight(time) ? time.plusMonths(1) : null;
                    case WEEK -> time.getDayOfWeek() == DayOfWeek.MONDAY && isMidnight(time) ? time.plusWeeks(1) : null;
                    case DAY, SUMMARY -> isMidnight(time) ? time.plusDays(1) : null;
                    default -> at.equals(at.truncatedTo(ChronoUnit.HOURS)) ? time.plusHours(1) : null;
                };
        if (end == null
                || end.toInstant().isAfter(query.to())
                || end.toInstant().isAfter(state.until())) {
            return null;
        }
        return new Interval(at, end.toInstant());
    }

    private static boolean isMidnight(ZonedDateTime time) {
        return time.toLocalTime().toNanoOfDay() == 0;
    }

    private boolean isUsable(Grain grain, Interval unit) {
        if (grain == Grain.HOUR) {
            return !state.isDirty(unit.from()) && isOneBucket(unit);
        }
        if (query.bucket() == Bucket.HOUR || !isOneBucket(unit)) {
            return false;
        }
        LocalDate start = LocalDate.ofInstant(unit.from(), ZoneOffset.UTC);
        return state.isThere(grain, start)
                && state.isFresh(grain, start)
                && state.dirty(unit).isEmpty();
    }

    private boolean isOneBucket(Interval unit) {
        Instant next = boundaries.higher(unit.from());
        return next == null || !next.isBefore(unit.to());
    }

    /** Where days or years of the query's time zone begin. Hours are known to begin with those of UTC where rollups are used. */
    private static NavigableSet<Instant> boundaries(Query query) {
        NavigableSet<Instant> boundaries = new TreeSet<>();
        if (query.bucket() == Bucket.DAY || query.bucket() == Bucket.YEAR) {
            boolean year = query.bucket() == Bucket.YEAR;
            LocalDate day = LocalDate.ofInstant(query.from(), query.zone());
            day = year ? day.withDayOfYear(1) : day;
            while (!day.atStartOfDay(query.zone()).toInstant().isAfter(query.to())) {
                boundaries.add(day.atStartOfDay(query.zone()).toInstant());
                day = year ? day.plusYears(1) : day.plusDays(1);
            }
        }
        return boundaries;
    }

    private static boolean hasWholeHours(Query query) {
        ZoneRules rules = query.zone().getRules();
        boolean whole = rules.getOffset(query.from()).getTotalSeconds() % 3600 == 0;
        ZoneOffsetTransition next = rules.nextTransition(query.from());
        while (whole && next != null && next.getInstant().isBefore(query.to())) {
            whole = next.getOffsetAfter().getTotalSeconds() % 3600 == 0;
            next = rules.nextTransition(next.getInstant());
        }
        return whole;
    }

    private List<Interval> missingEvents(List<Interval> intervals) {
        List<Interval> missing = new ArrayList<>();
        for (Interval interval : intervals) {
            days(interval).filter(state::eventsAreGone).forEach(day -> Interval.append(missing, clip(day, interval)));
        }
        return missing;
    }

    private static Stream<LocalDate> days(Interval interval) {
        LocalDate first = LocalDate.ofInstant(interval.from(), ZoneOffset.UTC);
        LocalDate last = LocalDate.ofInstant(interval.to().minusMillis(1), ZoneOffset.UTC);
        return first.datesUntil(last.plusDays(1));
    }

    private static Interval clip(LocalDate day, Interval to) {
        Instant begin = day.atStartOfDay(ZoneOffset.UTC).toInstant();
        Instant end = begin.plus(1, ChronoUnit.DAYS);
        return new Interval(begin.isAfter(to.from()) ? begin : to.from(), end.isBefore(to.to()) ? end : to.to());
    }
}
