package io.weir.console.api;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** Refuses a parameter of the address that the route does not have: whoever misspells one would take the answer for that to another question. */
final class KnownParameters implements HandlerInterceptor {

    /** Somebody gave a parameter that there is not. */
    static final class UnknownParameterException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String name;

        UnknownParameterException(String name, List<String> known) {
            super(known.isEmpty() ? "this address takes no parameters" : "is not known here: " + known);
            this.name = name;
        }

        String name() {
            return name;
        }
    }

    private static final String OURS = "io.weir.";

    private final Map<Method, List<String>> knownByRoute = new ConcurrentHashMap<>();

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (request.getQueryString() == null
                || !(handler instanceof HandlerMethod method)
                || !method.getBeanType().getName().startsWith(OURS)) {
            return true;
        }
        List<String> known = knownByRoute.computeIfAbsent(method.getMethod(), route -> names(method));
        for (String given : new TreeSet<>(request.getParameterMap().keySet())) {
            if (!known.contains(given)) {
                throw new UnknownParameterException(given, known);
            }
        }
        return true;
    }

    private static List<String> names(HandlerMethod method) {
        return Arrays.stream(method.getMethodParameters())
                .filter(parameter -> parameter.hasParameterAnnotation(RequestParam.class))
                .map(KnownParameters::name)
                .toList();
    }

    private static String name(MethodParameter parameter) {
        parameter.initParameterNameDiscovery(new DefaultParameterNameDiscoverer());
        String name = Objects.requireNonNull(parameter.getParameterAnnotation(RequestParam.class))
                .name();
        return name.isEmpty() ? String.valueOf(parameter.getParameterName()) : name;
    }
}
