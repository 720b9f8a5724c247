package io.weir.console;

import io.weir.console.access.Caller;
import io.weir.console.query.Store;
import io.weir.metadata.user.Role;
import io.weir.testing.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.MethodParameter;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The console on a port of its own, with a database of its own in ClickHouse and PostgreSQL. A caller is who the user name of basic
 * authentication says: {@code name.ROLE} or {@code name.ROLE.tenant}.
 */
public final class ConsoleUnderTest implements AutoCloseable {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    public final Store store;
    public final String postgres;
    private final ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();

    public ConsoleUnderTest(String... properties) throws InterruptedException {
        this(new Store(), PostgresServer.shared().freshDatabase(), properties);
    }

    public ConsoleUnderTest(Store store, String postgres, String... properties) {
        this.store = store;
        this.postgres = postgres;
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--spring.datasource.url=" + postgres,
                "--spring.datasource.username=" + PostgresServer.shared().username(),
                "--spring.datasource.password=" + PostgresServer.shared().password(),
                "--weir.clickhouse.url=" + store.server.url(),
                "--weir.clickhouse.username=" + store.server.username(),
                "--weir.clickhouse.password=" + store.server.password(),
                "--weir.clickhouse.database=" + store.database));
        for (String property : properties) {
            String name = property.substring(0, property.indexOf('=') + 1);
            arguments.removeIf(argument -> argument.startsWith(name));
            arguments.add(property);
        }
        context = new SpringApplication(Application.class).run(arguments.toArray(String[]::new));
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public int port() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    /** An answer and its body. */
    public record Answer(HttpResponse<String> http) {
        public int status() {
            return http.statusCode();
        }

        public JsonNode json() {
            return MAPPER.readTree(http.body());
        }

        public String header(String name) {
            return http.headers().firstValue(name).orElse("");
        }
    }

    public Answer get(String caller, String path, String... headers) {
        return send(caller, "GET", path, null, headers);
    }

    public Answer post(String caller, String path, String body) {
        return send(caller, "POST", path, body, "Content-Type", "application/json");
    }

    private Answer send(String caller, String method, String path, @Nullable String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        request.header("Authorization", authorization(caller));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return new Answer(http.send(request.build(), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static String authorization(String caller) {
        return "Basic " + Base64.getEncoder().encodeToString((caller + ":any").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        context.close();
    }

    @Configuration(proxyBeanMethods = false)
    @Import(WebConsole.class)
    static class Application implements WebMvcConfigurer {

        @Bean
        SecurityFilterChain everybodyIsWhoTheySayTheyAre(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                    .httpBasic(basic -> {})
                    .csrf(csrf -> csrf.disable())
                    .authenticationProvider(new Believing())
                    .build();
        }

        @Override
        public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
            resolvers.add(new CallerArgument());
        }
    }

    private static final class Believing implements AuthenticationProvider {

        @Override
        public Authentication authenticate(Authentication authentication) {
            String[] parts = authentication.getName().split("\\.");
            return UsernamePasswordAuthenticationToken.authenticated(
                    new Caller(parts[0], Role.valueOf(parts[1]), parts.length > 2 ? parts[2] : null), "", List.of());
        }

        @Override
        public boolean supports(Class<?> authentication) {
            return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
        }
    }

    private static final class CallerArgument implements HandlerMethodArgumentResolver {

        @Override
        public boolean supportsParameter(MethodParameter parameter) {
            return parameter.getParameterType() == Caller.class;
        }

        @Override
        public @Nullable Object resolveArgument(
                MethodParameter parameter,
                @Nullable ModelAndViewContainer container,
                NativeWebRequest request,
                @Nullable WebDataBinderFactory binders) {
            Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
            return authentication == null ? null : authentication.getPrincipal();
        }
    }
}
