package io.weir.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for servers that are started on them later, and perhaps again.
 *
 * <p>They lie between 10,000 and 19,999: below those that a kernel gives to whoever asks for any, who would take one that is free
 * for a while. None is given twice by a JVM.
 */
public final class FreePorts {

    private static final int FIRST = 10_000;
    private static final int COUNT = 10_000;
    /** JVMs that run side by side begin at different places. */
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 97 % COUNT));

    private FreePorts() {}

    /** @throws IllegalStateException if all have been given */
    public static int next() {
        for (int tries = 0; tries < COUNT; tries++) {
            int port = FIRST + NEXT.getAndIncrement() % COUNT;
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (IOException taken) {
                continue;
            }
        }
        throw new IllegalStateException("no port is free between " + FIRST + " and " + (FIRST + COUNT - 1));
    }
}
