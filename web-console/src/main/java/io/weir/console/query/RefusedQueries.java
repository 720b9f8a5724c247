package io.weir.console.query;

import io.weir.console.access.AccessLog;
import io.weir.console.access.Caller;
import io.weir.console.api.ApiProblems;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.MethodParameter;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/**
 * Questions that are refused as what they are, in the audit log before whoever asked hears of it. Here is where the answers to them
 * all pass, whatever was wrong; what has been run, or was to be, is on record already.
 */
@RestControllerAdvice
class RefusedQueries extends RequestBodyAdviceAdapter implements ResponseBodyAdvice<Object> {

    private static final Logger LOG = LoggerFactory.getLogger(RefusedQueries.class);
    private static final String BODY = RefusedQueries.class.getName() + ".body";
    /** More than is put on record: a character has four bytes at most. */
    private static final int KEPT_BYTES = 8192;

    private static final Set<Integer> REFUSED = Stream.of(
                    HttpStatus.BAD_REQUEST,
                    HttpStatus.NOT_ACCEPTABLE,
                    HttpStatus.CONTENT_TOO_LARGE,
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE)
            .map(HttpStatus::value)
            .collect(Collectors.toUnmodifiableSet());

    private static final List<String> QUESTIONS =
            List.of("query", "requests", "devices", "device-groups", "sql", "subscriptions");

    private final AccessLog log;

    RefusedQueries(AccessLog log) {
        this.log = log;
    }

    private static boolean isQuestion(HttpServletRequest request) {
        // Decoded, as routes are found by.
        String[] path = request.getServletPath().split("/", 5);
        return path.length > 3 && QUESTIONS.contains(path[3]);
    }

    @Override
    public boolean supports(
            MethodParameter parameter, Type target, Class<? extends HttpMessageConverter<?>> converter) {
        return true;
    }

    /** What is read of the body is kept, as far as it goes on record. */
    @Override
    public HttpInputMessage beforeBodyRead(
            HttpInputMessage message,
            MethodParameter parameter,
            Type target,
            Class<? extends HttpMessageConverter<?>> converter)
            throws IOException {
        if (!(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes)
                || !isQuestion(attributes.getRequest())) {
            return message;
        }
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        attributes.getRequest().setAttribute(BODY, kept);
        InputStream body = new Remembered(message.getBody(), kept);
        return new HttpInputMessage() {
            @Override
            public InputStream getBody() {
                return body;
            }

            @Override
            public HttpHeaders getHeaders() {
                return message.getHeaders();
            }
        };
    }

    private static final class Remembered extends FilterInputStream {

        private final ByteArrayOutputStream kept;

        Remembered(InputStream in, ByteArrayOutputStream kept) {
            super(in);
            this.kept = kept;
        }

        @Override
        public int read() throws IOException {
            int one = super.read();
            if (one >= 0 && kept.size() < KEPT_BYTES) {
                kept.write(one);
            }
            return one;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            kept.write(bytes, offset, Math.max(0, Math.min(read, KEPT_BYTES - kept.size())));
            return read;
        }
    }

    @Override
    public boolean supports(MethodParameter answer, Class<? extends HttpMessageConverter<?>> converter) {
        return true;
    }

    @Override
    public @Nullable Object beforeBodyWrite(
            @Nullable Object answer,
            MethodParameter method,
            MediaType type,
            Class<? extends HttpMessageConverter<?>> converter,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
        if (!(answer instanceof ProblemDetail problem)
                || !(request instanceof ServletServerHttpRequest servlet)
                || authentication == null
                || !(authentication.getPrincipal() instanceof Caller caller)
                || !REFUSED.contains(problem.getStatus())
                || !isQuestion(servlet.getServletRequest())
                || isOnRecord(problem)) {
            return answer;
        }
        try {
            log.queryRefused(
                    caller,
                    asked(servlet.getServletRequest()),
                    String.valueOf(problem.getDetail()),
                    servlet.getServletRequest());
            return answer;
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("PostgreSQL does not answer: {}", e.getMessage());
            ResponseEntity<ProblemDetail> unavailable =
                    ApiProblems.unavailable("The metadata do not answer. Ask again in a while.");
            response.setStatusCode(unavailable.getStatusCode());
            response.getHeaders().putAll(unavailable.getHeaders());
            return unavailable.getBody();
        }
    }

    /** A statement, by its id. */
    private static boolean isOnRecord(ProblemDetail problem) {
        return problem.getProperties() != null && problem.getProperties().containsKey(ApiProblems.QUERY_ID);
    }

    private static Map<String, String> asked(HttpServletRequest request) {
        Map<String, String> asked = new HashMap<>();
        if (request.getQueryString() != null) {
            asked.put("parameters", request.getQueryString());
        }
        if (request.getAttribute(BODY) instanceof ByteArrayOutputStream body) {
            asked.put("body", body.toString(StandardCharsets.UTF_8));
        }
        return asked;
    }
}
