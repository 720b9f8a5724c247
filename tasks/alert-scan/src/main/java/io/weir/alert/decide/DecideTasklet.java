package io.weir.alert.decide;

import io.weir.metadata.alert.Alert;
import io.weir.metadata.alert.AlertState;
import io.weir.metadata.alert.Alerts;
import io.weir.metadata.alert.Evaluation;
import io.weir.metadata.alert.StateMachine;
import io.weir.metadata.alert.Transition;
import io.weir.metadata.notify.Dispatch;
import io.weir.metadata.notify.Outbox;
import io.weir.metadata.notify.Reminders;
import io.weir.metadata.notify.Routing;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rules;
import io.weir.metadata.silence.Quiet;
import io.weir.metadata.silence.Silences;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.scope.context.ChunkContext;
import org.springframework.batch.core.step.StepContribution;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The second step: moves the alerts by what was measured, and writes what is to be told into the outbox, in one transaction for
 * each tenant. A tenant whose transaction fails does not keep the others from theirs; what was measured for it stays.
 *
 * <p>Counts: read, the windows; written, the changes of state and the notices; skipped in processing, the tenants that failed.
 */
public class DecideTasklet implements Tasklet {

    private static final Logger log = LoggerFactory.getLogger(DecideTasklet.class);

    private record Done(int windows, int transitions, int notices) {}

    private final Rules rules;
    private final Alerts alerts;
    private final Silences silences;
    private final Routing routing;
    private final Outbox outbox;
    private final TransactionOperations transactions;
    private final Clock clock;

    public DecideTasklet(
            Rules rules,
            Alerts alerts,
            Silences silences,
            Routing routing,
            Outbox outbox,
            TransactionOperations transactions,
            Clock clock) {
        this.rules = rules;
        this.alerts = alerts;
        this.silences = silences;
        this.routing = routing;
        this.outbox = outbox;
        this.transactions = transactions;
        this.clock = clock;
    }

    @Override
    public RepeatStatus execute(StepContribution contribution, ChunkContext context) {
        Set<String> tenants = new TreeSet<>(alerts.tenants());
        tenants.addAll(silences.ending(clock.instant()));
        int failed = 0;
        RuntimeException last = null;
        for (String tenant : tenants) {
            try {
                Done done = transactions.execute(status -> decide(tenant));
                for (int i = 0; i < done.windows(); i++) {
                    contribution.incrementReadCount();
                }
                contribution.incrementWriteCount(done.transitions() + (long) done.notices());
            } catch (RuntimeException e) {
                failed++;
                last = e;
                contribution.incrementProcessSkipCount();
                log.error("the alerts of tenant {} could not be decided upon", tenant, e);
            }
        }
        if (last != null && failed == tenants.size()) {
            throw last; // nothing could be decided: the run has failed, not a part of it
        }
        return RepeatStatus.FINISHED;
    }

    private Done decide(String tenant) {
        alerts.lock(tenant);
        Instant now = clock.instant();
        Map<UUID, Rule> known = new HashMap<>();
        rules.ofTenant(tenant).forEach(rule -> known.put(rule.id(), rule));
        Map<UUID, List<Alert>> byRule = new LinkedHashMap<>();
        alerts.ofTenant(tenant).forEach(alert -> byRule.computeIfAbsent(alert.rule(), key -> new ArrayList<>())
                .add(alert));
        Map<UUID, List<Evaluation>> undecided = new LinkedHashMap<>();
        alerts.undecided(tenant).forEach(evaluation -> undecided
                .computeIfAbsent(evaluation.rule(), key -> new ArrayList<>())
                .add(evaluation));
        List<Transition> transitions = new ArrayList<>();
        int windows = 0;
        for (Rule rule : known.values()) {
            List<Evaluation> evaluations = undecided.getOrDefault(rule.id(), List.of());
            List<Alert> before = byRule.getOrDefault(rule.id(), List.of());
            StateMachine.Outcome outcome;
            if (!rule.enabled()) {
                if (evaluations.isEmpty() && before.stream().noneMatch(DecideTasklet::isOpen)) {
                    continue;
                }
                outcome = StateMachine.retire(rule, before, now);
                alerts.forgetEvaluations(rule.id(), now);
            } else if (!evaluations.isEmpty()) {
                windows += evaluations.size();
                outcome = replay(rule, before, evaluations);
            } else {
                continue;
            }
            alerts.save(outcome.alerts(), outcome.transitions());
            byRule.put(rule.id(), outcome.alerts());
            transitions.addAll(outcome.transitions());
        }
        int notices = tell(tenant, known, byRule, now);
        return new Done(windows, transitions.size(), notices);
    }

    private StateMachine.Outcome replay(Rule rule, List<Alert> before, List<Evaluation> evaluations) {
        Instant until = rules.lockProgress(rule.id());
        List<Alert> current = before;
        List<Transition> transitions = new ArrayList<>();
        Instant last = evaluations.get(evaluations.size() - 1).at();
        for (Evaluation evaluation : evaluations) {
            if (until != null && !evaluation.at().isAfter(until)) {
                continue; // decided by another run
            }
            StateMachine.Outcome outcome = StateMachine.step(rule, current, evaluation);
            current = outcome.alerts();
            transitions.addAll(outcome.transitions());
        }
        if (until == null || last.isAfter(until)) {
            rules.decided(rule.id(), last);
        }
        alerts.forgetEvaluations(rule.id(), last);
        return new StateMachine.Outcome(current, transitions);
    }

    private int tell(String tenant, Map<UUID, Rule> known, Map<UUID, List<Alert>> byRule, Instant now) {
        List<Dispatch.Subject> subjects = new ArrayList<>();
        byRule.forEach((id, list) -> {
            Rule rule = known.get(id);
            if (rule != null) {
                list.forEach(alert -> subjects.add(new Dispatch.Subject(alert, rule)));
            }
        });
        Dispatch.Directory directory = routing.directory(tenant);
        Quiet quiet = silences.quiet(tenant, now);
        Dispatch.Plan plan = Dispatch.plan(now, tenant, subjects, directory, quiet, routing.groups(tenant));
        routing.save(plan);
        return outbox.add(plan.notices()) + outbox.add(Reminders.due(now, subjects, directory, quiet.silences()));
    }

    private static boolean isOpen(Alert alert) {
        return alert.isFiring() || alert.state() == AlertState.PENDING;
    }
}
