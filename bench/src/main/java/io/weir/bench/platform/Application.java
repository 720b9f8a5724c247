package io.weir.bench.platform;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A Java program in a process of its own, with a log of its own. */
public final class Application implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final String name;
    private final Path log;
    private final Process process;

    private Application(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /** Starts an executable jar, unpacked as on the platform: from a packed one some libraries do not load their native code. */
    public static Application ofJar(String name, Path jar, List<String> flags, List<String> arguments, Path directory)
            throws IOException {
        if (!Files.isRegularFile(jar)) {
            throw new IOException("There is no " + jar + "; build the project first (mvn package)");
        }
        List<String> command = new ArrayList<>(flags);
        command.add("-jar");
        command.add(unpacked(jar, directory.resolve(name + "-unpacked")).toString());
        command.addAll(arguments);
        return start(name, command, directory);
    }

    private static Path unpacked(Path jar, Path folder) throws IOException {
        Path application = folder.resolve("app.jar");
        if (!Files.exists(application)) {
            Application tool = start(
                    "unpack",
                    List.of(
                            "-Djarmode=tools",
                            "-jar",
                            jar.toString(),
                            "extract",
                            "--destination",
                            folder.toString(),
                            "--application-filename",
                            "app.jar"),
                    Objects.requireNonNull(folder.getParent()));
            try {
                tool.output(PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        return application;
    }

    /** Starts a main class of this program's own class path. */
    public static Application ofClass(
            String name, Class<?> main, List<String> flags, List<String> arguments, Path directory) throws IOException {
        List<String> command = new ArrayList<>(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return start(name, command, directory);
    }

    private static Application start(String name, List<String> rest, Path directory) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(rest);
        Path log = directory.resolve(name + ".log");
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new Application(name, log, process);
    }

    /** A port on which nothing listens just now. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public long pid() {
        return process.pid();
    }

    /** @throws IOException if the program has ended */
    public void requireAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IOException(name + " ended with " + process.exitValue() + "; its log is " + log);
        }
    }

    /** CPU seconds so far. */
    public double cpuSeconds() {
        return ProcessCpu.seconds(process.pid());
    }

    /**
     * Waits until an address answers with 200.
     *
     * @throws IOException if the program ends before, or does not answer in two minutes
     */
    public void awaitHealthy(URI address) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (process.isAlive() && System.nanoTime() < deadline) {
            try {
                HttpRequest request = HttpRequest.newBuilder(address)
                        .timeout(Duration.ofSeconds(5))
                        .build();
                if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                // Asked again until the deadline.
            }
            // Asked more often, it would take CPU from the start that it waits for.
            Thread.sleep(200);
        }
        throw new IOException(name + " did not become ready; its log is " + log);
    }

    /** Waits for its end and returns what it printed. */
    public String output(Duration patience) throws IOException, InterruptedException {
        if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(name + " failed; its log is " + log);
        }
        return Files.readString(log);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
