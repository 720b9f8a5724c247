package io.weir.processor.enrich.log;

import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Rejection;
import org.jspecify.annotations.Nullable;

/** How far from its reception a line's time may be, the same as for events. */
final class TimestampLimits {
    private final EventLimits limits;
    private final long maximumAhead;

    TimestampLimits(EventLimits limits) {
        this.limits = limits;
        maximumAhead = limits.maxAhead().toMillis();
    }

    /** @param offset where the time stands in the line */
    @Nullable
    Rejection check(long timestamp, long receivedAt, int offset) {
        @Nullable Rejection rejection = EventReader.timeRejection(timestamp, receivedAt, limits);
        return rejection == null
                ? null
                : new Rejection(rejection.reason(), rejection.field(), rejection.detail(), offset);
    }

    boolean isAhead(long timestamp, long receivedAt) {
        return timestamp > receivedAt + maximumAhead;
    }
}
