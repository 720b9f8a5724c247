package io.weir.metadata.retention;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.springframework.jdbc.core.JdbcOperations;

/** Partitions that are not to be purged for now, whatever the policies say. */
public class RetentionHolds {

    private final JdbcOperations jdbc;

    RetentionHolds(JdbcOperations jdbc) {
        this.jdbc = jdbc;
    }

    /** Holds a partition until a time, or longer if it is held for longer already. */
    public void hold(RetainedTable table, String partition, Instant until, String reason) {
        jdbc.update("""
                insert into retention_holds as hold (table_name, partition, held_until, reason) values (?, ?, ?, ?)
                on conflict (table_name, partition) do update
                set held_until = greatest(hold.held_until, excluded.held_until), reason = excluded.reason
                """, table.table(), partition, Timestamp.from(until), reason);
    }

    /** Ends a hold. Returns false if there was none. */
    public boolean release(RetainedTable table, String partition) {
        return jdbc.update(
                        "delete from retention_holds where table_name = ? and partition = ?", table.table(), partition)
                > 0;
    }

    /** The partitions of a table that are held at a time. */
    public Set<String> held(RetainedTable table, Instant now) {
        return new HashSet<>(jdbc.queryForList(
                "select partition from retention_holds where table_name = ? and held_until > ?",
                String.class,
                table.table(),
                Timestamp.from(now)));
    }
}
