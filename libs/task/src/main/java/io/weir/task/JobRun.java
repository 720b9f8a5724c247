package io.weir.task;

import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.converter.DefaultJobParametersConverter;
import org.springframework.batch.core.job.AbstractJob;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.parameters.InvalidJobParametersException;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.listener.JobExecutionListener;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ExitCodeEvent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.util.StringUtils;

/**
 * Runs the job once.
 *
 * <p>Arguments {@code key=value} are its parameters. A run without the parameter {@code run} gets one of its own, so that it is a
 * new one; a restart brings that of the run that it goes on with.
 */
final class JobRun implements ApplicationRunner {

    static final String RUN = "run";

    /** Names the lock that a run holds, for others to see whether its process lives; not part of what makes it this run. */
    static final String LOCK = "weir.lock";

    private static final Logger LOG = LoggerFactory.getLogger(JobRun.class);

    private final Job job;
    private final JobOperator operator;
    private final JobRepository repository;
    private final JobLock lock;
    private final StaleRuns staleRuns;
    private final RunRecord record;
    private final ApplicationEventPublisher events;
    private final Duration stopWait;
    private final @Nullable ProcessEnd end;
    private volatile @Nullable JobExecution execution;

    /** @param end if the process is to stop with care on SIGTERM; null if somebody else sees to it */
    JobRun(
            Job job,
            JobOperator operator,
            JobRepository repository,
            JobLock lock,
            StaleRuns staleRuns,
            RunRecord record,
            ApplicationEventPublisher events,
            Duration stopWait,
            @Nullable ProcessEnd end) {
        this.job = job;
        this.operator = operator;
        this.repository = repository;
        this.lock = lock;
        this.staleRuns = staleRuns;
        this.record = record;
        this.events = events;
        this.stopWait = stopWait;
        this.end = end;
        if (job instanceof AbstractJob listened) {
            listened.registerJobExecutionListener(new JobExecutionListener() {
                @Override
                public void beforeJob(JobExecution started) {
                    execution = started;
                }
            });
        }
    }

    @Override
    public void run(ApplicationArguments arguments) throws Exception {
        JobParameters parameters = parameters(arguments);
        ProcessEnd recorded = end;
        if (recorded != null) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(recorded), "stop"));
        }
        try (JobLock.Held held = lock.take(job.getName())) {
            staleRuns.end(job.getName());
            LOG.info("{} with {}", held, parameters);
            record.ended(operator.start(job, parameters));
        } catch (JobIsRunningException | InvalidJobParametersException e) {
            record.refused(e.getMessage() == null ? "" : e.getMessage());
        }
        if (record.outcome() == TaskOutcome.SUCCESS) {
            LOG.info("{}", record.message());
        } else {
            LOG.error("{}", record.message());
        }
        // Cloud Task records this one; without it, every run that throws nothing counts as a success.
        events.publishEvent(new ExitCodeEvent(this, record.getExitCode()));
    }

    private JobParameters parameters(ApplicationArguments arguments) {
        Properties given = StringUtils.splitArrayElementsIntoProperties(
                arguments.getNonOptionArgs().toArray(new String[0]), "=");
        JobParameters parameters =
                new DefaultJobParametersConverter().getJobParameters(given == null ? new Properties() : given);
        JobParametersBuilder all = new JobParametersBuilder(parameters).addString(LOCK, job.getName(), false);
        if (parameters.getParameter(RUN) == null) {
            all.addString(
                    RUN,
                    record.taskExecution() > 0
                            ? Long.toString(record.taskExecution())
                            : "at-" + System.currentTimeMillis());
        }
        return all.toJobParameters();
    }

    /**
     * On SIGTERM, which is how Data Flow and Kubernetes stop a task: lets the job stop where it can be restarted, and holds the
     * process until that is recorded.
     */
    private void stop(ProcessEnd recorded) {
        JobExecution running = execution;
        if (running == null || !running.isRunning()) {
            return;
        }
        try {
            // As Data Flow's stop does it: the run reads this when it records its next chunk or step. Batch's own stop
            // records the
            // end at once, while the chunk is still at work.
            JobExecution recordedSoFar = Objects.requireNonNull(repository.getJobExecution(running.getId()));
            recordedSoFar.setStatus(BatchStatus.STOPPING);
            repository.update(recordedSoFar);
            if (!recorded.await(stopWait)) {
                LOG.warn("The job did not stop within {}; its next run will record that it was left behind", stopWait);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("The job could not be told to stop", e);
        }
    }
}
