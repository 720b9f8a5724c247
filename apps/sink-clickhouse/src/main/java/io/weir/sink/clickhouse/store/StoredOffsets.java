package io.weir.sink.clickhouse.store;

import java.util.BitSet;

/** Which offsets of a partition are stored, from a first one on. */
final class StoredOffsets {

    private final long first;
    private final BitSet offsets = new BitSet();

    StoredOffsets(long first) {
        this.first = first;
    }

    void add(long offset) {
        if (offset >= first) {
            offsets.set(Math.toIntExact(offset - first));
        }
    }

    /** Offsets before the first one are not asked for: what a consumer is given again lies behind its commit. */
    boolean contains(long offset) {
        return offset >= first && offset - first <= Integer.MAX_VALUE && offsets.get((int) (offset - first));
    }

    int count() {
        return offsets.cardinality();
    }
}
