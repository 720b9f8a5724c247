package io.weir.console.access;

import static org.awaitility.Awaitility.await;

import io.weir.testing.FreePorts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real Keycloak with the realm of {@code realm.json}, in a process of its own. */
final class KeycloakServer implements AutoCloseable {

    private final Process process;
    private final String url;

    private KeycloakServer(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    static KeycloakServer start() throws IOException {
        Path home;
        try (Stream<Path> unpacked = Files.list(Path.of("target", "keycloak"))) {
            home = unpacked.filter(Files::isDirectory).findFirst().orElseThrow();
        }
        Path imports = Files.createDirectories(home.resolve("data/import"));
        try (InputStream realm = KeycloakServer.class.getResourceAsStream("realm.json")) {
            Files.copy(
                    Objects.requireNonNull(realm), imports.resolve("weir.json"), StandardCopyOption.REPLACE_EXISTING);
        }
        int port = FreePorts.next();
        Path log = Path.of("target", "keycloak.log");
        ProcessBuilder builder = new ProcessBuilder(
                        "sh",
                        home.resolve("bin/kc.sh").toString(),
                        "start-dev",
                        "--db=dev-mem",
                        "--http-host=127.0.0.1",
                        "--http-port=" + port,
                        "--import-realm")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS_KC_HEAP", "-Xmx512m");
        Process process = builder.start();
        KeycloakServer server = new KeycloakServer(process, "http://127.0.0.1:" + port);
        await("Keycloak; see " + log)
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException("Keycloak ended; see " + log);
                    }
                    return server.answers();
                });
        return server;
    }

    private boolean answers() throws InterruptedException {
        try {
            // The keys too: the first answer with them takes longer than those who check a token wait for it.
            for (String path : List.of("/.well-known/openid-configuration", "/protocol/openid-connect/certs")) {
                HttpRequest request = HttpRequest.newBuilder(URI.create(issuer() + path))
                        .timeout(Duration.ofSeconds(30))
                        .build();
                if (HttpClient.newHttpClient()
                                .send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        != 200) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    String issuer() {
        return url + "/realms/weir";
    }

    @Override
    public void close() throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
