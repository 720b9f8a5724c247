package io.weir.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One platform's folder: its data, configuration, secrets, logs and what is running.
 *
 * @param root absolute; created by {@link #create}
 */
record Home(Path root) {

    private static final String PORT_BASE = "port-base";

    Path data(String name) {
        return root.resolve("data").resolve(name);
    }

    Path config(String name) {
        return root.resolve("config").resolve(name);
    }

    Path log(String name) {
        return root.resolve("logs").resolve(name + ".log");
    }

    Path run(String name) {
        return root.resolve("run").resolve(name);
    }

    boolean exists() {
        return Files.isDirectory(root.resolve("run"));
    }

    /** Makes the folders, which only their owner may look into. */
    void create() {
        try {
            for (String folder : new String[] {"", "data", "config", "logs", "run"}) {
                Path path = root.resolve(folder);
                if (!Files.isDirectory(path)) {
                    Files.createDirectories(
                            path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                }
            }
        } catch (IOException e) {
            throw new Failure("the folder " + root + " cannot be made: " + e.getMessage(), e);
        }
    }

    /** Deletes a folder with all that is in it, if it is there. */
    static void deleteTree(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** The ports: those of the base given now (0: the usual ones), else those it had before, else the usual ones. */
    Ports ports(@Nullable Integer base) {
        Properties known = read(config("platform.properties"));
        String before = known.getProperty(PORT_BASE);
        if (base == null) {
            return before == null ? Ports.USUAL : Ports.of(Integer.parseInt(before));
        }
        Ports ports = Ports.of(base);
        known.setProperty(PORT_BASE, base.toString());
        write(config("platform.properties"), known);
        return ports;
    }

    /** The password by that name; made at the first call, kept in a file that only its owner can read. */
    synchronized String secret(String name) {
        Path file = config("secrets.properties");
        Properties secrets = read(file);
        String secret = secrets.getProperty(name);
        if (secret == null) {
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            secret = HexFormat.of().formatHex(random);
            secrets.setProperty(name, secret);
            write(file, secrets);
        }
        return secret;
    }

    static Properties read(Path file) {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                properties.load(reader);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return properties;
    }

    /** Replaces the file as a whole; only its owner can read it. */
    static void write(Path file, Properties properties) {
        // Through bytes, which escapes what is not ASCII: readers differ in the encoding they expect.
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            properties.store(text, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write(file, text.toString(StandardCharsets.ISO_8859_1));
    }

    /** Replaces the file as a whole; only its owner can read it. */
    static void write(Path file, String text) {
        try {
            Path fresh = Files.createTempFile(
                    file.getParent(),
                    file.getFileName().toString(),
                    ".tmp",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
