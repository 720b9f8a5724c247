package io.weir.console.requests;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.api.ClientConnection;
import io.weir.console.api.NotFoundException;
import io.weir.console.api.Polled;
import io.weir.console.query.InvalidQueryException;
import io.weir.console.query.Query;
import io.weir.console.query.QueryReader;
import io.weir.metadata.aggregation.Aggregation;
import io.weir.metadata.aggregation.Aggregations;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Aggregates that are computed in the background. */
@RestController
@RequestMapping(path = "/api/v1/requests/aggregate", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "requests")
class AggregateController {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    private static final Set<String> MEMBERS = Set.of(
            "start_time", "end_time", "metrics", "filter", "group_by", "grain", "order_by", "limit", "time_zone");
    private static final Map<String, String> QUERY_MEMBERS =
            Map.of("start_time", "from", "end_time", "to", "metrics", "select");

    private final QueryReader reader;
    private final Aggregations aggregations;
    private final AggregateRunner runner;

    AggregateController(QueryReader reader, Aggregations aggregations, AggregateRunner runner) {
        this.reader = reader;
        this.aggregations = aggregations;
        this.runner = runner;
    }

    record Submitted(
            String status,
            String message,
            @JsonProperty("aggregation_id") UUID aggregationId) {}

    /**
     * @param status pending, running, success or error
     * @param error why there is no result; null unless status is error
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Result(
            String status,
            @JsonProperty("aggregation_id") UUID aggregationId,
            @JsonProperty("submitted_at") String submittedAt,
            @JsonProperty("finished_at") @Nullable String finishedAt,
            @Nullable JsonNode data,
            @Nullable JsonNode meta,
            @Nullable String error) {}

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            summary = "Hands in an aggregation of requests",
            description =
                    "start_time, end_time and metrics as from, to and select of the query language; further filter,"
                            + " group_by, grain, order_by, limit and time_zone as there")
    @io.swagger.v3.oas.annotations.parameters.RequestBody(
            required = true,
            content = @Content(schema = @Schema(ref = "#/components/schemas/Aggregation")))
    @ResponseStatus(HttpStatus.ACCEPTED)
    ResponseEntity<Submitted> submit(Caller caller, @RequestBody JsonNode body) {
        if (!body.isObject()) {
            throw new InvalidQueryException("", "must be an object");
        }
        Map<String, Object> document = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : body.properties()) {
            if (!MEMBERS.contains(member.getKey())) {
                throw new InvalidQueryException(
                        "/" + member.getKey().replace("~", "~0").replace("/", "~1"),
                        "is not known here: " + MEMBERS.stream().sorted().toList());
            }
            document.put(QUERY_MEMBERS.getOrDefault(member.getKey(), member.getKey()), member.getValue());
        }
        for (String needed : List.of("start_time", "end_time")) {
            if (!body.has(needed)) {
                throw new InvalidQueryException("/" + needed, needed + " is missing");
            }
        }
        Query query = query(document).read(caller);
        // What is relative is meant from now, not from when it is run.
        document.put("from", query.from().toString());
        document.put("to", query.to().toString());
        UUID id = aggregations
                .submit(caller.name(), caller.role(), caller.tenant(), MAPPER.writeValueAsString(document))
                .orElseThrow(() -> new InvalidQueryException(
                        "", "you have " + Aggregations.MOST_OPEN + " aggregations without a result: wait for these"));
        runner.wake();
        return ResponseEntity.accepted()
                .location(URI.create("/api/v1/requests/aggregate/" + id))
                .body(new Submitted("success", "Aggregation request submitted.", id));
    }

    /** @param wait in seconds */
    @GetMapping("/{id}")
    @Operation(
            summary = "How far an aggregation is, and its result",
            description = "Kept for seven days. wait: answers when there is a result, or after so many seconds")
    ResponseEntity<Result> result(
            Caller caller,
            ClientConnection connection,
            WebRequest web,
            @PathVariable String id,
            @Parameter(schema = @Schema(type = "integer", minimum = "0", maximum = "60"))
                    @RequestParam(defaultValue = "0")
                    int wait) {
        if (wait < 0 || wait > LONGEST_WAIT.toSeconds()) {
            throw new InvalidQueryException(
                    "/wait", "wait is " + wait + ": it must be 0 to " + LONGEST_WAIT.toSeconds() + ", in seconds");
        }
        Aggregation found = find(id, caller);
        if (wait > 0 && found.finishedAt() == null) {
            found = runner.await(found.id(), Duration.ofSeconds(wait), () -> find(id, caller), connection::isClosed);
        }
        JsonNode answer = found.result() == null ? null : MAPPER.readTree(found.result());
        Result result = new Result(
                found.state().name().toLowerCase(Locale.ROOT),
                found.id(),
                found.submittedAt().toString(),
                found.finishedAt() == null ? null : found.finishedAt().toString(),
                answer == null ? null : answer.get("data"),
                answer == null ? null : answer.get("meta"),
                found.error());
        // The result of one that has ended stays as it is.
        return Polled.answer(web, List.of(result.aggregationId(), result.status()), result);
    }

    /** The result is of the owner's tenant and as the owner's role sees it. */
    private Aggregation find(String id, Caller caller) {
        try {
            return aggregations
                    .find(UUID.fromString(id))
                    .filter(found -> caller.tenant() == null || caller.tenant().equals(found.tenant()))
                    .filter(found -> caller.role().includes(found.role()))
                    .orElseThrow(() -> new IllegalArgumentException(id));
        } catch (IllegalArgumentException e) {
            throw new NotFoundException("There is no such aggregation.");
        }
    }

    /** As it was handed in, and as it is read again when it is run. */
    private RequestQuery query(Map<String, Object> document) {
        return query(reader, document);
    }

    static RequestQuery query(QueryReader reader, Map<String, Object> document) {
        RequestQuery query = new RequestQuery(reader, document);
        QUERY_MEMBERS.forEach((name, member) -> query.naming(member, name));
        return query;
    }
}
