package io.weir.metadata.notify;

import io.weir.metadata.label.Labels;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Alerts that are told together, and what has been told about them. Lives from the first alert that fires until the last one's
 * end has been told; its id is the incident on the other side.
 *
 * @param firstToldAt when something was first told since the group was opened or, if something new fired after all of it had been
 *     acknowledged, since then; null until something is told
 * @param told the episodes that have been told and whose end has not; see {@link io.weir.metadata.alert.Alert#episodeKey}
 * @param sequence how many times something has been told
 * @param level how many escalation levels have been told
 * @param channels those that something was sent to or waits for, fallbacks too; read from the outbox, not stored with the group
 */
public record AlertGroup(
        UUID id,
        String tenant,
        UUID route,
        Labels key,
        Instant openedAt,
        @Nullable Instant firstToldAt,
        @Nullable Instant toldAt,
        Set<String> told,
        int sequence,
        int level,
        boolean acknowledgementTold,
        Set<UUID> channels) {

    public AlertGroup {
        told = Set.copyOf(told);
        channels = Set.copyOf(channels);
    }

    /** One that nobody has been told of. */
    static AlertGroup opened(String tenant, UUID route, Labels key, Instant at) {
        return new AlertGroup(UUID.randomUUID(), tenant, route, key, at, null, null, Set.of(), 0, 0, false, Set.of());
    }
}
