package io.weir.local;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The built project: where the jars of each server and app are. */
record Installation(Path root) {

    /** The one that this class was started from; the {@code weir} script says where. */
    static Installation current() {
        String root = System.getProperty("weir.root");
        if (root == null) {
            throw new Failure("start this with the weir script");
        }
        return new Installation(Path.of(root).toAbsolutePath().normalize());
    }

    Path app(String name) {
        return one(root.resolve("apps").resolve(name).resolve("target"), "weir-" + name + "-");
    }

    Path console() {
        return one(root.resolve("web-console/target"), "weir-web-console-");
    }

    Path bench() {
        return one(root.resolve("bench/target"), "weir-bench-");
    }

    Path script() {
        return root.resolve("scdf-streams.dsl");
    }

    String kafkaClasspath() {
        return all(root.resolve("local/kafka/target/lib"));
    }

    Path skipper() {
        return root.resolve("local/launcher/target/skipper/skipper-server.jar");
    }

    String dataFlowClasspath() {
        Path target = root.resolve("local/dataflow-server/target");
        return one(target, "weir-dataflow-server-") + File.pathSeparator + all(target.resolve("lib"));
    }

    String launcherClasspath() {
        return System.getProperty("java.class.path");
    }

    /** Copies the launcher's own jars: a build must not replace those from which a supervisor runs. */
    String copyLauncher(Path folder) {
        List<String> copies = new ArrayList<>();
        try {
            Files.createDirectories(folder);
            for (Path old : list(folder, "")) {
                Files.delete(old);
            }
            for (String entry : launcherClasspath().split(File.pathSeparator)) {
                Path jar = Path.of(entry);
                Path copy = folder.resolve(jar.getFileName());
                Files.copy(jar, copy, StandardCopyOption.REPLACE_EXISTING);
                copies.add(copy.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return String.join(File.pathSeparator, copies);
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String all(Path folder) {
        return list(folder, "").stream().map(Path::toString).sorted().collect(Collectors.joining(File.pathSeparator));
    }

    private static Path one(Path folder, String prefix) {
        List<Path> found = list(folder, prefix);
        if (found.size() != 1) {
            throw new Failure("there should be one jar " + prefix + "*.jar in " + folder
                    + ": build with mvn -DskipTests package");
        }
        return found.get(0);
    }

    private static List<Path> list(Path folder, String prefix) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.startsWith(prefix) && name.endsWith(".jar") && !name.endsWith("-cyclonedx.jar");
                    })
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
