package io.weir.metadata.notify;

import io.weir.metadata.label.Labels;
import io.weir.metadata.label.Matcher;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * Which alerts go to which channels, and how often. Routes are asked in the order of {@code position}; the first that matches
 * takes the alert, and the next ones too as long as each {@code continues}.
 *
 * @param matchers as {@link Matcher#parseList} reads them; empty for every alert
 * @param channels comma-separated ids, at least one
 * @param groupBy comma-separated names of labels: alerts that agree in them are told together; empty for all in one
 * @param groupWaitSeconds how long a new group waits for more before it is told
 * @param groupIntervalSeconds how long a group that has been told waits before it tells of more
 * @param repeatIntervalSeconds how long until what still fires, and nobody has acknowledged, is told again; at least 60
 */
@Table("alert_route")
public record Route(
        @Id UUID id,
        String tenant,
        int position,
        String matchers,
        String channels,
        String groupBy,
        int groupWaitSeconds,
        int groupIntervalSeconds,
        int repeatIntervalSeconds,
        @Nullable UUID escalation,
        boolean continues) {

    public Route {
        Matcher.parseList(matchers);
        if (ids(channels).isEmpty()) {
            throw new IllegalArgumentException("channels of a route are empty");
        }
        if (groupWaitSeconds < 0 || groupIntervalSeconds < 0 || repeatIntervalSeconds < 60) {
            throw new IllegalArgumentException(
                    "groupWaitSeconds and groupIntervalSeconds must be at least 0, repeatIntervalSeconds at least 60");
        }
    }

    /** Told at once, more after 5 minutes, again after 4 hours; grouped by rule. */
    public static Route to(String tenant, int position, String matchers, UUID... channels) {
        String ids =
                String.join(",", Arrays.stream(channels).map(UUID::toString).toList());
        return new Route(UUID.randomUUID(), tenant, position, matchers, ids, "rule", 0, 300, 14_400, null, false);
    }

    public Route escalating(UUID policy) {
        return new Route(
                id,
                tenant,
                position,
                matchers,
                channels,
                groupBy,
                groupWaitSeconds,
                groupIntervalSeconds,
                repeatIntervalSeconds,
                policy,
                continues);
    }

    public boolean takes(Labels labels) {
        return Matcher.allMatch(Matcher.parseList(matchers), labels);
    }

    public List<UUID> channelIds() {
        return ids(channels);
    }

    /** The labels by which an alert is grouped. */
    Labels groupOf(Labels labels) {
        return labels.only(Arrays.stream(groupBy.split(",")).map(String::strip).toList());
    }

    static List<UUID> ids(String list) {
        return Arrays.stream(list.split(","))
                .map(String::strip)
                .filter(id -> !id.isEmpty())
                .map(UUID::fromString)
                .toList();
    }
}
