package io.weir.source.http;

import io.weir.event.EventLimits;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The options of source-http.
 *
 * @param maxRequestSize largest request body, counted after decompression
 * @param maxEventSize largest event; one that is larger is rejected and its first part kept
 * @param inFlightSize bytes that may wait for Kafka's acknowledgement, over all requests; past it reading pauses
 * @param reportedRejections how many rejected events an answer lists, 0 to 1000
 * @param keyCacheTime how long an API key is trusted before it is looked up again: a revoked key works no longer than this
 * @param receiptTime how long the first reception of an Idempotency-Key is remembered
 * @param readTimeout longest silence of a client in the middle of its request
 * @param retryAfter what Retry-After says when Kafka or PostgreSQL cannot be reached
 * @param ipRequestsPerSecond requests that one address (IPv6: one /64) may make each second; 0 for no limit
 * @param ipFailuresPerMinute requests without a valid key that one address may make each minute before it gets 429
 */
@Validated
@ConfigurationProperties("weir.source")
public record SourceProperties(
        @NotNull @DefaultValue("1GB") DataSize maxRequestSize,
        @NotNull @DefaultValue("256KB") DataSize maxEventSize,
        @NotNull @DefaultValue("32MB") DataSize inFlightSize,
        @Min(0) @Max(1000) @DefaultValue("10") int reportedRejections,

        @NotNull @DurationMin(seconds = 0) @DurationMax(minutes = 10) @DefaultValue("5s")
        Duration keyCacheTime,

        @NotNull @DurationMin(minutes = 1) @DefaultValue("24h")
        Duration receiptTime,

        @NotNull @DurationMin(seconds = 1) @DefaultValue("30s")
        Duration readTimeout,

        @NotNull @DurationMin(seconds = 1) @DefaultValue("2s")
        Duration retryAfter,

        @Min(0) @DefaultValue("0") long ipRequestsPerSecond,
        @Min(1) @DefaultValue("60") long ipFailuresPerMinute) {

    public SourceProperties {
        // What the source accepts, the rest of the way must take.
        if (maxEventSize.toBytes() < 1 || maxEventSize.toBytes() > EventLimits.DEFAULT.maxEventBytes()) {
            throw new IllegalArgumentException("weir.source.max-event-size " + maxEventSize + " is not between 1B and "
                    + EventLimits.DEFAULT.maxEventBytes() + "B");
        }
    }
}
