package io.weir.bench.books;

import java.util.Map;

/**
 * What the producers know.
 *
 * @param accepted ids of events that an answer counted as accepted, by lane
 * @param counted of lanes whose ids only the source knows: how many events there were in POSTs with a final answer
 * @param neverRepeated lanes whose clients sent every event at most once
 * @param miscounted answers whose number of accepted events was not the number of well-formed ones
 */
public record Claims(
        Map<String, IdHashes> accepted,
        Map<String, Long> counted,
        java.util.Set<String> neverRepeated,
        long miscounted) {

    /** Nothing is known about the producers. */
    public static final Claims NONE = new Claims(Map.of(), Map.of(), java.util.Set.of(), 0);
}
