package io.weir.event;

import java.time.Duration;

/**
 * How large an event may be, and how far from its reception it may have happened.
 *
 * @param maxEventBytes bytes of one event or log line as it was sent, at least 1
 * @param maxAttributes members of {@code attributes}, unknown top-level fields included
 * @param maxMeasurements members of {@code measurements}
 * @param maxDepth containers inside one another, the event itself counted, 1 to 63
 * @param maxAge how long before its reception, not negative
 * @param maxAhead how long after its reception, not negative
 */
public record EventLimits(
        int maxEventBytes, int maxAttributes, int maxMeasurements, int maxDepth, Duration maxAge, Duration maxAhead) {

    /** The contract's limits: 256 KiB, 256 attributes, 64 measurements, 16 levels, 400 days back, 1 day ahead. */
    public static final EventLimits DEFAULT =
            new EventLimits(256 * 1024, 256, 64, 16, Duration.ofDays(400), Duration.ofDays(1));

    /** @throws IllegalArgumentException naming the limit, its value and what is allowed */
    public EventLimits {
        require(maxEventBytes >= 1, "maxEventBytes", maxEventBytes, "at least 1");
        require(maxAttributes >= 0, "maxAttributes", maxAttributes, "at least 0");
        require(maxMeasurements >= 0, "maxMeasurements", maxMeasurements, "at least 0");
        require(maxDepth >= 1 && maxDepth <= 63, "maxDepth", maxDepth, "1 to 63");
        require(!maxAge.isNegative(), "maxAge", maxAge, "at least 0");
        require(!maxAhead.isNegative(), "maxAhead", maxAhead, "at least 0");
    }

    private static void require(boolean holds, String name, Object value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + allowed);
        }
    }
}
