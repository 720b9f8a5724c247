package io.weir.metadata.rulebook;

import io.weir.metadata.alert.Alerts;
import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.ChannelSettings;
import io.weir.metadata.notify.Dispatch.Directory;
import io.weir.metadata.notify.EscalationPolicy;
import io.weir.metadata.notify.Routing;
import io.weir.metadata.rule.Rules;
import io.weir.metadata.rulebook.Change.Action;
import io.weir.metadata.rulebook.RuleBook.ChannelEntry;
import io.weir.metadata.rulebook.RuleBook.EscalationEntry;
import io.weir.metadata.rulebook.RuleBook.LevelEntry;
import io.weir.metadata.rulebook.RuleBook.RouteEntry;
import io.weir.metadata.silence.Silences;
import io.weir.metadata.subscription.Subscriptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Brings what is stored in line with rule books, and gives what is stored as one. */
public class RuleBooks {

    private final Rules rules;
    private final Alerts alerts;
    private final Silences silences;
    private final Routing routing;
    private final Subscriptions subscriptions;
    private final AuditLog audit;
    private final TransactionTemplate transactions;

    RuleBooks(
            Rules rules,
            Alerts alerts,
            Silences silences,
            Routing routing,
            Subscriptions subscriptions,
            AuditLog audit,
            PlatformTransactionManager transactionManager) {
        this.rules = rules;
        this.alerts = alerts;
        this.silences = silences;
        this.routing = routing;
        this.subscriptions = subscriptions;
        this.audit = audit;
        this.transactions = new TransactionTemplate(transactionManager);
    }

    /**
     * Creates what is not there and changes what is different, known by its name; all of it, or nothing. Applying the same again
     * changes nothing. Each change is put on record. Waits for a scan that is deciding about a tenant.
     *
     * @param by who does it
     * @param prune also delete what the book's lists do not name. A rule whose alert is open is switched off instead, so that its
     *     end is told; it is deleted the next time.
     * @param dryRun change nothing, only say what would be changed
     * @throws IllegalArgumentException if a book does not hold together, naming what is wrong
     */
    public List<Change> apply(List<RuleBook> books, String by, boolean prune, boolean dryRun) {
        return transactions.execute(status -> {
            if (dryRun) {
                status.setRollbackOnly();
            }
            List<Change> changes = new ArrayList<>();
            // In one order, so that two that wait for each other's tenants cannot be.
            books.stream().sorted(Comparator.comparing(RuleBook::tenant)).forEach(book -> {
                alerts.lock(book.tenant());
                changes.addAll(
                        new RuleBookApplication(rules, alerts, silences, routing, subscriptions, book, prune).run());
            });
            changes.stream()
                    .filter(change -> change.action() != Action.UNCHANGED)
                    .forEach(change -> audit.append(
                            new AuditEvent(by, change.verb(), change.tenant(), change.subject(), Map.of())));
            return changes;
        });
    }

    /** All that the tenant has; the secrets of its channels are in it, and masked when it is written. */
    public RuleBook find(String tenant) {
        Directory directory = routing.directory(tenant);
        Map<UUID, String> channels = byId(directory.channels(), Channel::id, Channel::name);
        Map<UUID, String> policies = byId(directory.policies(), EscalationPolicy::id, EscalationPolicy::name);
        return new RuleBook(
                tenant,
                directory.channels().stream()
                        .map(channel -> new ChannelEntry(
                                channel.name(),
                                ChannelSettings.of(channel),
                                nameOrNull(channels, channel.fallback()),
                                channel.enabled()))
                        .toList(),
                directory.policies().stream()
                        .map(policy -> new EscalationEntry(
                                policy.name(),
                                policy.levels().stream()
                                        .map(level -> new LevelEntry(
                                                level.afterMinutes(), names(channels, level.channelIds())))
                                        .toList()))
                        .toList(),
                directory.routes().stream()
                        .map(route -> new RouteEntry(
                                route.matchers(),
                                names(channels, route.channelIds()),
                                Arrays.stream(route.groupBy().split(","))
                                        .filter(name -> !name.isBlank())
                                        .toList(),
                                Duration.ofSeconds(route.groupWaitSeconds()),
                                Duration.ofSeconds(route.groupIntervalSeconds()),
                                Duration.ofSeconds(route.repeatIntervalSeconds()),
                                nameOrNull(policies, route.escalation()),
                                route.continues()))
                        .toList(),
                silences.muteWindows(tenant),
                silences.inhibitions(tenant),
                rules.ofTenant(tenant));
    }

    private static <T> Map<UUID, String> byId(List<T> things, Function<T, UUID> id, Function<T, String> name) {
        return things.stream().collect(Collectors.toMap(id, name));
    }

    private static @Nullable String nameOrNull(Map<UUID, String> names, @Nullable UUID id) {
        return id == null ? null : names.get(id);
    }

    /** A channel that is gone has no name, and nothing is told to it. */
    private static List<String> names(Map<UUID, String> names, List<UUID> ids) {
        return ids.stream().filter(names::containsKey).map(names::get).toList();
    }
}
