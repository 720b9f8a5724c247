package io.weir.console.api;

import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;

/** There is no such thing, or it is not the caller's to see: the two look the same. */
public final class NotFoundException extends ErrorResponseException {

    private static final long serialVersionUID = 1;

    public NotFoundException(String detail) {
        super(HttpStatus.NOT_FOUND, ApiProblems.problem(HttpStatus.NOT_FOUND, "not_found", detail), null);
    }
}
