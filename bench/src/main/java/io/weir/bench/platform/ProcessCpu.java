package io.weir.bench.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** CPU time and memory of processes, from {@code /proc}. */
public final class ProcessCpu {

    /** Linux counts CPU time in hundredths of a second towards user space, on every architecture we run on. */
    private static final double TICKS_PER_SECOND = 100;

    private ProcessCpu() {}

    /**
     * CPU seconds, user and system, of a process and of its descendants, those that have ended and were waited for
     * included. 0 if it is gone.
     *
     * @param others members of the same platform: a descendant that is one of them counts there, not here
     */
    public static double seconds(long pid, Set<Long> others) {
        Set<Long> rest = new HashSet<>(others);
        rest.remove(pid);
        return sum(pid, rest);
    }

    /** CPU seconds of a process alone. */
    public static double seconds(long pid) {
        return ticks(pid, false) / TICKS_PER_SECOND;
    }

    private static double sum(long pid, Set<Long> others) {
        double seconds = ticks(pid, true) / TICKS_PER_SECOND;
        Optional<ProcessHandle> handle = ProcessHandle.of(pid);
        if (handle.isPresent()) {
            for (ProcessHandle child : handle.get().children().toList()) {
                if (!others.contains(child.pid())) {
                    seconds += sum(child.pid(), others);
                }
            }
        }
        return seconds;
    }

    private static long ticks(long pid, boolean withEndedChildren) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The name in brackets may hold spaces; what follows it begins with field 3.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long own = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            return withEndedChildren ? own + Long.parseLong(fields[13]) + Long.parseLong(fields[14]) : own;
        } catch (IOException gone) {
            return 0;
        }
    }

    /** Resident memory in MiB; 0 if the process is gone. */
    public static long residentMebibytes(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
                }
            }
            return 0;
        } catch (IOException gone) {
            return 0;
        }
    }
}
