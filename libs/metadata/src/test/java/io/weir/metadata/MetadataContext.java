package io.weir.metadata;

import io.weir.testing.PostgresServer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Everything of this module on a real PostgreSQL, in a database of its own for each class of tests. */
public final class MetadataContext implements BeforeAllCallback, AfterAllCallback {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {}

    private @Nullable ConfigurableApplicationContext context;

    @Override
    public void beforeAll(ExtensionContext test) {
        PostgresServer postgres = PostgresServer.shared();
        context = new SpringApplicationBuilder(App.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.url=" + postgres.freshDatabase(),
                        "--spring.datasource.username=" + postgres.username(),
                        "--spring.datasource.password=" + postgres.password());
    }

    @Override
    public void afterAll(ExtensionContext test) {
        Objects.requireNonNull(context).close();
    }

    public <T> T bean(Class<T> type) {
        return Objects.requireNonNull(context).getBean(type);
    }
}
