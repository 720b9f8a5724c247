package io.weir.bench.books;

import java.util.Map;
import java.util.TreeMap;

/** Ids counted by lane: the ids of a topic's records, or of the tables' rows. Not thread-safe. */
public final class Tally {

    private final Map<String, IdHashes> byLane = new TreeMap<>();

    public void add(String lane, long hash) {
        byLane.computeIfAbsent(lane, any -> new IdHashes()).add(hash);
    }

    /** The ids of one lane; empty if none was seen. */
    public IdHashes lane(String lane) {
        return byLane.getOrDefault(lane, new IdHashes());
    }

    public IdHashes all() {
        IdHashes all = new IdHashes();
        byLane.values().forEach(all::addAll);
        return all;
    }
}
