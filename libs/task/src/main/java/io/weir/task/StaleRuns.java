package io.weir.task;

import java.time.LocalDateTime;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Gives an end to runs whose process was killed: they are recorded as going on for ever otherwise, and cannot be restarted. To be
 * called by the one that holds the job's lock, so that none of them can be alive.
 */
final class StaleRuns {

    private static final Logger LOG = LoggerFactory.getLogger(StaleRuns.class);
    private static final String WHY = "The process ended without recording its end";
    /** A process takes this long at most from recording its start until it has the lock or has given up. */
    private static final int STARTING_MINUTES = 10;

    private final JobRepository repository;
    private final JdbcClient tasks;
    private final String prefix;
    private final String task;

    StaleRuns(JobRepository repository, JdbcClient tasks, String prefix, String task) {
        if (!prefix.matches("[A-Za-z0-9_.]*")) {
            throw new IllegalArgumentException("spring.cloud.task.table-prefix '" + prefix + "' is not a table's name");
        }
        this.repository = repository;
        this.tasks = tasks;
        this.prefix = prefix;
        this.task = task;
    }

    /** Ends them; returns how many jobs. */
    int end(String job) {
        int ended = 0;
        for (JobExecution execution : List.copyOf(repository.findRunningJobExecutions(job))) {
            LocalDateTime now = LocalDateTime.now();
            for (StepExecution step : List.copyOf(execution.getStepExecutions())) {
                if (step.getStatus().isRunning() || step.getStatus() == BatchStatus.STOPPING) {
                    step.setStatus(BatchStatus.FAILED);
                    step.setExitStatus(ExitStatus.FAILED.addExitDescription(WHY));
                    step.setEndTime(now);
                    repository.update(step);
                }
            }
            execution.setStatus(BatchStatus.FAILED);
            execution.setExitStatus(ExitStatus.FAILED.addExitDescription(WHY));
            execution.setEndTime(now);
            repository.update(execution);
            endTasks("task_execution_id in (select task_execution_id from " + prefix
                    + "TASK_BATCH where job_execution_id = " + execution.getId() + ")");
            LOG.warn(
                    "Job execution {} of {} was left behind by a process that is gone; it can be restarted",
                    execution.getId(),
                    job);
            ended++;
        }
        endTasks("task_name = :task and start_time < localtimestamp - interval '" + STARTING_MINUTES + " minutes'");
        return ended;
    }

    private void endTasks(String which) {
        JdbcClient.StatementSpec update = tasks.sql("update " + prefix
                + "EXECUTION set end_time = localtimestamp, exit_code = 1, error_message = :why,"
                + " last_updated = localtimestamp where end_time is null and start_time is not null and " + which);
        update = update.param("why", WHY);
        if (which.contains(":task")) {
            update = update.param("task", task);
        }
        update.update();
    }
}
