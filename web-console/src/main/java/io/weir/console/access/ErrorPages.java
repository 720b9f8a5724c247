package io.weir.console.access;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.servlet.ModelAndView;

/** What is left to say where something went wrong on the way: never what it was in detail. */
@Controller
@Hidden
class ErrorPages implements ErrorController {

    static final String DETAIL = "weir.detail";

    @RequestMapping("/error")
    Object error(HttpServletRequest request, HttpServletResponse response) {
        Object code = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        HttpStatus known = code instanceof Integer number ? HttpStatus.resolve(number) : null;
        Object failure = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
        boolean away = failure instanceof DataAccessResourceFailureException || failure instanceof TransactionException;
        if (away) {
            response.setHeader(HttpHeaders.RETRY_AFTER, Problems.RETRY_AFTER_SECONDS);
        }
        // Nobody has to ask for this page itself.
        HttpStatus status = away ? HttpStatus.SERVICE_UNAVAILABLE : known != null ? known : HttpStatus.NOT_FOUND;
        Object path = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        String detail = request.getAttribute(DETAIL) instanceof String text
                ? text
                : away
                        ? "The metadata do not answer. Ask again in a while."
                        : status.is5xxServerError()
                                ? "Something went wrong here. Try again; if it stays, ask whoever looks after this console."
                                : "The request was not understood.";
        if (path instanceof String uri && Routes.isApi(uri)) {
            return ResponseEntity.status(status)
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .body(Problems.document(uri, status, detail));
        }
        return new ModelAndView(
                "error",
                Map.of("status", status.value(), "reason", status.getReasonPhrase(), "detail", detail),
                status);
    }
}
