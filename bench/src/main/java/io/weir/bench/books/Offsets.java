package io.weir.bench.books;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Offsets seen, by topic and partition: one bit an offset. Not thread-safe. */
public final class Offsets {

    /** A place on a topic. */
    public record Place(String topic, int partition, long offset) {
        @Override
        public String toString() {
            return topic + '-' + partition + '@' + offset;
        }
    }

    private final Map<String, Map<Integer, BitSet>> seen = new TreeMap<>();
    private long count;

    /** @return false if this place was seen before */
    public boolean add(String topic, int partition, long offset) {
        BitSet offsets =
                seen.computeIfAbsent(topic, any -> new TreeMap<>()).computeIfAbsent(partition, any -> new BitSet());
        int bit = Math.toIntExact(offset);
        if (offsets.get(bit)) {
            return false;
        }
        offsets.set(bit);
        count++;
        return true;
    }

    /** How many different places were seen. */
    public long count() {
        return count;
    }

    public long count(String topic) {
        return seen.getOrDefault(topic, Map.of()).values().stream()
                .mapToLong(BitSet::cardinality)
                .sum();
    }

    /** The first places of one topic that are here and not there. */
    public List<Place> without(Offsets others, String topic, int limit) {
        List<Place> missing = new ArrayList<>();
        seen.getOrDefault(topic, Map.of()).forEach((partition, offsets) -> {
            BitSet rest = (BitSet) offsets.clone();
            rest.andNot(others.seen.getOrDefault(topic, Map.of()).getOrDefault(partition, new BitSet()));
            rest.stream()
                    .limit(Math.max(0, limit - missing.size()))
                    .forEach(offset -> missing.add(new Place(topic, partition, offset)));
        });
        return missing;
    }
}
