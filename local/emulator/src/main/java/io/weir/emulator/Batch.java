package io.weir.emulator;

import java.util.BitSet;

/**
 * Events that go out in one POST. Its bytes and its idempotency key stay the same however often it is sent.
 */
public final class Batch extends Exchange {

    private final Lane lane;
    byte[] rendered = new byte[0];
    byte[] payload = new byte[0];
    private long number;
    private long firstSequence;
    private int events;
    private final BitSet broken = new BitSet();
    private long bytes;
    private long intendedAt;
    private long repeatAt;
    private int attempts;

    Batch(Lane lane) {
        this.lane = lane;
    }

    public Lane lane() {
        return lane;
    }

    /** Number of the batch within its lane, from 0. */
    public long number() {
        return number;
    }

    /** Number of its first event within the lane; the others follow without a gap. */
    public long firstSequence() {
        return firstSequence;
    }

    public int events() {
        return events;
    }

    /** How many of its events are well-formed. */
    public int validEvents() {
        return events - broken.cardinality();
    }

    /**
     * Whether an event is well-formed, as opposed to one that was broken on purpose.
     *
     * @param index of the event within the batch, from 0
     */
    public boolean isValid(int index) {
        return !broken.get(index);
    }

    /** Bytes of its events before compression. */
    public long bytes() {
        return bytes;
    }

    /** How often it has been sent. */
    public int attempts() {
        return attempts;
    }

    /** When the schedule wanted it to be sent, as of {@link System#nanoTime()}. */
    long intendedAt() {
        return intendedAt;
    }

    long repeatAt() {
        return repeatAt;
    }

    void validity(int index, boolean valid) {
        broken.set(index, !valid);
    }

    void fill(long number, long firstSequence, int events, long bytes, long intendedAt) {
        this.number = number;
        this.firstSequence = firstSequence;
        this.events = events;
        this.bytes = bytes;
        this.intendedAt = intendedAt;
        this.attempts = 0;
    }

    void sending() {
        attempts++;
    }

    void repeatAt(long nanos) {
        repeatAt = nanos;
    }
}
