package io.weir.warehouse;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A request's body, given up when no write ends for the patience: a read timeout does not cover writes, and a server that
 * hangs in the middle of a body would otherwise hold its client for as long as TCP does.
 */
final class WatchedOutput extends FilterOutputStream {

    /** Nothing was taken from the body for too long. */
    static final class StalledException extends IOException {
        private static final long serialVersionUID = 1;

        StalledException(Duration patience, IOException cause) {
            super("nothing of the request was taken for " + patience.toMillis() + " ms", cause);
        }
    }

    private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "clickhouse-watch");
        thread.setDaemon(true);
        return thread;
    });

    private final HttpURLConnection http;
    private final Duration patience;
    private final ScheduledFuture<?> watch;

    /** When the write under way began; 0 between writes. */
    private volatile long began;

    private volatile boolean cut;

    WatchedOutput(HttpURLConnection http, Duration patience) throws IOException {
        super(http.getOutputStream());
        this.http = http;
        this.patience = patience;
        long interval = Math.max(1, patience.toMillis() / 4);
        this.watch = WATCH.scheduleWithFixedDelay(this::look, interval, interval, TimeUnit.MILLISECONDS);
    }

    private void look() {
        long since = began;
        if (since != 0 && !cut && System.nanoTime() - since > patience.toNanos()) {
            cut = true;
            http.disconnect();
        }
    }

    private interface Write {
        void run() throws IOException;
    }

    private void watched(Write write) throws IOException {
        began = System.nanoTime() | 1;
        try {
            write.run();
        } catch (IOException e) {
            throw cut ? new StalledException(patience, e) : e;
        } finally {
            began = 0;
        }
    }

    @Override
    public void write(int b) throws IOException {
        watched(() -> out.write(b));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        watched(() -> out.write(bytes, offset, length));
    }

    @Override
    public void flush() throws IOException {
        watched(out::flush);
    }

    @Override
    public void close() throws IOException {
        try {
            watched(out::close);
        } finally {
            watch.cancel(false);
        }
    }
}
