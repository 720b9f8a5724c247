package io.weir.alert;

import io.weir.task.TaskOutcome;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.StepExecution;

/** A step that left something out has ended, but in part: a rule that failed, a tenant, a notice that was not taken. */
final class PartialOutcome implements StepExecutionListener {

    @Override
    public ExitStatus afterStep(StepExecution step) {
        long skipped = step.getProcessSkipCount() + step.getWriteSkipCount();
        if (step.getStatus() != BatchStatus.COMPLETED || skipped == 0) {
            return step.getExitStatus();
        }
        return TaskOutcome.PARTIAL.exitStatus(step.getStepName() + ": " + skipped
                + switch (step.getStepName()) {
                    case "evaluate" -> " rules could not be evaluated";
                    case "decide" -> " tenants could not be decided upon";
                    default -> " attempts to deliver failed";
                });
    }
}
