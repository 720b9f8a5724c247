package io.weir.console.api;

import io.weir.console.query.ClickHouse;
import io.weir.console.query.InvalidQueryException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * Problem documents (RFC 9457) for what goes wrong with queries. The {@code type} is {@code urn:weir:problem:} and a code that stays
 * the same between releases.
 */
@RestControllerAdvice
@Order(0)
class ApiProblems {

    private static final Logger LOG = LoggerFactory.getLogger(ApiProblems.class);
    private static final String RETRY_AFTER_SECONDS = "5";

    @ExceptionHandler
    ProblemDetail invalid(InvalidQueryException e) {
        String detail = String.valueOf(e.getMessage());
        ProblemDetail problem = problem(
                HttpStatus.BAD_REQUEST, "invalid_query", e.pointer().isEmpty() ? detail : e.pointer() + ": " + detail);
        problem.setProperty("errors", List.of(Map.of("pointer", e.pointer(), "detail", detail)));
        return problem;
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> failed(ClickHouse.Failure e) {
        if (e.isAway()) {
            return unavailable("The warehouse does not answer. Ask again in a while.");
        }
        if (e.isTooMuch()) {
            return ResponseEntity.unprocessableContent()
                    .body(
                            problem(
                                    HttpStatus.UNPROCESSABLE_CONTENT,
                                    "too_expensive",
                                    "The query needs more time or memory than one may use: take a shorter time, or fewer groups."));
        }
        LOG.error("ClickHouse refused a statement of ours", e);
        return ResponseEntity.internalServerError()
                .body(problem(
                        HttpStatus.INTERNAL_SERVER_ERROR, "failed", "The query could not be run. It is in the log."));
    }

    @ExceptionHandler({
        DataAccessResourceFailureException.class,
        CannotGetJdbcConnectionException.class,
        CannotCreateTransactionException.class
    })
    ResponseEntity<ProblemDetail> away(RuntimeException e) {
        LOG.warn("PostgreSQL does not answer: {}", e.getMessage());
        return unavailable("The metadata do not answer. Ask again in a while.");
    }

    /** Nobody reads it. */
    @ExceptionHandler
    ResponseEntity<Void> abandoned(ClickHouse.AbandonedException e) {
        return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).build();
    }

    static ProblemDetail problem(HttpStatus status, String code, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create("urn:weir:problem:" + code));
        return problem;
    }

    private static ResponseEntity<ProblemDetail> unavailable(String detail) {
        return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
                .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
                .body(problem(HttpStatus.SERVICE_UNAVAILABLE, "unavailable", detail));
    }
}
