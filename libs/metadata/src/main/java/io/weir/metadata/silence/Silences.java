package io.weir.metadata.silence;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.transaction.support.TransactionOperations;

/** What holds notifications back. */
public class Silences {

    private final SilenceRepository silences;
    private final MuteWindowRepository muteWindows;
    private final InhibitionRepository inhibitions;
    private final JdbcAggregateOperations aggregates;
    private final AuditLog audit;
    private final TransactionOperations transactions;

    Silences(
            SilenceRepository silences,
            MuteWindowRepository muteWindows,
            InhibitionRepository inhibitions,
            JdbcAggregateOperations aggregates,
            AuditLog audit,
            TransactionOperations transactions) {
        this.silences = silences;
        this.muteWindows = muteWindows;
        this.inhibitions = inhibitions;
        this.aggregates = aggregates;
        this.audit = audit;
        this.transactions = transactions;
    }

    /** Adds a silence, and puts it on record. */
    public void add(Silence silence) {
        transactions.executeWithoutResult(status -> {
            aggregates.insert(silence);
            audit.append(new AuditEvent(
                    silence.author(),
                    "silence.create",
                    silence.tenant(),
                    "silence:" + silence.id(),
                    Map.of(
                            "matchers", silence.matchers(),
                            "startsAt", silence.startsAt().toString(),
                            "endsAt", silence.endsAt().toString(),
                            "reason", silence.reason())));
        });
    }

    public void add(MuteWindow window) {
        aggregates.insert(window);
    }

    public void change(MuteWindow window) {
        aggregates.update(window);
    }

    public void remove(MuteWindow window) {
        aggregates.delete(window);
    }

    /** The tenant's mute windows by name. */
    public List<MuteWindow> muteWindows(String tenant) {
        return muteWindows.findByTenantOrderByName(tenant);
    }

    public void add(Inhibition inhibition) {
        aggregates.insert(inhibition);
    }

    public void remove(Inhibition inhibition) {
        aggregates.delete(inhibition);
    }

    public List<Inhibition> inhibitions(String tenant) {
        return inhibitions.findByTenantOrderById(tenant);
    }

    /** Those that have not ended at that time, the first to end first. */
    public List<Silence> open(String tenant, Instant now) {
        return silences.findByTenantAndEndsAtAfterOrderByEndsAt(tenant, now);
    }

    /** The tenants with a silence that is about to end: see {@link Silence#isEnding}. */
    public List<String> ending(Instant now) {
        return silences.findByEndsAtBetween(now, now.plus(Silence.REMINDER)).stream()
                .filter(silence -> silence.isEnding(now))
                .map(Silence::tenant)
                .distinct()
                .toList();
    }

    /** Forgets silences that ended before that time. Returns how many. */
    public int forget(Instant before) {
        return silences.deleteEndedBefore(before);
    }

    /** Ends a silence now, and puts it on record. Returns false if there was none that had not ended. */
    public boolean end(String tenant, UUID silence, String by, Instant now) {
        return transactions.execute(status -> {
            boolean ended = silences.expire(tenant, silence, now) > 0;
            if (ended) {
                audit.append(new AuditEvent(by, "silence.end", tenant, "silence:" + silence, Map.of()));
            }
            return ended;
        });
    }

    public Quiet quiet(String tenant, Instant now) {
        return new Quiet(open(tenant, now), muteWindows(tenant), inhibitions(tenant));
    }
}
