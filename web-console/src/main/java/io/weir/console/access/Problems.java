package io.weir.console.access;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Problem documents (RFC 9457) from where no controller has been reached. */
@Component
public class Problems {

    /** What every type begins with; a code that stays the same between releases follows. */
    public static final String TYPE = "urn:weir:problem:";

    /** When to ask again what could not be answered because something is away. */
    public static final String RETRY_AFTER_SECONDS = "5";

    private final JsonMapper mapper;

    Problems(JsonMapper mapper) {
        this.mapper = mapper;
    }

    /** The code of a problem of which nothing more is to be said than its status. */
    public static String code(HttpStatusCode status) {
        HttpStatus known =
                Objects.requireNonNullElse(HttpStatus.resolve(status.value()), HttpStatus.INTERNAL_SERVER_ERROR);
        return switch (known) {
            case CONTENT_TOO_LARGE -> "too_large";
            case TOO_MANY_REQUESTS -> "limit_exceeded";
            case SERVICE_UNAVAILABLE -> "unavailable";
            case INTERNAL_SERVER_ERROR -> "failed";
            default -> known.name().toLowerCase(Locale.ROOT);
        };
    }

    void write(HttpServletRequest request, HttpServletResponse response, HttpStatus status, String detail)
            throws IOException {
        byte[] body = mapper.writeValueAsString(document(request.getRequestURI(), status, detail))
                .getBytes(StandardCharsets.UTF_8);
        response.setStatus(status.value());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    static ProblemDetail document(String path, HttpStatus status, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create(TYPE + code(status)));
        try {
            problem.setInstance(new URI(path));
        } catch (URISyntaxException e) {
            // Not a path that can be named: the document goes without.
            problem.setInstance(null);
        }
        return problem;
    }
}
