package io.weir.retention;

import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.retention.RetentionHolds;
import io.weir.metadata.retention.RetentionPolicies;
import io.weir.task.CurrentStep;
import io.weir.task.JobLock;
import io.weir.task.KnownParameters;
import io.weir.task.TaskOutcome;
import io.weir.warehouse.Warehouse;
import java.time.Duration;
import java.util.Arrays;
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
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.transaction.PlatformTransactionManager;

/** The job and its steps: prepare, plan, archive, verify, drop, restore, views. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RetentionProperties.class)
class RetentionJob {

    private static final String DRY_RUN = "weir.retention.dry-run";
    private static final String RESTORE = "weir.retention.restore";
    private static final String RESTORE_FOR = "weir.retention.restore-for";

    private static final Logger LOG = LoggerFactory.getLogger(RetentionJob.class);

    // In the context of the job, so that a restart has it.
    private static final String PLAN = "plan";
    // In the contexts of steps.
    private static final String ITEM = "item";
    private static final String SAID = "said";
    private static final String LEFT_OUT = "left-out";
    /** Batch keeps 2,500 characters. */
    private static final int LONGEST_MESSAGE = 1500;

    private final JobRepository repository;
    private final RetentionProperties properties;
    private final Statements statements;
    private final Planner planner;
    private final Purge purge;
    private final Restore restore;
    private final Recovery recovery;
    private final ArchiveViews views;
    /** Steps write to ClickHouse, which has no transactions, and to the audit log in one of its own. */
    private final PlatformTransactionManager none = new ResourcelessTransactionManager();

    RetentionJob(
            JobRepository repository,
            RetentionProperties properties,
            Warehouse warehouse,
            RetentionPolicies policies,
            RetentionHolds holds,
            AuditLog audit,
            JobLock locks) {
        this.repository = repository;
        this.properties = properties;
        this.statements = new Statements(warehouse);
        Archive archive = new Archive(properties);
        Manifest manifest = new Manifest(statements);
        Workbench workbench = new Workbench(statements, locks);
        Rollups rollups = new Rollups(statements, workbench, locks, properties.rollupWait());
        this.planner = new Planner(statements, policies, holds, rollups);
        this.purge = new Purge(
                statements,
                manifest,
                archive,
                workbench,
                rollups,
                audit,
                properties.settle(),
                properties.rowsPerFile());
        this.restore = new Restore(statements, manifest, archive, workbench, rollups, holds, audit);
        this.recovery = new Recovery(statements, manifest, workbench, rollups, purge, restore);
        this.views = new ArchiveViews(statements, manifest, archive, purge);
    }

    @Bean
    Job job() {
        return new JobBuilder("retention-purge", repository)
                .validator(KnownParameters.of(DRY_RUN, RESTORE, RESTORE_FOR))
                .start(prepare())
                .next(plan())
                .next(partitioned("archive", false, (item, step) -> {
                    long rows = purge.archive(item, step.getJobExecutionId());
                    step.setReadCount(rows);
                    step.setWriteCount(rows);
                }))
                .next(partitioned(
                        "verify",
                        false,
                        (item, step) -> step.setReadCount(purge.verify(item, step.getJobExecutionId()))))
                .next(partitioned("drop", false, this::drop))
                .next(partitioned("restore", true, this::bringBack))
                .next(views())
                .build();
    }

    /** Brings what a killed run has left to an end; so at a restart too. */
    private Step prepare() {
        return new StepBuilder("prepare", repository)
                .tasklet(
                        (contribution, chunk) -> {
                            if (!isDryRun(contribution.getStepExecution().getJobParameters())) {
                                recovery.recover();
                            }
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
                            plan(contribution.getStepExecution());
                            return RepeatStatus.FINISHED;
                        },
                        none)
                .listener(new Message())
                .build();
    }

    private void plan(StepExecution step) {
        JobParameters parameters = step.getJobParameters();
        if (isRestore(parameters)) {
            step.getExecutionContext()
                    .putString(
                            SAID, "restore " + Item.named(restored(parameters)).key());
            return;
        }
        Planner.Found found = planner.find();
        long rows = found.items().stream().mapToLong(Item::rows).sum();
        long bytes = found.items().stream().mapToLong(Item::bytes).sum();
        boolean isDryRun = isDryRun(parameters);
        List<String> lines = found.items().stream().map(Item::describe).toList();
        String summary = (isDryRun ? "dry run: would purge " : "to purge: ")
                + found.items().size() + " partitions, " + rows + " rows, " + bytes + " bytes";
        LOG.info("{}", summary);
        lines.forEach(line -> LOG.info("{}{}", isDryRun ? "would purge " : "to purge: ", line));
        found.leftOut().forEach(line -> LOG.warn("not purged: {}", line));
        step.setReadCount(found.items().size());
        step.getExecutionContext().putString(SAID, shortened(summary, lines));
        if (!found.leftOut().isEmpty()) {
            step.getExecutionContext().putString(LEFT_OUT, shortened("not purged", found.leftOut()));
        }
        if (!isDryRun) {
            step.getJobExecution()
                    .getExecutionContext()
                    .putString(PLAN, found.items().stream().map(Item::text).collect(Collectors.joining("\n")));
        }
    }

    private void drop(Item item, StepExecution step) throws Exception {
        Purge.Dropped dropped = purge.drop(item, step.getJobExecutionId());
        step.setWriteCount(dropped.rows());
        if (dropped.leftOut().isEmpty()) {
            LOG.info("{}: {} rows archived and dropped", item.key(), dropped.rows());
        } else {
            LOG.warn("not purged: {}", dropped.leftOut());
            step.getExecutionContext().putString(LEFT_OUT, "not purged: " + dropped.leftOut());
        }
    }

    private void bringBack(Item item, StepExecution step) throws Exception {
        String keep = step.getJobParameters().getString(RESTORE_FOR);
        Duration duration =
                keep == null || keep.isEmpty() ? properties.restoreFor() : DurationStyle.detectAndParse(keep);
        long rows = restore.restore(item, purge.table(item.table()), duration, step.getJobExecutionId());
        step.setWriteCount(rows);
        String said = rows == 0
                ? item.key() + " is restored already"
                : item.key() + ": " + rows + " rows restored, not to be purged for " + duration;
        LOG.info("{}", said);
        step.getExecutionContext().putString(SAID, said);
    }

    private Step views() {
        return new StepBuilder("views", repository)
                .tasklet(
                        (contribution, chunk) -> {
                            StepExecution step = contribution.getStepExecution();
                            if (!isDryRun(step.getJobParameters())) {
                                step.setWriteCount(views.define());
                            }
                            return RepeatStatus.FINISHED;
                        },
                        none)
                .build();
    }

    private interface Work {
        void on(Item item, StepExecution step) throws Exception;
    }

    /** A step of a partition for each item, each with its row in Data Flow's list of steps. */
    private Step partitioned(String name, boolean isRestore, Work work) {
        // Of the same name, after which its partitions are called.
        Step worker = new StepBuilder(name, repository)
                .tasklet(
                        (contribution, chunk) -> {
                            StepExecution step = contribution.getStepExecution();
                            work.on(Item.parse(step.getExecutionContext().getString(ITEM)), step);
                            return RepeatStatus.FINISHED;
                        },
                        none)
                .listener(new Message())
                .build();
        SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor(name + "-");
        threads.setConcurrencyLimit(properties.threads());
        CurrentStep current = new CurrentStep();
        return new StepBuilder(name, repository)
                .partitioner(name, gridSize -> partitions(current.get(), isRestore))
                .step(worker)
                .taskExecutor(threads)
                .gridSize(properties.threads())
                .listener(current)
                .build();
    }

    private Map<String, ExecutionContext> partitions(StepExecution step, boolean isRestore) {
        Map<String, ExecutionContext> partitions = new LinkedHashMap<>();
        JobParameters parameters = step.getJobParameters();
        List<Item> items;
        if (isRestore) {
            items = isRestore(parameters) ? List.of(Item.named(restored(parameters))) : List.of();
        } else {
            items = Arrays.stream(step.getJobExecution()
                            .getExecutionContext()
                            .getString(PLAN, "")
                            .split("\n"))
                    .filter(line -> !line.isEmpty())
                    .map(Item::parse)
                    .toList();
        }
        items.forEach(item -> {
            ExecutionContext context = new ExecutionContext();
            context.putString(ITEM, item.text());
            partitions.put(item.key(), context);
        });
        return partitions;
    }

    /** Puts what a step has said into its exit message, and makes it partial if something was left out. */
    private static final class Message implements StepExecutionListener {
        @Override
        public @Nullable ExitStatus afterStep(StepExecution step) {
            if (!step.getExitStatus().getExitCode().equals(ExitStatus.COMPLETED.getExitCode())) {
                return step.getExitStatus();
            }
            String said = step.getExecutionContext().getString(SAID, "");
            String leftOut = step.getExecutionContext().getString(LEFT_OUT, "");
            return leftOut.isEmpty()
                    ? TaskOutcome.SUCCESS.exitStatus(said)
                    : TaskOutcome.PARTIAL.exitStatus(leftOut + (said.isEmpty() ? "" : "; " + said));
        }
    }

    private static String shortened(String summary, List<String> lines) {
        StringBuilder text = new StringBuilder(summary);
        for (int i = 0; i < lines.size(); i++) {
            if (text.length() + lines.get(i).length() > LONGEST_MESSAGE) {
                return text.append("; and ")
                        .append(lines.size() - i)
                        .append(" more, which the log names")
                        .toString();
            }
            text.append(i == 0 ? ": " : "; ").append(lines.get(i));
        }
        return text.toString();
    }

    private boolean isDryRun(JobParameters parameters) {
        String given = parameters.getString(DRY_RUN);
        if (given == null) {
            return properties.dryRun();
        }
        if (!given.equals("true") && !given.equals("false")) {
            throw new IllegalArgumentException(DRY_RUN + " is " + given + ": it must be true or false");
        }
        return given.equals("true");
    }

    private boolean isRestore(JobParameters parameters) {
        return !restored(parameters).isEmpty();
    }

    private String restored(JobParameters parameters) {
        String given = parameters.getString(RESTORE);
        return given == null ? properties.restore() : given;
    }
}
