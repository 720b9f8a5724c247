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
        EMAIL(false),
        SLACK(true),
        PAGERDUTY(true),
        WEBHOOK(true),
        SMS(false);

        private final boolean tellsAcknowledgement;

        Kind(boolean tellsAcknowledgement) {
            this.tellsAcknowledgement = tellsAcknowledgement;
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

    @Override
    public String toString() {
        return "Channel[" + id + ", " + tenant + ", " + name + ", " + kind + "]";
    }
}
