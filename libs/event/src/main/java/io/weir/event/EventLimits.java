package io.weir.event;

import java.time.Duration;

/**
 * How large an event may be, and how far from its reception it may have happened.
 *
 * @param maxEventBytes bytes of one event, at least 1
 * @param maxAttributes members of {@code attributes}, unknown top-level fields included
 * @param maxMeasurements members of {@code measurements}
 * @param maxDepth containers inside one another, the event itself counted, 1 to 63
 * @param maxAge how long before its reception
 * @param maxAhead how long after its reception
 */
public record EventLimits(
        int maxEventBytes, int maxAttributes, int maxMeasurements, int maxDepth, Duration maxAge, Duration maxAhead) {

    /** The contract's limits. */
    public static final EventLimits DEFAULT =
            new EventLimits(256 * 1024, 256, 64, 16, Duration.ofDays(400), Duration.ofDays(1));

    public EventLimits {
        if (maxEventBytes < 1 || maxAttributes < 0 || maxMeasurements < 0 || maxDepth < 1 || maxDepth > 63) {
            throw new IllegalArgumentException(
                    "maxEventBytes must be at least 1, maxAttributes and maxMeasurements at least 0, maxDepth 1 to 63");
        }
    }
}
