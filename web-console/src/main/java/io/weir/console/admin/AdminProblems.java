package io.weir.console.admin;

import io.weir.console.api.ApiProblems;
import io.weir.metadata.key.ApiKeyExistsException;
import io.weir.metadata.tenant.NameTakenException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** What was wrong, as a problem document; the messages name the field. */
@RestControllerAdvice(basePackageClasses = AdminProblems.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
class AdminProblems {

    @ExceptionHandler(IllegalArgumentException.class)
    ProblemDetail wrong(IllegalArgumentException e) {
        return ApiProblems.problem(HttpStatus.BAD_REQUEST, "invalid_value", String.valueOf(e.getMessage()));
    }

    @ExceptionHandler({NameTakenException.class, ApiKeyExistsException.class})
    ProblemDetail taken(RuntimeException e) {
        return ApiProblems.problem(HttpStatus.CONFLICT, "taken", String.valueOf(e.getMessage()));
    }
}
