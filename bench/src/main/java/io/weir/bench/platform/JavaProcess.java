package io.weir.bench.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the JDK's own tools tell about a running virtual machine. */
public final class JavaProcess {

    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    private JavaProcess() {}

    /** Used heap in MiB, garbage included; empty if it is no virtual machine or no {@code jcmd} is there. */
    public static OptionalLong heapMebibytes(long pid) {
        String answer = jcmd(pid, "GC.heap_info");
        Matcher used = USED.matcher(answer.lines()
                .filter(line -> !line.contains("Metaspace") && !line.contains("class space"))
                .reduce("", (one, other) -> one + '\n' + other));
        long sum = 0;
        boolean found = false;
        while (used.find()) {
            sum += Long.parseLong(used.group(1));
            found = true;
        }
        return found ? OptionalLong.of(sum / 1024) : OptionalLong.empty();
    }

    /**
     * Starts a flight recording that ends by itself.
     *
     * @return what the virtual machine says to that
     */
    public static String startRecording(long pid, int seconds, Path file) {
        return jcmd(
                pid,
                "JFR.start",
                "name=weir-bench",
                "settings=profile",
                "duration=" + seconds + "s",
                "filename=" + file.toAbsolutePath());
    }

    private static boolean isJava(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "exe"))
                    .endsWith("java");
        } catch (IOException e) {
            return false;
        }
    }

    private static String jcmd(long pid, String... arguments) {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        // What is no virtual machine dies of the signal by which the tool asks for attention.
        if (!Files.isExecutable(tool) || !isJava(pid)) {
            return "";
        }
        List<String> command =
                new ArrayList<>(List.of(tool.toString(), "-J-Xmx32m", "-J-XX:+UseSerialGC", Long.toString(pid)));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor(20, TimeUnit.SECONDS);
            return answer;
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
