package io.weir.metadata.ingest;

import java.time.LocalDate;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcOperations;

/** What each API key has sent, by UTC day, over all processes. */
public class IngestUsage {

    /** Events and decompressed bytes of one key on one day. */
    public record Total(long events, long bytes) {}

    private final JdbcOperations jdbc;

    IngestUsage(JdbcOperations jdbc) {
        this.jdbc = jdbc;
    }

    /** Adds to the day's total and returns the new total, other processes' part included; adding zero just reads it. */
    public Total add(UUID apiKey, LocalDate day, long events, long bytes) {
        return jdbc.queryForObject(
                """
                insert into ingest_usage as usage (api_key, day, events, bytes) values (?, ?, ?, ?)
                on conflict (api_key, day) do update set events = usage.events + excluded.events, bytes = usage.bytes + excluded.bytes
                returning events, bytes
                """, (row, number) -> new Total(row.getLong(1), row.getLong(2)), apiKey, day, events, bytes);
    }
}
