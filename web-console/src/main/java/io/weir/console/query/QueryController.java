package io.weir.console.query;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.api.ClientConnection;
import io.weir.console.api.Refuses;
import io.weir.warehouse.rollup.Rollup.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The query language over HTTP. */
@RestController
@RequestMapping(path = "/api/v1/query", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "query", description = "Questions in the query language")
@Refuses(422)
class QueryController {

    private static final int MOST_BYTES = 64 * 1024;

    /** @param of events or measurements */
    record MetricWord(
            String name,
            String of,
            String meaning,
            boolean approximate,
            @JsonProperty("rolled_up") boolean rolledUp) {}

    /** @param masked whether it is hidden from the caller, who may not use it */
    record FieldWord(String name, String kind, boolean masked) {}

    record Vocabulary(String status, List<MetricWord> metrics, List<FieldWord> fields) {}

    private final QueryReader reader;
    private final Queries queries;

    QueryController(QueryReader reader, Queries queries) {
        this.reader = reader;
        this.queries = queries;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            summary = "Answers a query",
            description = "With \"explain\": true it is explained and not run.",
            responses =
                    @ApiResponse(
                            responseCode = "200",
                            description = "OK",
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                                            schema = @Schema(oneOf = {Answer.class, Explanation.class}))))
    @RequestBody(required = true, content = @Content(schema = @Schema(ref = QueryDocument.REFERENCE)))
    Object query(
            Caller caller,
            ClientConnection connection,
            @org.springframework.web.bind.annotation.RequestBody byte[] body) {
        QueryReader.Request request = read(body, caller);
        return request.explain()
                ? queries.explain(caller, request.query(), connection::isClosed)
                : queries.answer(caller, request.query(), connection::isClosed);
    }

    @PostMapping(path = "/explain", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "Says how a query would be answered: tables, times, SQL")
    @RequestBody(required = true, content = @Content(schema = @Schema(ref = QueryDocument.REFERENCE)))
    Explanation explain(
            Caller caller,
            ClientConnection connection,
            @org.springframework.web.bind.annotation.RequestBody byte[] body) {
        return queries.explain(caller, read(body, caller).query(), connection::isClosed);
    }

    @GetMapping("/vocabulary")
    @Operation(summary = "What can be selected, filtered and grouped by")
    Vocabulary vocabulary(Caller caller) {
        List<MetricWord> metrics = new ArrayList<>();
        for (Subject subject : Subject.values()) {
            Metric.all(subject)
                    .forEach(metric -> metrics.add(new MetricWord(
                            metric.name(),
                            subject.name().toLowerCase(Locale.ROOT),
                            metric.meaning(),
                            metric.approximate(),
                            !metric.columns().isEmpty())));
        }
        List<FieldWord> fields = new ArrayList<>();
        Field.all().forEach(field -> {
            if (!field.name().equals(Field.TENANT) || caller.tenant() == null) {
                fields.add(new FieldWord(
                        field.name(),
                        field.kind().name().toLowerCase(Locale.ROOT),
                        field.personal() && QueryReader.isMasked(caller)));
            }
        });
        return new Vocabulary("success", metrics, fields);
    }

    private QueryReader.Request read(byte[] body, Caller caller) {
        if (body.length > MOST_BYTES) {
            throw new InvalidQueryException(
                    "", "a query may have " + MOST_BYTES + " bytes; this one has " + body.length);
        }
        return reader.read(body, caller);
    }
}
