package io.weir.task;

import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.JobExecution;

/** How a run ended, as its exit code tells it. */
public enum TaskOutcome {
    /** All of the work is done. */
    SUCCESS(0),
    /** It ended early; a restart goes on from where it stopped. */
    FAILED(1),
    /** It came to its end, but not for every part of the work, such as one rule of many. */
    PARTIAL(3);

    private final int exitCode;

    TaskOutcome(int exitCode) {
        this.exitCode = exitCode;
    }

    /** The exit code of the process. */
    public int exitCode() {
        return exitCode;
    }

    /**
     * The exit status for a step that ends so: what {@code StepExecutionListener.afterStep} returns. One partial step makes the
     * whole run partial; the steps after it run all the same.
     *
     * @param description what was left undone, for a person
     */
    public ExitStatus exitStatus(String description) {
        return switch (this) {
            case SUCCESS -> new ExitStatus(ExitStatus.COMPLETED.getExitCode(), description);
            case FAILED -> new ExitStatus(ExitStatus.FAILED.getExitCode(), description);
            case PARTIAL -> new ExitStatus(name(), description);
        };
    }

    /** The outcome of a job that has ended. */
    public static TaskOutcome of(JobExecution execution) {
        if (execution.getStatus() != BatchStatus.COMPLETED) {
            return FAILED;
        }
        boolean partial = isPartial(execution.getExitStatus())
                || execution.getStepExecutions().stream().anyMatch(step -> isPartial(step.getExitStatus()));
        return partial ? PARTIAL : SUCCESS;
    }

    private static boolean isPartial(ExitStatus status) {
        return status.getExitCode().equals(PARTIAL.name());
    }
}
