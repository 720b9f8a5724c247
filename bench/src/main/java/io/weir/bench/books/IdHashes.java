package io.weir.bench.books;

import java.util.Arrays;

/**
 * A bag of event ids, kept as 64-bit hashes: eight bytes an id. Two ids out of ten million fall on the same hash with a
 * probability of about 3 in a million, and then a missing id could go unseen. Not thread-safe.
 */
public final class IdHashes {

    private long[] hashes = new long[1024];
    private int size;
    private boolean sorted = true;

    /** The hash of an id. Each step is a bijection of the state so far, so no bits are lost on the way. */
    public static long hash(byte[] bytes, int offset, int length) {
        long state = 0x9e3779b97f4a7c15L + length;
        int at = offset;
        int end = offset + length;
        while (at < end) {
            long word = 0;
            int part = Math.min(8, end - at);
            for (int i = 0; i < part; i++) {
                word |= (bytes[at + i] & 0xffL) << (8 * i);
            }
            state = mix(state ^ word);
            at += part;
        }
        return mix(state);
    }

    /** Finalizer "variant 13" of David Stafford, as used by SplittableRandom. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return (mixed ^ (mixed >>> 31)) + 0x9e3779b97f4a7c15L;
    }

    public void add(long hash) {
        if (size == hashes.length) {
            hashes = Arrays.copyOf(hashes, size + (size >> 1));
        }
        hashes[size++] = hash;
        sorted = false;
    }

    public void addAll(IdHashes others) {
        if (size + others.size > hashes.length) {
            hashes = Arrays.copyOf(hashes, size + others.size);
        }
        System.arraycopy(others.hashes, 0, hashes, size, others.size);
        size += others.size;
        sorted = false;
    }

    /** How many were added, repeats included. */
    public int size() {
        return size;
    }

    /** How many different ones there are. */
    public int distinct() {
        sort();
        int count = 0;
        for (int i = 0; i < size; i++) {
            if (i == 0 || hashes[i] != hashes[i - 1]) {
                count++;
            }
        }
        return count;
    }

    public boolean contains(long hash) {
        sort();
        return Arrays.binarySearch(hashes, 0, size, hash) >= 0;
    }

    /** Those that are not among the others; each once. */
    public IdHashes without(IdHashes others) {
        sort();
        others.sort();
        IdHashes rest = new IdHashes();
        int other = 0;
        for (int i = 0; i < size; i++) {
            if (i > 0 && hashes[i] == hashes[i - 1]) {
                continue;
            }
            while (other < others.size && others.hashes[other] < hashes[i]) {
                other++;
            }
            if (other == others.size || others.hashes[other] != hashes[i]) {
                rest.add(hashes[i]);
            }
        }
        return rest;
    }

    private void sort() {
        if (!sorted) {
            Arrays.parallelSort(hashes, 0, size);
            sorted = true;
        }
    }
}
