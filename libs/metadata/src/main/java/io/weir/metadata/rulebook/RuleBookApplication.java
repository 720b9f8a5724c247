package io.weir.metadata.rulebook;

import io.weir.metadata.alert.Alert;
import io.weir.metadata.alert.AlertState;
import io.weir.metadata.alert.Alerts;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.ChannelSettings;
import io.weir.metadata.notify.Dispatch.Directory;
import io.weir.metadata.notify.EscalationPolicy;
import io.weir.metadata.notify.Route;
import io.weir.metadata.notify.Routing;
import io.weir.metadata.rule.Condition;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rules;
import io.weir.metadata.rulebook.Change.Action;
import io.weir.metadata.rulebook.RuleBook.ChannelEntry;
import io.weir.metadata.rulebook.RuleBook.EscalationEntry;
import io.weir.metadata.rulebook.RuleBook.RouteEntry;
import io.weir.metadata.silence.Inhibition;
import io.weir.metadata.silence.MuteWindow;
import io.weir.metadata.silence.Silences;
import io.weir.metadata.subscription.Subscription;
import io.weir.metadata.subscription.Subscriptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One rule book on its way into the database. */
final class RuleBookApplication {

    private final Rules rules;
    private final Alerts alerts;
    private final Silences silences;
    private final Routing routing;
    private final Subscriptions subscriptions;
    private final RuleBook book;
    private final boolean prune;
    private final Directory before;
    private final Map<String, UUID> channels;
    private final Map<String, UUID> policies;
    private final List<Change> changes = new ArrayList<>();

    /** Reads what there is: call it, and {@link #run}, in a transaction that holds the tenant's lock. */
    RuleBookApplication(
            Rules rules,
            Alerts alerts,
            Silences silences,
            Routing routing,
            Subscriptions subscriptions,
            RuleBook book,
            boolean prune) {
        this.rules = rules;
        this.alerts = alerts;
        this.silences = silences;
        this.routing = routing;
        this.subscriptions = subscriptions;
        this.book = book;
        this.prune = prune;
        this.before = routing.directory(book.tenant());
        this.channels = before.channels().stream().collect(Collectors.toMap(Channel::name, Channel::id));
        this.policies =
                before.policies().stream().collect(Collectors.toMap(EscalationPolicy::name, EscalationPolicy::id));
    }

    List<Change> run() {
        channels();
        escalations();
        routes();
        muteWindows();
        inhibitions();
        rules();
        if (prune) {
            pruneEscalations();
            pruneChannels();
        }
        return changes;
    }

    private void done(Action action, String kind, String name) {
        changes.add(new Change(action, book.tenant(), kind, name));
    }

    private <T> void store(@Nullable T known, T wanted, String kind, String name, Consumer<T> add, Consumer<T> change) {
        if (known == null) {
            add.accept(wanted);
            done(Action.CREATED, kind, name);
        } else if (!known.equals(wanted)) {
            change.accept(wanted);
            done(Action.CHANGED, kind, name);
        } else {
            done(Action.UNCHANGED, kind, name);
        }
    }

    private UUID channel(String field, String name) {
        UUID id = channels.get(name);
        if (id == null) {
            throw new IllegalArgumentException(field + ": there is no channel '" + name + "'");
        }
        return id;
    }

    private String channels(List<String> names) {
        return names.stream().map(name -> channel("channels", name).toString()).collect(Collectors.joining(","));
    }

    private void channels() {
        List<ChannelEntry> entries = listed(book.channels());
        Map<String, Channel> known = before.channels().stream().collect(Collectors.toMap(Channel::name, one -> one));
        // A fallback is there before it is named.
        for (ChannelEntry entry : entries) {
            if (!known.containsKey(entry.name())) {
                placed("channel '" + entry.name() + "'", () -> {
                    entry.settings().requireComplete();
                    Channel added = channel(UUID.randomUUID(), entry, entry.settings(), null);
                    routing.add(added);
                    channels.put(added.name(), added.id());
                });
                done(Action.CREATED, "channel", entry.name());
            }
        }
        for (ChannelEntry entry : entries) {
            placed("channel '" + entry.name() + "'", () -> {
                Channel now = known.get(entry.name());
                String fallback = entry.fallback();
                UUID fallbackId = fallback == null ? null : channel("fallback", fallback);
                ChannelSettings settings =
                        now == null ? entry.settings() : entry.settings().completed(ChannelSettings.of(now));
                Channel wanted = channel(channel("", entry.name()), entry, settings, fallbackId);
                if (now != null) {
                    store(now, wanted, "channel", entry.name(), routing::add, routing::change);
                } else if (fallbackId != null) {
                    routing.change(wanted);
                }
            });
        }
    }

    private Channel channel(UUID id, ChannelEntry entry, ChannelSettings settings, @Nullable UUID fallback) {
        return new Channel(
                id, book.tenant(), entry.name(), settings.kind(), settings.json(), fallback, entry.enabled());
    }

    private void escalations() {
        Map<String, EscalationPolicy> known =
                before.policies().stream().collect(Collectors.toMap(EscalationPolicy::name, one -> one));
        for (EscalationEntry entry : listed(book.escalations())) {
            String where = "escalation '" + entry.name() + "'";
            placed(where, () -> {
                EscalationPolicy now = known.get(entry.name());
                EscalationPolicy wanted = new EscalationPolicy(
                        now == null ? UUID.randomUUID() : now.id(),
                        book.tenant(),
                        entry.name(),
                        entry.levels().stream()
                                .map(level ->
                                        new EscalationPolicy.Level(level.afterMinutes(), channels(level.channels())))
                                .toList());
                policies.put(wanted.name(), wanted.id());
                store(now, wanted, "escalation", entry.name(), routing::add, routing::change);
            });
        }
    }

    /** A route keeps its id, and so its groups, while it takes and groups the same alerts. */
    private void routes() {
        List<RouteEntry> entries = book.routes();
        if (entries == null) {
            return;
        }
        List<Route> left = new ArrayList<>(before.routes());
        for (int i = 0; i < entries.size(); i++) {
            RouteEntry entry = entries.get(i);
            int position = i;
            placed("routes[" + i + "]", () -> {
                String groupBy = String.join(",", entry.groupBy());
                Route now = left.stream()
                        .filter(route -> route.matchers().equals(entry.matchers())
                                && route.groupBy().equals(groupBy))
                        .findFirst()
                        .orElse(null);
                left.remove(now);
                Route wanted = new Route(
                        now == null ? UUID.randomUUID() : now.id(),
                        book.tenant(),
                        position,
                        entry.matchers(),
                        channels(entry.channels()),
                        groupBy,
                        Math.toIntExact(entry.groupWait().toSeconds()),
                        Math.toIntExact(entry.groupInterval().toSeconds()),
                        Math.toIntExact(entry.repeatInterval().toSeconds()),
                        policy(entry.escalation()),
                        entry.continues());
                store(now, wanted, "route", name(entry.matchers()), routing::add, routing::change);
            });
        }
        for (Route route : left) {
            routing.remove(route);
            done(Action.DELETED, "route", name(route.matchers()));
        }
    }

    private static String name(String matchers) {
        return matchers.isEmpty() ? "of everything" : matchers;
    }

    private @Nullable UUID policy(@Nullable String name) {
        if (name != null && !policies.containsKey(name)) {
            throw new IllegalArgumentException("escalation: there is no '" + name + "'");
        }
        return name == null ? null : policies.get(name);
    }

    private void muteWindows() {
        Map<String, MuteWindow> known = silences.muteWindows(book.tenant()).stream()
                .collect(Collectors.toMap(MuteWindow::name, window -> window));
        for (MuteWindow window : listed(book.muteWindows())) {
            MuteWindow now = known.remove(window.name());
            store(
                    now,
                    now == null ? window : window.withId(now.id()),
                    "mute window",
                    window.name(),
                    silences::add,
                    silences::change);
        }
        if (prune && book.muteWindows() != null) {
            known.values().forEach(window -> {
                silences.remove(window);
                done(Action.DELETED, "mute window", window.name());
            });
        }
    }

    private void inhibitions() {
        if (book.inhibitions() == null) {
            return;
        }
        List<Inhibition> left = new ArrayList<>(silences.inhibitions(book.tenant()));
        for (Inhibition inhibition : book.inhibitions()) {
            Inhibition now = left.stream()
                    .filter(one -> one.equals(inhibition.withId(one.id())))
                    .findFirst()
                    .orElse(null);
            left.remove(now);
            String name = inhibition.effects() + " by " + inhibition.causes();
            store(now, now == null ? inhibition : now, "inhibition", name, silences::add, same -> {});
        }
        left.forEach(inhibition -> {
            silences.remove(inhibition);
            done(Action.DELETED, "inhibition", inhibition.effects() + " by " + inhibition.causes());
        });
    }

    private void rules() {
        Map<String, Rule> known =
                rules.ofTenant(book.tenant()).stream().collect(Collectors.toMap(Rule::name, rule -> rule));
        for (Rule rule : listed(book.rules())) {
            Rule now = known.remove(rule.name());
            placed("rule '" + rule.name() + "'", () -> {
                Rule wanted = now == null
                        ? reading(rule, null)
                        : reading(rule.withId(now.id()), now.query().results());
                store(now, wanted, "rule", rule.name(), rules::save, rules::save);
            });
        }
        if (prune && book.rules() != null) {
            known.values().forEach(this::prune);
        }
    }

    /** The rule, which says of which subscription it is, if it is of one. */
    private Rule reading(Rule rule, Query.@Nullable Results now) {
        Query.Results results = rule.query().results();
        if (results == null) {
            return rule;
        }
        Subscription subscription = subscription(results.subscription(), now == null ? null : now.id());
        requireColumns(rule.query(), results.column(), subscription);
        if (rule.condition() instanceof Condition.Change change) {
            requireKept(change.before(), subscription);
        }
        return rule.measuring(rule.query().withResults(results.withId(subscription.id())));
    }

    private Subscription subscription(String nameOrId, @Nullable UUID now) {
        List<Subscription> found = subscriptions.list(book.tenant()).stream()
                .filter(one ->
                        one.name().equals(nameOrId) || one.id().toString().equals(nameOrId))
                .toList();
        // Names are unique for an owner alone: that somebody else takes one, changes no rule.
        for (Subscription one : found) {
            if (found.size() == 1 || one.id().equals(now)) {
                return one;
            }
        }
        throw new IllegalArgumentException("query.subscription: "
                + (found.isEmpty()
                        ? "there is no subscription '" + nameOrId + "' of " + book.tenant()
                        : "'" + nameOrId + "' is the name of several, so name one by its id: "
                                + found.stream()
                                        .map(one -> one.id() + " (of " + one.owner() + ")")
                                        .collect(Collectors.joining(", "))));
    }

    private static void requireColumns(Query query, String column, Subscription subscription) {
        List<String> numbers = subscription.numbers();
        if (!numbers.contains(column)) {
            throw new IllegalArgumentException("query.column is '" + column + "': subscription '" + subscription.name()
                    + "' selects " + String.join(", ", numbers));
        }
        List<String> groups = subscription.groups();
        for (String name : query.groupBy()) {
            if (Query.PERSONAL.contains(name)) {
                throw new IllegalArgumentException("query.groupBy names '" + name
                        + "', which may tell of persons: whoever sees alerts would see it");
            }
            if (!groups.contains(name)) {
                throw new IllegalArgumentException("query.groupBy names '" + name + "': subscription '"
                        + subscription.name() + "' groups by "
                        + (groups.isEmpty() ? "nothing" : String.join(", ", groups)));
            }
        }
        if (subscription.isSeries()) {
            throw new IllegalArgumentException("query.subscription: '" + subscription.name()
                    + "' has a grain, so that its results hold many values of each group, and a rule needs one");
        }
    }

    private static void requireKept(Duration before, Subscription subscription) {
        Duration kept = subscription.every().multipliedBy(Subscriptions.KEPT_RESULTS);
        if (before.compareTo(subscription.every()) < 0 || before.compareTo(kept) > 0) {
            throw new IllegalArgumentException("condition.before is " + Durations.write(before) + ": subscription '"
                    + subscription.name() + "' is run every " + Durations.write(subscription.every())
                    + " and keeps its newest " + Subscriptions.KEPT_RESULTS + " results, so it must be "
                    + Durations.write(subscription.every()) + " to " + Durations.write(kept));
        }
    }

    private void prune(Rule rule) {
        boolean open = alerts.ofTenant(book.tenant()).stream()
                .anyMatch(alert -> alert.rule().equals(rule.id()) && isOpen(alert));
        if (!open) {
            rules.delete(rule.id());
            done(Action.DELETED, "rule", rule.name());
        } else if (rule.enabled()) {
            rules.save(rule.switched(false));
            done(Action.SWITCHED_OFF, "rule", rule.name());
        }
    }

    private void pruneEscalations() {
        if (book.escalations() == null) {
            return;
        }
        List<String> named =
                book.escalations().stream().map(EscalationEntry::name).toList();
        List<Route> routes = routing.directory(book.tenant()).routes();
        for (EscalationPolicy policy : before.policies()) {
            if (!named.contains(policy.name())) {
                if (routes.stream().anyMatch(route -> policy.id().equals(route.escalation()))) {
                    throw new IllegalArgumentException(
                            "escalation '" + policy.name() + "' cannot be deleted: a route names it");
                }
                routing.remove(policy);
                done(Action.DELETED, "escalation", policy.name());
            }
        }
    }

    private void pruneChannels() {
        if (book.channels() == null) {
            return;
        }
        List<String> named = book.channels().stream().map(ChannelEntry::name).toList();
        Directory now = routing.directory(book.tenant());
        List<Channel> unnamed = now.channels().stream()
                .filter(channel -> !named.contains(channel.name()))
                .toList();
        for (Channel channel : unnamed) {
            boolean used =
                    now.routes().stream().anyMatch(route -> route.channelIds().contains(channel.id()))
                            || now.policies().stream()
                                    .flatMap(policy -> policy.levels().stream())
                                    .anyMatch(level -> level.channelIds().contains(channel.id()))
                            || now.channels().stream()
                                    .anyMatch(other -> named.contains(other.name())
                                            && channel.id().equals(other.fallback()));
            if (used) {
                throw new IllegalArgumentException("channel '" + channel.name()
                        + "' cannot be deleted: a route, an escalation or a fallback names it");
            }
        }
        unnamed.forEach(channel -> routing.change(channel.withoutFallback()));
        for (Channel channel : unnamed) {
            routing.remove(channel);
            done(Action.DELETED, "channel", channel.name());
        }
    }

    private static boolean isOpen(Alert alert) {
        return alert.isFiring() || alert.state() == AlertState.PENDING;
    }

    private static <T> List<T> listed(@Nullable List<T> entries) {
        return entries == null ? List.of() : entries;
    }

    /** What is said against it is said with its place. */
    private static void placed(String where, Runnable work) {
        try {
            work.run();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
    }
}
