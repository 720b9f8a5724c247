package io.weir.console.requests;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.api.Polled;
import io.weir.console.query.InvalidQueryException;
import io.weir.metadata.alert.Alert;
import io.weir.metadata.alert.AlertState;
import io.weir.metadata.alert.Alerts;
import io.weir.metadata.rule.Severity;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;

/** What is wrong, or was a while ago. */
@RestController
@RequestMapping(path = "/api/v1/requests", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "requests")
class AlertsController {

    private static final int MOST = 1000;

    private final Alerts alerts;

    AlertsController(Alerts alerts) {
        this.alerts = alerts;
    }

    /**
     * @param timestamp since when it is in this state
     * @param value null where the rule had none
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Shown(
            @JsonProperty("alert_id") UUID alertId,
            String description,
            String timestamp,
            String severity,
            String state,
            String rule,
            @JsonProperty("rule_id") UUID ruleId,
            String tenant,
            Map<String, String> labels,
            @Nullable Double value,
            @JsonProperty("acknowledged_by") @Nullable String acknowledgedBy) {}

    /** @param next what {@code after} is to be for the next page; null on the last */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Page(String status, List<Shown> alerts, @Nullable String next) {}

    @GetMapping("/alerts")
    @Operation(
            summary = "Alerts that are pending, firing or resolved, the latest first",
            description =
                    "severity: info, warning or critical; state: pending, firing or resolved; after: next of the page before")
    ResponseEntity<Page> alerts(
            Caller caller,
            WebRequest web,
            @Parameter(schema = @Schema(allowableValues = {"info", "warning", "critical"}))
                    @RequestParam(required = false)
                    @Nullable
                    String severity,
            @Parameter(schema = @Schema(allowableValues = {"pending", "firing", "resolved"}))
                    @RequestParam(required = false)
                    @Nullable
                    String state,
            @RequestParam(required = false) @Nullable String after,
            @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "" + MOST))
                    @RequestParam(defaultValue = "100")
                    String limit) {
        int count = count(limit);
        List<Alerts.Named> found = alerts.page(
                caller.tenant(),
                severity == null ? null : oneOf(Severity.values(), severity, "/severity"),
                state == null
                        ? null
                        : oneOf(
                                new AlertState[] {AlertState.PENDING, AlertState.FIRING, AlertState.RESOLVED},
                                state,
                                "/state"),
                after == null ? null : last(after, caller),
                count + 1);
        List<Shown> shown =
                found.stream().limit(count).map(AlertsController::shown).toList();
        String next = found.size() > count ? shown.get(count - 1).alertId().toString() : null;
        return Polled.answer(web, shown, new Page("success", shown, next));
    }

    private Alert last(String after, Caller caller) {
        try {
            return alerts.find(UUID.fromString(after))
                    .filter(alert -> caller.tenant() == null || caller.tenant().equals(alert.tenant()))
                    .orElseThrow(() -> new IllegalArgumentException(after));
        } catch (IllegalArgumentException e) {
            throw new InvalidQueryException("/after", "must be next of the page before");
        }
    }

    private static Shown shown(Alerts.Named named) {
        Alert alert = named.alert();
        return new Shown(
                alert.id(),
                alert.reason().isEmpty() ? named.rule() : named.rule() + ": " + alert.reason(),
                alert.since().toString(),
                named.severity().name().toLowerCase(Locale.ROOT),
                alert.state().name().toLowerCase(Locale.ROOT),
                named.rule(),
                alert.rule(),
                alert.tenant(),
                alert.group().values(),
                Double.isFinite(alert.value()) ? alert.value() : null,
                alert.acknowledgedBy());
    }

    private static int count(String limit) {
        try {
            int count = Integer.parseInt(limit);
            if (count >= 1 && count <= MOST) {
                return count;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new InvalidQueryException("/limit", "must be a whole number, 1 to " + MOST);
    }

    private static <E extends Enum<E>> E oneOf(E[] values, String text, String pointer) {
        return Arrays.stream(values)
                .filter(value -> value.name().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new InvalidQueryException(
                        pointer,
                        "'" + text + "' is none of "
                                + Arrays.stream(values)
                                        .map(value -> value.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", "))));
    }
}
