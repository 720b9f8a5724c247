package io.weir.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Where the log of each process is. */
final class LogFiles {

    private LogFiles() {}

    static Map<String, Path> find(Home home) {
        Map<String, Path> logs = new TreeMap<>();
        try {
            Path folder = home.root().resolve("logs");
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    files.filter(file -> file.toString().endsWith(".log"))
                            .forEach(file ->
                                    logs.put(file.getFileName().toString().replaceFirst("\\.log$", ""), file));
                }
            }
            Path apps = home.data("apps");
            if (Files.isDirectory(apps)) {
                try (Stream<Path> files = Files.walk(apps, 4)) {
                    files.filter(file -> file.getFileName().toString().startsWith("stdout"))
                            .sorted(Comparator.comparing(LogFiles::modified))
                            .forEach(file -> logs.put(
                                    Objects.requireNonNull(file.getParent())
                                            .getFileName()
                                            .toString()
                                            .replaceFirst("-v[0-9]+$", ""),
                                    file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return logs;
    }

    static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }
}
