package io.weir.task;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.StepExecution;

/** Tells a partitioner, which is told nothing, for which step it makes partitions. To be registered as that step's listener. */
public final class CurrentStep implements StepExecutionListener {

    private volatile @Nullable StepExecution step;

    @Override
    public void beforeStep(StepExecution stepExecution) {
        step = stepExecution;
    }

    /**
     * The step that began last.
     *
     * @throws NullPointerException if none has begun
     */
    public StepExecution get() {
        return Objects.requireNonNull(step);
    }
}
