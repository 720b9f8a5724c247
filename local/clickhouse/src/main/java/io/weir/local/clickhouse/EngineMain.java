package io.weir.local.clickhouse;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Hosts the engine as a server in this process, until SIGTERM, the end of the engine, or the end of the watched process.
 *
 * <p>Arguments: the library, the process to watch (0 for none), then clickhouse-local's own.
 */
public final class EngineMain {

    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int RTLD_NOW = 2;
    private static final long ENGINE_STACK_BYTES = 16L << 20;
    private static final long STOP_SECONDS = 20;

    @SuppressWarnings("checkstyle:MethodName") // named as libc names them
    private interface LibC extends Library {
        int setsid();

        int setpgid(int pid, int group);

        int posix_openpt(int flags);

        int grantpt(int file);

        int unlockpt(int file);

        String ptsname(int file);

        int open(String path, int flags);

        int dup2(int from, int to);

        NativeLong write(int file, byte[] bytes, NativeLong length);

        void _exit(int code);
    }

    private static final LibC LIBC = Native.load("c", LibC.class);

    private EngineMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        // SYSTEM SHUTDOWN and the like signal the whole process group: it must be ours alone.
        if (LIBC.setsid() < 0) {
            LIBC.setpgid(0, 0);
        }
        int terminal = takeTerminalAsInput();

        NativeLibrary engine = NativeLibrary.getInstance(arguments[0], Map.of(Library.OPTION_OPEN_FLAGS, RTLD_NOW));
        // First of all calls: the engine's handlers would replace the JVM's own for SIGSEGV, and the JVM would die of
        // it.
        engine.getFunction("chdb_set_signal_handlers_enabled").invoke(void.class, new Object[] {0});

        List<String> commandLine = new ArrayList<>(List.of("clickhouse"));
        commandLine.addAll(Arrays.asList(arguments).subList(2, arguments.length));
        AtomicBoolean stopping = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        Thread host =
                new Thread(null, () -> run(engine, commandLine, stopping, ended), "clickhouse", ENGINE_STACK_BYTES);
        Runnable stop = () -> stop(terminal, stopping, ended);
        Runtime.getRuntime().addShutdownHook(new Thread(stop, "stop"));
        long watched = Long.parseLong(arguments[1]);
        if (watched > 0) {
            ProcessHandle.of(watched)
                    .ifPresentOrElse(process -> process.onExit().thenRun(stop), stop);
        }
        host.start();
        host.join();
    }

    /**
     * A terminal as standard input makes the engine interactive: it waits for commands, and unlike in batch mode it does
     * not end the process on a malformed connection.
     */
    private static int takeTerminalAsInput() {
        int terminal = LIBC.posix_openpt(O_RDWR | O_NOCTTY);
        if (terminal < 0 || LIBC.grantpt(terminal) != 0 || LIBC.unlockpt(terminal) != 0) {
            throw new IllegalStateException("there is no pseudo-terminal to be had");
        }
        int input = LIBC.open(LIBC.ptsname(terminal), O_RDWR | O_NOCTTY);
        if (input < 0 || LIBC.dup2(input, 0) != 0) {
            throw new IllegalStateException("the pseudo-terminal could not be opened");
        }
        return terminal;
    }

    private static void run(
            NativeLibrary engine, List<String> commandLine, AtomicBoolean stopping, CountDownLatch ended) {
        try {
            Pointer result = (Pointer) engine.getFunction("chdb_query_cmdline")
                    .invoke(Pointer.class, new Object[] {commandLine.size(), commandLine.toArray(new String[0])});
            String error = errorOf(engine, result);
            if (error != null) {
                System.err.println("ClickHouse: " + error);
            }
        } finally {
            ended.countDown();
            System.err.flush();
            // Not System.exit: the engine's static destructors may abort.
            LIBC._exit(stopping.get() ? 0 : 3);
        }
    }

    private static @Nullable String errorOf(NativeLibrary engine, @Nullable Pointer result) {
        return result == null
                ? "no result"
                : (String) engine.getFunction("chdb_result_error").invoke(String.class, new Object[] {result});
    }

    private static void stop(int terminal, AtomicBoolean stopping, CountDownLatch ended) {
        if (!stopping.compareAndSet(false, true)) {
            return;
        }
        byte[] exit = "exit\n".getBytes(StandardCharsets.US_ASCII);
        LIBC.write(terminal, exit, new NativeLong(exit.length));
        try {
            if (!ended.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("ClickHouse did not stop in " + STOP_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LIBC._exit(0);
    }
}
