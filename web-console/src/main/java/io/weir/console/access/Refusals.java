package io.weir.console.access;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.csrf.CsrfException;
import org.springframework.stereotype.Component;

/** What somebody hears who is not let through: a program a problem document, a person a page. */
@Component
class Refusals implements AuthenticationEntryPoint, AccessDeniedHandler {

    private final Problems problems;
    private final AccessLog log;

    Refusals(Problems problems, AccessLog log) {
        this.problems = problems;
        this.log = log;
    }

    /** Nobody has signed in. */
    @Override
    public void commence(HttpServletRequest request, HttpServletResponse response, AuthenticationException exception)
            throws IOException {
        if (Routes.isApi(request) && !Routes.isPage(request)) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            problems.write(
                    request,
                    response,
                    HttpStatus.UNAUTHORIZED,
                    "Sign in, or send a token: Authorization: Bearer weirp_...");
            return;
        }
        String query = request.getQueryString();
        String wanted = request.getRequestURI() + (query == null ? "" : "?" + query);
        response.sendRedirect(AccessConfiguration.SIGN_IN
                + (request.getMethod().equals("GET") && !wanted.equals("/") && Routes.isPage(request)
                        ? "?next=" + URLEncoder.encode(wanted, StandardCharsets.UTF_8)
                        : ""));
    }

    /** Whoever has signed in may not. */
    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, AccessDeniedException exception)
            throws IOException {
        SignedIn signedIn =
                SecurityContextHolder.getContext().getAuthentication() instanceof SignedIn known ? known : null;
        boolean api = Routes.isApi(request);
        if (exception instanceof CsrfException) {
            log.refused(
                    signedIn == null ? null : signedIn.caller(), "no CSRF token, or not that of the session", request);
            if (request.getRequestURI().equals(AccessConfiguration.SIGN_IN)) {
                response.sendRedirect(AccessConfiguration.SIGN_IN + "?expired");
                return;
            }
            refuse(
                    request,
                    response,
                    HttpStatus.FORBIDDEN,
                    "The request did not come from a page of this session: load the page again.");
            return;
        }
        if (signedIn != null && signedIn.mustChangePassword()) {
            if (api && !Routes.isPage(request)) {
                problems.write(request, response, HttpStatus.FORBIDDEN, "Choose a password of your own first.");
            } else {
                response.sendRedirect(AccessConfiguration.PASSWORD);
            }
            return;
        }
        List<String> methods = Routes.methods(request);
        if (methods.isEmpty()) {
            refuse(request, response, HttpStatus.NOT_FOUND, "There is nothing at this address.");
        } else if (!methods.contains(request.getMethod().equals("HEAD") ? "GET" : request.getMethod())) {
            response.setHeader(HttpHeaders.ALLOW, String.join(", ", methods));
            refuse(
                    request,
                    response,
                    HttpStatus.METHOD_NOT_ALLOWED,
                    "This address takes " + String.join(", ", methods) + ".");
        } else {
            log.refused(
                    signedIn == null ? null : signedIn.caller(), "the role or the tenant does not allow it", request);
            refuse(request, response, HttpStatus.FORBIDDEN, "Your role does not allow this.");
        }
    }

    private void refuse(HttpServletRequest request, HttpServletResponse response, HttpStatus status, String detail)
            throws IOException {
        if (Routes.isApi(request)) {
            problems.write(request, response, status, detail);
        } else {
            request.setAttribute(ErrorPages.DETAIL, detail);
            response.sendError(status.value());
        }
    }
}
