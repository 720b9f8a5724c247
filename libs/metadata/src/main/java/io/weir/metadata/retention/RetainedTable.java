package io.weir.metadata.retention;

import java.util.Arrays;
import java.util.Optional;

/** A table of ClickHouse whose rows have an end, and how long they are kept unless a policy says otherwise. */
public enum RetainedTable {
    EVENTS("events", 30),
    DEAD_LETTERS("dead_letters", 30),
    ROLLUP_HOUR("rollup_hour", 365),
    MEASUREMENT_HOUR("measurement_hour", 365),
    ROLLUP_DAY("rollup_day", 365),
    MEASUREMENT_DAY("measurement_day", 365);

    private final String table;
    private final int defaultDays;

    RetainedTable(String table, int defaultDays) {
        this.table = table;
        this.defaultDays = defaultDays;
    }

    /** Its name in ClickHouse. */
    public String table() {
        return table;
    }

    public int defaultDays() {
        return defaultDays;
    }

    /** The one of that name. */
    public static Optional<RetainedTable> of(String table) {
        return Arrays.stream(values())
                .filter(retained -> retained.table.equals(table))
                .findFirst();
    }
}
