package io.weir.emulator;

/**
 * Counts durations in buckets that are at most 1% wide, from one microsecond to about an hour, in constant memory. Not
 * thread-safe.
 */
public final class LatencyHistogram {

    private static final int SUB_BITS = 7;
    private static final int SUB_BUCKETS = 1 << SUB_BITS;
    private static final long LARGEST = (1L << 32) - 1;

    private final long[] counts = new long[(32 - SUB_BITS + 1) * SUB_BUCKETS];
    private long count;
    private long largest;

    public void record(long nanos) {
        long micros = Math.max(0, Math.min(LARGEST, nanos / 1000));
        counts[bucket(micros)]++;
        count++;
        largest = Math.max(largest, micros);
    }

    public void add(LatencyHistogram other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        count += other.count;
        largest = Math.max(largest, other.largest);
    }

    public long count() {
        return count;
    }

    public double maxMillis() {
        return largest / 1000.0;
    }

    /**
     * The duration that the given share of all durations does not exceed, in milliseconds; 0 if there are none.
     *
     * @param share 0 to 1
     */
    public double quantileMillis(double share) {
        long wanted = Math.max(1, (long) Math.ceil(share * count));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (counts[i] > 0 && seen >= wanted) {
                return Math.min(largest, upperEdge(i)) / 1000.0;
            }
        }
        return 0;
    }

    private static int bucket(long micros) {
        int shift = Math.max(0, 64 - Long.numberOfLeadingZeros(micros) - SUB_BITS);
        return shift * SUB_BUCKETS + (int) (micros >>> shift);
    }

    private static long upperEdge(int bucket) {
        int shift = bucket / SUB_BUCKETS;
        long sub = bucket % SUB_BUCKETS;
        return ((sub + 1) << shift) - 1;
    }
}
