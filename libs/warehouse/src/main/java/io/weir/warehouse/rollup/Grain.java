package io.weir.warehouse.rollup;

import java.util.List;

/** How much time a row of a rollup stands for. */
public enum Grain {
    /** Live, from a materialized view; counts an event that was sent twice twice. */
    MINUTE(List.of("minute"), "toYYYYMMDD(minute)"),
    /** Recomputed from events. A row with {@code sealed = 1} comes from events that have been dropped since. */
    HOUR(List.of("hour"), "toYYYYMMDD(hour)"),
    DAY(List.of("day"), "toYYYYMMDD(day)"),
    /** A day, by fewer dimensions than {@link #DAY}. */
    SUMMARY(List.of("day"), "toYYYYMMDD(day)"),
    /** A week that begins on Monday, by as many dimensions as {@link #SUMMARY}. */
    WEEK(List.of("week"), "toYYYYMMDD(week)"),
    /** One row for every month of a year, so that a late event makes one month anew and not the year: sum over them. */
    YEAR(List.of("year", "month"), "toYYYYMM(month)"),
    /** One row for every year: sum over them. */
    ALL(List.of("year"), "toYear(year)");

    private final List<String> timeColumns;
    private final String partition;

    Grain(List<String> timeColumns, String partition) {
        this.timeColumns = timeColumns;
        this.partition = partition;
    }

    /** The columns that say which time a row stands for; the last is the finest. */
    public List<String> timeColumns() {
        return timeColumns;
    }

    /** The expression that the tables of this grain are partitioned by: what is recomputed is replaced by whole partitions. */
    public String partition() {
        return partition;
    }
}
