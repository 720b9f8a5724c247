package io.weir.metadata.alert;

import io.weir.metadata.label.Labels;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One rule and one group, and how it stands.
 *
 * @param group the labels of the group; {@link #ERROR} for the error of the rule itself
 * @param since when it came to this state
 * @param clearSince while firing: since when the condition has been clear; null while it holds
 * @param episode how often it has fired; with the id it names one time of firing
 * @param relapses how often it fired again soon after it had resolved; damps flapping
 * @param value the last value, NaN if it had none
 * @param usual what the value was compared with (limit, earlier value or median), NaN for nothing
 * @param reason why it is in this state, for people
 * @param acknowledgedBy who has taken this episode on; null for nobody
 */
public record Alert(
        UUID id,
        UUID rule,
        String tenant,
        Labels group,
        AlertState state,
        Instant since,
        @Nullable Instant clearSince,
        @Nullable Instant resolvedAt,
        int episode,
        int relapses,
        double value,
        double usual,
        String reason,
        @Nullable String acknowledgedBy,
        @Nullable Instant acknowledgedAt) {

    /** The group of a rule's own error. */
    public static final Labels ERROR = Labels.of("rule_error", "true");

    static Alert inactive(UUID rule, String tenant, Labels group, Instant at) {
        return new Alert(
                UUID.randomUUID(),
                rule,
                tenant,
                group,
                AlertState.INACTIVE,
                at,
                null,
                null,
                0,
                0,
                Double.NaN,
                Double.NaN,
                "",
                null,
                null);
    }

    public boolean isFiring() {
        return state == AlertState.FIRING;
    }

    public boolean isError() {
        return group.equals(ERROR);
    }

    /** Names this time of firing: what was told about it once need not be told again. */
    public String episodeKey() {
        return id + ":" + episode;
    }

    Alert to(AlertState next, Instant at, String why) {
        return with(draft -> {
            draft.state = next;
            draft.since = at;
            draft.clearSince = null;
            draft.reason = why;
            if (next == AlertState.RESOLVED) {
                draft.resolvedAt = at;
            } else if (next == AlertState.FIRING) {
                draft.episode++;
                draft.acknowledgedBy = null;
                draft.acknowledgedAt = null;
            }
        });
    }

    Alert measured(double newValue, double newUsual) {
        return with(draft -> {
            draft.value = newValue;
            draft.usual = newUsual;
        });
    }

    Alert clear(@Nullable Instant from) {
        return with(draft -> draft.clearSince = from);
    }

    Alert relapsed(int times) {
        return with(draft -> draft.relapses = times);
    }

    public Alert acknowledged(String by, Instant at) {
        return with(draft -> {
            draft.acknowledgedBy = by;
            draft.acknowledgedAt = at;
        });
    }

    private Alert with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.alert();
    }

    /** A copy that may be changed, so that the components are listed once and not by every method that changes one. */
    private static final class Draft {
        private final Alert from;
        private AlertState state;
        private Instant since;
        private @Nullable Instant clearSince;
        private @Nullable Instant resolvedAt;
        private int episode;
        private int relapses;
        private double value;
        private double usual;
        private String reason;
        private @Nullable String acknowledgedBy;
        private @Nullable Instant acknowledgedAt;

        Draft(Alert from) {
            this.from = from;
            state = from.state;
            since = from.since;
            clearSince = from.clearSince;
            resolvedAt = from.resolvedAt;
            episode = from.episode;
            relapses = from.relapses;
            value = from.value;
            usual = from.usual;
            reason = from.reason;
            acknowledgedBy = from.acknowledgedBy;
            acknowledgedAt = from.acknowledgedAt;
        }

        Alert alert() {
            return new Alert(
                    from.id,
                    from.rule,
                    from.tenant,
                    from.group,
                    state,
                    since,
                    clearSince,
                    resolvedAt,
                    episode,
                    relapses,
                    value,
                    usual,
                    reason,
                    acknowledgedBy,
                    acknowledgedAt);
        }
    }
}
