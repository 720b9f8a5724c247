package io.weir.metadata.retention;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * How long what is kept, by tenant and table. With no policy at all the defaults of {@link RetainedTable} hold. A change is on
 * record in the audit log, or not made.
 */
public class RetentionPolicies {

    private final RetentionPolicyRepository repository;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    RetentionPolicies(
            RetentionPolicyRepository repository,
            AuditLog audit,
            PlatformTransactionManager transactionManager,
            Clock clock) {
        this.repository = repository;
        this.audit = audit;
        this.transactions = new TransactionTemplate(transactionManager);
        this.clock = clock;
    }

    /** What holds for a table. */
    public Retention of(RetainedTable table) {
        Map<String, OptionalInt> byTenant = new HashMap<>();
        for (RetentionPolicy policy : repository.findAllByTableName(table.table())) {
            Integer days = policy.keepDays();
            byTenant.put(policy.tenant(), days == null ? OptionalInt.empty() : OptionalInt.of(days));
        }
        OptionalInt byDefault =
                Optional.ofNullable(byTenant.remove("")).orElseGet(() -> OptionalInt.of(table.defaultDays()));
        return new Retention(byDefault, byTenant);
    }

    /**
     * Sets a policy, in place of the one before it.
     *
     * @param tenant empty for every tenant that has no policy of its own
     * @param keepDays 1 to 36500, or empty for ever
     * @param actor who wants it, for the audit log
     * @throws IllegalArgumentException if the days are out of range
     */
    public void set(String tenant, RetainedTable table, OptionalInt keepDays, String actor) {
        if (keepDays.isPresent() && (keepDays.getAsInt() < 1 || keepDays.getAsInt() > 36500)) {
            throw new IllegalArgumentException(
                    "keep_days is " + keepDays.getAsInt() + "; it must be 1 to 36500, or nothing to keep for ever");
        }
        transactions.executeWithoutResult(status -> {
            Long id = repository
                    .findByTenantAndTableName(tenant, table.table())
                    .map(RetentionPolicy::id)
                    .orElse(null);
            repository.save(new RetentionPolicy(
                    id,
                    tenant,
                    table.table(),
                    keepDays.isPresent() ? keepDays.getAsInt() : null,
                    actor,
                    clock.instant()));
            record("retention.policy.set", tenant, table, text(keepDays), actor);
        });
    }

    /** Takes a policy away: the default holds again. Returns false if there was none. */
    public boolean remove(String tenant, RetainedTable table, String actor) {
        return Boolean.TRUE.equals(transactions.execute(status -> {
            Optional<RetentionPolicy> policy = repository.findByTenantAndTableName(tenant, table.table());
            Long id = policy.map(RetentionPolicy::id).orElse(null);
            if (id == null) {
                return false;
            }
            repository.deleteById(id);
            record("retention.policy.remove", tenant, table, "default", actor);
            return true;
        }));
    }

    /** Every policy, by table and tenant. */
    public List<RetentionPolicy> list() {
        return repository.findAllByOrderByTableNameAscTenantAsc();
    }

    private void record(String action, String tenant, RetainedTable table, String days, String actor) {
        audit.append(new AuditEvent(actor, action, tenant, table.table(), Map.of("keep_days", days)));
    }

    private static String text(OptionalInt days) {
        return days.isPresent() ? Integer.toString(days.getAsInt()) : "for ever";
    }
}
