package io.weir.metadata.alert;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.label.Labels;
import io.weir.metadata.rule.RuleJson;
import io.weir.metadata.rule.Severity;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.RowMapper;
import tools.jackson.core.type.TypeReference;

/**
 * How the alerts stand, what is still to be decided about them, and their history. Whoever moves alerts does it in a
 * transaction that begins with {@link #lock}.
 */
public class Alerts {

    /** One change of state, newest first in lists. */
    public record Entry(
            UUID alert,
            UUID rule,
            String labels,
            int episode,
            String from,
            String to,
            Instant at,
            double value,
            String reason,
            @Nullable String by) {}

    private static final RowMapper<Alert> ALERT = (row, number) -> new Alert(
            row.getObject("id", UUID.class),
            row.getObject("rule", UUID.class),
            row.getString("tenant"),
            RuleJson.MAPPER.readValue(row.getString("label_values"), Labels.class),
            AlertState.valueOf(row.getString("state")),
            row.getTimestamp("since").toInstant(),
            instant(row, "clear_since"),
            instant(row, "resolved_at"),
            row.getInt("episode"),
            row.getInt("relapses"),
            row.getDouble("value"),
            row.getDouble("usual"),
            row.getString("reason"),
            row.getString("acknowledged_by"),
            instant(row, "acknowledged_at"));

    private final JdbcOperations jdbc;
    private final AuditLog audit;

    Alerts(JdbcOperations jdbc, AuditLog audit) {
        this.jdbc = jdbc;
        this.audit = audit;
    }

    /** Until the transaction ends, nobody else decides about that tenant's alerts. */
    public void lock(String tenant) {
        jdbc.query("select pg_advisory_xact_lock(hashtextextended('weir-alerts/' || ?, 0))", row -> {}, tenant);
    }

    /** Stores what queries gave, to be decided upon. Storing the same again replaces it; of a rule that is gone nothing is stored. */
    public void evaluated(List<Evaluation> evaluations) {
        jdbc.batchUpdate(
                """
                insert into alert_evaluation (rule, at, samples, error, no_data)
                select id, ?, ?, ?, ? from alert_rule where id = ?
                on conflict (rule, at) do update set samples = excluded.samples, error = excluded.error, no_data = excluded.no_data
                """,
                evaluations.stream()
                        .map(one -> new @Nullable Object[] {
                            Timestamp.from(one.at()),
                            RuleJson.MAPPER.writeValueAsString(one.samples()),
                            one.error(),
                            one.noData(),
                            one.rule()
                        })
                        .toList());
    }

    /** The tenants with something to decide, or something to tell. */
    public List<String> tenants() {
        return jdbc.queryForList("""
                select tenant from alert_rule r where exists (select 1 from alert_evaluation e where e.rule = r.id)
                union select tenant from alert where state in ('FIRING', 'PENDING')
                union select tenant from alert_group
                order by 1
                """, String.class);
    }

    /** What is still to be decided for a tenant, by rule, oldest first. */
    public List<Evaluation> undecided(String tenant) {
        return jdbc.query(
                """
                select e.rule, e.at, e.samples, e.error, e.no_data from alert_evaluation e join alert_rule r on r.id = e.rule
                where r.tenant = ? order by e.rule, e.at
                """,
                (row, number) -> new Evaluation(
                        row.getObject(1, UUID.class),
                        row.getTimestamp(2).toInstant(),
                        RuleJson.MAPPER.readValue(row.getString(3), new TypeReference<List<Evaluation.Sample>>() {}),
                        row.getString(4),
                        row.getString(5)),
                tenant);
    }

    /** The latest window of each rule that waits to be decided. */
    public List<Evaluation> waiting() {
        return jdbc.query(
                "select rule, max(at) from alert_evaluation group by rule",
                (row, number) -> new Evaluation(
                        row.getObject(1, UUID.class), row.getTimestamp(2).toInstant(), List.of(), null));
    }

    /** Drops what has been decided upon. */
    public void forgetEvaluations(UUID rule, Instant until) {
        jdbc.update("delete from alert_evaluation where rule = ? and at <= ?", rule, Timestamp.from(until));
    }

    /** Every alert of the tenant that is stored, in any state. */
    public List<Alert> ofTenant(String tenant) {
        return jdbc.query("select * from alert where tenant = ? order by id", ALERT, tenant);
    }

    /**
     * An alert and the rule that it is of.
     *
     * @param severity of the rule
     */
    public record Named(Alert alert, String rule, Severity severity) {}

    /**
     * Alerts that are not inactive, those first that came to their state last.
     *
     * @param tenant null for those of every tenant
     * @param severity null for any
     * @param state null for any
     * @param after where to go on: the last one of the page before; null for the first page
     */
    public List<Named> page(
            @Nullable String tenant,
            @Nullable Severity severity,
            @Nullable AlertState state,
            @Nullable Alert after,
            int limit) {
        StringBuilder sql = new StringBuilder("""
                select a.*, r.name as rule_name, r.spec::jsonb ->> 'severity' as severity
                from alert a join alert_rule r on r.id = a.rule where a.state <> 'INACTIVE'
                """);
        List<Object> values = new ArrayList<>();
        if (tenant != null) {
            sql.append(" and a.tenant = ?");
            values.add(tenant);
        }
        if (severity != null) {
            sql.append(" and r.spec::jsonb ->> 'severity' = ?");
            values.add(severity.name());
        }
        if (state != null) {
            sql.append(" and a.state = ?");
            values.add(state.name());
        }
        if (after != null) {
            sql.append(" and (a.since, a.id) < (?, ?)");
            values.add(Timestamp.from(after.since()));
            values.add(after.id());
        }
        values.add(limit);
        return jdbc.query(
                sql.append(" order by a.since desc, a.id desc limit ?").toString(),
                (row, number) -> new Named(
                        Objects.requireNonNull(ALERT.mapRow(row, number)),
                        row.getString("rule_name"),
                        Severity.valueOf(row.getString("severity"))),
                values.toArray());
    }

    public Optional<Alert> find(UUID id) {
        return jdbc.query("select * from alert where id = ?", ALERT, id).stream()
                .findFirst();
    }

    /** Stores alerts as they are, and what has changed. An alert that never fired is not kept once it is inactive. */
    public void save(Collection<Alert> alerts, Collection<Transition> transitions) {
        List<Alert> kept = alerts.stream().filter(Alerts::isKept).toList();
        List<Alert> dropped = alerts.stream().filter(alert -> !isKept(alert)).toList();
        if (!kept.isEmpty()) {
            jdbc.batchUpdate(
                    """
                    insert into alert (id, rule, tenant, labels, label_values, state, since, clear_since, resolved_at, episode,
                        relapses, value, usual, reason, acknowledged_by, acknowledged_at)
                    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    on conflict (id) do update set state = excluded.state, since = excluded.since,
                        clear_since = excluded.clear_since, resolved_at = excluded.resolved_at, episode = excluded.episode,
                        relapses = excluded.relapses, value = excluded.value, usual = excluded.usual,
                        reason = excluded.reason, acknowledged_by = excluded.acknowledged_by,
                        acknowledged_at = excluded.acknowledged_at
                    """,
                    kept.stream()
                            .map(alert -> new @Nullable Object[] {
                                alert.id(),
                                alert.rule(),
                                alert.tenant(),
                                alert.group().toString(),
                                RuleJson.MAPPER.writeValueAsString(alert.group()),
                                alert.state().name(),
                                Timestamp.from(alert.since()),
                                timestamp(alert.clearSince()),
                                timestamp(alert.resolvedAt()),
                                alert.episode(),
                                alert.relapses(),
                                alert.value(),
                                alert.usual(),
                                alert.reason(),
                                alert.acknowledgedBy(),
                                timestamp(alert.acknowledgedAt())
                            })
                            .toList());
        }
        if (!dropped.isEmpty()) {
            jdbc.batchUpdate(
                    "delete from alert where id = ?",
                    dropped.stream().map(alert -> new Object[] {alert.id()}).toList());
        }
        if (!transitions.isEmpty()) {
            jdbc.batchUpdate(
                    """
                    insert into alert_history (alert, rule, tenant, labels, episode, from_state, to_state, at, value, reason)
                    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    transitions.stream()
                            .map(one -> new Object[] {
                                one.alert().id(),
                                one.alert().rule(),
                                one.alert().tenant(),
                                one.alert().group().toString(),
                                one.alert().episode(),
                                one.from().name(),
                                one.to().name(),
                                Timestamp.from(one.at()),
                                one.alert().value(),
                                one.alert().reason()
                            })
                            .toList());
        }
    }

    /**
     * Says that somebody has taken on what fires in those alerts; holds until an alert fires anew. Waits for a scan that is
     * deciding about the tenant. Call it in a transaction.
     *
     * @return how many alerts it was said about: those that fire and that nobody had acknowledged
     */
    public int acknowledge(String tenant, Collection<UUID> alerts, String by, Instant at) {
        lock(tenant);
        int count = 0;
        for (UUID alert : alerts) {
            int changed = jdbc.update("""
                    update alert set acknowledged_by = ?, acknowledged_at = ?
                    where tenant = ? and id = ? and state = 'FIRING' and acknowledged_by is null
                    """, by, Timestamp.from(at), tenant, alert);
            if (changed > 0) {
                jdbc.update("""
                        insert into alert_history (alert, rule, tenant, labels, episode, from_state, to_state, at, value, reason, by_whom)
                        select id, rule, tenant, labels, episode, state, state, ?, value, 'acknowledged', ? from alert where id = ?
                        """, Timestamp.from(at), by, alert);
                audit.append(new AuditEvent(by, "alert.acknowledge", tenant, "alert:" + alert, Map.of()));
            }
            count += changed;
        }
        return count;
    }

    /** The tenant's latest changes of state, newest first. */
    public List<Entry> history(String tenant, int limit) {
        return jdbc.query(
                "select * from alert_history where tenant = ? order by at desc, id desc limit ?",
                (row, number) -> new Entry(
                        row.getObject("alert", UUID.class),
                        row.getObject("rule", UUID.class),
                        row.getString("labels"),
                        row.getInt("episode"),
                        row.getString("from_state"),
                        row.getString("to_state"),
                        row.getTimestamp("at").toInstant(),
                        row.getDouble("value"),
                        row.getString("reason"),
                        row.getString("by_whom")),
                tenant,
                limit);
    }

    /** Forgets alerts that have been inactive since before that time; their history stays. Returns how many. */
    public int forget(Instant before) {
        return jdbc.update("delete from alert where state = 'INACTIVE' and since < ?", Timestamp.from(before));
    }

    /** Forgets changes of state from before that time. Returns how many. */
    public int forgetHistory(Instant before) {
        return jdbc.update("delete from alert_history where at < ?", Timestamp.from(before));
    }

    private static boolean isKept(Alert alert) {
        return alert.state() != AlertState.INACTIVE || alert.episode() > 0;
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant at) {
        return at == null ? null : Timestamp.from(at);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }
}
