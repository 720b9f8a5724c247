package io.weir.metadata.notify;

import io.weir.metadata.label.Labels;
import io.weir.metadata.notify.Dispatch.Directory;
import io.weir.metadata.notify.Dispatch.Plan;
import io.weir.metadata.rule.RuleJson;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.jdbc.core.JdbcOperations;

/** Channels, routes and escalation policies, and what has been told to whom. */
public class Routing {

    private final ChannelRepository channels;
    private final RouteRepository routes;
    private final EscalationPolicyRepository policies;
    private final JdbcAggregateOperations aggregates;
    private final JdbcOperations jdbc;

    Routing(
            ChannelRepository channels,
            RouteRepository routes,
            EscalationPolicyRepository policies,
            JdbcAggregateOperations aggregates,
            JdbcOperations jdbc) {
        this.channels = channels;
        this.routes = routes;
        this.policies = policies;
        this.aggregates = aggregates;
        this.jdbc = jdbc;
    }

    public void add(Channel channel) {
        aggregates.insert(channel);
    }

    public void change(Channel channel) {
        aggregates.update(channel);
    }

    /** Removes a channel that nothing names any more, not as a fallback either. */
    public void remove(Channel channel) {
        aggregates.delete(channel);
    }

    public void add(Route route) {
        aggregates.insert(route);
    }

    public void change(Route route) {
        aggregates.update(route);
    }

    /** Removes a route. What was told by it is never told to be over. */
    public void remove(Route route) {
        aggregates.delete(route);
    }

    public void add(EscalationPolicy policy) {
        aggregates.insert(policy);
    }

    public void change(EscalationPolicy policy) {
        aggregates.update(policy);
    }

    /** Removes a policy that no route names any more. */
    public void remove(EscalationPolicy policy) {
        aggregates.delete(policy);
    }

    public Directory directory(String tenant) {
        return new Directory(
                routes.findByTenantOrderByPosition(tenant),
                policies.findByTenantOrderByName(tenant),
                channels.findByTenantOrderByName(tenant));
    }

    /** The tenant's channel of that id; null if there is none. */
    public @Nullable Channel channel(String tenant, UUID id) {
        Channel channel = aggregates.findById(id, Channel.class);
        return channel != null && channel.tenant().equals(tenant) ? channel : null;
    }

    public List<AlertGroup> groups(String tenant) {
        return jdbc.query(
                """
                select g.*, array(select distinct o.channel from alert_outbox o
                    where o.alert_group = g.id and o.state <> 'GIVEN_UP') as channels
                from alert_group g where g.tenant = ?
                """,
                (row, number) -> {
                    Timestamp first = row.getTimestamp("first_told_at");
                    Timestamp last = row.getTimestamp("told_at");
                    return new AlertGroup(
                            row.getObject("id", UUID.class),
                            row.getString("tenant"),
                            row.getObject("route", UUID.class),
                            RuleJson.MAPPER.readValue(row.getString("key_values"), Labels.class),
                            row.getTimestamp("opened_at").toInstant(),
                            first == null ? null : first.toInstant(),
                            last == null ? null : last.toInstant(),
                            Set.of((String[]) row.getArray("told").getArray()),
                            row.getInt("sequence"),
                            row.getInt("level"),
                            row.getBoolean("acknowledgement_told"),
                            Set.of((UUID[]) row.getArray("channels").getArray()));
                },
                tenant);
    }

    /** Stores the groups of a plan. Its notices go to {@link Outbox#add}, in the same transaction. */
    public void save(Plan plan) {
        for (UUID id : plan.over()) {
            jdbc.update("delete from alert_group where id = ?", id);
        }
        for (AlertGroup group : plan.groups()) {
            jdbc.update(
                    """
                    insert into alert_group (id, tenant, route, key, key_values, opened_at, first_told_at, told_at, told, sequence,
                        level, acknowledgement_told)
                    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    on conflict (id) do update set first_told_at = excluded.first_told_at, told_at = excluded.told_at,
                        told = excluded.told, sequence = excluded.sequence, level = excluded.level,
                        acknowledgement_told = excluded.acknowledgement_told
                    """,
                    group.id(),
                    group.tenant(),
                    group.route(),
                    group.key().toString(),
                    RuleJson.MAPPER.writeValueAsString(group.key()),
                    Timestamp.from(group.openedAt()),
                    timestamp(group.firstToldAt()),
                    timestamp(group.toldAt()),
                    group.told().toArray(String[]::new),
                    group.sequence(),
                    group.level(),
                    group.acknowledgementTold());
        }
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant at) {
        return at == null ? null : Timestamp.from(at);
    }
}
