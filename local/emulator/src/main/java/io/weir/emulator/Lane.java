package io.weir.emulator;

/**
 * One kind of events at one rate. The schedule is fixed in advance: event n happens n / rate seconds after the start,
 * whether or not the server keeps up.
 */
public final class Lane {

    /** What happens to a batch that got no answer, or an answer that asks to come again. */
    public enum Repeat {
        /** It is sent again, with the same bytes and the same idempotency key, until there is a final answer. */
        UNTIL_ANSWERED,
        /** It is left alone: nobody knows whether it arrived. */
        NEVER
    }

    private final String name;
    private final Workload workload;
    private final double eventsPerSecond;
    private final int batchSize;
    private final Repeat repeat;
    private long batches;

    /**
     * @param name lower-case letters and digits; part of the idempotency keys
     * @param eventsPerSecond more than 0
     * @param largestBatch most events in one POST; a slow lane sends fewer, so that no event waits longer than a second
     */
    public Lane(String name, Workload workload, double eventsPerSecond, int largestBatch, Repeat repeat) {
        if (!(eventsPerSecond > 0) || largestBatch < 1) {
            throw new IllegalArgumentException(
                    "A lane needs a rate and a batch size above 0, not " + eventsPerSecond + " and " + largestBatch);
        }
        this.name = name;
        this.workload = workload;
        this.eventsPerSecond = eventsPerSecond;
        this.batchSize = (int) Math.max(1, Math.min(largestBatch, eventsPerSecond));
        this.repeat = repeat;
    }

    public String name() {
        return name;
    }

    public Workload workload() {
        return workload;
    }

    public Repeat repeat() {
        return repeat;
    }

    /** Events in every POST. */
    public int batchSize() {
        return batchSize;
    }

    /** How many events were sent at least once. */
    public long sent() {
        return batches * batchSize;
    }

    double eventsPerSecond() {
        return eventsPerSecond;
    }

    /** When the next batch is due, in nanoseconds since the start: as soon as its last event has happened. */
    long nextDue() {
        return offsetOf((batches + 1) * batchSize - 1);
    }

    /** When an event happens, in nanoseconds since the start. */
    long offsetOf(long sequence) {
        return (long) (sequence * (1e9 / eventsPerSecond));
    }

    long takeNumber() {
        return batches++;
    }
}
