package io.weir.console.query;

import io.weir.warehouse.Tables;
import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.RollupCatalogue;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What of a span of time has been rolled up, and holds what its events give.
 *
 * <p>It is put together of what the ledger said when it was last read, and of what is looked up for each query: which hours have events,
 * of the tenant that is asked for, that were stored after the last run that came to its end, and what has been purged. An hour without such events needs no newer
 * ledger: whatever has been done to its rollup since, it holds the same events.
 */
final class RollupState {

    private final Ledger ledger;
    private final Instant until;
    private final NavigableSet<Instant> dirty = new TreeSet<>();
    private final Map<Grain, Set<LocalDate>> gone = new HashMap<>();
    private final Set<LocalDate> eventsGone = new HashSet<>();
    private final Set<LocalDate> beingPurged = new HashSet<>();
    private final String signature;

    /**
     * Something that a purge has done or is about to do.
     *
     * @param isDone whether the partition is gone, of some tenant at least; else it is about to go
     */
    record Purge(String table, String partition, boolean isDone) {}

    /** @param late hours with events that the last run that came to its end did not see */
    RollupState(Ledger ledger, Set<Instant> late, List<Purge> purges, Query query) {
        this.ledger = ledger;
        this.until = ledger.complete().truncatedTo(ChronoUnit.HOURS);
        this.dirty.addAll(late);
        Map<String, Grain> tables = new HashMap<>();
        for (Rollup rollup : RollupCatalogue.rollups()) {
            if (rollup.subject() == query.subject()) {
                tables.put(rollup.table(), rollup.grain());
            }
        }
        StringBuilder stamps = new StringBuilder(ledger.stamps(
                        LocalDate.ofInstant(query.from(), ZoneOffset.UTC),
                        LocalDate.ofInstant(query.to(), ZoneOffset.UTC)))
                .append(dirty);
        for (Purge purge : purges) {
            boolean ofEvents = purge.table().equals(Tables.EVENTS);
            Grain grain = tables.get(purge.table());
            if (!ofEvents && grain == null) {
                continue;
            }
            LocalDate start = ofPartition(purge.partition());
            if (!purge.isDone()) {
                beingPurged.add(start);
            } else if (grain == null) {
                eventsGone.add(start);
            } else {
                gone.computeIfAbsent(grain, any -> new HashSet<>()).add(start);
            }
            stamps.append(purge);
        }
        this.signature = UUID.nameUUIDFromBytes(stamps.toString().getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /** Hours that end later are not rolled up, or not known to be: they are taken from events. */
    Instant until() {
        return until;
    }

    /** Changes when what the rollups hold changes. */
    String signature() {
        return signature;
    }

    /** Whether nothing was rolled up, purged or came late between the two. */
    boolean isSameAs(RollupState other) {
        return ledger.version() == other.ledger.version() && signature.equals(other.signature);
    }

    /** Those of a span whose events must be read. */
    NavigableSet<Instant> dirty(Interval interval) {
        return dirty.subSet(interval.from(), true, interval.to(), false).stream()
                .filter(this::isDirty)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether events of that day have been dropped, of some tenant at least. */
    boolean eventsAreGone(LocalDate day) {
        return eventsGone.contains(day);
    }

    boolean isGone(Grain grain, LocalDate start) {
        return gone.getOrDefault(grain, Set.of()).contains(start);
    }

    /**
     * Whether the events of an hour must be read. Not where its day is being purged: whether they are still there changes under
     * our hands. Nor where the day's rollup has been dropped: late events of such days are in no rollup.
     */
    boolean isDirty(Instant hour) {
        if (!dirty.contains(hour)) {
            return false;
        }
        LocalDate day = LocalDate.ofInstant(hour, ZoneOffset.UTC);
        return !beingPurged.contains(day) && !isGone(Grain.HOUR, day);
    }

    /** Whether a unit can be read: before its first run, an installation has no summaries and perhaps not even their tables. */
    boolean isThere(Grain grain, LocalDate start) {
        return grain != Grain.SUMMARY && grain != Grain.WEEK || ledger.derived(grain, start) != null;
    }

    /**
     * Whether a unit holds what its sources hold: it was derived after they were recomputed, or one of them has been dropped since,
     * so that it stands alone. Says nothing about dirty hours.
     *
     * @param grain DAY, SUMMARY, WEEK, YEAR (for a month) or ALL (for a year)
     */
    boolean isFresh(Grain grain, LocalDate start) {
        if (isGone(grain, start) || grain == Grain.SUMMARY && isGone(Grain.DAY, start)) {
            return false;
        }
        Ledger.Derived unit = ledger.derived(grain, start);
        Grain source =
                switch (grain) {
                    case DAY -> Grain.HOUR;
                    case SUMMARY, YEAR -> Grain.DAY;
                    case WEEK -> Grain.SUMMARY;
                    case ALL -> Grain.YEAR;
                    case MINUTE, HOUR -> throw new IllegalArgumentException(grain + " is derived from nothing");
                };
        LocalDate end =
                switch (grain) {
                    case WEEK -> start.plusWeeks(1);
                    case YEAR -> start.plusMonths(1);
                    case ALL -> start.plusYears(1);
                    default -> start.plusDays(1);
                };
        // Summaries go with the days that they were made of.
        Grain dropped = source == Grain.SUMMARY ? Grain.DAY : source;
        boolean standsAlone = false;
        boolean stale = false;
        for (LocalDate day = start;
                day.isBefore(end);
                day = source == Grain.YEAR ? day.plusMonths(1) : day.plusDays(1)) {
            if (isGone(dropped, day)) {
                standsAlone = true;
                if (grain == Grain.WEEK) {
                    continue;
                }
            }
            long recomputed;
            if (source == Grain.HOUR) {
                recomputed = ledger.hoursRecomputedAt(day);
            } else {
                Ledger.Derived part = ledger.derived(source, day);
                recomputed = part == null ? 0 : part.recomputedAt();
                // A source that is itself behind.
                stale |= !isFresh(source, day);
            }
            stale |= recomputed > (unit == null ? 0 : unit.readUntil());
        }
        // A month that stands alone is all that is left of it. Of a week, the days that are left have summaries that
        // are newer.
        return standsAlone && grain != Grain.WEEK ? unit != null : !stale && (!standsAlone || unit != null);
    }

    private static LocalDate ofPartition(String partition) {
        String first = partition + "0101".substring(partition.length() - 4); // of a year, a month or a day
        return LocalDate.parse(first, DateTimeFormatter.BASIC_ISO_DATE);
    }
}
