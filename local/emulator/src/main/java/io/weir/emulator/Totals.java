package io.weir.emulator;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a load has done so far. Written by one thread. */
public final class Totals {

    long sent;
    long accepted;
    long rejected;
    long unknown;
    long unknownPosts;
    long posts;
    long retried;
    long unanswered;
    long bytes;
    final LatencyHistogram latency = new LatencyHistogram();
    private final Map<Integer, Long> statuses = new TreeMap<>();
    private final Map<String, Long> troubles = new TreeMap<>();
    private @Nullable String refusal;
    private long startedAt;
    private long endedAt;

    /** Events that were sent at least once. */
    public long sent() {
        return sent;
    }

    /** Events that a final answer counts as accepted. */
    public long accepted() {
        return accepted;
    }

    /** Events that a final answer counts as rejected. */
    public long rejected() {
        return rejected;
    }

    /** Events without a final answer: nobody knows whether they arrived. */
    public long unknown() {
        return Math.max(unknown, sent - accepted - rejected);
    }

    /** POSTs, repeats not counted. */
    public long posts() {
        return posts;
    }

    /** Repeated POSTs. */
    public long retried() {
        return retried;
    }

    /** Attempts that got no answer at all. */
    public long unanswered() {
        return unanswered;
    }

    /** Bytes of all events before compression. */
    public long bytes() {
        return bytes;
    }

    /** From the moment a POST was due to its final answer, repeats included. */
    public LatencyHistogram latency() {
        return latency;
    }

    /** How often each HTTP status was answered. */
    public Map<Integer, Long> statuses() {
        return statuses;
    }

    /** Why POSTs were repeated or given up, with counts. */
    public Map<String, Long> troubles() {
        return troubles;
    }

    /** The first answer that refused a whole POST for good, or null. */
    public @Nullable String refusal() {
        return refusal;
    }

    /** Seconds from the start until the last event was sent for the first time. */
    public double seconds() {
        long until = endedAt == 0 ? System.nanoTime() : endedAt;
        return Math.max(1, until - startedAt) / 1e9;
    }

    void started(long nanos) {
        startedAt = nanos;
    }

    void ended(long nanos) {
        endedAt = nanos;
    }

    void status(int status) {
        statuses.merge(status, 1L, Long::sum);
    }

    void trouble(String why) {
        if (troubles.size() < 50 || troubles.containsKey(why)) {
            troubles.merge(why, 1L, Long::sum);
        }
    }

    void refusal(int status, String answer) {
        if (refusal == null) {
            refusal = "HTTP " + status + ": " + answer.substring(0, Math.min(500, answer.length()));
        }
    }
}
