package io.weir.processor.enrich;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.ObjIntConsumer;

/** What became of the records of one batch. Not thread-safe; used again for the next batch. */
public final class Tally {
    private static final EventKind[] KINDS = EventKind.values();

    private final int[] events = new int[KINDS.length];
    private final Map<String, Integer> deadLetters = new HashMap<>();
    private long bytes;

    public void clear() {
        Arrays.fill(events, 0);
        deadLetters.clear();
        bytes = 0;
    }

    void event(EventKind kind, int size) {
        events[kind.ordinal()]++;
        bytes += size;
    }

    void deadLetter(String reason) {
        deadLetters.merge(reason, 1, Integer::sum);
    }

    /** Tells each kind of event that occurred, and how often. */
    public void forEachKind(ObjIntConsumer<EventKind> consumer) {
        for (EventKind kind : KINDS) {
            if (events[kind.ordinal()] > 0) {
                consumer.accept(kind, events[kind.ordinal()]);
            }
        }
    }

    /** Tells each reason for which records became dead letters, and how often. */
    public void forEachReason(BiConsumer<String, Integer> consumer) {
        deadLetters.forEach(consumer);
    }

    /** Bytes of all event values that were written. */
    public long bytes() {
        return bytes;
    }
}
