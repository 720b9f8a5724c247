package io.weir.bench.books;

import io.weir.bench.platform.ClickHouse;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Waits until a pipeline has come to rest after its load has ended. */
public final class Drain {

    /** Longer than the longest that an abandoned Kafka transaction holds up its readers. */
    private static final Duration QUIET = Duration.ofSeconds(75);

    private static final Duration SETTLING = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private final Books.Scope scope;
    private final PrintStream out;

    public Drain(Books.Scope scope, PrintStream out) {
        this.scope = scope;
        this.out = out;
    }

    /** Returns once everything that was ingested is stored, or once nothing has been added for {@link #QUIET}. */
    public void await() throws IOException, InterruptedException {
        Books.Ingested ingested = Books.ingested(scope);
        long begin = System.nanoTime();
        long changed = begin;
        long before = -1;
        while (System.nanoTime() - begin < LONGEST.toNanos()) {
            long rows = rows(scope.clickhouse());
            if (rows != before) {
                before = rows;
                changed = System.nanoTime();
            }
            long quiet = System.nanoTime() - changed;
            if (quiet > QUIET.toNanos() || quiet > SETTLING.toNanos() && all(ingested, rows)) {
                break;
            }
            Thread.sleep(1000);
        }
        out.printf(
                Locale.ROOT,
                "At rest %.0f s after the load: %,d records and %,d distinct ids on the ingest topic, %,d rows%n",
                (System.nanoTime() - begin) / 1e9,
                ingested.records(),
                ingested.ids(),
                before);
    }

    private boolean all(Books.Ingested ingested, long rows) throws IOException {
        return scope.merged() ? Books.distinctIdsOfRows(scope) >= ingested.ids() : rows >= ingested.records();
    }

    private static long rows(ClickHouse clickhouse) throws IOException {
        return clickhouse.number("SELECT (SELECT count() FROM weir.events) + (SELECT count() FROM weir.dead_letters)");
    }
}
