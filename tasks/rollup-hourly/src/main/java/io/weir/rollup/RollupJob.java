package io.weir.rollup;

import io.weir.task.CurrentStep;
import io.weir.task.JobLock;
import io.weir.task.KnownParameters;
import io.weir.task.TaskOutcome;
import io.weir.warehouse.Warehouse;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.batch.infrastructure.support.transaction.ResourcelessTransactionManager;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.transaction.PlatformTransactionManager;

/** The job and its steps: prepare, plan, drop, hours, days, summaries, weeks, years, all-time, reconcile, complete. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RollupProperties.class)
class RollupJob {

    private static final String FROM = "weir.rollup.from";
    private static final String TO = "weir.rollup.to";

    private static final Logger LOG = LoggerFactory.getLogger(RollupJob.class);

    // In the context of the job, so that a restart has them.
    private static final String PLAN = "plan";
    private static final String UNTIL = "until";
    private static final String LEFT_OUT = "left-out";
    // In the context of a partition.
    private static final String DAY = "day";
    private static final String HOURS = "hours";
    private static final String NEWEST = "newest";
    private static final String DERIVED = "derived";

    private final JobRepository repository;
    private final RollupProperties properties;
    private final Statements statements;
    private final Ledger ledger;
    private final Planner planner;
    private final Workbench workbench;
    private final Reconciliation reconciliation;
    /** Steps write to ClickHouse only, which has no transactions. */
    private final PlatformTransactionManager none = new ResourcelessTransactionManager();

    RollupJob(JobRepository repository, RollupProperties properties, Warehouse warehouse, JobLock locks) {
        this.repository = repository;
        this.properties = properties;
        this.statements = new Statements(warehouse, properties.memory());
        this.ledger = new Ledger(statements);
        this.planner = new Planner(statements, ledger, properties.settle());
        this.workbench = new Workbench(statements, warehouse, locks);
        this.reconciliation = new Reconciliation(statements, ledger);
    }

    @Bean
    Job job() {
        return new JobBuilder("rollup-hourly", repository)
                .validator(KnownParameters.of(FROM, TO))
                .start(prepare())
                .next(plan())
                .next(drop())
                .next(partitioned("hours", this::plannedDays, this::recomputeHours))
                .next(derived("days", Derivation.DAY))
                .next(derived("summaries", Derivation.SUMMARY))
                .next(derived("weeks", Derivation.WEEK))
                .next(derived("years", Derivation.YEAR))
                .next(derived("all-time", Derivation.ALL))
                .next(partitioned("reconcile", this::recomputedDays, this::reconcileDay))
                .next(complete())
                .build();
    }

    /** Puts an end to what a killed run has left; so at a restart too. */
    private Step prepare() {
        return new StepBuilder("prepare", repository)
                .tasklet(
                        (contribution, chunk) -> {
                            workbench.clear();
                            return RepeatStatus.FINISHED;
                        },
                        none)
                .allowStartIfComplete(true)
                .build();
    }

    private Step plan() {
        return new StepBuilder("plan", repository)
                .tasklet(
                        (contribution, chunk) -> {
                            StepExecution step = contribution.getStepExecution();
                            Planner.Found found = find(step.getJobParameters());
                            ExecutionContext context = step.getJobExecution().getExecutionContext();
                            context.putString(PLAN, found.plan().toString());
                            context.putString(LEFT_OUT, found.leftOut());
                            Instant until = found.until();
                            context.putString(UNTIL, until == null ? "" : until.toString());
                            step.setReadCount(found.plan().hourCount());
                            LOG.info(
                                    "{} hours of {} days to recompute",
                                    found.plan().hourCount(),
                                    found.plan().days().size());
                            return RepeatStatus.FINISHED;
                        },
                        none)
                .listener(new StepExecutionListener() {
                    @Override
                    public @Nullable ExitStatus afterStep(StepExecution step) {
                        String leftOut = text(step, LEFT_OUT);
                        return leftOut.isEmpty() ? step.getExitStatus() : TaskOutcome.PARTIAL.exitStatus(leftOut);
                    }
                })
                .build();
    }

    private Step drop() {
        return new StepBuilder("drop", repository)
                .tasklet(
                        (contribution, chunk) -> {
                            StepExecution step = contribution.getStepExecution();
                            step.setWriteCount(new DroppedDays(statements, workbench, ledger)
                                    .dropSummaries(step.getJobExecutionId()));
                            return RepeatStatus.FINISHED;
                        },
                        none)
                .build();
    }

    private Planner.Found find(JobParameters parameters) {
        String from = parameters.getString(FROM, properties.from());
        String to = parameters.getString(TO, properties.to());
        boolean everything = isEmpty(from) && isEmpty(to);
        return everything ? planner.dirty() : planner.all(HourRange.of(from == null ? "" : from, to == null ? "" : to));
    }

    private void recomputeHours(StepExecution step) {
        HourRollup.Done done = new HourRollup(statements, workbench, ledger, planner)
                .recompute(day(step), hours(step), step.getId(), step.getJobExecutionId());
        step.setReadCount(done.events());
        step.setWriteCount(done.rows());
        LOG.info("{}: {} events to {} rows", day(step), done.events(), done.rows());
    }

    private Step derived(String name, Derivation derivation) {
        return partitioned(
                name,
                step -> derivation.dirty(statements).entrySet().stream()
                        .collect(Collectors.toMap(
                                unit -> derivation.partition(unit.getKey()),
                                unit -> {
                                    ExecutionContext context = new ExecutionContext();
                                    context.putString(DAY, unit.getKey().toString());
                                    context.putString(NEWEST, unit.getValue().toString());
                                    return context;
                                },
                                (one, other) -> one,
                                LinkedHashMap::new)),
                step -> step.setWriteCount(derivation.recompute(
                        day(step),
                        Instant.parse(step.getExecutionContext().getString(NEWEST)),
                        step.getId(),
                        step.getJobExecutionId(),
                        statements,
                        workbench,
                        ledger)));
    }

    private void reconcileDay(StepExecution step) {
        long compared = reconciliation.checkHours(day(step), hours(step));
        for (String derived : step.getExecutionContext().getString(DERIVED, "").split(",")) {
            if (!derived.isEmpty()) {
                Derivation derivation = Derivation.valueOf(derived);
                if (reconciliation.checkDerived(derivation, derivation.start(day(step)))) {
                    compared++;
                }
            }
        }
        step.setReadCount(compared);
    }

    private Step complete() {
        return new StepBuilder("complete", repository)
                .tasklet(
                        (contribution, chunk) -> {
                            StepExecution step = contribution.getStepExecution();
                            String until = text(step, UNTIL);
                            ledger.complete(
                                    until.isEmpty() ? ledger.complete().orElse(Instant.EPOCH) : Instant.parse(until),
                                    step.getJobExecutionId(),
                                    statements.now());
                            return RepeatStatus.FINISHED;
                        },
                        none)
                .build();
    }

    private interface Partitions {
        Map<String, ExecutionContext> of(StepExecution step);
    }

    private interface Work {
        void on(StepExecution partition);
    }

    private Map<String, ExecutionContext> plannedDays(StepExecution step) {
        return days(Plan.parse(text(step, PLAN)));
    }

    /** What a run that came to no end has made is among it: it may not have been compared. What was derived is with its first day. */
    private Map<String, ExecutionContext> recomputedDays(StepExecution step) {
        Map<String, ExecutionContext> partitions = days(Plan.of(ledger.hoursSinceComplete()));
        for (Derivation derivation : Derivation.values()) {
            for (LocalDate start : ledger.derivedSinceComplete(derivation)) {
                ExecutionContext context =
                        partitions.computeIfAbsent(Derivation.DAY.partition(start), any -> context(start, List.of()));
                context.putString(DERIVED, context.getString(DERIVED, "") + derivation + ",");
            }
        }
        return partitions;
    }

    private static Map<String, ExecutionContext> days(Plan plan) {
        Map<String, ExecutionContext> partitions = new LinkedHashMap<>();
        plan.days().forEach((day, hours) -> partitions.put(Derivation.DAY.partition(day), context(day, hours)));
        return partitions;
    }

    private static ExecutionContext context(LocalDate day, List<Integer> hours) {
        ExecutionContext context = new ExecutionContext();
        context.putString(DAY, day.toString());
        context.putString(HOURS, Plan.text(hours));
        return context;
    }

    /** A step of a partition for each unit, each with its row in Data Flow's list of steps. */
    private Step partitioned(String name, Partitions partitions, Work work) {
        Step worker = new StepBuilder(name, repository)
                .tasklet(
                        (contribution, chunk) -> {
                            work.on(contribution.getStepExecution());
                            return RepeatStatus.FINISHED;
                        },
                        none)
                .build();
        SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor(name + "-");
        threads.setConcurrencyLimit(properties.threads());
        CurrentStep current = new CurrentStep();
        return new StepBuilder(name, repository)
                .partitioner(name, gridSize -> partitions.of(current.get()))
                .step(worker)
                .taskExecutor(threads)
                .gridSize(properties.threads())
                .listener(current)
                .build();
    }

    private static LocalDate day(StepExecution partition) {
        return LocalDate.parse(partition.getExecutionContext().getString(DAY));
    }

    private static List<Integer> hours(StepExecution partition) {
        return Plan.hours(partition.getExecutionContext().getString(HOURS));
    }

    private static String text(StepExecution step, String key) {
        return step.getJobExecution().getExecutionContext().getString(key, "");
    }

    private static boolean isEmpty(@Nullable String text) {
        return text == null || text.isEmpty();
    }
}
