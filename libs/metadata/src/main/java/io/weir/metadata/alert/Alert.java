package io.weir.metadata.alert;

import io.weir.metadata.label.Labels;
import java.time.Instant;
import java.util.UUID;
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
        return new Alert(
                id,
                rule,
                tenant,
                group,
                next,
                at,
                null,
                next == AlertState.RESOLVED ? at : resolvedAt,
                next == AlertState.FIRING ? episode + 1 : episode,
                relapses,
                value,
                usual,
                why,
                next == AlertState.FIRING ? null : acknowledgedBy,
                next == AlertState.FIRING ? null : acknowledgedAt);
    }

    Alert with(double newValue, double newUsual) {
        return new Alert(
                id,
                rule,
                tenant,
                group,
                state,
                since,
                clearSince,
                resolvedAt,
                episode,
                relapses,
                newValue,
                newUsual,
                reason,
                acknowledgedBy,
                acknowledgedAt);
    }

    Alert clear(@Nullable Instant from) {
        return new Alert(
                id,
                rule,
                tenant,
                group,
                state,
                since,
                from,
                resolvedAt,
                episode,
                relapses,
                value,
                usual,
                reason,
                acknowledgedBy,
                acknowledgedAt);
    }

    Alert relapsed(int times) {
        return new Alert(
                id,
                rule,
                tenant,
                group,
                state,
                since,
                clearSince,
                resolvedAt,
                episode,
                times,
                value,
                usual,
                reason,
                acknowledgedBy,
                acknowledgedAt);
    }

    public Alert acknowledged(String by, Instant at) {
        return new Alert(
                id,
                rule,
                tenant,
                group,
                state,
                since,
                clearSince,
                resolvedAt,
                episode,
                relapses,
                value,
                usual,
                reason,
                by,
                at);
    }
}
