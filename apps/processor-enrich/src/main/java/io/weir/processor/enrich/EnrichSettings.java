package io.weir.processor.enrich;

import io.weir.event.EventLimits;
import java.time.ZoneId;
import java.util.List;

/**
 * All that decides, besides the record itself, what becomes of a record.
 *
 * @param outputTopic where events go
 * @param deadLetterTopic where records go that are no events
 * @param limits what an event may be at most
 * @param defaultTenant tenant of records that name none
 * @param endpointTemplates templates that are tried before an endpoint's template is guessed
 * @param syslogZone zone of syslog times that name none
 * @param keepRawLine whether JSON and syslog lines are also kept as they came
 * @param maximumRecordBytes the largest record value that is written; an event that grows beyond it becomes a dead letter,
 *     a dead letter is cut
 */
public record EnrichSettings(
        String outputTopic,
        String deadLetterTopic,
        EventLimits limits,
        String defaultTenant,
        List<String> endpointTemplates,
        ZoneId syslogZone,
        boolean keepRawLine,
        int maximumRecordBytes) {
    public EnrichSettings {
        endpointTemplates = List.copyOf(endpointTemplates);
    }
}
