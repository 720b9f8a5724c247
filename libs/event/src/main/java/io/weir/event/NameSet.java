package io.weir.event;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The member names of one event's objects, to find those that stand twice in the same object. Open addressing over slices
 * of the event's bytes; emptied in constant time. The hash is seeded per process, so that a client cannot prepare names
 * that collide.
 */
final class NameSet {
    private static final long SEED = new SecureRandom().nextLong();
    private static final long SECOND_SEED = new SecureRandom().nextLong() | 1;

    /** Four numbers a slot: generation, object, hash, place. */
    private int[] generations = new int[64];

    private int[] objects = new int[64];
    private int[] hashes = new int[64];
    private int[] offsets = new int[64];
    private int[] lengths = new int[64];
    private int generation = 1;
    private int size;

    void clear() {
        size = 0;
        if (++generation == 0) {
            Arrays.fill(generations, 0);
            generation = 1;
        }
        if (generations.length > 4096) {
            // One odd event must not cost memory for ever.
            allocate(64);
        }
    }

    /**
     * Adds a name of an object.
     *
     * @param buffer where the name is, now and until {@link #clear}
     * @param unescaped where names with escapes are kept; {@code buffer} is its array for those
     * @return false if the object has that name already
     */
    boolean add(int object, byte[] event, ByteSink unescaped, boolean escaped, int offset, int length) {
        byte[] buffer = escaped ? unescaped.array() : event;
        int hash = hash(object, buffer, offset, length);
        int mask = generations.length - 1;
        int slot = hash & mask;
        while (generations[slot] == generation) {
            if (hashes[slot] == hash && objects[slot] == object && lengths[slot] == length) {
                int other = offsets[slot];
                byte[] otherBuffer = other < 0 ? unescaped.array() : event;
                int otherOffset = other < 0 ? ~other : other;
                if (Arrays.equals(buffer, offset, offset + length, otherBuffer, otherOffset, otherOffset + length)) {
                    return false;
                }
            }
            slot = slot + 1 & mask;
        }
        put(slot, object, hash, escaped ? ~offset : offset, length);
        if (++size * 2 > generations.length) {
            grow();
        }
        return true;
    }

    private void put(int slot, int object, int hash, int place, int length) {
        generations[slot] = generation;
        objects[slot] = object;
        hashes[slot] = hash;
        offsets[slot] = place;
        lengths[slot] = length;
    }

    private void grow() {
        int[] oldGenerations = generations;
        int[] oldObjects = objects;
        int[] oldHashes = hashes;
        int[] oldOffsets = offsets;
        int[] oldLengths = lengths;
        allocate(oldGenerations.length * 4);
        int mask = generations.length - 1;
        for (int i = 0; i < oldGenerations.length; i++) {
            if (oldGenerations[i] == generation) {
                int slot = oldHashes[i] & mask;
                while (generations[slot] == generation) {
                    slot = slot + 1 & mask;
                }
                put(slot, oldObjects[i], oldHashes[i], oldOffsets[i], oldLengths[i]);
            }
        }
    }

    private void allocate(int slots) {
        generations = new int[slots];
        objects = new int[slots];
        hashes = new int[slots];
        offsets = new int[slots];
        lengths = new int[slots];
    }

    private static int hash(int object, byte[] buffer, int offset, int length) {
        long hash = SEED ^ ((long) object << 32 | length);
        int at = offset;
        int end = offset + length;
        for (; end - at >= 8; at += 8) {
            hash = mix(hash ^ Words.at(buffer, at));
        }
        long rest = 0;
        for (; at < end; at++) {
            rest = rest << 8 | (buffer[at] & 0xff);
        }
        hash = mix(hash ^ rest);
        return (int) (hash ^ hash >>> 32);
    }

    /** Folded 128-bit product, as in wyhash. */
    private static long mix(long value) {
        return Math.multiplyHigh(value, SECOND_SEED) ^ value * SECOND_SEED;
    }
}
