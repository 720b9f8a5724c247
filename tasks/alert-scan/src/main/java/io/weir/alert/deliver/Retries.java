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

    /**
     * The wait after failed attempts.
     *
     * @param attempts that have failed, at least 1
     * @param asked how long the channel asks to be left alone; more than the longest wait is not granted
     */
    Duration after(int attempts, Duration asked) {
        Duration usual = usual(attempts);
        return isLonger(asked, usual) ? shorter(asked, most) : usual;
    }

    /** Whether the fallback is to be used: it does not wait for a channel that asks to be left alone for longer than usual. */
    boolean needFallback(int attempts, Duration asked) {
        return attempts >= fallbackAfter || isLonger(asked, usual(attempts));
    }

    private Duration usual(int attempts) {
        return shorter(first.multipliedBy(1L << Math.min(attempts - 1, 20)), most);
    }

    private static Duration shorter(Duration one, Duration other) {
        return isLonger(one, other) ? other : one;
    }

    private static boolean isLonger(Duration one, Duration other) {
        return one.compareTo(other) > 0;
    }
}
