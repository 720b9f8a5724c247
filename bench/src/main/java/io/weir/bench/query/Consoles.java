package io.weir.bench.query;

import io.weir.bench.platform.Application;
import io.weir.bench.platform.Checkout;
import io.weir.metadata.tenant.Tenants;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import io.weir.warehouse.WarehouseSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Two consoles, as their jar and as {@code ./weir up} starts it: one keeps answers of closed windows, one does not. */
final class Consoles implements AutoCloseable {

    private static final List<String> FLAGS = List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError");

    private final List<Application> processes = new ArrayList<>();
    private final String keeping;
    private final String asking;
    private final String ofAll;
    private final String ofTenant;

    /** @param postgres an empty database; user and password are {@code postgres} */
    Consoles(String postgres, WarehouseSettings clickHouse, Path directory) throws IOException, InterruptedException {
        try {
            keeping = start("console", postgres, clickHouse, List.of(), directory);
            asking = start("console-without-cache", postgres, clickHouse, List.of("--weir.query.cache=0B"), directory);
            try (ConfigurableApplicationContext context = metadata(postgres)) {
                ofAll = token(context, null);
                ofTenant = token(context, Case.TENANT);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Which of the two to ask. @param cached whether it may answer from memory */
    String url(boolean cached) {
        return cached ? keeping : asking;
    }

    String token(Case asked) {
        return asked.ofTenant() ? ofTenant : ofAll;
    }

    private String start(String name, String postgres, WarehouseSettings clickHouse, List<String> more, Path directory)
            throws IOException, InterruptedException {
        int port = Application.freePort();
        List<String> arguments = new ArrayList<>(List.of(
                "--server.address=127.0.0.1",
                "--server.port=" + port,
                "--management.server.port=" + Application.freePort(),
                "--spring.main.banner-mode=off",
                "--spring.datasource.url=" + postgres,
                "--spring.datasource.username=postgres",
                "--spring.datasource.password=postgres",
                "--weir.clickhouse.url=" + clickHouse.url(),
                "--weir.clickhouse.username=" + clickHouse.username(),
                "--weir.clickhouse.password=" + clickHouse.password(),
                "--weir.clickhouse.database=" + clickHouse.database(),
                // A benchmark asks more often than anybody may.
                "--weir.api.rate.analyst=1000000"));
        arguments.addAll(more);
        Application console = Application.ofJar(name, Checkout.consoleJar(), FLAGS, arguments, directory);
        processes.add(console);
        String url = "http://127.0.0.1:" + port;
        console.awaitHealthy(URI.create(url + "/readyz"));
        return url;
    }

    /** Just enough of a context to create tokens the way {@code ./weir tokens} does. */
    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Metadata {}

    private static ConfigurableApplicationContext metadata(String postgres) {
        return new SpringApplicationBuilder(Metadata.class)
                .web(WebApplicationType.NONE)
                .properties(Map.of(
                        "spring.datasource.url", postgres,
                        "spring.datasource.username", "postgres",
                        "spring.datasource.password", "postgres",
                        "spring.datasource.hikari.maximum-pool-size", "2",
                        "spring.flyway.enabled", "false",
                        "spring.main.banner-mode", "off",
                        "logging.level.root", "WARN"))
                .run();
    }

    private static String token(ConfigurableApplicationContext context, @Nullable String tenant) {
        if (tenant != null) {
            context.getBean(Tenants.class).register(tenant, "bench");
        }
        User user = context.getBean(Users.class)
                .createService(tenant == null ? "bench" : "bench-" + tenant, Role.ANALYST, tenant, "bench");
        return context.getBean(PersonalTokens.class)
                .create(user, "bench", Role.ANALYST, tenant, null, "bench")
                .secret();
    }

    @Override
    public void close() {
        processes.forEach(Application::close);
    }
}
