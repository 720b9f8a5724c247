package io.weir.console.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.console.Api;
import io.weir.console.Browser;
import io.weir.console.RunningConsole;
import io.weir.console.access.Route.Who;
import io.weir.console.query.Store;
import io.weir.metadata.tenant.Tenants;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import java.net.http.HttpResponse;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/** Every route by every role. */
class RoutesIT {

    private static RunningConsole console;

    @BeforeAll
    static void start() throws InterruptedException {
        Store store = new Store();
        console = RunningConsole.start(
                "weir.clickhouse.url=" + store.server.url(),
                "weir.clickhouse.username=" + store.server.username(),
                "weir.clickhouse.password=" + store.server.password(),
                "weir.clickhouse.database=" + store.database);
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @Test
    void everyMappedRouteStandsInTheTableAndEveryRouteInTheTableIsMapped() {
        Set<String> mapped = new TreeSet<>();
        console.context()
                .getBeansOfType(RequestMappingInfoHandlerMapping.class)
                .values()
                .forEach(mapping -> mapping.getHandlerMethods().keySet().forEach(info -> mapped.addAll(names(info))));
        // Dispatched to by the server, not asked for.
        mapped.removeIf(route -> route.endsWith(" /error"));

        Set<String> table = Routes.ALL.stream()
                .map(route -> route.method() + " " + route.pattern())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(table).hasSameSizeAs(Routes.ALL);
        assertThat(table)
                .as("a route without an entry in Routes answers nobody")
                .containsAll(mapped);
        table.removeIf(route -> route.startsWith("GET /assets/") || route.startsWith("GET /actuator"));
        assertThat(mapped).as("an entry in Routes without a route").containsAll(table);
    }

    private static Set<String> names(RequestMappingInfo info) {
        Set<String> names = new TreeSet<>();
        Set<RequestMethod> methods = info.getMethodsCondition().getMethods();
        for (String pattern : info.getPatternValues()) {
            for (RequestMethod method : methods.isEmpty() ? Set.of(RequestMethod.values()) : methods) {
                names.add(method + " " + pattern);
            }
        }
        return names;
    }

    @Test
    void nothingAnswersWithoutCredentialsButHealthAndSignIn() throws Exception {
        Set<String> open = Routes.ALL.stream()
                .filter(route -> route.who() == Who.ANYONE)
                .map(Route::pattern)
                .collect(Collectors.toSet());
        assertThat(open)
                .containsExactlyInAnyOrder(
                        "/sign-in", "/assets/**", "/favicon.ico", "/livez", "/readyz", "/actuator/health/**");
        for (Route route : Routes.ALL) {
            if (route.who() == Who.ANYONE) {
                continue;
            }
            String url = route.pattern().startsWith("/actuator") ? console.managementUrl() : console.url();
            HttpResponse<String> answer = new Api(url, null).send(route.method().name(), path(route), body(route));
            assertThat(answer.statusCode())
                    .as("%s: %s", route, answer.body())
                    .isEqualTo(
                            Routes.isApi(route.pattern()) ? 401 : route.method().equals(HttpMethod.GET) ? 302 : 403);
            if (Routes.isApi(route.pattern())) {
                assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
                assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
                assertThat(answer.body()).contains("\"type\":\"urn:weir:problem:unauthorized\"");
            }
        }
        for (String unknown : List.of("/api/v1/nothing", "/h2-console", "/api/v1/users/../../etc", "/actuator/env")) {
            assertThat(new Api(console.url(), null).get(unknown).statusCode()).isIn(302, 400, 401);
        }
        assertThat(new Api(console.managementUrl(), null)
                        .get("/actuator/health")
                        .statusCode())
                .isEqualTo(200);
        assertThat(new Api(console.url(), null).get("/readyz").body()).isEqualTo("{\"status\":\"UP\"}");
        assertThat(new Api(console.url(), null).get("/sign-in").statusCode()).isEqualTo(200);
        assertThat(new Api(console.url(), null).get("/assets/console.css").statusCode())
                .isEqualTo(200);
    }

    @Test
    void everyPageHasTheIconAndWhoLooksForItWhereBrowsersDoIsLedToIt() throws Exception {
        Browser browser = new Browser(console.url());
        Matcher link = Pattern.compile("<link rel=\"icon\" type=\"image/svg\\+xml\" href=\"([^\"]+)\">")
                .matcher(browser.get("/sign-in").body());
        assertThat(link.find()).isTrue();
        HttpResponse<String> moved = browser.get("/favicon.ico");
        assertThat(moved.statusCode()).isEqualTo(302);
        assertThat(Browser.location(moved)).isEqualTo(link.group(1));
        HttpResponse<String> icon = browser.get(link.group(1));
        assertThat(icon.statusCode()).isEqualTo(200);
        assertThat(icon.headers().firstValue("Content-Type")).hasValue("image/svg+xml");
        assertThat(icon.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("img-src 'self'");
        assertThat(icon.body()).startsWith("<svg ").doesNotContain("style");
    }

    @Test
    void everyRoleReachesWhatTheTableSaysAndNothingElse() throws Exception {
        Users users = console.bean(Users.class);
        PersonalTokens tokens = console.bean(PersonalTokens.class);
        console.bean(Tenants.class).register("acme", "test");
        Map<Role, Api> callers = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            User robot = users.createService("robot-" + role.name().toLowerCase(), role, null, "test");
            callers.put(
                    role,
                    new Api(
                            console.url(),
                            tokens.create(robot, "matrix", role, null, null, "test")
                                    .secret()));
        }
        User tenants = users.createService("robot-acme", Role.ADMIN, "acme", "test");
        Api ofOneTenant = new Api(
                console.url(),
                tokens.create(tenants, "matrix", Role.ADMIN, null, null, "test").secret());

        for (Route route : Routes.ALL) {
            if (!route.pattern().startsWith("/api/")) {
                continue;
            }
            for (Role role : Role.values()) {
                boolean allowed = role.ordinal() >= least(route.who()).ordinal();
                assertThat(callers.get(role)
                                .send(route.method().name(), path(route), body(route))
                                .statusCode())
                        .as("%s as %s", route, role)
                        .satisfies(status -> assertThat(status == 403).isEqualTo(!allowed))
                        .isNotEqualTo(401)
                        .isLessThan(500);
            }
            assertThat(ofOneTenant
                            .send(route.method().name(), path(route), body(route))
                            .statusCode())
                    .as("%s as an administrator of one tenant", route)
                    .satisfies(status -> assertThat(status == 403).isEqualTo(route.who() == Who.ADMIN_OF_ALL_TENANTS));
        }

        Api viewer = callers.get(Role.VIEWER);
        HttpResponse<String> refused = viewer.get("/api/v1/users");
        assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(refused.body())
                .contains("\"status\":403")
                .contains("\"type\":\"urn:weir:problem:forbidden\"")
                .contains("\"instance\":\"/api/v1/users\"");
        assertThat(viewer.get("/api/v1/nothing").statusCode()).isEqualTo(404);
        assertThat(viewer.send("HEAD", "/api/v1/me", null).statusCode()).isEqualTo(200);
        assertThat(viewer.send("HEAD", "/api/v1/users", null).statusCode()).isEqualTo(403);
        HttpResponse<String> method = viewer.send("PUT", "/api/v1/me", "{}");
        assertThat(method.statusCode()).isEqualTo(405);
        assertThat(method.headers().firstValue("Allow")).hasValue("GET");
        assertThat(new Api(console.url(), "weirp_" + "x".repeat(43))
                        .get("/api/v1/me")
                        .statusCode())
                .isEqualTo(401);
        assertThat(new Browser(console.url()).get("/").statusCode()).isEqualTo(302);
    }

    private static Role least(Who who) {
        return switch (who) {
            case ANYONE, SIGNED_IN, VIEWER -> Role.VIEWER;
            case ANALYST -> Role.ANALYST;
            case OPERATOR -> Role.OPERATOR;
            case ADMIN, ADMIN_OF_ALL_TENANTS -> Role.ADMIN;
        };
    }

    private static String path(Route route) {
        return route.pattern()
                .replaceAll("\\{[^}]+}", "1d1c8d0a-6d1b-4a3e-9b2a-0c0d0e0f0a0b")
                .replace("/**", "");
    }

    private static String body(Route route) {
        return route.method().equals(HttpMethod.GET) ? null : "{}";
    }
}
