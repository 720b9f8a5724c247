package io.weir.event;

/** Whose form of the event a reader expects. */
public enum Stage {
    /** As producers send it: enrichment fields and {@code tenant} are not theirs to set and count as attributes. */
    INGEST,
    /** As the processor wrote it. */
    ENRICHED
}
