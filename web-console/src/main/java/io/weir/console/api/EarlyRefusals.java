package io.weir.console.api;

import io.weir.console.access.Problems;
import java.io.IOException;
import java.io.Writer;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/** Problem documents for what Tomcat refuses before any filter sees it, such as an address that is not UTF-8. */
final class EarlyRefusals extends ErrorReportValve {

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        HttpStatus status = HttpStatus.resolve(response.getStatus());
        String uri = request.getRequestURI();
        if (status == null
                || !status.isError()
                // There is none where the first line was not read to its end.
                || uri != null && !uri.startsWith("/api/")
                || response.getContentWritten() > 0
                || !response.setErrorReported()) {
            return;
        }
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        try {
            Writer out = response.getReporter();
            if (out != null) {
                out.write(
                        "{\"type\":\"%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"The request was not understood.\"}"
                                .formatted(
                                        Problems.TYPE + Problems.code(status),
                                        status.getReasonPhrase(),
                                        status.value()));
                response.finishResponse();
            }
        } catch (IOException e) {
            // Nobody is there to hear it.
        }
    }
}
