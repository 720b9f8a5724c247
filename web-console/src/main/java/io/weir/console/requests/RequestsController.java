package io.weir.console.requests;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.api.ClientConnection;
import io.weir.console.api.Polled;
import io.weir.console.api.Refuses;
import io.weir.console.query.Answer;
import io.weir.console.query.Field;
import io.weir.console.query.InvalidQueryException;
import io.weir.console.query.Queries;
import io.weir.console.query.QueryReader;
import io.weir.console.query.Times;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;

/** The busiest, slowest or most faulty of the requests, and how they went day by day. */
@RestController
@RequestMapping(path = "/api/v1/requests", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "requests", description = "Ready questions about requests")
@Refuses(422)
class RequestsController {

    /** The words of this route for the metrics of the query language; it knows those too. */
    private static final Map<String, String> METRICS = Map.of("frequency", "events", "latency", "latency_avg");

    private static final String OF_TENANT = "one of all tenants, for those who see all";

    private final QueryReader reader;
    private final Queries queries;

    RequestsController(QueryReader reader, Queries queries) {
        this.reader = reader;
        this.queries = queries;
    }

    /** @param requestId a value of what it is by */
    record Top(
            @JsonProperty("request_id") Object requestId,
            @JsonProperty("metric_value") Object metricValue) {}

    record TopK(String status, List<Top> data, Answer.Meta meta) {}

    @GetMapping("/top-k")
    @Operation(
            summary = "The greatest by a metric",
            description =
                    "metric: frequency, latency (mean, ms), errors, bytes, users, or a metric of the query language;"
                            + " by: endpoint (with its identifiers left out), or a field of the query language that is not hidden from the caller")
    ResponseEntity<TopK> topK(
            Caller caller,
            ClientConnection connection,
            WebRequest web,
            @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "" + QueryReader.MOST_ROWS))
                    @RequestParam(defaultValue = "10")
                    String k,
            @Parameter(description = "frequency, latency, errors, bytes, users, or one of /api/v1/query/vocabulary")
                    @RequestParam(defaultValue = "frequency")
                    String metric,
            @Parameter(description = "endpoint, or a field of /api/v1/query/vocabulary")
                    @RequestParam(defaultValue = "endpoint")
                    String by,
            @Parameter(description = "a time such as 2026-11-01, 2026-11-01T12:00:00Z, -24h or now")
                    @RequestParam(defaultValue = "-24h")
                    String from,
            @Parameter(description = "as from; itself not included") @RequestParam(defaultValue = "now") String to,
            @Parameter(description = OF_TENANT) @RequestParam(required = false) @Nullable String tenant) {
        String field = by.equals("endpoint") ? "endpoint_template" : by;
        String selected = METRICS.getOrDefault(metric, metric);
        Map<String, Object> query = new LinkedHashMap<>();
        query.put("select", List.of(selected));
        query.put("from", from);
        query.put("to", to);
        query.put("filter", filter(caller, tenant));
        query.put("group_by", List.of(field));
        query.put("order_by", List.of("-" + selected));
        query.put("limit", number(k));
        Answer answer = new RequestQuery(reader, query)
                .naming("select/0", "metric")
                .naming("filter/0/field", "tenant")
                .naming("group_by/0", "by")
                .naming("limit", "k")
                .answer(queries, caller, connection);
        List<Top> data = answer.data().stream()
                .filter(row -> row.get(selected) != null)
                .map(row -> new Top(Objects.requireNonNull(row.get(field)), Objects.requireNonNull(row.get(selected))))
                .toList();
        // Those without a value of the metric come last: where there is one, no more of the others are left.
        Answer shown = data.size() < answer.data().size() ? answer.whole() : answer;
        return Polled.answer(web, data, new TopK(answer.status(), data, shown.meta()));
    }

    /** @param averageLatency in ms; null where no request has a latency */
    record Day(
            String date,
            @JsonProperty("total_requests") @Nullable Object totalRequests,
            @JsonProperty("average_latency") @Nullable Object averageLatency,
            @JsonProperty("p95_latency") @Nullable Object p95Latency,
            @Nullable Object errors,
            @JsonProperty("error_rate") @Nullable Object errorRate,
            @Nullable Object bytes,
            @Nullable Object users) {}

    record History(String status, List<Day> data, Answer.Meta meta) {}

    @GetMapping("/history")
    @Operation(
            summary = "Requests by day",
            description =
                    "start_date and end_date such as 2026-11-01, both included; the last 30 days if left out. Days without"
                            + " requests are left out.")
    ResponseEntity<History> history(
            Caller caller,
            ClientConnection connection,
            WebRequest web,
            @RequestParam(name = "start_date", required = false) @Nullable String startDate,
            @RequestParam(name = "end_date", required = false) @Nullable String endDate,
            @RequestParam(name = "time_zone", defaultValue = "UTC") String timeZone,
            @Parameter(description = OF_TENANT) @RequestParam(required = false) @Nullable String tenant) {
        LocalDate end = endDate == null ? LocalDate.now(zone(timeZone)) : date(endDate, "/end_date");
        LocalDate start = startDate == null ? end.minusDays(29) : date(startDate, "/start_date");
        if (start.isAfter(end)) {
            throw new InvalidQueryException("/start_date", "must not lie after end_date, which is " + end);
        }
        Map<String, Object> query = new LinkedHashMap<>();
        query.put("select", List.of("events", "latency_avg", "latency_p95", "errors", "error_rate", "bytes", "users"));
        query.put("from", start.toString());
        query.put("to", end.plusDays(1).toString());
        query.put("filter", filter(caller, tenant));
        query.put("grain", "1d");
        query.put("time_zone", timeZone);
        query.put("limit", QueryReader.MOST_ROWS);
        Answer answer = new RequestQuery(reader, query)
                .naming("from", "start_date")
                .naming("to", "end_date")
                .naming("filter/0/field", "tenant")
                .answer(queries, caller, connection);
        List<Day> data = answer.data().stream()
                .map(row -> new Day(
                        String.valueOf(row.get("time")).substring(0, 10),
                        row.get("events"),
                        row.get("latency_avg"),
                        row.get("latency_p95"),
                        row.get("errors"),
                        row.get("error_rate"),
                        row.get("bytes"),
                        row.get("users")))
                .toList();
        return Polled.answer(
                web,
                data,
                new History(
                        answer.status(),
                        data,
                        answer.naming("latency_p95", "p95_latency").meta()));
    }

    private static List<Map<String, String>> filter(Caller caller, @Nullable String tenant) {
        if (tenant == null || tenant.equals(caller.tenant())) {
            return List.of();
        }
        if (tenant.isEmpty()) {
            throw new InvalidQueryException("/tenant", "is empty: leave it out to ask for all that you see");
        }
        return List.of(Map.of("field", Field.TENANT, "value", tenant));
    }

    private static ZoneId zone(String timeZone) {
        return Times.zone(timeZone, "/time_zone");
    }

    private static LocalDate date(String text, String pointer) {
        try {
            LocalDate date = LocalDate.parse(text);
            if (date.getYear() >= 1970 && date.getYear() < 2099) {
                return date;
            }
        } catch (DateTimeParseException e) {
            // Said below.
        }
        throw new InvalidQueryException(pointer, "'" + text + "' is not a date such as 2026-11-01, of 1970 to 2098");
    }

    /** A whole number, or the text as it is: what is wrong with it is said where numbers are read. */
    private static Object number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return text;
        }
    }
}
