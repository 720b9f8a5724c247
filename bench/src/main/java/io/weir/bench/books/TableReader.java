package io.weir.bench.books;

import io.weir.bench.platform.ClickHouse;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Reads the rows of a table as they stand there: without FINAL. */
final class TableReader {

    private final ClickHouse clickhouse;

    TableReader(ClickHouse clickhouse) {
        this.clickhouse = clickhouse;
    }

    /**
     * Reads all rows.
     *
     * @param source an expression for the event's source
     * @return the number of rows
     */
    long read(String table, String source, Sighting sighting) throws IOException {
        String sql = "SELECT toString(id), " + source
                + ", toString(_topic), toInt32(_partition), toInt64(_offset) FROM " + table + " FORMAT RowBinary";
        long count = 0;
        Map<String, String> topics = new HashMap<>();
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(clickhouse.stream(sql, Duration.ofMinutes(10)), 1 << 18))) {
            while (true) {
                int first = in.read();
                if (first < 0) {
                    return count;
                }
                byte[] id = in.readNBytes(length(in, first));
                byte[] from = in.readNBytes(length(in, in.read()));
                String topic = new String(in.readNBytes(length(in, in.read())), StandardCharsets.UTF_8);
                String known = topics.putIfAbsent(topic, topic);
                int partition = Integer.reverseBytes(in.readInt());
                long offset = Long.reverseBytes(in.readLong());
                sighting.seen(id, from, known == null ? topic : known, partition, offset);
                count++;
            }
        }
    }

    /** A length as RowBinary writes it: seven bits a byte, the lowest first. */
    private static int length(DataInputStream in, int first) throws IOException {
        int value = 0;
        int shift = 0;
        int next = first;
        while (true) {
            if (next < 0) {
                throw new EOFException("the answer of ClickHouse ends within a row");
            }
            value |= (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
            shift += 7;
            next = in.read();
        }
    }
}
