package io.weir.alert.deliver;

import java.time.Duration;

/**
 * When to try again.
 *
 * @param first the wait after the first failure; each further one is twice as long
 * @param most the longest wait
 * @param giveUpAfter since the notice was made
 * @param fallbackAfter how many failures until the fallback channel is used
 */
public record Retries(Duration first, Duration most, Duration giveUpAfter, int fallbackAfter) {

    /** @param attempts that have failed, at least 1 */
    Duration after(int attempts) {
        Duration wait = first.multipliedBy(1L << Math.min(attempts - 1, 20));
        return wait.compareTo(most) > 0 ? most : wait;
    }
}
