package io.weir.processor.enrich.stream;

import io.weir.event.EventLimits;
import io.weir.processor.enrich.EnrichSettings;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The options of the processor.
 *
 * @param deadLetterTopic Topic for records that cannot become events. It is created if it does not exist.
 * @param instanceId Name of this instance, unique among all that run at the same time and the same after a restart. It
 *     names the consumer and its transactions: a restarted instance so gets its partitions back, and ends the transaction
 *     that it left open, at once instead of after timeouts.
 * @param defaultTenant Tenant of records from other systems that have no weir-tenant header.
 * @param endpointTemplates Templates to try, in order, before a template is guessed from an endpoint: text segments,
 *     {name} for any one segment, ** at the end for any rest. Example: /users/{name}/repos/**.
 * @param syslogZone Time zone of syslog times that name none (RFC 3164).
 * @param keepRawLine Whether JSON and syslog lines, whose parts all become fields, are also kept as they came, in the
 *     attribute raw_line.
 * @param maximumAge How long before its reception an event may have happened. Older ones become dead letters.
 * @param maximumAhead How long after its reception an event may claim to happen. Others become dead letters.
 * @param maximumRecordSize Largest record value that is written. It must stay below the topics' max.message.bytes.
 * @param retryInterval Pause before a batch is tried again after Kafka failed; doubled at each further try.
 * @param maximumRetryInterval Longest pause between two tries.
 */
@Validated
@ConfigurationProperties("weir.enrich")
public record EnrichProperties(
        @DefaultValue("weir.dead-letters") @NotBlank String deadLetterTopic,

        @DefaultValue("local") @NotNull @Pattern(regexp = "[A-Za-z0-9._-]{1,100}")
        String instanceId,

        @DefaultValue("default") @NotBlank String defaultTenant,
        @DefaultValue List<String> endpointTemplates,
        @DefaultValue("UTC") @NotNull ZoneId syslogZone,
        @DefaultValue("true") boolean keepRawLine,
        @DefaultValue("400d") @NotNull Duration maximumAge,
        @DefaultValue("1d") @NotNull Duration maximumAhead,
        @DefaultValue("1000000B") @NotNull DataSize maximumRecordSize,
        @DefaultValue("100ms") @NotNull Duration retryInterval,
        @DefaultValue("5s") @NotNull Duration maximumRetryInterval) {

    EnrichSettings settings(String outputTopic) {
        EventLimits limits = EventLimits.DEFAULT;
        return new EnrichSettings(
                outputTopic,
                deadLetterTopic,
                new EventLimits(
                        limits.maxEventBytes(),
                        limits.maxAttributes(),
                        limits.maxMeasurements(),
                        limits.maxDepth(),
                        maximumAge,
                        maximumAhead),
                defaultTenant,
                endpointTemplates,
                syslogZone,
                keepRawLine,
                Math.toIntExact(maximumRecordSize.toBytes()));
    }
}
