package io.weir.dataflow;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.servlet.FilterChain;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletRequestWrapper;
import javax.servlet.http.HttpServletResponse;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Lets dashboard 3.2 talk to server 2.11, which learnt of Spring Boot 3 after it: every app here is of that kind or newer, so
 * the request parameters that say so are filled in, and a launch takes the newer path and gives the older answer.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class DashboardAdapter extends OncePerRequestFilter {

    private static final String LAUNCH = "/tasks/executions/launch";
    private static final Pattern EXECUTION_ID = Pattern.compile("\"executionId\":(\\d+)");

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String path = request.getRequestURI();
        boolean posts = request.getMethod().equals("POST");
        if (posts && path.equals("/tasks/executions") && request.getParameter("name") != null) {
            launch(request, response, chain);
        } else if (isTaskItem(path) && request.getParameter("schemaTarget") == null) {
            chain.doFilter(new WithParameter(request, "schemaTarget", "boot3"), response);
        } else if (posts && path.startsWith("/apps/") && request.getParameter("bootVersion") == null) {
            chain.doFilter(new WithParameter(request, "bootVersion", "3"), response);
        } else {
            chain.doFilter(request, response);
        }
    }

    private static boolean isTaskItem(String path) {
        return path.startsWith("/tasks/executions/") || path.startsWith("/tasks/logs/") || path.startsWith("/jobs/");
    }

    private static void launch(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ContentCachingResponseWrapper answer = new ContentCachingResponseWrapper(response);
        chain.doFilter(new Redirected(request, LAUNCH), answer);
        if (answer.getStatus() < 300) {
            Matcher id = EXECUTION_ID.matcher(new String(answer.getContentAsByteArray(), StandardCharsets.UTF_8));
            if (id.find()) {
                answer.resetBuffer();
                answer.setContentType("application/json");
                answer.getOutputStream().write(id.group(1).getBytes(StandardCharsets.UTF_8));
            }
        }
        answer.copyBodyToResponse();
    }

    private static final class Redirected extends HttpServletRequestWrapper {
        private final String path;

        Redirected(HttpServletRequest request, String path) {
            super(request);
            this.path = path;
        }

        @Override
        public String getRequestURI() {
            return path;
        }

        @Override
        public String getServletPath() {
            return path;
        }

        @Override
        public StringBuffer getRequestURL() {
            return new StringBuffer("http://" + getHeader("Host") + path);
        }
    }

    private static final class WithParameter extends HttpServletRequestWrapper {
        private final Map<String, String[]> parameters;

        WithParameter(HttpServletRequest request, String name, String value) {
            super(request);
            Map<String, String[]> all = new LinkedHashMap<>(request.getParameterMap());
            all.put(name, new String[] {value});
            parameters = Collections.unmodifiableMap(all);
        }

        @Override
        public String getParameter(String name) {
            String[] values = parameters.get(name);
            return values == null ? null : values[0];
        }

        @Override
        public String[] getParameterValues(String name) {
            return parameters.get(name);
        }

        @Override
        public Map<String, String[]> getParameterMap() {
            return parameters;
        }

        @Override
        public Enumeration<String> getParameterNames() {
            return Collections.enumeration(parameters.keySet());
        }
    }
}
