package io.weir.rollup;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The options of rollup-hourly. {@code from} and {@code to} may also be parameters of the job, {@code weir.rollup.from=...}, which
 * come first.
 *
 * @param from recompute every hour from this one on that has events, such as 2026-11-01 or 2026-11-01T10:00:00Z; empty for
 *     those that received events since they were last recomputed
 * @param to recompute the hours before this time; empty for no end
 * @param settle how long an insert may take: what was stored more recently is read, and read again by the next run
 * @param threads how many days are worked on at once
 * @param memory how much memory a grouping may take in ClickHouse before it goes to disk
 */
@ConfigurationProperties("weir.rollup")
public record RollupProperties(
        @DefaultValue("") String from,
        @DefaultValue("") String to,
        @DefaultValue("2m") Duration settle,
        @DefaultValue("2") int threads,
        @DefaultValue("512MB") DataSize memory) {

    /** @throws IllegalArgumentException naming the option, its value and what is allowed */
    public RollupProperties {
        if (settle.isNegative()) {
            throw new IllegalArgumentException("weir.rollup.settle is " + settle + "; it must not be negative");
        }
        if (threads < 1 || threads > 64) {
            throw new IllegalArgumentException("weir.rollup.threads is " + threads + "; it must be 1 to 64");
        }
        if (memory.toBytes() < 1 << 20) {
            throw new IllegalArgumentException("weir.rollup.memory is " + memory + "; it must be at least 1MB");
        }
    }
}
