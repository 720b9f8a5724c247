package io.weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Ports for servers that are started on them later, and perhaps again.
 *
 * <p>They lie between 10,000 and 19,999: below those that a kernel gives to whoever asks for any, who would take one that is free
 * for a while. None is given twice, be it by JVMs that run side by side: each has a row of its own.
 */
public final class FreePorts {

    private static final int FIRST = 10_000;
    private static final int ROWS = 50;
    private static final int PORTS = 200;

    /** Open for as long as the JVM lives: its lock is what keeps others from the row. */
    private static @Nullable FileChannel row;

    private static int next;
    private static int end;

    private FreePorts() {}

    /** @throws IllegalStateException if all have been given */
    public static synchronized int next() {
        if (row == null) {
            takeRow();
        }
        while (next < end) {
            try (ServerSocket free = new ServerSocket(next++, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (IOException taken) {
                continue;
            }
        }
        throw new IllegalStateException("all " + PORTS + " ports of this JVM have been given");
    }

    private static void takeRow() {
        int start = ThreadLocalRandom.current().nextInt(ROWS);
        try {
            for (int i = 0; i < ROWS; i++) {
                int number = (start + i) % ROWS;
                FileChannel file = FileChannel.open(
                        Path.of(System.getProperty("java.io.tmpdir"), "weir-ports-" + number + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                if (file.tryLock() != null) {
                    row = file;
                    next = FIRST + number * PORTS;
                    end = next + PORTS;
                    return;
                }
                file.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException("other JVMs hold all rows of ports");
    }
}
