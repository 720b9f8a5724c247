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

        @Nullable
        Route route(UUID id) {
            return routes.stream()
                    .filter(route -> route.id().equals(id))
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

    private void run(String tenant, Collection<Subject> subjects, Quiet quiet, List<AlertGroup> groupsBefore) {
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
        Map<Place, AlertGroup> known = groupsBefore.stream()
                .collect(Collectors.toMap(group -> new Place(group.route(), group.key()), group -> group));
        loud.forEach((place, members) -> {
            AlertGroup before = known.get(place);
            AlertGroup group = before == null ? AlertGroup.opened(tenant, place.route(), place.key(), now) : before;
            tell(group, members, byId);
        });
        known.forEach((place, group) -> {
            if (!loud.containsKey(place)) {
                tell(group, List.of(), byId);
            }
        });
    }

    private void tell(AlertGroup group, List<Subject> loud, Map<UUID, Subject> byId) {
        Route route = directory.route(group.route());
        if (route == null) {
            over.add(group.id()); // the route is gone, and with it who is to be told
            return;
        }
        Progress progress = new Progress(group, route, loud, byId);
        if (progress.isOver()) {
            progress.end();
            over.add(group.id());
        } else {
            progress.tell();
            groups.add(progress.group());
        }
    }

    private static UUID alertOf(String episode) {
        return UUID.fromString(episode.substring(0, episode.indexOf(':')));
    }

    /** A group on its way through one call. */
    private final class Progress {
        private final AlertGroup before;
        private final Route route;
        private final List<Subject> loud;
        private final Map<UUID, Subject> byId;
        private final List<Subject> fresh;
        private final Set<String> ended;
        private final Set<String> told;
        private final Set<UUID> channels;
        private @Nullable Instant firstToldAt;
        private @Nullable Instant toldAt;
        private int sequence;
        private int level;
        private boolean acknowledgementTold;

        /**
         * @param loud those of the group that fire and that nothing holds back
         * @param byId every alert of the tenant
         */
        Progress(AlertGroup group, Route route, List<Subject> loud, Map<UUID, Subject> byId) {
            this.before = group;
            this.route = route;
            this.loud = loud;
            this.byId = byId;
            this.fresh = loud.stream()
                    .filter(subject -> !group.told().contains(subject.alert().episodeKey()))
                    .toList();
            this.ended = new LinkedHashSet<>(group.told());
            byId.values().stream()
                    .filter(subject -> subject.alert().isFiring())
                    .forEach(subject -> ended.remove(subject.alert().episodeKey()));
            this.told = new LinkedHashSet<>(group.told());
            this.channels = new LinkedHashSet<>(group.channels());
            this.firstToldAt = group.firstToldAt();
            this.toldAt = group.toldAt();
            this.sequence = group.sequence();
            this.level = group.level();
            this.acknowledgementTold = group.acknowledgementTold();
        }

        /** Whether nothing fires any more, of what was told and besides. */
        boolean isOver() {
            return ended.size() == before.told().size() && fresh.isEmpty();
        }

        /** Tells the end; of a group that ended, or was silenced, before anything was told there is none. */
        void end() {
            if (!before.told().isEmpty()) {
                send(Kind.RESOLVE, everyChannelSoFar(), items(loud, ended));
            }
        }

        void tell() {
            if (!fresh.isEmpty() && wasAcknowledged()) {
                firstToldAt = null; // escalated anew, once what is new has been told
                level = 0;
            }
            boolean acknowledged =
                    fresh.isEmpty() && !loud.isEmpty() && loud.stream().allMatch(Progress::isTakenOn);
            if ((!fresh.isEmpty() || !ended.isEmpty()) && mayTellMore()) {
                tellChanges();
            } else if (fresh.isEmpty() && !acknowledged && !loud.isEmpty() && mayRepeat()) {
                send(Kind.REPEAT, everyChannel(), items(loud, Set.of()));
            }
            if (acknowledged) {
                acknowledge();
            } else if (!loud.isEmpty()) {
                escalate();
            }
        }

        private boolean mayTellMore() {
            return toldAt == null ? isAgo(route.groupWaitSeconds()) : isAgo(route.groupIntervalSeconds());
        }

        private boolean mayRepeat() {
            return isAgo(route.repeatIntervalSeconds());
        }

        /** Whether the group was last told, or opened if it was not told, at least that long ago. */
        private boolean isAgo(int seconds) {
            Instant last = toldAt == null ? before.openedAt() : toldAt;
            return !now.isBefore(last.plusSeconds(seconds));
        }

        /** Whether somebody has taken on all that was told. */
        private boolean wasAcknowledged() {
            return acknowledgementTold
                    || !before.told().isEmpty()
                            && before.told().stream()
                                    .map(episode -> byId.get(alertOf(episode)))
                                    .allMatch(subject -> subject != null && isTakenOn(subject));
        }

        private static boolean isTakenOn(Subject subject) {
            return subject.alert().acknowledgedBy() != null;
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
        private Set<UUID> everyChannel() {
            Set<UUID> every = new LinkedHashSet<>(route.channelIds());
            directory.levels(route).stream().limit(level).forEach(one -> every.addAll(one.channelIds()));
            return every;
        }

        /** Besides, all that were told of the group in any way: fallbacks, and those that the route names no more. */
        private Set<UUID> everyChannelSoFar() {
            Set<UUID> every = everyChannel();
            every.addAll(channels);
            return every;
        }

        private void send(Kind kind, Collection<UUID> recipients, List<Notice.Item> items) {
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

        private void tellChanges() {
            send(fresh.isEmpty() ? Kind.REPEAT : Kind.TRIGGER, everyChannel(), items(loud, ended));
            told.removeAll(ended);
            loud.forEach(subject -> told.add(subject.alert().episodeKey()));
            if (!fresh.isEmpty()) {
                acknowledgementTold = false;
            }
        }

        private void acknowledge() {
            if (acknowledgementTold) {
                return;
            }
            acknowledgementTold = true;
            sequence++;
            List<UUID> listening = everyChannelSoFar().stream()
                    .filter(id -> {
                        Channel channel = directory.channel(id);
                        return channel != null && channel.kind().tellsAcknowledgement();
                    })
                    .toList();
            post(
                    Kind.ACKNOWLEDGE,
                    listening,
                    items(loud, Set.of()),
                    loud.get(0).alert().acknowledgedBy());
        }

        private void escalate() {
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
                post(Kind.ESCALATION, recipients, items(loud, Set.of()), null);
            }
        }

        private List<Notice.Item> items(List<Subject> firing, Set<String> ends) {
            List<Notice.Item> items = new ArrayList<>();
            firing.stream().sorted(WORST_FIRST).forEach(subject -> items.add(item(subject, true, now)));
            for (String episode : ends) {
                Subject subject = byId.get(alertOf(episode));
                if (subject != null && !subject.alert().isFiring()) {
                    items.add(item(subject, false, now));
                }
            }
            return items;
        }
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
