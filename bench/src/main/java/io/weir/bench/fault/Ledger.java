package io.weir.bench.fault;

import io.weir.bench.books.IdHashes;
import io.weir.emulator.Batch;
import io.weir.emulator.EventIds;
import io.weir.emulator.Load;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * What the producers were told: one bit an event. Written by the thread of the load; read once it has ended, but for the
 * counters.
 */
final class Ledger implements Load.Observer {

    private final Map<String, BitSet> accepted = new HashMap<>();
    private final Map<String, Long> counted = new HashMap<>();
    private volatile long acceptedEvents;
    private long refusedEvents;
    private long miscounted;

    @Override
    public void answered(Batch batch, long acceptedByAnswer, long rejectedByAnswer) {
        String lane = batch.lane().name();
        counted.merge(lane, (long) batch.events(), Long::sum);
        if (acceptedByAnswer != batch.validEvents() || rejectedByAnswer != batch.events() - batch.validEvents()) {
            miscounted++;
        }
        if (acceptedByAnswer < batch.validEvents()) {
            // Which ones it counted is not known.
            return;
        }
        BitSet bits = accepted.computeIfAbsent(lane, any -> new BitSet());
        int first = Math.toIntExact(batch.firstSequence());
        for (int i = 0; i < batch.events(); i++) {
            bits.set(first + i, batch.isValid(i));
        }
        refusedEvents += batch.events() - batch.validEvents();
        acceptedEvents += batch.validEvents();
    }

    /** How many events were accepted so far. */
    long acceptedEvents() {
        return acceptedEvents;
    }

    /** How many events were broken on purpose and refused as such. */
    long refusedEvents() {
        return refusedEvents;
    }

    /** How many answers did not count exactly the well-formed events as accepted. */
    long miscounted() {
        return miscounted;
    }

    /** How many events of a lane were in POSTs with a final answer. */
    long counted(String lane) {
        return counted.getOrDefault(lane, 0L);
    }

    /** The ids of a lane's accepted events. */
    IdHashes acceptedIds(String lane, EventIds ids) {
        IdHashes hashes = new IdHashes();
        byte[] id = new byte[ids.width()];
        accepted.getOrDefault(lane, new BitSet()).stream().forEach(sequence -> {
            ids.write(id, 0, sequence);
            hashes.add(IdHashes.hash(id, 0, id.length));
        });
        return hashes;
    }
}
