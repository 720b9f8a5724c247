package io.weir.metadata.notify;

import io.weir.metadata.label.Labels;
import io.weir.metadata.notify.Dispatch.Directory;
import io.weir.metadata.notify.Dispatch.Subject;
import io.weir.metadata.silence.Silence;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

/**
 * Who is reminded that a silence is about to end: the channel that its author chose, and those that will hear of what it holds
 * back now, except for channels that wake people. Pure. The same reminder has the same key, whenever it is made: the outbox
 * stores it once.
 */
public final class Reminders {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("d MMM yyyy HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private Reminders() {}

    public static List<Notice> due(
            Instant now, Collection<Subject> subjects, Directory directory, Collection<Silence> silences) {
        List<Notice> notices = new ArrayList<>();
        for (Silence silence : silences) {
            if (!silence.isEnding(now)) {
                continue;
            }
            List<Subject> held = subjects.stream()
                    .filter(subject -> subject.alert().isFiring() && silence.covers(subject.labels(), now))
                    .sorted(Dispatch.WORST_FIRST)
                    .toList();
            for (UUID id : recipients(silence, held, directory)) {
                Channel channel = directory.channel(id);
                if (channel != null && channel.enabled() && channel.kind().tellsReminders()) {
                    notices.add(notice(now, silence, held, id));
                }
            }
        }
        return notices;
    }

    private static Set<UUID> recipients(Silence silence, List<Subject> held, Directory directory) {
        Set<UUID> channels = new LinkedHashSet<>();
        UUID chosen = silence.remind();
        if (chosen != null) {
            channels.add(chosen);
        }
        held.forEach(
                subject -> directory.routes(subject.labels()).forEach(route -> channels.addAll(route.channelIds())));
        return channels;
    }

    private static Notice notice(Instant now, Silence silence, List<Subject> held, UUID channel) {
        return new Notice(
                UUID.randomUUID(),
                "silence/" + silence.id() + "@" + channel,
                silence.tenant(),
                silence.id(),
                channel,
                Notice.Kind.SILENCE_ENDS,
                Labels.NONE,
                0,
                now,
                null,
                "The silence of " + silence.author() + " for " + silence.matchers() + " (" + silence.reason()
                        + ") ends at "
                        + TIME.format(silence.endsAt()) + ". "
                        + (held.isEmpty() ? "It holds nothing back now." : "It holds back " + held.size() + " now."),
                held.stream().map(subject -> Dispatch.item(subject, true, now)).toList());
    }
}
