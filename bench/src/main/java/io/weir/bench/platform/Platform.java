package io.weir.bench.platform;

import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A platform of one home directory, driven by the command line {@code ./weir} alone. */
public final class Platform {

    private static final JsonMapper JSON = new JsonMapper();

    /** A process of the platform: its own, or an app's. */
    public record Member(String name, long pid, int restarts) {}

    /** What {@code weir status --json} says. */
    public record Status(boolean ready, Map<String, String> addresses, List<Member> processes) {
        /**
         * An address by its name, such as {@code ingest}.
         *
         * @throws IllegalStateException if the platform names no such address
         */
        public String address(String name) {
            String address = addresses.get(name);
            if (address == null) {
                throw new IllegalStateException("weir status names no address of " + name);
            }
            return address;
        }
    }

    private final Path script;
    private final Path home;
    private final @Nullable Integer portBase;

    /** @param portBase null leaves the platform's own choice */
    public Platform(Path script, Path home, @Nullable Integer portBase) {
        this.script = script;
        this.home = home;
        this.portBase = portBase;
    }

    /**
     * The script {@code weir} of the checkout from which this program runs, or of the working directory.
     *
     * @throws IllegalStateException if there is none
     */
    public static Path findScript() {
        List<Path> places = new ArrayList<>();
        String named = System.getenv("WEIR_SCRIPT");
        if (named != null) {
            places.add(Path.of(named));
        }
        try {
            Path self = Path.of(Platform.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            for (Path up = self.getParent(); up != null; up = up.getParent()) {
                places.add(up.resolve("weir"));
            }
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        places.add(Path.of("weir").toAbsolutePath());
        return places.stream()
                .filter(place -> Files.isRegularFile(place) && Files.isExecutable(place))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "The script weir was not found; name it in the variable WEIR_SCRIPT"));
    }

    public Path home() {
        return home;
    }

    /** Starts everything and waits until it is ready; its output goes to ours. */
    public void up() throws IOException {
        List<String> arguments = new ArrayList<>(List.of("up"));
        if (portBase != null) {
            arguments.addAll(List.of("--port-base", portBase.toString()));
        }
        Process process = start(arguments, ProcessBuilder.Redirect.INHERIT);
        int code = await(process, Duration.ofMinutes(15), "up");
        if (code != 0) {
            throw new IOException("weir up ended with " + code);
        }
    }

    /** Stops everything; its output goes to ours. */
    public void down() throws IOException {
        int code = await(start(List.of("down"), ProcessBuilder.Redirect.INHERIT), Duration.ofMinutes(5), "down");
        if (code != 0) {
            throw new IOException("weir down ended with " + code);
        }
    }

    /** The state, or null if the platform cannot tell it now. */
    public @Nullable Status status() throws IOException {
        String text = output(List.of("status", "--json"), false);
        int begin = text.indexOf('{');
        if (begin < 0) {
            return null;
        }
        try {
            return read(JSON.readTree(text.substring(begin)));
        } catch (JacksonException notJson) {
            return null;
        }
    }

    /** A fresh API key. */
    public String createKey(String tenant, String name) throws IOException {
        return output(List.of("keys", "create", "--tenant", tenant, "--name", name), true)
                .strip();
    }

    /** A secret of the platform, from the file that only its owner can read. */
    public String secret(String name) throws IOException {
        Properties secrets = new Properties();
        Path file = home.resolve("config").resolve("secrets.properties");
        try (Reader reader = Files.newBufferedReader(file)) {
            secrets.load(reader);
        }
        String secret = secrets.getProperty(name);
        if (secret == null) {
            throw new IOException("There is no secret " + name + " in " + file);
        }
        return secret;
    }

    private static Status read(JsonNode json) {
        Map<String, String> addresses = new LinkedHashMap<>();
        json.path("addresses")
                .properties()
                .forEach(entry -> addresses.put(entry.getKey(), entry.getValue().asString("")));
        List<Member> members = new ArrayList<>();
        for (JsonNode process : json.path("processes")) {
            members.add(new Member(
                    process.path("name").asString(""),
                    process.path("pid").asLong(0),
                    process.path("restarts").asInt(0)));
        }
        return new Status(json.path("ready").asBoolean(false), addresses, members);
    }

    private String output(List<String> arguments, boolean mustSucceed) throws IOException {
        Process process = start(arguments, ProcessBuilder.Redirect.PIPE);
        byte[] answer = process.getInputStream().readAllBytes();
        int code = await(process, Duration.ofMinutes(1), arguments.get(0));
        if (mustSucceed && code != 0) {
            throw new IOException("weir " + String.join(" ", arguments) + " ended with " + code);
        }
        return new String(answer, StandardCharsets.UTF_8);
    }

    private Process start(List<String> arguments, ProcessBuilder.Redirect output) {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(arguments);
        command.addAll(List.of("--home", home.toString()));
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectOutput(output);
            // A problem of weir itself is for the person; a status that fails in the midst of a fault run is not.
            builder.redirectError(
                    output == ProcessBuilder.Redirect.INHERIT
                            ? ProcessBuilder.Redirect.INHERIT
                            : ProcessBuilder.Redirect.DISCARD);
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int await(Process process, Duration patience, String what) throws IOException {
        try {
            if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("weir " + what + " did not end within " + patience.toSeconds() + " s");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
