package io.weir.metadata.notify;

import java.util.List;
import java.util.UUID;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.MappedCollection;
import org.springframework.data.relational.core.mapping.Table;

/**
 * Who is told next while nobody acknowledges.
 *
 * @param levels by growing time, at least one
 */
@Table("alert_escalation_policy")
public record EscalationPolicy(
        @Id UUID id,
        String tenant,
        String name,

        @MappedCollection(idColumn = "policy", keyColumn = "position")
        List<Level> levels) {

    /**
     * @param afterMinutes since the group was first told, or what has fired anew after its acknowledgement; at least 1
     * @param channels comma-separated ids, at least one
     */
    @Table("alert_escalation_level")
    public record Level(int afterMinutes, String channels) {
        public Level {
            if (afterMinutes < 1) {
                throw new IllegalArgumentException("afterMinutes is " + afterMinutes + ": it must be at least 1");
            }
            if (Route.ids(channels).isEmpty()) {
                throw new IllegalArgumentException("channels of an escalation level are empty");
            }
        }

        public List<UUID> channelIds() {
            return Route.ids(channels);
        }
    }

    public EscalationPolicy {
        levels = List.copyOf(levels);
        for (int i = 1; i < levels.size(); i++) {
            if (levels.get(i).afterMinutes() <= levels.get(i - 1).afterMinutes()) {
                throw new IllegalArgumentException(
                        "levels of escalation policy " + name + ": each must come later than the one before");
            }
        }
    }
}
