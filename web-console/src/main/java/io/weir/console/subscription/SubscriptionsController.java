package io.weir.console.subscription;

import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.access.Standing;
import io.weir.console.api.ApiProblems;
import io.weir.console.api.Data;
import io.weir.console.api.NotFoundException;
import io.weir.console.api.Refuses;
import io.weir.console.query.InvalidQueryException;
import io.weir.console.query.QueryReader;
import io.weir.metadata.subscription.Subscription;
import io.weir.metadata.subscription.Subscription.Result;
import io.weir.metadata.subscription.Subscriptions;
import io.weir.metadata.tenant.NameTakenException;
import io.weir.metadata.user.Role;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.JsonNode;

/** Subscriptions: one's own; for operators those of their tenant as well. */
@RestController
@RequestMapping(path = "/api/v1/subscriptions", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "subscriptions", description = "Queries that are run at an interval")
class SubscriptionsController {

    private static final Pattern INTERVAL = Pattern.compile("(\\d{1,9})([smhd])");

    /**
     * @param every such as {@code 30s}, {@code 5m}, {@code 1h}, {@code 1d}
     * @param query in the query language; relative times count from each run
     */
    record NewSubscription(
            @Schema(requiredMode = REQUIRED) @Nullable String name,

            @Schema(requiredMode = REQUIRED, description = "an interval: a number and s, m, h or d, such as 5m")
            @Nullable
            String every,

            @Schema(requiredMode = REQUIRED, ref = "#/components/schemas/Query") @Nullable
            JsonNode query) {}

    record View(
            UUID id,
            String name,
            String owner,
            @Nullable String tenant,

            @Schema(ref = "#/components/schemas/Query") @JsonRawValue
            String query,

            @JsonProperty("every_seconds") long everySeconds,
            boolean paused,
            @JsonProperty("due_at") @Nullable Instant dueAt,
            @JsonProperty("last_number") long lastNumber,
            @JsonProperty("created_at") Instant createdAt) {}

    /**
     * @param number for {@code before}, and for {@code Last-Event-ID}
     * @param result as the query API answers; null if it failed
     */
    record ResultView(
            long number,
            @JsonProperty("ran_at") Instant ranAt,

            @Schema(ref = "#/components/schemas/Answer") @JsonRawValue @Nullable
            String result,

            @Nullable String error) {}

    private final Subscriptions subscriptions;
    private final QueryReader reader;
    private final ResultStreams streams;
    private final Standing standing;

    SubscriptionsController(Subscriptions subscriptions, QueryReader reader, ResultStreams streams, Standing standing) {
        this.subscriptions = subscriptions;
        this.reader = reader;
        this.streams = streams;
        this.standing = standing;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "Subscribes to a query", description = "It is run at once, and then at the interval.")
    @ResponseStatus(HttpStatus.CREATED)
    @Refuses(409)
    ResponseEntity<Data<View>> create(Caller caller, @RequestBody NewSubscription wanted) {
        if (wanted.query() == null) {
            throw new InvalidQueryException("/query", "query is missing");
        }
        try {
            // Read for its errors: it is read anew at each run.
            reader.read(wanted.query(), caller);
        } catch (InvalidQueryException e) {
            throw new InvalidQueryException("/query" + e.pointer(), String.valueOf(e.getMessage()));
        }
        if (wanted.name() == null) {
            throw new InvalidQueryException("/name", "name is missing");
        }
        try {
            Subscription made = subscriptions.create(
                    wanted.name(),
                    caller.name(),
                    caller.role(),
                    caller.tenant(),
                    wanted.query().toString(),
                    interval(wanted.every()));
            return ResponseEntity.created(URI.create("/api/v1/subscriptions/" + made.id()))
                    .body(Data.of(view(made)));
        } catch (IllegalArgumentException e) {
            throw new InvalidQueryException("", String.valueOf(e.getMessage()));
        }
    }

    private static Duration interval(@Nullable String every) {
        if (every == null) {
            throw new InvalidQueryException("/every", "every is missing: it is an interval such as 5m");
        }
        Matcher interval = INTERVAL.matcher(every);
        if (!interval.matches()) {
            throw new InvalidQueryException(
                    "/every", "'" + every + "' is not an interval: a number and s, m, h or d, such as 5m");
        }
        long number = Long.parseLong(interval.group(1));
        return switch (interval.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    @GetMapping
    @Operation(summary = "Lists subscriptions")
    Data<List<View>> list(Caller caller) {
        return Data.of(subscriptions.list(caller.tenant()).stream()
                .filter(subscription -> maySee(subscription, caller))
                .map(SubscriptionsController::view)
                .toList());
    }

    @GetMapping("/{id}")
    @Operation(summary = "A subscription")
    Data<View> get(Caller caller, @PathVariable UUID id) {
        return Data.of(view(find(id, caller)));
    }

    @PostMapping("/{id}/pause")
    @Operation(summary = "Runs it no more until it is resumed")
    Data<View> pause(Caller caller, @PathVariable UUID id) {
        subscriptions.pause(find(id, caller), caller.name());
        return Data.of(view(find(id, caller)));
    }

    @PostMapping("/{id}/resume")
    @Operation(summary = "Runs it again, from the next of its times on")
    Data<View> resume(Caller caller, @PathVariable UUID id) {
        subscriptions.resume(find(id, caller), caller.name());
        return Data.of(view(find(id, caller)));
    }

    @DeleteMapping("/{id}")
    @Operation(summary = "Deletes it with its results")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    ResponseEntity<Void> delete(Caller caller, @PathVariable UUID id) {
        subscriptions.delete(find(id, caller), caller.name());
        return ResponseEntity.noContent().build();
    }

    /** @param before the number of a result: those older than it; the newest without it */
    @GetMapping("/{id}/results")
    @Operation(summary = "Its results, the newest first", description = "The newest 1,000 are kept.")
    Data<List<ResultView>> results(
            Caller caller,
            @PathVariable UUID id,
            @RequestParam(defaultValue = "9223372036854775807") long before,
            @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "100"))
                    @RequestParam(defaultValue = "20")
                    int limit) {
        if (limit < 1 || limit > 100) {
            throw new InvalidQueryException("/limit", "limit is " + limit + ": it must be 1 to 100");
        }
        return Data.of(subscriptions.before(find(id, caller).id(), before, limit).stream()
                .map(SubscriptionsController::view)
                .toList());
    }

    @GetMapping(path = "/{id}/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(
            summary = "Its results as they come, as server-sent events",
            description =
                    "Begins with the newest, or with the one after Last-Event-ID: nothing that is kept is left out.",
            responses =
                    @ApiResponse(
                            responseCode = "200",
                            description = "OK",
                            content = @Content(mediaType = "text/event-stream", schema = @Schema(type = "string"))))
    SseEmitter stream(
            Caller caller,
            @PathVariable UUID id,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEvent,
            HttpServletRequest request,
            HttpServletResponse response) {
        Subscription subscription = find(id, caller);
        long seen = lastEvent == null ? Math.max(0, subscription.lastNumber() - 1) : number(lastEvent);
        BooleanSupplier same = standing.of(request, caller);
        try {
            SseEmitter stream = streams.open(
                    id,
                    caller.name(),
                    seen,
                    now -> same.getAsBoolean() && caller.sees(now.tenant()) && maySee(now, caller),
                    SubscriptionsController::view);
            response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
            response.setHeader("X-Accel-Buffering", "no");
            return stream;
        } catch (ResponseStatusException e) {
            response.setHeader(HttpHeaders.RETRY_AFTER, "60");
            throw e;
        }
    }

    private static long number(String lastEvent) {
        try {
            return Math.max(0, Long.parseLong(lastEvent.strip()));
        } catch (NumberFormatException e) {
            throw new InvalidQueryException("", "Last-Event-ID is not the number of a result");
        }
    }

    private Subscription find(UUID id, Caller caller) {
        return subscriptions
                .find(id)
                .filter(subscription -> caller.sees(subscription.tenant()) && maySee(subscription, caller))
                .orElseThrow(() -> new NotFoundException("There is no such subscription."));
    }

    private static boolean maySee(Subscription subscription, Caller caller) {
        return subscription.owner().equals(caller.name()) || caller.role().includes(Role.OPERATOR);
    }

    private static View view(Subscription subscription) {
        return new View(
                subscription.id(),
                subscription.name(),
                subscription.owner(),
                subscription.tenant(),
                subscription.query(),
                subscription.every().toSeconds(),
                subscription.paused(),
                subscription.paused() ? null : subscription.dueAt(),
                subscription.lastNumber(),
                subscription.createdAt());
    }

    private static ResultView view(Result result) {
        return new ResultView(result.number(), result.ranAt(), result.result(), result.error());
    }

    @ExceptionHandler
    ProblemDetail taken(NameTakenException e) {
        return ApiProblems.problem(HttpStatus.CONFLICT, "taken", String.valueOf(e.getMessage()));
    }
}
