package io.weir.console.query;

import static io.weir.console.api.ApiProblems.problem;

import io.weir.console.api.ApiProblems;
import io.weir.console.warehouse.PatientClient.AbandonedException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Problem documents for what goes wrong with queries, by whichever route they came. */
@RestControllerAdvice
@Order(0)
class QueryProblems {

    private static final Logger LOG = LoggerFactory.getLogger(QueryProblems.class);

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
            return ApiProblems.unavailable("The warehouse does not answer. Ask again in a while.");
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

    /** Nobody reads it. */
    @ExceptionHandler
    ResponseEntity<Void> abandoned(AbandonedException e) {
        return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).build();
    }
}
