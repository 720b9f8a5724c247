package io.weir.alert.evaluate;

import io.weir.metadata.alert.Alerts;
import io.weir.metadata.alert.Evaluation;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rules;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.scope.context.ChunkContext;
import org.springframework.batch.core.step.StepContribution;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;

/**
 * The first step: asks ClickHouse for every window that is due, and stores what it says. A rule that fails is stored as failed.
 *
 * <p>Counts: read, the rules; written, the windows; skipped in processing, the rules that failed.
 */
public class EvaluateTasklet implements Tasklet {

    private static final Logger log = LoggerFactory.getLogger(EvaluateTasklet.class);
    private static final int RULES_PER_COMMIT = 100;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final Evaluator evaluator;
    private final Rules rules;
    private final Alerts alerts;
    private final Clock clock;
    private final Duration delay;
    private final int concurrency;

    public EvaluateTasklet(
            Evaluator evaluator, Rules rules, Alerts alerts, Clock clock, Duration delay, int concurrency) {
        this.evaluator = evaluator;
        this.rules = rules;
        this.alerts = alerts;
        this.clock = clock;
        this.delay = delay;
        this.concurrency = concurrency;
    }

    @Override
    public RepeatStatus execute(StepContribution contribution, ChunkContext context) throws InterruptedException {
        if (!rules.enabled().isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(wait(clock.instant(), delay).toMillis());
        }
        // As they are now: they may have been changed meanwhile.
        List<Rules.Progress> enabled = rules.enabled();
        ExecutorService pool = Executors.newFixedThreadPool(concurrency);
        try {
            store(evaluating(enabled, pool, contribution), contribution);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a rule could not be evaluated", e.getCause());
        } finally {
            pool.shutdownNow();
        }
        return RepeatStatus.FINISHED;
    }

    private List<Future<List<Evaluation>>> evaluating(
            List<Rules.Progress> enabled, ExecutorService pool, StepContribution contribution) {
        Instant now = clock.instant().minus(delay);
        Map<UUID, Instant> waiting = new HashMap<>();
        alerts.waiting().forEach(evaluation -> waiting.put(evaluation.rule(), evaluation.at()));
        List<Future<List<Evaluation>>> running = new ArrayList<>();
        for (Rules.Progress progress : enabled) {
            Rule rule = progress.rule();
            Instant until = later(progress.evaluatedUntil(), waiting.get(rule.id()));
            List<Instant> due = evaluator.due(rule, until, now);
            contribution.incrementReadCount();
            if (!due.isEmpty()) {
                running.add(pool.submit(() -> evaluator.evaluate(rule, due)));
            }
        }
        return running;
    }

    /** Commits every {@value #RULES_PER_COMMIT} rules, so that what a run that is killed has asked for is not all lost. */
    private void store(List<Future<List<Evaluation>>> running, StepContribution contribution)
            throws ExecutionException, InterruptedException {
        int failed = 0;
        for (int from = 0; from < running.size(); from += RULES_PER_COMMIT) {
            List<Evaluation> done = new ArrayList<>();
            for (Future<List<Evaluation>> one :
                    running.subList(from, Math.min(from + RULES_PER_COMMIT, running.size()))) {
                List<Evaluation> evaluations = one.get();
                done.addAll(evaluations);
                Evaluation first = evaluations.get(0);
                if (first.error() != null) {
                    failed++;
                    contribution.incrementProcessSkipCount();
                    log.warn("rule {} could not be evaluated: {}", first.rule(), first.error());
                }
            }
            alerts.evaluated(done);
            contribution.incrementWriteCount(done.size());
        }
        log.info("evaluated {} rules, {} failed", running.size(), failed);
    }

    /**
     * How long a scan that starts soon after a minute waits until the windows that ended with it may be evaluated: left to the next
     * scan, people would be told a minute later.
     */
    static Duration wait(Instant now, Duration delay) {
        Duration left =
                Duration.between(now, now.truncatedTo(ChronoUnit.MINUTES).plus(delay));
        if (left.isNegative() || left.isZero() || delay.compareTo(LONGEST_WAIT) > 0) {
            return Duration.ZERO;
        }
        // In whole milliseconds, as one sleeps: a part of one too early, and the minute is not over.
        return Duration.ofMillis(left.plusNanos(999_999).toMillis());
    }

    private static @Nullable Instant later(@Nullable Instant a, @Nullable Instant b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.isAfter(b) ? a : b;
    }
}
