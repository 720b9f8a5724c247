package io.weir.metadata.rule;

import io.weir.metadata.label.Labels;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcOperations;
import tools.jackson.core.type.TypeReference;

/** The rules. Safe to use from several threads and processes. */
public class Rules {

    /**
     * A rule and how far it has been decided.
     *
     * @param evaluatedUntil the end of the last window; null if it has never been evaluated
     */
    public record Progress(Rule rule, @Nullable Instant evaluatedUntil) {}

    private final JdbcOperations jdbc;
    private final Clock clock;

    Rules(JdbcOperations jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * Stores a rule, new or changed. A rule that was switched off and is switched on again starts anew: what passed meanwhile is
     * not evaluated. What the rule as it was has measured and nobody has decided upon is forgotten, to be measured again.
     *
     * @throws IllegalArgumentException if the tenant has another rule of that name
     */
    public void save(Rule rule) {
        try {
            jdbc.update(
                    """
                    insert into alert_rule as known (id, tenant, name, enabled, spec, changed_at) values (?, ?, ?, ?, ?, ?)
                    on conflict (id) do update set name = excluded.name, enabled = excluded.enabled, spec = excluded.spec,
                        changed_at = excluded.changed_at,
                        evaluated_until = case when known.enabled then known.evaluated_until end
                    where known.tenant = excluded.tenant
                    """,
                    rule.id(),
                    rule.tenant(),
                    rule.name(),
                    rule.enabled(),
                    RuleJson.MAPPER.writeValueAsString(rule),
                    Timestamp.from(clock.instant()));
            jdbc.update("delete from alert_baseline where rule = ?", rule.id());
            jdbc.update("delete from alert_evaluation where rule = ?", rule.id());
        } catch (DuplicateKeyException e) {
            throw new IllegalArgumentException(
                    "name '" + rule.name() + "' is taken by another rule of " + rule.tenant(), e);
        }
    }

    /** Deletes a rule with its alerts; their history stays. What was told of an alert that fires is never told to be over. */
    public void delete(UUID id) {
        jdbc.update("delete from alert_rule where id = ?", id);
    }

    public Optional<Rule> find(UUID id) {
        return jdbc
                .query("select spec from alert_rule where id = ?", (row, number) -> rule(row.getString(1)), id)
                .stream()
                .findFirst();
    }

    /** The tenant's rules by name, those that are switched off too. */
    public List<Rule> ofTenant(String tenant) {
        return jdbc.query(
                "select spec from alert_rule where tenant = ? order by name",
                (row, number) -> rule(row.getString(1)),
                tenant);
    }

    /** Every rule that is switched on. */
    public List<Progress> enabled() {
        return jdbc.query(
                "select spec, evaluated_until from alert_rule where enabled order by tenant, name",
                (row, number) -> new Progress(rule(row.getString(1)), instant(row, 2)));
    }

    /** How far the rule has been decided, locked until the transaction ends; null for never. */
    public @Nullable Instant lockProgress(UUID rule) {
        return jdbc
                .query(
                        "select evaluated_until from alert_rule where id = ? for update",
                        (row, number) -> Optional.ofNullable(instant(row, 1)),
                        rule)
                .stream()
                .findFirst()
                .flatMap(progress -> progress)
                .orElse(null);
    }

    public void decided(UUID rule, Instant until) {
        jdbc.update("update alert_rule set evaluated_until = ? where id = ?", Timestamp.from(until), rule);
    }

    /** What is usual for a rule's groups in that hour; empty if it has not been stored. */
    public Optional<Map<Labels, Baseline>> baselines(UUID rule, Instant hour) {
        return jdbc
                .query(
                        "select baselines from alert_baseline where rule = ? and hour = ?",
                        (row, number) -> baselines(row.getString(1)),
                        rule,
                        Timestamp.from(hour))
                .stream()
                .findFirst();
    }

    /** Stores what is usual for a rule in an hour, and forgets what was for hours two days before. */
    public void saveBaselines(UUID rule, Instant hour, Map<Labels, Baseline> baselines) {
        Map<String, Baseline> texts = new HashMap<>();
        baselines.forEach((group, baseline) -> texts.put(group.toString(), baseline));
        jdbc.update("""
                insert into alert_baseline (rule, hour, baselines) values (?, ?, ?)
                on conflict (rule, hour) do update set baselines = excluded.baselines
                """, rule, Timestamp.from(hour), RuleJson.MAPPER.writeValueAsString(texts));
        jdbc.update(
                "delete from alert_baseline where rule = ? and hour < ?",
                rule,
                Timestamp.from(hour.minusSeconds(2 * 86_400)));
    }

    private static Rule rule(String spec) {
        return RuleJson.MAPPER.readValue(spec, Rule.class);
    }

    private static Map<Labels, Baseline> baselines(String stored) {
        Map<Labels, Baseline> baselines = new HashMap<>();
        RuleJson.MAPPER
                .readValue(stored, new TypeReference<Map<String, Baseline>>() {})
                .forEach((group, baseline) -> baselines.put(Labels.parse(group), baseline));
        return baselines;
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }
}
