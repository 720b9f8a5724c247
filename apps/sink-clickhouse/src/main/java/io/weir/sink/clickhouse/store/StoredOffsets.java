package io.weir.sink.clickhouse.store;

import java.util.Arrays;

/** Offsets that are stored, as ranges: there are few, since what was stored was stored in blocks. */
final class StoredOffsets {

    /** Where the knowledge ends, if the table holds more than was asked for: nothing is known from here on. */
    private final long end;

    private final long[] firsts;
    private final long[] lasts;

    private StoredOffsets(long end, long[] firsts, long[] lasts) {
        this.end = end;
        this.firsts = firsts;
        this.lasts = lasts;
    }

    /**
     * Reads ranges as ClickHouse gives them.
     *
     * @param lines {@code first TAB last}, in order, without overlap
     * @param end the first offset that was not asked about; {@link Long#MAX_VALUE} if nothing is stored from there on
     */
    static StoredOffsets parse(String lines, long end) {
        String[] ranges = lines.isBlank() ? new String[0] : lines.strip().split("\n");
        long[] firsts = new long[ranges.length];
        long[] lasts = new long[ranges.length];
        for (int i = 0; i < ranges.length; i++) {
            int tab = ranges[i].indexOf('\t');
            firsts[i] = Long.parseLong(ranges[i].substring(0, tab));
            lasts[i] = Long.parseLong(ranges[i].substring(tab + 1));
        }
        return new StoredOffsets(end, firsts, lasts);
    }

    boolean contains(long offset) {
        int at = Arrays.binarySearch(firsts, offset);
        return at >= 0 || at < -1 && lasts[-at - 2] >= offset;
    }

    /** Whether it is known of this offset, and of all before it that were asked about, if it is stored. */
    boolean reaches(long offset) {
        return offset < end;
    }

    /** Whether none is stored. */
    boolean isEmpty() {
        return firsts.length == 0;
    }

    long count() {
        long count = 0;
        for (int i = 0; i < firsts.length; i++) {
            count += lasts[i] - firsts[i] + 1;
        }
        return count;
    }
}
