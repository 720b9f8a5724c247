package io.weir.warehouse.block;

import java.io.IOException;
import java.util.Arrays;

/** Texts, each once, numbered from 0 in the order of their coming. */
final class Dictionary {

    private static final long ADDITIONAL_KEYS = 1 << 9;
    private static final long NEW_DICTIONARY = 1 << 10;

    private final Bytes bytes = new Bytes();
    private int[] starts = new int[16];
    private int[] lengths = new int[16];
    private int[] hashes = new int[16];
    private int[] slots = new int[64];
    private int size;

    int size() {
        return size;
    }

    int code(byte[] buffer, int offset, int length) {
        int hash = Bytes.hash(buffer, offset, length);
        int mask = slots.length - 1;
        int slot = hash & mask;
        while (slots[slot] != 0) {
            int code = slots[slot] - 1;
            if (hashes[code] == hash && is(code, buffer, offset, length)) {
                return code;
            }
            slot = (slot + 1) & mask;
        }
        slots[slot] = size + 1;
        return add(hash, buffer, offset, length);
    }

    boolean is(int code, byte[] buffer, int offset, int length) {
        return Bytes.same(bytes.array, starts[code], lengths[code], buffer, offset, length);
    }

    private int add(int hash, byte[] buffer, int offset, int length) {
        if (size == starts.length) {
            starts = Arrays.copyOf(starts, 2 * size);
            lengths = Arrays.copyOf(lengths, 2 * size);
            hashes = Arrays.copyOf(hashes, 2 * size);
        }
        starts[size] = bytes.append(buffer, offset, length);
        lengths[size] = length;
        hashes[size] = hash;
        size++;
        if (2 * size > slots.length) {
            slots = new int[2 * slots.length];
            for (int code = 0; code < size; code++) {
                int slot = hashes[code] & (slots.length - 1);
                while (slots[slot] != 0) {
                    slot = (slot + 1) & (slots.length - 1);
                }
                slots[slot] = code + 1;
            }
        }
        return size - 1;
    }

    /** For each code, its place among all in byte order. */
    int[] ranks() {
        Integer[] sorted = new Integer[size];
        Arrays.setAll(sorted, Integer::valueOf);
        Arrays.sort(
                sorted,
                (a, b) -> Arrays.compareUnsigned(
                        bytes.array,
                        starts[a],
                        starts[a] + lengths[a],
                        bytes.array,
                        starts[b],
                        starts[b] + lengths[b]));
        int[] ranks = new int[size];
        for (int rank = 0; rank < size; rank++) {
            ranks[sorted[rank]] = rank;
        }
        return ranks;
    }

    byte[] get(int code) {
        return Arrays.copyOfRange(bytes.array, starts[code], starts[code] + lengths[code]);
    }

    /** The head of a LowCardinality column's data: what the codes mean. */
    void writeKeys(BlockOutput out) throws IOException {
        out.writeLong(widthLog() | ADDITIONAL_KEYS | NEW_DICTIONARY);
        out.writeLong(size);
        for (int code = 0; code < size; code++) {
            out.writeText(bytes.array, starts[code], lengths[code]);
        }
    }

    /** Bytes of a code. */
    int width() {
        return 1 << widthLog();
    }

    private int widthLog() {
        return size <= 1 << 8 ? 0 : size <= 1 << 16 ? 1 : 2;
    }

    long bytes() {
        return bytes.size + 12L * size;
    }

    void clear() {
        size = 0;
        bytes.clear();
        if (slots.length > 1 << 16) {
            slots = new int[64];
        } else {
            Arrays.fill(slots, 0);
        }
    }
}
