package io.weir.metadata.silence;

import io.weir.metadata.label.Labels;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** All that may hold a tenant's notifications back. Pure. */
public record Quiet(List<Silence> silences, List<MuteWindow> muteWindows, List<Inhibition> inhibitions) {

    public static final Quiet NEVER = new Quiet(List.of(), List.of(), List.of());

    public Quiet {
        silences = List.copyOf(silences);
        muteWindows = List.copyOf(muteWindows);
        inhibitions = List.copyOf(inhibitions);
    }

    /**
     * Why nothing is told about an alert; empty if it is told.
     *
     * @param firing the labels of all alerts of the tenant that fire
     */
    public Optional<String> reason(Labels alert, Collection<Labels> firing, Instant now) {
        for (Silence silence : silences) {
            if (silence.covers(alert, now)) {
                return Optional.of("silenced by " + silence.author() + ": " + silence.reason());
            }
        }
        for (MuteWindow window : muteWindows) {
            if (window.covers(alert, now)) {
                return Optional.of("muted: " + window.name());
            }
        }
        for (Inhibition inhibition : inhibitions) {
            if (inhibition.holdsBack(alert, firing)) {
                return Optional.of("follows from another alert that fires");
            }
        }
        return Optional.empty();
    }
}
