package io.weir.warehouse.account;

import java.time.Duration;

/**
 * What an account may use. All of it is constant: no setting of a query changes it.
 *
 * @param executionTime of one query, at least a second
 * @param memoryBytes of one query; all queries of the account together may have twice that
 * @param readRows that one query may read, numbers that it makes up included
 * @param readBytes that one query may read, uncompressed
 * @param resultRows of one query
 * @param resultBytes of one query, uncompressed
 * @param threads of one query
 * @param concurrentQueries of the account
 * @param queriesPerHour quota
 * @param readRowsPerHour quota
 * @param executionTimePerHour quota
 */
public record Limits(
        Duration executionTime,
        long memoryBytes,
        long readRows,
        long readBytes,
        long resultRows,
        long resultBytes,
        int threads,
        int concurrentQueries,
        long queriesPerHour,
        long readRowsPerHour,
        Duration executionTimePerHour) {

    public static final Limits DEFAULT = new Limits(
            Duration.ofSeconds(60),
            1L << 30,
            2_000_000_000L,
            200L << 30,
            1_000_000,
            1L << 30,
            4,
            10,
            5_000,
            50_000_000_000L,
            Duration.ofHours(1));

    public Limits {
        if (executionTime.toSeconds() < 1
                || memoryBytes < 1
                || readRows < 1
                || readBytes < 1
                || resultRows < 1
                || resultBytes < 1
                || threads < 1
                || concurrentQueries < 1
                || queriesPerHour < 1
                || readRowsPerHour < 1
                || executionTimePerHour.toSeconds() < 1) {
            // To ClickHouse 0 means without a limit.
            throw new IllegalArgumentException("every limit must be at least 1 (times: 1 s): no limit is no limit");
        }
    }
}
