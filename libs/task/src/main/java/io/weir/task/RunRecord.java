package io.weir.task;

import java.time.Duration;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.cloud.task.listener.TaskExecutionListener;
import org.springframework.cloud.task.repository.TaskExecution;
import org.springframework.core.NestedExceptionUtils;

/** What is told of this run: the exit code of the process, and the exit message that Data Flow shows. */
final class RunRecord implements TaskExecutionListener, ExitCodeGenerator {

    private static final int LONGEST_MESSAGE = 2000;

    private final RunMetrics metrics;
    private volatile TaskOutcome outcome = TaskOutcome.FAILED;
    private volatile @Nullable String message;
    private volatile long taskExecution;

    RunRecord(RunMetrics metrics) {
        this.metrics = metrics;
    }

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
        metrics.push(execution, outcome);
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
        // What went wrong comes first: a job of many steps has more to tell than there is room for.
        execution.getStepExecutions().stream()
                .filter(step ->
                        step.getStatus() != BatchStatus.COMPLETED || !why(step).isEmpty() || hasCounts(step))
                .sorted(Comparator.comparing(step -> why(step).isEmpty()))
                .forEach(step -> text.append("; %s %s (read %d, written %d, skipped %d)%s"
                        .formatted(
                                step.getStepName(),
                                step.getStatus(),
                                step.getReadCount(),
                                step.getWriteCount(),
                                step.getSkipCount(),
                                why(step))));
        return text.length() > LONGEST_MESSAGE ? text.substring(0, LONGEST_MESSAGE) : text.toString();
    }

    private static boolean hasCounts(StepExecution step) {
        return step.getReadCount() + step.getWriteCount() + step.getSkipCount() > 0;
    }

    /** The innermost cause: what is around it is Batch's own. Else what the step itself says. */
    private static String why(StepExecution step) {
        Throwable cause = step.getFailureExceptions().stream()
                .findFirst()
                .map(NestedExceptionUtils::getMostSpecificCause)
                .orElse(null);
        if (cause != null) {
            return ": " + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
        }
        return step.getExitStatus()
                .getExitDescription()
                .lines()
                .findFirst()
                .map(line -> ": " + line)
                .orElse("");
    }
}
