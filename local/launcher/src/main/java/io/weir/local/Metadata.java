package io.weir.local;

import io.weir.metadata.key.ApiKeys;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** The metadata of the running platform, for the length of one command. */
record Metadata(ConfigurableApplicationContext context) implements AutoCloseable {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    static Metadata open(Servers servers) {
        Servers.Database database = servers.database(Servers.DATABASE);
        return new Metadata(new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .properties(
                        "logging.level.root=OFF",
                        "spring.main.lazy-initialization=true",
                        "spring.datasource.hikari.maximum-pool-size=1",
                        // the console brings the schema up to date.
                        "spring.flyway.enabled=false",
                        "spring.datasource.url=" + database.url(),
                        "spring.datasource.username=" + database.username(),
                        "spring.datasource.password=" + database.password())
                .run());
    }

    static Metadata open(Home home) {
        return open(new Servers(home, home.ports(null), Installation.current()));
    }

    ApiKeys keys() {
        return bean(ApiKeys.class);
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
    }
}
