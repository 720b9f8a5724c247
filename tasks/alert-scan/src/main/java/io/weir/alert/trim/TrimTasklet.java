package io.weir.alert.trim;

import io.weir.metadata.alert.Alerts;
import io.weir.metadata.notify.Outbox;
import io.weir.metadata.silence.Silences;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.batch.core.scope.context.ChunkContext;
import org.springframework.batch.core.step.StepContribution;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;

/**
 * The last step: forgets what is old. Alerts that have been inactive, and notices that have been sent or given up, for a month;
 * changes of state, attempts to deliver and silences for as long as they are to be kept.
 *
 * <p>Counts: written, the rows that were deleted.
 */
public class TrimTasklet implements Tasklet {

    private static final Duration KEEP_DONE = Duration.ofDays(30);

    private final Alerts alerts;
    private final Outbox outbox;
    private final Silences silences;
    private final Clock clock;
    private final Duration keepHistory;

    public TrimTasklet(Alerts alerts, Outbox outbox, Silences silences, Clock clock, Duration keepHistory) {
        this.alerts = alerts;
        this.outbox = outbox;
        this.silences = silences;
        this.clock = clock;
        this.keepHistory = keepHistory;
    }

    @Override
    public RepeatStatus execute(StepContribution contribution, ChunkContext context) {
        Instant now = clock.instant();
        Instant done = now.minus(KEEP_DONE);
        Instant history = now.minus(keepHistory);
        contribution.incrementWriteCount((long) alerts.forget(done)
                + outbox.forget(done)
                + alerts.forgetHistory(history)
                + outbox.forgetDeliveries(history)
                + silences.forget(history));
        return RepeatStatus.FINISHED;
    }
}
