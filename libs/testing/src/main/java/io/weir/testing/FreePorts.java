package io.weir.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Ports for servers that are started on them later, and perhaps again.
 *
 * <p>They lie between 10,000 and 19,999: below those that a kernel gives to whoever asks for any, who would take one that is free
 * for a while. None is given twice by JVMs that live at the same time and share {@code java.io.tmpdir}: each has a row of its own.
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
        throw new IllegalStateException("none of the " + PORTS + " ports before " + end + " is left to this JVM");
    }

    private static void takeRow() {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        int start = ThreadLocalRandom.current().nextInt(ROWS);
        for (int i = 0; i < ROWS && row == null; i++) {
            int number = (start + i) % ROWS;
            row = lock(folder.resolve("weir-ports-" + number + ".lock"));
            next = FIRST + number * PORTS;
            end = next + PORTS;
        }
        if (row == null) {
            throw new IllegalStateException("others hold all locks " + folder.resolve("weir-ports-*.lock"));
        }
    }

    /** @return null if it is somebody else's */
    private static @Nullable FileChannel lock(Path path) {
        try {
            FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (file.tryLock() != null) {
                return file;
            }
            file.close();
            return null;
        } catch (IOException | OverlappingFileLockException e) {
            return null;
        }
    }
}
