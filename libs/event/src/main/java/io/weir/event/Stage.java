package io.weir.event;

/** Whose form of the event a reader expects. */
public enum Stage {
    /**
     * As producers send it: enrichment fields and {@code tenant} are not theirs to set and count as attributes. Its size and
     * its age are checked; an {@code id} needs a {@code timestamp}.
     */
    INGEST,
    /**
     * As the processor wrote it: {@code id}, {@code tenant}, {@code timestamp} and {@code received_at} must be there. Its size
     * is not checked, since enrichment may make an event larger than a producer may, nor its age, which depends on when it
     * was received and has been checked.
     */
    ENRICHED
}
