package io.weir.warehouse;

/** The names of the tables, once. */
public final class Tables {

    public static final String EVENTS = "events";
    public static final String DEAD_LETTERS = "dead_letters";

    /** Which sink process owns which topic partition: the newest row of a partition is its owner. */
    public static final String SINK_OWNERS = "sink_owners";

    /** What has been rolled up: the newest row of a unit says until when its events were read, and what came of it. */
    public static final String ROLLUP_LEDGER = "rollup_ledger";

    /** What has been archived, where, and whether it is gone from its table. */
    public static final String ARCHIVE_MANIFEST = "archive_manifest";

    static final String MIGRATIONS = "schema_migrations";
    /** Where in Kafka a row came from; events and dead letters have these. */
    public static final String TOPIC = "_topic";

    public static final String PARTITION = "_partition";
    public static final String OFFSET = "_offset";

    /** When ClickHouse stored a row, by its own clock. */
    public static final String INGESTED_AT = "ingested_at";

    private Tables() {}
}
