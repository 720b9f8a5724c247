package io.weir.console.api;

import java.net.URI;
import java.sql.SQLException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * Problem documents (RFC 9457) for what goes wrong whatever is asked. The {@code type} is {@code urn:weir:problem:} and a code that stays
 * the same between releases.
 */
@RestControllerAdvice
@Order(0)
public class ApiProblems {

    private static final Logger LOG = LoggerFactory.getLogger(ApiProblems.class);
    private static final String NOT_IN_REPERTOIRE = "22021";
    private static final String RETRY_AFTER_SECONDS = "5";

    @ExceptionHandler({
        DataAccessResourceFailureException.class,
        CannotGetJdbcConnectionException.class,
        CannotCreateTransactionException.class
    })
    ResponseEntity<ProblemDetail> away(RuntimeException e) {
        LOG.warn("PostgreSQL does not answer: {}", e.getMessage());
        return unavailable("The metadata do not answer. Ask again in a while.");
    }

    /** Bytes that are no text, or an escape that is cut off. */
    @ExceptionHandler
    ProblemDetail undecodable(InvalidParameterException e) {
        return problem(
                HttpStatus.BAD_REQUEST, "invalid_parameter", "A parameter of the address is not encoded as UTF-8.");
    }

    /** The one character of JSON that PostgreSQL keeps in no text. */
    @ExceptionHandler
    ProblemDetail unstorable(DataIntegrityViolationException e) {
        if (e.getMostSpecificCause() instanceof SQLException cause && NOT_IN_REPERTOIRE.equals(cause.getSQLState())) {
            return problem(HttpStatus.BAD_REQUEST, "invalid_text", "A text holds a character that cannot be stored.");
        }
        throw e;
    }

    /** @param code of the kind of problem: letters and underscores */
    public static ProblemDetail problem(HttpStatus status, String code, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create("urn:weir:problem:" + code));
        return problem;
    }

    /** 503, to be asked again. */
    public static ResponseEntity<ProblemDetail> unavailable(String detail) {
        return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
                .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
                .body(problem(HttpStatus.SERVICE_UNAVAILABLE, "unavailable", detail));
    }
}
