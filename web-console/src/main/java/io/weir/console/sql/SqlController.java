package io.weir.console.sql;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.access.Problems;
import io.weir.console.api.ApiProblems;
import io.weir.console.api.ClientConnection;
import io.weir.console.api.Data;
import io.weir.console.api.NotFoundException;
import io.weir.console.api.Refuses;
import io.weir.console.warehouse.PatientClient.AbandonedException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** SQL for analysts and those above. */
@RestController
@RequestMapping("/api/v1/sql")
@Tag(name = "sql", description = "Statements of analysts")
class SqlController {

    static final String ID = "X-Weir-Query-Id";
    static final String TRUNCATED = "X-Weir-Truncated";
    static final String ROWS = "X-Weir-Rows";

    /**
     * A result as ClickHouse writes it, with two members before it. What else ClickHouse says is passed on.
     *
     * @param truncated whether a limit cut rows off
     */
    record InJson(
            @JsonProperty("query_id") UUID queryId,
            boolean truncated,
            List<Column> meta,
            List<Map<String, @Nullable Object>> data,
            long rows,
            Statistics statistics) {}

    /** @param type of ClickHouse */
    record Column(String name, String type) {}

    /** @param elapsed in seconds */
    record Statistics(
            double elapsed,
            @JsonProperty("rows_read") long rowsRead,
            @JsonProperty("bytes_read") long bytesRead) {}

    private final SqlQueries queries;

    SqlController(SqlQueries queries) {
        this.queries = queries;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            summary = "Runs a statement that reads",
            responses =
                    @ApiResponse(
                            responseCode = "200",
                            description = "The result, in the format that was asked for",
                            content = {
                                @Content(
                                        mediaType = "application/json",
                                        schema = @Schema(implementation = InJson.class)),
                                @Content(mediaType = "application/x-ndjson", schema = @Schema(type = "string")),
                                @Content(mediaType = "text/csv", schema = @Schema(type = "string")),
                                @Content(mediaType = "application/vnd.apache.parquet"),
                                @Content(mediaType = "application/vnd.apache.arrow.stream")
                            }))
    @Refuses({409, 422, 502})
    void run(
            Caller caller,
            @RequestBody SqlRequest request,
            @Parameter(hidden = true) @RequestHeader(name = HttpHeaders.ACCEPT, defaultValue = "*/*") String accept,
            ClientConnection connection,
            HttpServletResponse response)
            throws IOException {
        ResultFormat format = format(request.format(), accept);
        try (SqlQueries.Result result = queries.run(caller, request, format, connection::isClosed)) {
            response.setHeader(ID, result.id());
            response.setHeader(ROWS, Long.toString(result.rows()));
            response.setHeader(TRUNCATED, Boolean.toString(result.truncated()));
            response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
            response.setContentType(format.mediaType);
            if (format == ResultFormat.CSV) {
                response.setCharacterEncoding(StandardCharsets.UTF_8);
            }
            if (format != ResultFormat.JSON) {
                // Whoever saves it as a file sees by its name that it is not all.
                response.setHeader(
                        HttpHeaders.CONTENT_DISPOSITION,
                        "attachment; filename=\"query" + (result.truncated() ? "-truncated" : "") + "." + format.suffix
                                + "\"");
            }
            copy(result, response.getOutputStream());
        } catch (AbandonedException e) {
            // There is nobody to answer.
            response.setStatus(HttpStatus.SERVICE_UNAVAILABLE.value());
        }
    }

    private static void copy(SqlQueries.Result result, OutputStream out) throws IOException {
        if (result.format() == ResultFormat.JSON) {
            read(result, new byte[1]); // the opening brace
            out.write(("{\"query_id\":\"" + result.id() + "\",\"truncated\":" + result.truncated() + ",")
                    .getBytes(StandardCharsets.US_ASCII));
        }
        byte[] buffer = new byte[1 << 16];
        for (int length; (length = read(result, buffer)) >= 0; ) {
            out.write(buffer, 0, length);
        }
    }

    /**
     * An answer that ends in good order looks complete. Tomcat breaks the connection at an exception that nobody catches; an
     * exception that says or holds that a connection broke would be taken for the client's own, and end in good order.
     */
    private static int read(SqlQueries.Result result, byte[] buffer) {
        try {
            return result.reply().body().read(buffer);
        } catch (IOException e) {
            throw new IllegalStateException("ClickHouse did not send the result of " + result.id() + " to its end");
        }
    }

    @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "Lists statements that are running: one's own, for administrators all")
    Data<List<SqlQueries.Running>> running(Caller caller) {
        return Data.of(queries.running(caller));
    }

    @DeleteMapping("/{id}")
    @Operation(summary = "Ends a statement that is running")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    ResponseEntity<Void> cancel(Caller caller, @PathVariable UUID id) {
        if (!queries.cancel(caller, id)) {
            throw new NotFoundException("no query of that id is running that you may cancel");
        }
        return ResponseEntity.noContent().build();
    }

    private static ResultFormat format(@Nullable String name, String accept) {
        if (name != null) {
            return ResultFormat.named(name)
                    .orElseThrow(() -> new SqlException(
                            HttpStatus.BAD_REQUEST,
                            "format '" + name + "' is not known: it is one of "
                                    + List.of("json", "ndjson", "csv", "parquet", "arrow")));
        }
        return ResultFormat.accepted(accept)
                .orElseThrow(() -> new SqlException(
                        HttpStatus.NOT_ACCEPTABLE, "none of the formats that you accept can be served: " + accept));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> problem(SqlException e) {
        ProblemDetail problem = ApiProblems.problem(e.status(), code(e.status()), String.valueOf(e.getMessage()));
        e.properties().forEach(problem::setProperty);
        ResponseEntity.BodyBuilder answer =
                ResponseEntity.status(e.status()).contentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (e.properties().get(ApiProblems.QUERY_ID) instanceof String id) {
            answer.header(ID, id);
        }
        return answer.body(problem);
    }

    private static String code(HttpStatus status) {
        return switch (status) {
            case BAD_REQUEST -> "invalid_statement";
            case FORBIDDEN -> "refused_statement";
            case UNPROCESSABLE_CONTENT -> "too_expensive";
            default -> Problems.code(status);
        };
    }
}
