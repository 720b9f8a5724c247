package io.weir.console.api;

import io.weir.console.access.Problems;
import java.net.URI;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
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
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/**
 * Problem documents (RFC 9457) for what goes wrong whatever is asked. The {@code type} is {@code urn:weir:problem:} and a code that stays
 * the same between releases.
 */
@RestControllerAdvice
@Order(0)
public class ApiProblems {

    /** A member of the problem of a statement that is on record: under what. */
    public static final String QUERY_ID = "query_id";

    private static final Logger LOG = LoggerFactory.getLogger(ApiProblems.class);
    private static final String NOT_IN_REPERTOIRE = "22021";

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

    /** What is wrong with a body, and where. */
    @ExceptionHandler
    ProblemDetail unreadable(HttpMessageNotReadableException e) {
        String pointer = "";
        String detail = "the body is missing";
        if (e.getCause() instanceof DatabindException wrong) {
            pointer = pointer(wrong);
            detail = wrong instanceof UnrecognizedPropertyException unknown
                    ? "is not known here: "
                            + unknown.getKnownPropertyIds().stream()
                                    .map(String::valueOf)
                                    .sorted()
                                    .toList()
                    : wrong instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null
                            ? "must be " + word(mismatch.getTargetType())
                            : "is not valid";
        } else if (e.getCause() instanceof JacksonException broken) {
            detail = "the body is not JSON" + place(broken);
        }
        return at(pointer, "invalid_body", detail);
    }

    @ExceptionHandler
    ProblemDetail unknown(KnownParameters.UnknownParameterException e) {
        return at("/" + escaped(e.name()), "invalid_parameter", String.valueOf(e.getMessage()));
    }

    @ExceptionHandler
    ProblemDetail misfit(MethodArgumentTypeMismatchException e) {
        return at(
                "/" + escaped(e.getName()),
                "invalid_parameter",
                "must be " + word(e.getRequiredType() == null ? Object.class : e.getRequiredType()));
    }

    private static ProblemDetail at(String pointer, String code, String detail) {
        ProblemDetail problem =
                problem(HttpStatus.BAD_REQUEST, code, pointer.isEmpty() ? detail : pointer + ": " + detail);
        problem.setProperty("errors", List.of(Map.of("pointer", pointer, "detail", detail)));
        return problem;
    }

    private static String pointer(DatabindException e) {
        return e.getPath().stream()
                .map(step -> "/"
                        + (step.getPropertyName() == null
                                ? Integer.toString(step.getIndex())
                                : escaped(step.getPropertyName())))
                .collect(Collectors.joining());
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    private static String word(Class<?> type) {
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (type == Instant.class) {
            return "a time such as 2026-11-01T12:00:00Z";
        }
        if (type == UUID.class) {
            return "a UUID";
        }
        if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
            return "a number";
        }
        return type == String.class ? "a text" : Collection.class.isAssignableFrom(type) ? "an array" : "an object";
    }

    /** Where a text stops being JSON, for people; nothing if that is not known. */
    public static String place(JacksonException e) {
        TokenStreamLocation location = e.getLocation();
        return location == null || location.getLineNr() < 1
                ? ""
                : ": see line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    /** @param code of the kind of problem: letters and underscores */
    public static ProblemDetail problem(HttpStatus status, String code, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create(Problems.TYPE + code));
        return problem;
    }

    /** 503, to be asked again. */
    public static ResponseEntity<ProblemDetail> unavailable(String detail) {
        return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
                .header(HttpHeaders.RETRY_AFTER, Problems.RETRY_AFTER_SECONDS)
                .body(problem(HttpStatus.SERVICE_UNAVAILABLE, "unavailable", detail));
    }
}
