package io.weir.console.sql;

import io.weir.console.WebConsole;
import io.weir.console.access.Caller;
import io.weir.metadata.account.WarehouseAccount;
import io.weir.metadata.account.WarehouseAccounts;
import io.weir.metadata.user.Role;
import io.weir.testing.ClickHouseServer;
import io.weir.testing.PostgresServer;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import io.weir.warehouse.account.AccountsXml;
import io.weir.warehouse.account.Limits;
import io.weir.warehouse.account.ReaderAccount;
import io.weir.warehouse.account.ReaderViews;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.MethodParameter;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The console on a real ClickHouse and a real PostgreSQL. Who asks is what the headers of a test say. */
public final class ReadingConsole implements AutoCloseable {

    @Configuration(proxyBeanMethods = false)
    static class Callers implements WebMvcConfigurer {

        @Override
        public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
            resolvers.add(0, new HandlerMethodArgumentResolver() {
                @Override
                public boolean supportsParameter(MethodParameter parameter) {
                    return parameter.getParameterType() == Caller.class;
                }

                @Override
                public Object resolveArgument(
                        MethodParameter parameter,
                        @Nullable ModelAndViewContainer container,
                        NativeWebRequest request,
                        @Nullable WebDataBinderFactory binders) {
                    return new Caller(
                            String.valueOf(request.getHeader("Test-Name")),
                            Role.valueOf(String.valueOf(request.getHeader("Test-Role"))),
                            request.getHeader("Test-Tenant"));
                }
            });
        }

        @Bean
        SecurityFilterChain everybodyIsLetIn(HttpSecurity http) throws Exception {
            return http.csrf(csrf -> csrf.disable())
                    .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                    .build();
        }
    }

    public static final ClickHouseServer SERVER = ClickHouseServer.shared();

    private final ConfigurableApplicationContext context;
    private final WarehouseSettings settings;
    private final boolean embedded;

    private ReadingConsole(ConfigurableApplicationContext context, WarehouseSettings settings, boolean embedded) {
        this.context = context;
        this.settings = settings;
        this.embedded = embedded;
    }

    public static ReadingConsole start() throws InterruptedException {
        String database = SERVER.freshDatabase();
        WarehouseSettings settings =
                new WarehouseSettings(SERVER.url(), SERVER.username(), SERVER.password(), database, "");
        new Migrations(new Warehouse(settings)).apply();
        boolean embedded = SERVER.hasUsersInFiles();
        if (embedded) {
            SERVER.defineUsers("console", List.of(), AccountsXml.render(settings, List.of()));
            new ReaderViews(settings).statements().forEach(SERVER::query);
        }
        ConfigurableApplicationContext context = new SpringApplicationBuilder(WebConsole.class, Callers.class)
                .run(
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--management.server.port=0",
                        "--spring.datasource.url=" + PostgresServer.shared().freshDatabase(),
                        "--spring.datasource.username="
                                + PostgresServer.shared().username(),
                        "--spring.datasource.password="
                                + PostgresServer.shared().password(),
                        "--weir.clickhouse.url=" + SERVER.url(),
                        "--weir.clickhouse.username=" + SERVER.username(),
                        "--weir.clickhouse.password=" + SERVER.password(),
                        "--weir.clickhouse.database=" + database,
                        "--weir.accounts.users=" + (embedded ? "file" : "sql"),
                        "--weir.accounts.gate-port=" + (embedded ? "0" : "-1"));
        return new ReadingConsole(context, settings, embedded);
    }

    /** Does what the launcher does for the embedded server: tells it of the accounts that the console has stored. */
    public void tellClickHouse() {
        if (!embedded) {
            return;
        }
        List<ReaderAccount> accounts = bean(WarehouseAccounts.class).active().stream()
                .map(this::account)
                .toList();
        SERVER.defineUsers("console", List.of(), AccountsXml.render(settings, accounts));
    }

    private ReaderAccount account(WarehouseAccount account) {
        String username = ReaderAccount.username(account.label(), account.tenant());
        return new ReaderAccount(
                account.label(),
                account.tenant(),
                account.masked(),
                account.forPeople() ? ReaderAccount.Use.PEOPLE : ReaderAccount.Use.PROGRAM,
                ReaderAccount.sha256(ReaderAccount.derivedPassword(SERVER.password(), username)),
                Limits.DEFAULT);
    }

    public void fill(String tenant, int rows) {
        SERVER.query("""
                INSERT INTO %1$s.events (id, tenant, timestamp, received_at, type, source, user_id, latency_ms, message, attributes)
                SELECT '%2$s-' || toString(number), '%2$s', now64(3), now64(3), 'request', 'source', '%2$s-user', number,
                    '%2$s message', '{"x":1}' FROM numbers(%3$d)
                """.formatted(settings.database(), tenant, rows));
    }

    public boolean isEmbedded() {
        return embedded;
    }

    public String database() {
        return settings.database();
    }

    public String url() {
        return "http://127.0.0.1:"
                + ((WebServerApplicationContext) context).getWebServer().getPort();
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
    }
}
