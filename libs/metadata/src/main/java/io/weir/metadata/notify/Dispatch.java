package io.weir.metadata.notify;

import io.weir.metadata.alert.Alert;
import io.weir.metadata.alert.AlertState;
import io.weir.metadata.label.Labels;
import io.weir.metadata.notify.Notice.Kind;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.silence.Quiet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is told what. Pure: it compares how the alerts stand with what has been told, so a call that was lost is made good
 * by the next one.
 *
 * <ul>
 *   <li>An alert that fires is told unless something holds it back (see {@link Quiet}), and again after the repeat interval.
 *   <li>The end of an alert is told if and only if the alert was told, even if it is silenced by then: who was called must hear
 *       that it is over, and systems must close what they opened, fallbacks and channels that the route has lost since too.
 *   <li>Nothing is repeated or escalated once every alert of the group is acknowledged. What fires in it after that is escalated
 *       anew, from the first level on.
 * </ul>
 */
public final class Dispatch {

    /** An alert and its rule. */
    public record Subject(Alert alert, Rule rule) {
        /** The labels by which it is routed and silenced: the rule's, the group's, and {@code rule}, {@code severity}. */
        public Labels labels() {
            return rule.labels()
                    .and(alert.group())
                    .and(Labels.of(Map.of(
                            "rule",
                            rule.name(),
                            "severity",
                            rule.severity().name().toLowerCase(Locale.ROOT))));
        }
    }

    /** A tenant's routes and what they need. */
    public record Directory(List<Route> routes, List<EscalationPolicy> policies, List<Channel> channels) {
        public Directory {
            routes = routes.stream()
                    .sorted(Comparator.comparingInt(Route::position))
                    .toList();
            policies = List.copyOf(policies);
            channels = List.copyOf(channels);
        }

        @Nullable
        Channel channel(UUID id) {
            return channels.stream()
                    .filter(channel -> channel.id().equals(id))
                    .findFirst()
                    .orElse(null);
        }

        /** Those that take an alert with these labels. */
        List<Route> routes(Labels labels) {
            List<Route> taking = new ArrayList<>();
            for (Route route : routes) {
                if (route.takes(labels)) {
                    taking.add(route);
                    if (!route.continues()) {
                        break;
                    }
                }
            }
            return taking;
        }

        List<EscalationPolicy.Level> levels(Route route) {
            UUID wanted = route.escalation();
            return policies.stream()
                    .filter(policy -> policy.id().equals(wanted))
                    .findFirst()
                    .map(EscalationPolicy::levels)
                    .orElse(List.of());
        }
    }

    /** The groups as they are to be stored, those that are over, and what is to be told. */
    public record Plan(List<AlertGroup> groups, List<UUID> over, List<Notice> notices) {}

    private record Place(UUID route, Labels key) {}

    static final Comparator<Subject> WORST_FIRST = Comparator.comparing(
                    (Subject subject) -> subject.rule().severity())
            .reversed()
            .thenComparing(subject -> subject.alert().since());

    private final Instant now;
    private final Directory directory;
    private final List<AlertGroup> groups = new ArrayList<>();
    private final List<UUID> over = new ArrayList<>();
    private final List<Notice> notices = new ArrayList<>();

    private Dispatch(Instant now, Directory directory) {
        this.now = now;
        this.directory = directory;
    }

    /**
     * @param subjects every alert of the tenant that fires, or whose end has not been told
     * @param before the tenant's groups
     */
    public static Plan plan(
            Instant now,
            String tenant,
            Collection<Subject> subjects,
            Directory directory,
            Quiet quiet,
            List<AlertGroup> before) {
        Dispatch dispatch = new Dispatch(now, directory);
        dispatch.run(tenant, subjects, quiet, before);
        return new Plan(List.copyOf(dispatch.groups), List.copyOf(dispatch.over), List.copyOf(dispatch.notices));
    }

    private void run(String tenant, Collection<Subject> subjects, Quiet quiet, List<AlertGroup> before) {
        List<Labels> firing = subjects.stream()
                .filter(subject -> subject.alert().isFiring())
                .map(Subject::labels)
                .toList();
        Map<Place, List<Subject>> loud = new LinkedHashMap<>();
        for (Subject subject : subjects) {
            if (!subject.alert().isFiring()
                    || quiet.reason(subject.labels(), firing, now).isPresent()) {
                continue;
            }
            for (Route route : directory.routes(subject.labels())) {
                loud.computeIfAbsent(new Place(route.id(), route.groupOf(subject.labels())), place -> new ArrayList<>())
                        .add(subject);
            }
        }
        Map<UUID, Subject> byId = subjects.stream()
                .collect(Collectors.toMap(subject -> subject.alert().id(), subject -> subject, (a, b) -> a));
        Map<Place, AlertGroup> known = before.stream()
                .collect(Collectors.toMap(group -> new Place(group.route(), group.key()), group -> group));
        loud.forEach((place, members) -> {
            AlertGroup group = known.get(place);
            if (group == null) {
                group = new AlertGroup(
                        UUID.randomUUID(),
                        tenant,
                        place.route(),
                        place.key(),
                        now,
                        null,
                        null,
                        Set.of(),
                        0,
                        0,
                        false,
                        Set.of());
            }
            tell(group, members, byId);
        });
        known.forEach((place, group) -> {
            if (!loud.containsKey(place)) {
                tell(group, List.of(), byId);
            }
        });
    }

    private void tell(AlertGroup group, List<Subject> loud, Map<UUID, Subject> byId) {
        Route route = directory.routes().stream()
                .filter(one -> one.id().equals(group.route()))
                .findFirst()
                .orElse(null);
        if (route == null) {
            over.add(group.id()); // the route is gone, and with it who is to be told
            return;
        }
        Set<String> stillFiring = byId.values().stream()
                .filter(subject -> subject.alert().isFiring())
                .map(subject -> subject.alert().episodeKey())
                .collect(Collectors.toSet());
        Set<String> ended = new LinkedHashSet<>(group.told());
        ended.removeAll(stillFiring);
        List<Subject> fresh = loud.stream()
                .filter(subject -> !group.told().contains(subject.alert().episodeKey()))
                .toList();
        boolean nothingFires = ended.size() == group.told().size() && fresh.isEmpty();
        if (nothingFires && group.told().isEmpty()) {
            over.add(group.id()); // it ended, or was silenced, before anything was told
            return;
        }
        Progress progress = new Progress(group, route);
        if (nothingFires) {
            progress.send(Kind.RESOLVE, progress.everyChannelSoFar(), items(loud, ended, byId));
            over.add(group.id());
            return;
        }
        if (!fresh.isEmpty() && isAcknowledged(group, byId)) {
            progress.escalateAnew();
        }
        Instant toldAt = group.toldAt();
        Instant last = toldAt == null ? group.openedAt() : toldAt;
        long wait = toldAt == null ? route.groupWaitSeconds() : route.groupIntervalSeconds();
        boolean mayTellMore = !now.isBefore(last.plusSeconds(wait));
        boolean acknowledged = fresh.isEmpty()
                && loud.stream().allMatch(subject -> subject.alert().acknowledgedBy() != null)
                && !loud.isEmpty();
        if ((!fresh.isEmpty() || !ended.isEmpty()) && mayTellMore) {
            Kind kind = fresh.isEmpty() ? Kind.REPEAT : Kind.TRIGGER;
            progress.send(kind, progress.everyChannel(), items(loud, ended, byId));
            progress.told(loud, ended);
        } else if (fresh.isEmpty()
                && !acknowledged
                && !loud.isEmpty()
                && !now.isBefore(last.plusSeconds(route.repeatIntervalSeconds()))) {
            progress.send(Kind.REPEAT, progress.everyChannel(), items(loud, Set.of(), byId));
        }
        if (acknowledged) {
            progress.acknowledged(loud, byId);
        } else if (!loud.isEmpty()) {
            progress.escalate(loud, byId);
        }
        groups.add(progress.group());
    }

    /** Whether somebody has taken on all that was told. */
    private static boolean isAcknowledged(AlertGroup group, Map<UUID, Subject> byId) {
        return group.acknowledgementTold()
                || !group.told().isEmpty()
                        && group.told().stream()
                                .map(episode -> byId.get(alertOf(episode)))
                                .allMatch(subject -> subject != null && subject.alert().acknowledgedBy() != null);
    }

    private static UUID alertOf(String episode) {
        return UUID.fromString(episode.substring(0, episode.indexOf(':')));
    }

    /** A group on its way through one call. */
    private final class Progress {
        private final AlertGroup before;
        private final Route route;
        private final Set<String> told;
        private @Nullable Instant firstToldAt;
        private @Nullable Instant toldAt;
        private int sequence;
        private int level;
        private boolean acknowledgementTold;
        private final Set<UUID> channels;

        Progress(AlertGroup group, Route route) {
            this.before = group;
            this.route = route;
            this.told = new LinkedHashSet<>(group.told());
            this.firstToldAt = group.firstToldAt();
            this.toldAt = group.toldAt();
            this.sequence = group.sequence();
            this.level = group.level();
            this.acknowledgementTold = group.acknowledgementTold();
            this.channels = new LinkedHashSet<>(group.channels());
        }

        AlertGroup group() {
            return new AlertGroup(
                    before.id(),
                    before.tenant(),
                    before.route(),
                    before.key(),
                    before.openedAt(),
                    firstToldAt,
                    toldAt,
                    told,
                    sequence,
                    level,
                    acknowledgementTold,
                    channels);
        }

        /** The route's, and those of every level that has been told. */
        Set<UUID> everyChannel() {
            Set<UUID> every = new LinkedHashSet<>(route.channelIds());
            directory.levels(route).stream().limit(level).forEach(one -> every.addAll(one.channelIds()));
            return every;
        }

        /** Besides, all that were told of the group in any way: fallbacks, and those that the route names no more. */
        Set<UUID> everyChannelSoFar() {
            Set<UUID> every = everyChannel();
            every.addAll(channels);
            return every;
        }

        void send(Kind kind, Collection<UUID> recipients, List<Notice.Item> items) {
            sequence++;
            toldAt = now;
            if (firstToldAt == null) {
                firstToldAt = now;
            }
            post(kind, recipients, items, null);
        }

        private void post(Kind kind, Collection<UUID> recipients, List<Notice.Item> items, @Nullable String by) {
            for (UUID id : recipients) {
                Channel channel = directory.channel(id);
                if (channel == null || !channel.enabled()) {
                    continue;
                }
                channels.add(id);
                notices.add(new Notice(
                        UUID.randomUUID(),
                        before.id() + "#" + sequence + "@" + id,
                        before.tenant(),
                        before.id(),
                        id,
                        kind,
                        before.key(),
                        level,
                        now,
                        by,
                        "",
                        items));
            }
        }

        void told(List<Subject> loud, Set<String> ended) {
            told.removeAll(ended);
            loud.forEach(subject -> told.add(subject.alert().episodeKey()));
            acknowledgementTold = false;
        }

        void acknowledged(List<Subject> loud, Map<UUID, Subject> byId) {
            if (acknowledgementTold) {
                return;
            }
            acknowledgementTold = true;
            sequence++;
            List<UUID> listening = everyChannel().stream()
                    .filter(id -> {
                        Channel channel = directory.channel(id);
                        return channel != null && channel.kind().tellsAcknowledgement();
                    })
                    .toList();
            post(
                    Kind.ACKNOWLEDGE,
                    listening,
                    items(loud, Set.of(), byId),
                    loud.get(0).alert().acknowledgedBy());
        }

        /** From the first level on, once what is new has been told. */
        void escalateAnew() {
            firstToldAt = null;
            level = 0;
        }

        void escalate(List<Subject> loud, Map<UUID, Subject> byId) {
            Instant start = firstToldAt;
            if (start == null) {
                return;
            }
            List<EscalationPolicy.Level> levels = directory.levels(route);
            while (level < levels.size()
                    && !now.isBefore(start.plusSeconds(levels.get(level).afterMinutes() * 60L))) {
                List<UUID> recipients = levels.get(level).channelIds();
                level++;
                sequence++;
                post(Kind.ESCALATION, recipients, items(loud, Set.of(), byId), null);
            }
        }
    }

    private List<Notice.Item> items(List<Subject> loud, Set<String> ended, Map<UUID, Subject> byId) {
        List<Notice.Item> items = new ArrayList<>();
        loud.stream().sorted(WORST_FIRST).forEach(subject -> items.add(item(subject, true, now)));
        for (String episode : ended) {
            Subject subject = byId.get(alertOf(episode));
            if (subject != null && !subject.alert().isFiring()) {
                items.add(item(subject, false, now));
            }
        }
        return items;
    }

    static Notice.Item item(Subject subject, boolean firing, Instant now) {
        Alert alert = subject.alert();
        Rule rule = subject.rule();
        Instant resolved = alert.resolvedAt();
        return new Notice.Item(
                alert.id(),
                rule.id(),
                rule.name(),
                rule.severity(),
                rule.labels().and(alert.group()),
                firing ? alert.state() : AlertState.RESOLVED,
                firing,
                alert.since(),
                firing ? null : (resolved == null ? now : resolved),
                alert.value(),
                alert.usual(),
                Message.of(rule, alert),
                rule.runbook());
    }
}
