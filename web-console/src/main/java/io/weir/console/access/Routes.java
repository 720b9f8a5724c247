package io.weir.console.access;

import static io.weir.console.access.Route.Who.ADMIN;
import static io.weir.console.access.Route.Who.ADMIN_OF_ALL_TENANTS;
import static io.weir.console.access.Route.Who.ANALYST;
import static io.weir.console.access.Route.Who.ANYONE;
import static io.weir.console.access.Route.Who.SIGNED_IN;
import static io.weir.console.access.Route.Who.VIEWER;

import io.weir.console.access.Route.Who;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;

/**
 * Who may do what: every route of the console, and the least that it takes. What does not stand here is refused to everybody.
 * Which rows a caller sees is said by {@link Caller#tenant}, and kept by whoever reads them.
 *
 * <p>Sign-in by form and by identity provider and sign-out are not here: filters answer them before anybody is known.
 */
final class Routes {

    static final String DOCS = "/api/docs";
    private static final String ASSETS = "/assets/";

    static final List<Route> ALL = List.of(
            // Pages
            route("GET", "/sign-in", ANYONE),
            route("GET", "/assets/**", ANYONE),
            route("GET", "/favicon.ico", ANYONE),
            route("GET", "/password", SIGNED_IN),
            route("POST", "/password", SIGNED_IN),
            route("GET", "/", VIEWER),

            // Oneself
            route("GET", "/api/v1/me", VIEWER),
            route("GET", "/api/v1/tokens", VIEWER),
            route("POST", "/api/v1/tokens", VIEWER),
            route("DELETE", "/api/v1/tokens/{id}", VIEWER),

            // Questions
            route("POST", "/api/v1/query", VIEWER),
            route("POST", "/api/v1/query/explain", VIEWER),
            route("GET", "/api/v1/query/vocabulary", VIEWER),
            route("GET", "/api/v1/requests/top-k", VIEWER),
            route("GET", "/api/v1/requests/history", VIEWER),
            route("GET", "/api/v1/requests/alerts", VIEWER),
            route("POST", "/api/v1/requests/aggregate", VIEWER),
            route("GET", "/api/v1/requests/aggregate/{id}", VIEWER),
            route("GET", "/api/v1/devices", VIEWER),
            route("GET", "/api/v1/devices/{id}", VIEWER),
            route("GET", "/api/v1/devices/{id}/readings", VIEWER),
            route("GET", "/api/v1/device-groups", VIEWER),
            route("GET", "/api/v1/device-groups/{group}/readings", VIEWER),
            // It shows every column.
            route("POST", "/api/v1/sql", ANALYST),
            route("GET", "/api/v1/sql", ANALYST),
            route("DELETE", "/api/v1/sql/{id}", ANALYST),
            route("GET", "/api/v1/subscriptions", ANALYST),
            route("POST", "/api/v1/subscriptions", ANALYST),
            route("GET", "/api/v1/subscriptions/{id}", ANALYST),
            route("POST", "/api/v1/subscriptions/{id}/pause", ANALYST),
            route("POST", "/api/v1/subscriptions/{id}/resume", ANALYST),
            route("DELETE", "/api/v1/subscriptions/{id}", ANALYST),
            route("GET", "/api/v1/subscriptions/{id}/results", ANALYST),
            route("GET", "/api/v1/subscriptions/{id}/stream", ANALYST),

            // Administration
            route("GET", "/api/v1/users", ADMIN),
            route("POST", "/api/v1/users", ADMIN),
            route("GET", "/api/v1/users/{name}", ADMIN),
            route("PUT", "/api/v1/users/{name}", ADMIN),
            route("POST", "/api/v1/users/{name}/password", ADMIN),
            route("GET", "/api/v1/tenants", ADMIN),
            route("POST", "/api/v1/tenants", ADMIN_OF_ALL_TENANTS),
            route("PUT", "/api/v1/tenants/{name}", ADMIN),
            route("GET", "/api/v1/keys", ADMIN),
            route("POST", "/api/v1/keys", ADMIN),
            route("DELETE", "/api/v1/keys/{tenant}/{name}", ADMIN),
            route("GET", "/api/v1/accounts", ADMIN),
            route("POST", "/api/v1/accounts", ADMIN),
            route("POST", "/api/v1/accounts/{id}/password", ADMIN),
            route("DELETE", "/api/v1/accounts/{id}", ADMIN),
            route("GET", "/api/v1/audit", ADMIN),
            route("GET", "/api/v1/audit/export", ADMIN),
            route("GET", "/api/v1/audit/verify", ADMIN_OF_ALL_TENANTS),

            // The document of the API, and a page that shows it
            route("GET", "/api/v1/openapi.json", VIEWER),
            route("GET", "/api/v1/openapi.json.yaml", VIEWER),
            route("GET", DOCS, VIEWER),

            // For whoever runs it; the management port
            route("GET", "/livez", ANYONE),
            route("GET", "/readyz", ANYONE),
            route("GET", "/actuator/health/**", ANYONE),
            route("GET", "/actuator", VIEWER),
            route("GET", "/actuator/info", VIEWER),
            route("GET", "/actuator/metrics", VIEWER),
            route("GET", "/actuator/metrics/{requiredMetricName}", VIEWER),
            route("GET", "/actuator/prometheus", VIEWER));

    private Routes() {}

    private static Route route(String method, String pattern, Who who) {
        return new Route(HttpMethod.valueOf(method), pattern, who);
    }

    /** The methods that the path of a request knows, by name; none if there is no such path. */
    static List<String> methods(HttpServletRequest request) {
        return ALL.stream()
                .filter(route -> route.anyMethod().matches(request))
                .map(route -> route.method().name())
                .distinct()
                .sorted()
                .toList();
    }

    /** Whether a program asks, to whom a page says nothing. */
    static boolean isApi(HttpServletRequest request) {
        return isApi(request.getRequestURI());
    }

    /** Whether a person asks for a page that there is: not a program, and not their browser for an icon. */
    static boolean isPage(HttpServletRequest request) {
        String path = request.getRequestURI();
        if (isApi(path)) {
            String accepted = request.getHeader(HttpHeaders.ACCEPT);
            return path.equals(DOCS) && accepted != null && accepted.contains(MediaType.TEXT_HTML_VALUE);
        }
        return !path.startsWith(ASSETS) && methods(request).contains("GET");
    }

    static boolean isApi(String path) {
        return path.startsWith("/api/") || path.startsWith("/v3/") || path.startsWith("/actuator");
    }
}
