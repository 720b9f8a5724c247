package io.weir.source.http.problem;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * A refusal as a problem document (RFC 9457). Its {@code type} is {@code urn:weir:problem:} and a code that stays the same
 * between releases. It is thrown on the way to the one place that writes answers, and carries no stack trace.
 */
public final class Problem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final HttpStatus status;
    private final String code;
    private final long retryAfterSeconds;
    private final boolean retryable;

    public Problem(HttpStatus status, String code, String detail) {
        this(status, code, detail, false, 0);
    }

    private Problem(HttpStatus status, String code, String detail, boolean retryable, long retryAfterSeconds) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
        this.retryable = retryable;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    public static Problem unauthorized(String code, String detail) {
        return new Problem(HttpStatus.UNAUTHORIZED, code, detail);
    }

    public static Problem badRequest(String code, String detail) {
        return new Problem(HttpStatus.BAD_REQUEST, code, detail);
    }

    /** 503; the one who answers adds how long to wait. */
    public static Problem unavailable(String code, String detail) {
        return new Problem(HttpStatus.SERVICE_UNAVAILABLE, code, detail, true, 0);
    }

    /** 429 for a limit by that name that is used up. */
    public static Problem tooManyRequests(String limit, long allowed, long retryAfterSeconds) {
        return new Problem(
                HttpStatus.TOO_MANY_REQUESTS,
                "limit_exceeded",
                "The limit " + limit + " of " + allowed + " is used up.",
                true,
                retryAfterSeconds);
    }

    public HttpStatus status() {
        return status;
    }

    public String code() {
        return code;
    }

    /** The value of Retry-After in seconds, or null where a retry of the same request would fail again. */
    public @Nullable Long retryAfterSeconds(long otherwise) {
        if (!retryable) {
            return null;
        }
        return retryAfterSeconds > 0 ? retryAfterSeconds : otherwise;
    }

    /** The members of the document; the caller may add its own. */
    public Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", "urn:weir:problem:" + code);
        document.put("title", status.getReasonPhrase());
        document.put("status", status.value());
        document.put("detail", getMessage());
        return document;
    }
}
