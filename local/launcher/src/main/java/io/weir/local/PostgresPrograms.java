package io.weir.local;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's own programs, unpacked once from their jar into a cache folder. */
record PostgresPrograms(Path folder) {

    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";

    /** Unpacks them if that has not been done; whole or not at all. */
    static PostgresPrograms unpack(Path cache, String version) {
        Path target = cache.resolve("postgresql-" + version);
        if (Files.isDirectory(target)) {
            return new PostgresPrograms(target);
        }
        try (InputStream packed = PostgresPrograms.class.getResourceAsStream(ARCHIVE)) {
            if (packed == null) {
                throw new Failure(
                        "PostgreSQL for this kind of machine is not there: only Linux on x86-64 is supported");
            }
            Files.createDirectories(cache);
            Path work = Files.createTempDirectory(cache, ".postgresql-");
            try (TarArchiveInputStream tar =
                    new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(packed)))) {
                TarArchiveEntry entry;
                while ((entry = tar.getNextEntry()) != null) {
                    Path file = work.resolve(entry.getName()).normalize();
                    if (!file.startsWith(work)) {
                        throw new IOException("an entry lies outside: " + entry.getName());
                    }
                    if (entry.isDirectory()) {
                        Files.createDirectories(file);
                    } else if (entry.isSymbolicLink()) {
                        Files.createDirectories(file.getParent());
                        Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                    } else {
                        Files.createDirectories(file.getParent());
                        Files.copy(tar, file, StandardCopyOption.REPLACE_EXISTING);
                        if ((entry.getMode() & 0100) != 0) {
                            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
                        }
                    }
                }
            }
            try {
                Files.move(work, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                // Another process was faster.
                try (Stream<Path> files = Files.walk(work)) {
                    files.sorted(Comparator.reverseOrder())
                            .forEach(path -> path.toFile().delete());
                }
                if (!Files.isDirectory(target)) {
                    throw e;
                }
            }
            return new PostgresPrograms(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command to run one of the programs; root, as whom PostgreSQL refuses to run, becomes nobody in particular. */
    List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            command.add("unshare");
            command.add("-U");
        }
        command.add(folder.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** Makes a database folder with the given superuser, if there is none. */
    void initialise(Path data, String user, Path passwordFile, Path log) {
        if (Files.exists(data.resolve("PG_VERSION"))) {
            return;
        }
        // Beside it first: one that was cut off in the middle must not pass for whole.
        Path fresh = data.resolveSibling(data.getFileName() + ".new");
        try {
            Home.deleteTree(fresh);
            Process process = new ProcessBuilder(command(
                            "initdb",
                            "--pgdata=" + fresh,
                            "--username=" + user,
                            "--pwfile=" + passwordFile,
                            "--auth=scram-sha-256",
                            "--encoding=UTF8",
                            "--locale=C"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new Failure("PostgreSQL's data folder was not made; see " + log);
            }
            Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
    }
}
