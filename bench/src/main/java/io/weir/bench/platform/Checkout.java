package io.weir.bench.platform;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The checkout of the project from which this program was built: where the apps' jars are. */
public final class Checkout {

    private Checkout() {}

    /** @throws IllegalStateException if this program does not run from within one */
    public static Path root() {
        try {
            Path self = Path.of(Checkout.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            for (Path up = self.getParent(); up != null; up = up.getParent()) {
                if (Files.isDirectory(up.resolve("apps")) && Files.isRegularFile(up.resolve("pom.xml"))) {
                    return up;
                }
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalStateException("This does not run from within a checkout of Weir");
    }

    /** The executable jar of a task. */
    public static Path taskJar(String task) {
        return root().resolve("tasks/" + task + "/target/weir-" + task + "-0.1.0.jar");
    }

    /** The executable jar of the console. */
    public static Path consoleJar() {
        return root().resolve("web-console/target/weir-web-console-0.1.0.jar");
    }

    /** The executable jar of an app. */
    public static Path appJar(String app) {
        return root().resolve("apps/" + app + "/target/weir-" + app + "-0.1.0.jar");
    }
}
