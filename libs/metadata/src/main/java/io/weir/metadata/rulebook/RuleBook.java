package io.weir.metadata.rulebook;

import io.weir.metadata.notify.ChannelSettings;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.silence.Inhibition;
import io.weir.metadata.silence.MuteWindow;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant has for its alerts. Things name each other by name; ids in here mean nothing. A list that is null is one that the
 * file does not speak of.
 *
 * @param inhibitions have no names: they are all, or none
 * @param routes in order; they have no names: they are all, or none
 */
public record RuleBook(
        String tenant,
        @Nullable List<ChannelEntry> channels,
        @Nullable List<EscalationEntry> escalations,
        @Nullable List<RouteEntry> routes,
        @Nullable List<MuteWindow> muteWindows,
        @Nullable List<Inhibition> inhibitions,
        @Nullable List<Rule> rules) {

    /** @param fallback a channel's name; null for none */
    public record ChannelEntry(
            String name, ChannelSettings settings, @Nullable String fallback, boolean enabled) {}

    public record EscalationEntry(String name, List<LevelEntry> levels) {}

    public record LevelEntry(int afterMinutes, List<String> channels) {}

    /** @param escalation a policy's name; null for none */
    public record RouteEntry(
            String matchers,
            List<String> channels,
            List<String> groupBy,
            Duration groupWait,
            Duration groupInterval,
            Duration repeatInterval,
            @Nullable String escalation,
            boolean continues) {}
}
