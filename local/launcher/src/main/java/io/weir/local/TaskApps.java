package io.weir.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The tasks that were built, and what this platform tells them. */
final class TaskApps {

    private TaskApps() {}

    /** The jars by the tasks' names: every module in {@code tasks} that has been built. */
    static Map<String, Path> built(Installation installation) {
        Map<String, Path> jars = new TreeMap<>();
        Path folder = installation.root().resolve("tasks");
        if (!Files.isDirectory(folder)) {
            return jars;
        }
        try (Stream<Path> modules = Files.list(folder)) {
            for (Path module : modules.toList()) {
                String name = module.getFileName().toString();
                Path target = module.resolve("target");
                if (Files.isDirectory(target)) {
                    try (Stream<Path> files = Files.list(target)) {
                        List<Path> found = files.filter(file -> {
                                    String jar = file.getFileName().toString();
                                    return jar.matches("weir-" + name + "-\\d[^-]*\\.jar");
                                })
                                .toList();
                        if (found.size() == 1) {
                            jars.put(name, found.get(0));
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return jars;
    }

    /**
     * Writes what every task is told, in a file that only its owner can read. A mail server that is named in
     * {@code config/mail.properties} ({@code spring.mail.*}) is used; else mail goes to the platform's own, which keeps it.
     */
    static Path configure(Home home, Servers servers, Ports ports) {
        Properties all = new Properties();
        ClickHouseSql clickhouse = servers.task();
        all.setProperty("weir.clickhouse.url", clickhouse.uri().toString());
        all.setProperty("weir.clickhouse.username", clickhouse.username());
        all.setProperty("weir.clickhouse.password", clickhouse.password());
        if (servers.existing().clickhouse() == null) {
            all.setProperty("weir.retention.archive", home.data("archive").toString());
        }
        Servers.Database metadata = servers.database(Servers.DATABASE);
        all.setProperty("weir.metadata.url", metadata.url());
        all.setProperty("weir.metadata.username", metadata.username());
        all.setProperty("weir.metadata.password", metadata.password());
        all.setProperty("spring.mail.host", "127.0.0.1");
        all.setProperty("spring.mail.port", Integer.toString(ports.smtp()));
        all.setProperty("weir.alert.console-url", "http://localhost:" + ports.console());
        all.setProperty("weir.alert.secrets-folder", home.config("secrets").toString());
        all.putAll(Home.read(home.config("mail.properties")));
        Path file = file(home);
        Home.write(file, all);
        return file;
    }

    static Path file(Home home) {
        return home.config("task.properties");
    }
}
