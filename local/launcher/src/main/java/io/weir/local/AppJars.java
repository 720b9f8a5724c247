package io.weir.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The jars of apps and tasks, each copied under a name with its content's hash and unpacked: what runs is never overwritten. All
 * versions of an app lie in one folder, because Data Flow wants their addresses to differ by the version alone.
 */
final class AppJars {

    private static final int KEPT_VERSIONS = 3;

    private final Home home;

    AppJars(Home home) {
        this.home = home;
    }

    /** Unpacks what was built, unless it is there already. */
    Path of(String app, Path built) {
        String name = built.getFileName().toString().replaceFirst("\\.jar$", "") + ".h" + hash(built);
        Path jar = home.data("jars").resolve(app).resolve(name + ".jar");
        if (!Files.exists(jar)) {
            unpack(built, jar, name);
        }
        return jar;
    }

    /** The jar itself comes last, so that one that is there is whole. */
    private void unpack(Path built, Path jar, String name) {
        Path folder = Objects.requireNonNull(jar.getParent());
        try {
            Files.createDirectories(folder);
            Path work = Files.createTempDirectory(folder, ".unpack-");
            Process process = new ProcessBuilder(
                            Installation.java(),
                            "-Djarmode=tools",
                            "-jar",
                            built.toString(),
                            "extract",
                            "--force",
                            "--destination",
                            work.toString(),
                            "--libraries",
                            name,
                            "--application-filename",
                            "app.jar")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            home.log(Supervisor.NAME).toFile()))
                    .start();
            if (process.waitFor() != 0) {
                throw new Failure("unpacking " + built + " failed; see " + home.log(Supervisor.NAME));
            }
            Files.copy(built, metadata(jar), StandardCopyOption.REPLACE_EXISTING);
            Files.move(work.resolve(name), folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            Files.move(work.resolve("app.jar"), jar, StandardCopyOption.ATOMIC_MOVE);
            Files.delete(work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
    }

    /** Data Flow can go back to an earlier version of a stream: the newest versions stay, older ones go. */
    void removeOld(String app, Path newest) {
        Path folder = home.data("jars").resolve(app);
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            List<Path> old = all.stream()
                    .filter(file -> file.toString().endsWith(".jar")
                            && !file.toString().endsWith("-metadata.jar")
                            && !file.equals(newest))
                    .sorted(Comparator.comparing(LogFiles::modified).reversed())
                    .skip(KEPT_VERSIONS - 1)
                    .toList();
            for (Path jar : old) {
                String name = jar.getFileName().toString().replaceFirst("\\.jar$", "");
                Files.delete(jar);
                Files.deleteIfExists(metadata(jar));
                Files.deleteIfExists(jar.resolveSibling(name + ".jsa"));
                Home.deleteTree(jar.resolveSibling(name));
            }
            for (Path left : all) {
                String name = left.getFileName().toString();
                if (name.startsWith(".unpack-") || name.matches(".*\\.jsa\\.(lock|\\d+)")) {
                    Home.deleteTree(left);
                }
            }
        } catch (IOException e) {
            System.out.println("old versions of " + app + " were not removed: " + e);
        }
    }

    /** The jar as it was built, in which the dashboard finds the app's options. */
    static Path metadata(Path jar) {
        return jar.resolveSibling(jar.getFileName().toString().replaceFirst("\\.jar$", "-metadata.jar"));
    }

    private static String hash(Path file) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 4);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
