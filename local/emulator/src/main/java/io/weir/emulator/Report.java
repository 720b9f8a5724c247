package io.weir.emulator;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The outcome of a load, for people and for scripts. */
final class Report {

    private final Totals totals;

    Report(Totals totals) {
        this.totals = totals;
    }

    String text() {
        StringBuilder text = new StringBuilder(512);
        double seconds = totals.seconds();
        line(
                text,
                "%n%-12s %,14d   events in %.1f s, %,.0f/s, %,.1f MB",
                "sent",
                totals.sent(),
                seconds,
                totals.sent() / seconds,
                totals.bytes() / 1e6);
        line(text, "%-12s %,14d   %,.0f/s", "accepted", totals.accepted(), totals.accepted() / seconds);
        line(text, "%-12s %,14d", "rejected", totals.rejected());
        line(text, "%-12s %,14d   events without a final answer", "unknown", totals.unknown());
        line(
                text,
                "%-12s %,14d   and %,d repeats, of which %,d got no answer",
                "posts",
                totals.posts(),
                totals.retried(),
                totals.unanswered());
        LatencyHistogram latency = totals.latency();
        line(
                text,
                "%-12s p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, max %.1f ms (from the due time to the final answer)",
                "latency",
                latency.quantileMillis(0.5),
                latency.quantileMillis(0.9),
                latency.quantileMillis(0.99),
                latency.maxMillis());
        line(text, "%-12s %s", "answers", totals.statuses());
        line(
                text,
                "%-12s %.1f s of CPU, %.1f us an event",
                "this costs",
                cpuSeconds(),
                cpuSeconds() * 1e6 / Math.max(1, totals.sent()));
        if (!totals.troubles().isEmpty()) {
            line(text, "%-12s %s", "repeated for", totals.troubles());
        }
        if (totals.refusal() != null) {
            line(text, "%-12s %s", "refused", totals.refusal());
        }
        return text.toString();
    }

    String json() {
        LatencyHistogram latency = totals.latency();
        String statuses = totals.statuses().entrySet().stream()
                .map(entry -> "\"" + entry.getKey() + "\":" + entry.getValue())
                .collect(Collectors.joining(",", "{", "}"));
        String troubles =
                totals.troubles().entrySet().stream().map(Report::member).collect(Collectors.joining(",", "{", "}"));
        return String.format(
                Locale.ROOT,
                "{\"seconds\":%.3f,\"sent\":%d,\"accepted\":%d,\"rejected\":%d,\"unknown\":%d,\"posts\":%d,\"retried\":%d,"
                        + "\"unanswered\":%d,\"bytes\":%d,\"events_per_second\":%.1f,\"latency_ms\":{\"p50\":%.3f,\"p90\":%.3f,"
                        + "\"p99\":%.3f,\"max\":%.3f},\"cpu_seconds\":%.2f,\"statuses\":%s,\"troubles\":%s}%n",
                totals.seconds(),
                totals.sent(),
                totals.accepted(),
                totals.rejected(),
                totals.unknown(),
                totals.posts(),
                totals.retried(),
                totals.unanswered(),
                totals.bytes(),
                totals.accepted() / totals.seconds(),
                latency.quantileMillis(0.5),
                latency.quantileMillis(0.9),
                latency.quantileMillis(0.99),
                latency.maxMillis(),
                cpuSeconds(),
                statuses,
                troubles);
    }

    /** CPU time of this whole process, the start of the virtual machine included. */
    private static double cpuSeconds() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toMillis()
                / 1000.0;
    }

    private static String member(Map.Entry<String, Long> entry) {
        String name = entry.getKey().replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ");
        return '"' + name + "\":" + entry.getValue();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
