package io.weir.task;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.cloud.task.listener.TaskExecutionListener;
import org.springframework.cloud.task.repository.TaskExecution;

/** What is told of this run: the exit code of the process, and the exit message that Data Flow shows. */
final class RunRecord implements TaskExecutionListener, ExitCodeGenerator {

    private static final int LONGEST_MESSAGE = 2000;

    private volatile TaskOutcome outcome = TaskOutcome.FAILED;
    private volatile @Nullable String message;
    private volatile long taskExecution;

    TaskOutcome outcome() {
        return outcome;
    }

    String message() {
        String text = message;
        return text == null ? "" : text;
    }

    /** The number that Data Flow or Cloud Task gave this run. */
    long taskExecution() {
        return taskExecution;
    }

    void refused(String why) {
        message = why;
    }

    void ended(JobExecution execution) {
        outcome = TaskOutcome.of(execution);
        message = describe(execution);
    }

    @Override
    public void onTaskStartup(TaskExecution task) {
        taskExecution = task.getExecutionId();
    }

    @Override
    public void onTaskEnd(TaskExecution task) {
        String text = message;
        if (text != null) {
            task.setExitMessage(text);
        }
    }

    @Override
    public int getExitCode() {
        return outcome.exitCode();
    }

    private static String describe(JobExecution execution) {
        StringBuilder text = new StringBuilder(execution.getJobInstance().getJobName())
                .append(' ')
                .append(execution.getStatus());
        if (execution.getStartTime() != null && execution.getEndTime() != null) {
            Duration took = Duration.between(execution.getStartTime(), execution.getEndTime());
            text.append(" after %.1f s".formatted(took.toMillis() / 1000.0));
        }
        for (StepExecution step : execution.getStepExecutions()) {
            text.append("; %s %s (read %d, written %d, skipped %d)"
                    .formatted(
                            step.getStepName(),
                            step.getStatus(),
                            step.getReadCount(),
                            step.getWriteCount(),
                            step.getSkipCount()));
            // Of a stack trace, the first line: the log has the rest.
            step.getExitStatus().getExitDescription().lines().findFirst().ifPresent(line -> text.append(": ")
                    .append(line));
        }
        return text.length() > LONGEST_MESSAGE ? text.substring(0, LONGEST_MESSAGE) : text.toString();
    }
}
