package io.weir.local.clickhouse;

import com.sun.jna.Native;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A ClickHouse server on loopback, in a child process that ends with this one.
 *
 * <p>Ports, data and accounts stay the same over {@link #stop}, {@link #kill} and {@link #start}. What ClickHouse has
 * acknowledged outlives a kill of the process; it does not outlive a loss of power.
 */
public final class EmbeddedClickHouse implements AutoCloseable {

    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(25);

    private final Builder settings;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private @Nullable Process process;

    private EmbeddedClickHouse(Builder settings) {
        this.settings = settings;
    }

    /** Where things are, and who may do what. */
    public static final class Builder {

        private final ClickHouseEngine engine;
        private final Path home;
        private int httpPort = 8123;
        private int tcpPort = 9000;
        private String logLevel = "warning";
        private long memoryBytes = 4L << 30;
        private final List<Account> accounts = new ArrayList<>();

        private Builder(ClickHouseEngine engine, Path home) {
            this.engine = engine;
            this.home = home.toAbsolutePath();
        }

        public Builder httpPort(int port) {
            httpPort = port;
            return this;
        }

        public Builder tcpPort(int port) {
            tcpPort = port;
            return this;
        }

        /** One of ClickHouse's levels: {@code warning} unless told, {@code information}, {@code debug}, {@code trace}. */
        public Builder logLevel(String level) {
            logLevel = level;
            return this;
        }

        /** What the server may use in all, in bytes; 4 GiB unless told. */
        public Builder memory(long bytes) {
            memoryBytes = bytes;
            return this;
        }

        /** Adds an account; the first one is the one that readiness is asked with. */
        public Builder account(Account account) {
            accounts.add(account);
            return this;
        }

        public EmbeddedClickHouse build() {
            requireAccount();
            return new EmbeddedClickHouse(this);
        }

        /**
         * Writes the configuration files and gives the whole command line of the server, for a caller that runs the process
         * itself. SIGTERM stops it in good order.
         *
         * @param watched the process with whose end the server ends too; 0 for none
         */
        public List<String> command(long watched) {
            prepare();
            Path data = home.resolve("data");
            return List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx48m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-UsePerfData",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    classpath(),
                    EngineMain.class.getName(),
                    engine.library().toAbsolutePath().toString(),
                    Long.toString(watched),
                    "--config-file=" + home.resolve("config.xml"),
                    "--path=" + data,
                    "--http_port=" + httpPort,
                    "--tcp_port=" + tcpPort,
                    "--listen_host=127.0.0.1",
                    "--interactive",
                    "--disable_suggestion",
                    "--history_file=/dev/null",
                    "--log-level=" + logLevel,
                    "--query=SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP");
        }

        private void requireAccount() {
            if (accounts.isEmpty()) {
                throw new IllegalStateException("a ClickHouse server without an account cannot be asked anything");
            }
        }

        private void prepare() {
            requireAccount();
            try {
                Path systemDatabase = home.resolve("data/metadata/system.sql");
                if (!Files.exists(systemDatabase)) {
                    Files.createDirectories(systemDatabase.getParent());
                    // Or the system logs, which are real tables, would break at the second start.
                    Files.writeString(
                            systemDatabase,
                            "ATTACH DATABASE _ UUID 'a1b2c3d4-0000-4000-8000-000000000001' ENGINE = Atomic\n");
                }
                Files.createDirectories(home.resolve("backups"));
                Files.writeString(
                        home.resolve("config.xml"),
                        resource("config.xml")
                                .replace("@HOME@", home.toString())
                                .replace("@LOG_LEVEL@", logLevel)
                                .replace("@MEMORY@", Long.toString(memoryBytes)));
                writePrivate(home.resolve("users.xml"), UsersFile.render(accounts));
            } catch (IOException e) {
                throw new UncheckedIOException("the configuration of ClickHouse could not be written to " + home, e);
            }
        }

        /** The two places that the server's own process needs, whatever else is on this one's classpath. */
        private static String classpath() {
            return Stream.of(EngineMain.class, Native.class)
                    .map(type -> {
                        try {
                            return Path.of(type.getProtectionDomain()
                                            .getCodeSource()
                                            .getLocation()
                                            .toURI())
                                    .toString();
                        } catch (URISyntaxException e) {
                            throw new IllegalStateException(e);
                        }
                    })
                    .distinct()
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }

    /** A server that keeps all it has under {@code home}. */
    public static Builder builder(ClickHouseEngine engine, Path home) {
        return new Builder(engine, home);
    }

    /**
     * Writes further users into the home of a server, as a document of the form of {@code users.xml}. They come into force at
     * the next start. A document of the same name is replaced, in one step.
     *
     * @param name letters and digits
     * @return whether the document is another than before
     */
    public static boolean writeUsers(Path home, String name, String document) {
        Path folder = home.resolve("users.d");
        Path file = folder.resolve(name + ".xml");
        try {
            if (Files.exists(file) && Files.readString(file).equals(document)) {
                return false;
            }
            Files.createDirectories(folder);
            Path work = folder.resolve(name + ".new"); // not .xml, or it would be read
            writePrivate(work, document);
            Files.move(work, file, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("the users of ClickHouse could not be written to " + file, e);
        }
    }

    private static void writePrivate(Path file, String text) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(file, text);
    }

    /** The address of the HTTP interface. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + settings.httpPort);
    }

    /**
     * Starts the server and waits until an authenticated query is answered.
     *
     * @throws ClickHouseUnavailableException if a port is taken, the server ends, or it does not answer in time
     */
    public void start() {
        requireFree(settings.httpPort);
        requireFree(settings.tcpPort);
        Path console = settings.home.resolve("console.log");
        try {
            process = new ProcessBuilder(
                            settings.command(ProcessHandle.current().pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(console.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady(console);
    }

    /** Stops the server in good order; kills it if it does not go. */
    public void stop() {
        running().destroy();
        if (!awaitEnd(STOP_PATIENCE)) {
            kill();
        }
    }

    /** Ends the server as a crash would. */
    public void kill() {
        running().destroyForcibly();
        if (!awaitEnd(STOP_PATIENCE)) {
            throw new IllegalStateException("ClickHouse, process " + pid() + ", cannot be killed");
        }
    }

    /** {@link #stop} and {@link #start}: this is how changed accounts come into force. */
    public void restart() {
        stop();
        start();
    }

    public boolean isRunning() {
        return process != null && process.isAlive();
    }

    public long pid() {
        return running().pid();
    }

    /** {@link #stop}. */
    @Override
    public void close() {
        if (isRunning()) {
            stop();
        }
    }

    private Process running() {
        return Objects.requireNonNull(process, "the server has been started");
    }

    private boolean awaitEnd(Duration patience) {
        try {
            return running().waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** On a taken port the engine would stay alive and deaf. */
    private static void requireFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new ClickHouseUnavailableException("port " + port + " is taken; ClickHouse needs it", e);
        }
    }

    private void awaitReady(Path console) {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (!answers()) {
            if (!running().isAlive() || System.nanoTime() > deadline) {
                String what = running().isAlive() ? "does not answer" : "ended at its start";
                running().destroyForcibly();
                throw new ClickHouseUnavailableException(
                        "ClickHouse " + what + "; see " + console + " and " + settings.home.resolve("server.log"));
            }
            awaitEnd(Duration.ofMillis(20));
        }
    }

    private boolean answers() {
        Account account = settings.accounts.get(0);
        HttpRequest request = HttpRequest.newBuilder(url())
                .timeout(Duration.ofSeconds(5))
                .header("X-ClickHouse-User", account.name())
                .header("X-ClickHouse-Key", account.password())
                .POST(HttpRequest.BodyPublishers.ofString("SELECT 1"))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClickHouseUnavailableException("interrupted while ClickHouse started", e);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(EmbeddedClickHouse.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
