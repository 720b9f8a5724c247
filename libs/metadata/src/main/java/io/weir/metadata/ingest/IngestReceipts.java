package io.weir.metadata.ingest;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Remembers when a request with an idempotency key was first received.
 *
 * <p>Guarantee: once {@link #firstReceived} has returned a time for a tenant and key, every later call, by any process,
 * returns that time, until {@link #forget} removes it.
 */
public class IngestReceipts {

    /** One request: whose it is, the SHA-256 of its idempotency key, and when it came, to the millisecond. */
    public record Receipt(String tenant, byte[] keyHash, Instant receivedAt) {}

    private final JdbcOperations jdbc;

    IngestReceipts(JdbcOperations jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * The times of first reception, in the order of the requests; one statement and one commit for all of them.
     *
     * @throws org.springframework.dao.DataAccessException if the database could not be asked; nothing is promised then
     */
    public List<Instant> firstReceived(List<Receipt> requests) {
        // One statement may not touch a row twice, and rows are locked in one order so that processes cannot deadlock.
        Map<String, Receipt> distinct = new LinkedHashMap<>();
        requests.stream()
                .sorted((a, b) -> mapKey(a).compareTo(mapKey(b)))
                .forEach(request -> distinct.putIfAbsent(mapKey(request), request));
        List<Receipt> rows = new ArrayList<>(distinct.values());
        Map<String, Instant> first = new LinkedHashMap<>();
        jdbc.query(
                """
                insert into ingest_receipt (tenant, key_hash, received_at)
                select * from unnest(?::text[], ?::bytea[], ?::text[]::timestamptz[])
                on conflict (tenant, key_hash) do update set tenant = excluded.tenant
                returning tenant, key_hash, received_at
                """,
                statement -> {
                    var connection = statement.getConnection();
                    statement.setArray(
                            1,
                            connection.createArrayOf(
                                    "text", rows.stream().map(Receipt::tenant).toArray()));
                    statement.setArray(
                            2,
                            connection.createArrayOf(
                                    "bytea", rows.stream().map(Receipt::keyHash).toArray(byte[][]::new)));
                    statement.setArray(
                            3,
                            connection.createArrayOf(
                                    // With its zone: an array of timestamps would be written in the zone of this
                                    // process.
                                    "text",
                                    rows.stream()
                                            .map(row -> row.receivedAt().toString())
                                            .toArray()));
                },
                row -> {
                    first.put(
                            mapKey(row.getString(1), row.getBytes(2)),
                            row.getTimestamp(3).toInstant());
                });
        return requests.stream().map(request -> first.get(mapKey(request))).toList();
    }

    /** Forgets what was first received longer ago than the given age; returns how many requests. */
    public int forget(Duration age, Instant now) {
        return jdbc.update("delete from ingest_receipt where received_at < ?", Timestamp.from(now.minus(age)));
    }

    private static String mapKey(Receipt receipt) {
        return mapKey(receipt.tenant(), receipt.keyHash());
    }

    private static String mapKey(String tenant, byte[] hash) {
        return tenant + '/' + HexFormat.of().formatHex(hash);
    }
}
