package io.weir.metadata.notify;

import io.weir.metadata.alert.AlertState;
import io.weir.metadata.label.Labels;
import io.weir.metadata.rule.Severity;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one channel is to be told, once. All that is needed to tell it, so that delivery asks nobody.
 *
 * @param group the incident: the same for trigger, acknowledgement and end
 * @param key the same for the same notice, whoever makes it: it is stored once; what is told, {@code @} and the channel
 * @param text what is told besides its alerts; empty for an incident
 * @param alerts those that fire first
 */
public record Notice(
        UUID id,
        String key,
        String tenant,
        UUID group,
        UUID channel,
        Kind kind,
        Labels groupLabels,
        int level,
        Instant at,
        @Nullable String acknowledgedBy,
        String text,
        List<Item> alerts) {

    /** Why it is told. */
    public enum Kind {
        TRIGGER,
        REPEAT,
        ESCALATION,
        ACKNOWLEDGE,
        RESOLVE,
        /** A silence is about to end; the group is the silence. */
        SILENCE_ENDS,
        /** Somebody wants to know whether the channel works. */
        TEST;

        /** Whether it tells of a group of alerts. */
        public boolean isIncident() {
            return this != SILENCE_ENDS && this != TEST;
        }
    }

    /**
     * One alert in it.
     *
     * @param firing whether it fires at the time of the notice
     * @param until when it was resolved; null while it fires
     */
    public record Item(
            UUID alert,
            UUID rule,
            String ruleName,
            Severity severity,
            Labels labels,
            AlertState state,
            boolean firing,
            Instant since,
            @Nullable Instant until,
            double value,
            double usual,
            String message,
            @Nullable String runbook) {}

    public Notice {
        alerts = List.copyOf(alerts);
    }

    public long firing() {
        return alerts.stream().filter(Item::firing).count();
    }

    /** Whether somebody can take it on. */
    public boolean isOpen() {
        return kind.isIncident() && firing() > 0 && acknowledgedBy == null;
    }

    /** The worst of its alerts. */
    public Severity severity() {
        return alerts.stream().map(Item::severity).max(Severity::compareTo).orElse(Severity.INFO);
    }

    /** The same for another channel, which is used in its place; with the key that it has if it is for that channel anyway. */
    public Notice forChannel(UUID other) {
        return new Notice(
                UUID.randomUUID(),
                key.substring(0, key.indexOf('@') + 1) + other,
                tenant,
                group,
                other,
                kind,
                groupLabels,
                level,
                at,
                acknowledgedBy,
                text,
                alerts);
    }

    /** Whether the channel works. */
    static Notice test(Channel channel, String by, Instant at) {
        UUID id = UUID.randomUUID();
        return new Notice(
                id,
                "test/" + id + "@" + channel.id(),
                channel.tenant(),
                id,
                channel.id(),
                Kind.TEST,
                Labels.NONE,
                0,
                at,
                null,
                by + " tests the channel " + channel.name() + ". Nothing is wrong.",
                List.of());
    }
}
