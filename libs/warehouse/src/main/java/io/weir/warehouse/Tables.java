package io.weir.warehouse;

/** The names of the tables, once. */
public final class Tables {

    public static final String EVENTS = "events";
    public static final String DEAD_LETTERS = "dead_letters";

    /** Which sink process owns which topic partition: the newest row of a partition is its owner. */
    public static final String SINK_OWNERS = "sink_owners";

    static final String MIGRATIONS = "schema_history";
    static final String MIGRATION_LOCK = "schema_lock";

    private Tables() {}
}
