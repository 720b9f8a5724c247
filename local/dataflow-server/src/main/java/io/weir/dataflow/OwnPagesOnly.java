package io.weir.dataflow;

import java.io.IOException;
import java.net.URI;
import java.util.Set;
import javax.servlet.FilterChain;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses what a page of another site makes the browser send here.
 *
 * <p>This server starts programs for whoever asks, and has no sign-in because it listens on loopback only. A browser on the
 * same machine would still carry requests of any page to it: by a form (the page's {@code Origin} gives it away) or by a
 * host name that is made to mean 127.0.0.1 (the {@code Host} gives it away).
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class OwnPagesOnly extends OncePerRequestFilter {

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String host = request.getHeader("Host");
        String origin = request.getHeader("Origin");
        if (host == null || !isLoopback("http://" + host)) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "Use the address 127.0.0.1 or localhost");
        } else if (origin != null && !isLoopback(origin)) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "Requests of other sites' pages are refused");
        } else {
            chain.doFilter(request, response);
        }
    }

    private static boolean isLoopback(String address) {
        try {
            String host = URI.create(address).getHost();
            return host != null && LOOPBACK.contains(host);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
