package io.weir.bench.query;

import java.util.ArrayList;
import java.util.List;

/** Measured times. Safe to use from several threads. */
final class Samples {

    private final List<Long> nanos = new ArrayList<>();

    synchronized void add(long sample) {
        nanos.add(sample);
    }

    synchronized int size() {
        return nanos.size();
    }

    /** In ms, by nearest rank: the least sample that so many percent of them do not exceed. NaN if there is none. */
    synchronized double percentile(int percent) {
        if (nanos.isEmpty()) {
            return Double.NaN;
        }
        List<Long> sorted = nanos.stream().sorted().toList();
        return sorted.get(Math.max(0, (sorted.size() * percent + 99) / 100 - 1)) / 1e6;
    }
}
