package io.weir.metadata.notify;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A way to a person or a system.
 *
 * @param name unique in the tenant
 * @param settings JSON, by kind; holds secrets, so it is not part of {@link #toString}
 * @param fallback the channel to use when this one fails; null for none
 */
@Table("alert_channel")
public record Channel(
        @Id UUID id,
        String tenant,
        String name,
        Kind kind,
        String settings,
        @Nullable UUID fallback,
        boolean enabled) {

    /** What is spoken on the other side. */
    public enum Kind {
        EMAIL(false, true),
        SLACK(true, true),
        PAGERDUTY(true, false),
        WEBHOOK(true, true),
        SMS(false, false);

        private final boolean tellsAcknowledgement;
        private final boolean tellsReminders;

        Kind(boolean tellsAcknowledgement, boolean tellsReminders) {
            this.tellsAcknowledgement = tellsAcknowledgement;
            this.tellsReminders = tellsReminders;
        }

        /** Whether it is told that a silence ends: not what wakes people. */
        public boolean tellsReminders() {
            return tellsReminders;
        }

        /** Whether it is told that somebody has taken an alert on. */
        public boolean tellsAcknowledgement() {
            return tellsAcknowledgement;
        }
    }

    public Channel {
        if (name.isBlank()) {
            throw new IllegalArgumentException("name of a channel is empty");
        }
        if (id.equals(fallback)) {
            throw new IllegalArgumentException("fallback of channel " + name + " is the channel itself");
        }
    }

    public Channel withSettings(ChannelSettings other) {
        return new Channel(id, tenant, name, kind, other.json(), fallback, enabled);
    }

    public Channel withoutFallback() {
        return new Channel(id, tenant, name, kind, settings, null, enabled);
    }

    @Override
    public String toString() {
        return "Channel[" + id + ", " + tenant + ", " + name + ", " + kind + "]";
    }
}
