package io.weir.task;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How a task runs.
 *
 * @param lockWait how long to wait for another run of the same job to end, before this one fails
 * @param stopWait how long a run that is told to stop may take to come to a point where it can, before the process ends
 * @param pushGateway host and port of a Prometheus push gateway that gets the metrics of each run; empty for none
 */
@ConfigurationProperties("weir.task")
public record TaskProperties(
        @DefaultValue("5s") Duration lockWait,
        @DefaultValue("20s") Duration stopWait,
        @DefaultValue("") String pushGateway) {

    /** Well below the time after which a run that has not begun its job counts as gone. */
    private static final Duration LONGEST_LOCK_WAIT = Duration.ofMinutes(5);

    public TaskProperties {
        if (lockWait.compareTo(LONGEST_LOCK_WAIT) > 0) {
            throw new IllegalArgumentException("weir.task.lock-wait is " + lockWait + ": it must be at most 5m");
        }
        if (lockWait.isNegative() || stopWait.isNegative()) {
            throw new IllegalArgumentException(
                    "weir.task." + (lockWait.isNegative() ? "lock-wait" : "stop-wait") + " must not be negative");
        }
    }
}
