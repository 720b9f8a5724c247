package io.weir.retention;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.StepExecution;

/** Tells a partitioner, which is told nothing, for which step it makes partitions. */
final class CurrentStep implements StepExecutionListener {

    private volatile @Nullable StepExecution step;

    @Override
    public void beforeStep(StepExecution stepExecution) {
        step = stepExecution;
    }

    StepExecution get() {
        return Objects.requireNonNull(step);
    }
}
