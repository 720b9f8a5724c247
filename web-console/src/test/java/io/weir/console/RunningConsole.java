package io.weir.console;

import io.weir.testing.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole console on free ports, with a PostgreSQL database of its own. */
public final class RunningConsole implements AutoCloseable {

    private final ConfigurableApplicationContext context;
    private final String url;

    private RunningConsole(ConfigurableApplicationContext context) {
        this.context = context;
        this.url = "http://127.0.0.1:"
                + ((WebServerApplicationContext) context).getWebServer().getPort();
    }

    public static RunningConsole start(String... properties) {
        return startOn(PostgresServer.shared().freshDatabase(), properties);
    }

    public static RunningConsole startOn(String database, String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--management.server.port=0",
                "--spring.datasource.url=" + database,
                "--spring.datasource.username=" + PostgresServer.shared().username(),
                "--spring.datasource.password=" + PostgresServer.shared().password()));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        return new RunningConsole(new SpringApplicationBuilder(WebConsole.class).run(arguments.toArray(String[]::new)));
    }

    public String url() {
        return url;
    }

    public String managementUrl() {
        return "http://127.0.0.1:" + context.getEnvironment().getProperty("local.management.port");
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public ConfigurableApplicationContext context() {
        return context;
    }

    @Override
    public void close() {
        context.close();
    }
}
