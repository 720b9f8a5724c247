package io.weir.bench.query;

import io.weir.bench.platform.Application;
import io.weir.bench.platform.Checkout;
import io.weir.metadata.tenant.Tenants;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import io.weir.testing.PostgresServer;
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

/** A console, as its jar and as {@code ./weir up} starts it, with a database of its own: it runs nobody else's aggregations. */
final class Console implements AutoCloseable {

    private static final List<String> FLAGS = List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError");

    private final Application process;
    private final String url;
    private final String ofAll;
    private final String ofTenant;

    /** @param keeps whether it keeps answers of closed windows */
    Console(boolean keeps, WarehouseSettings clickHouse, Path directory) throws IOException, InterruptedException {
        String postgres = PostgresServer.durable().freshDatabase();
        int port = Application.freePort();
        url = "http://127.0.0.1:" + port;
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
        if (!keeps) {
            arguments.add("--weir.query.cache=0B");
        }
        process = Application.ofJar(
                keeps ? "console" : "console-without-cache", Checkout.consoleJar(), FLAGS, arguments, directory);
        try {
            process.awaitHealthy(URI.create(url + "/readyz"));
            try (ConfigurableApplicationContext context = metadata(postgres)) {
                ofAll = token(context, null);
                ofTenant = token(context, Case.TENANT);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.close();
            throw e;
        }
    }

    Asker.Reply answer(Asker asker, Case asked) throws IOException, InterruptedException {
        return asker.api(url, asked.ofTenant() ? ofTenant : ofAll, asked);
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
        process.close();
    }
}
