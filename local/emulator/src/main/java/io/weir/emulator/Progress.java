package io.weir.emulator;

import java.io.PrintStream;
import java.util.Locale;

/** Rewrites one line of a terminal every second. */
final class Progress implements Load.Observer {

    private final PrintStream out;
    private long shownAt = System.nanoTime();
    private long sentBefore;
    private long acceptedBefore;

    Progress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void tick(Totals totals) {
        long now = System.nanoTime();
        double seconds = (now - shownAt) / 1e9;
        if (seconds < 1) {
            return;
        }
        out.printf(
                Locale.ROOT,
                "\r%6.0f s  sent %,d (%,.0f/s)  accepted %,d (%,.0f/s)  rejected %,d  retried %,d  p50 %.1f ms  p99 %.1f ms   ",
                totals.seconds(),
                totals.sent(),
                (totals.sent() - sentBefore) / seconds,
                totals.accepted(),
                (totals.accepted() - acceptedBefore) / seconds,
                totals.rejected(),
                totals.retried(),
                totals.latency().quantileMillis(0.5),
                totals.latency().quantileMillis(0.99));
        out.flush();
        shownAt = now;
        sentBefore = totals.sent();
        acceptedBefore = totals.accepted();
    }
}
