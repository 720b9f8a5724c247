package io.weir.console.devices;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.api.ClientConnection;
import io.weir.console.api.NotFoundException;
import io.weir.console.api.Polled;
import io.weir.console.api.Refuses;
import io.weir.console.query.Answer;
import io.weir.console.query.InvalidQueryException;
import io.weir.console.query.Queries;
import io.weir.console.query.QueryReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;
import tools.jackson.databind.json.JsonMapper;

/** Devices and what they measured, in the words of the query language. */
@RestController
@RequestMapping(path = "/api/v1", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "devices", description = "Devices, their groups and their readings")
@Refuses(422)
class DevicesController {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int MOST = 1000;

    /** By grain: from when, unless it is said. */
    private static final Map<String, String> GRAINS = Map.of("1m", "-1h", "1h", "-24h", "all", "1970-01-01");

    private final QueryReader reader;
    private final Queries queries;

    DevicesController(QueryReader reader, Queries queries) {
        this.reader = reader;
        this.queries = queries;
    }

    record Device(
            String status,
            @JsonProperty("device_id") String deviceId,
            @JsonProperty("last_seen") String lastSeen,
            @JsonProperty("device_groups") List<String> deviceGroups,
            List<Map<String, @Nullable Object>> data) {}

    /** @param next what {@code after} is to be for the next page; null on the last */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Page(
            String status,
            List<Map<String, @Nullable Object>> data,
            @Nullable String next,
            Answer.Meta meta) {}

    @GetMapping("/devices")
    @Operation(
            summary = "Devices that measured, by id",
            description =
                    "group: of this group only; after: next of the page before; from and to as in the query language")
    ResponseEntity<Page> devices(
            Caller caller,
            ClientConnection connection,
            WebRequest web,
            @RequestParam(required = false) @Nullable String group,
            @RequestParam(required = false) @Nullable String after,
            @RequestParam(defaultValue = "-24h") String from,
            @RequestParam(defaultValue = "now") String to,
            @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "" + MOST))
                    @RequestParam(defaultValue = "100")
                    String limit) {
        List<Object> filter = new ArrayList<>();
        filter.add(Map.of("field", "device_id", "op", "exists"));
        if (group != null) {
            filter.add(test("device_group", group));
        }
        if (after != null) {
            filter.add(after("device_id", after));
        }
        Map<String, Object> query = query(List.of("measurement_count"), from, to, filter);
        query.put("group_by", List.of("device_id"));
        query.put("limit", count(limit));
        return page(web, caller, connection, query, "device_id");
    }

    @GetMapping("/devices/{id}")
    @Operation(summary = "A device: its groups, and the latest of each of its measurements")
    ResponseEntity<Device> device(
            Caller caller,
            ClientConnection connection,
            WebRequest web,
            @PathVariable String id,
            @RequestParam(defaultValue = "-30d") String from,
            @RequestParam(defaultValue = "now") String to) {
        List<Object> filter = List.of(test("device_id", id));
        Map<String, Object> query = query(List.of("measurement_last", "measurement_count"), from, to, filter);
        query.put("group_by", List.of("device_group", "measurement"));
        Answer answer = answer(caller, connection, query);
        if (answer.data().isEmpty()) {
            throw new NotFoundException("No device of that id has measured anything in that time.");
        }
        Object lastSeen = answer(caller, connection, query(List.of("last_seen"), from, to, filter))
                .data()
                .get(0)
                .get("last_seen");
        Device device = new Device(
                answer.status(),
                id,
                String.valueOf(lastSeen),
                answer.data().stream()
                        .map(row -> String.valueOf(row.get("device_group")))
                        .filter(group -> !group.isEmpty())
                        .distinct()
                        .toList(),
                answer.data());
        return Polled.answer(web, device, device);
    }

    @GetMapping("/devices/{id}/readings")
    @Operation(
            summary = "What a device measured",
            description =
                    "grain: 1m (from the events), 1h or all; measurement: of this name only. A page ends at a whole minute or"
                            + " hour, and next is the from of the one after it.")
    ResponseEntity<Page> readings(
            Caller caller,
            ClientConnection connection,
            WebRequest web,
            @PathVariable String id,
            @Parameter(schema = @Schema(allowableValues = {"1m", "1h", "all"})) @RequestParam(defaultValue = "1h")
                    String grain,
            @RequestParam(required = false) @Nullable String measurement,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(defaultValue = "now") String to,
            @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "" + MOST))
                    @RequestParam(defaultValue = "1000")
                    String limit) {
        return readings(web, caller, connection, test("device_id", id), grain, measurement, from, to, count(limit));
    }

    private ResponseEntity<Page> readings(
            WebRequest web,
            Caller caller,
            ClientConnection connection,
            Map<String, Object> whose,
            String grain,
            @Nullable String measurement,
            @Nullable String from,
            String to,
            int limit) {
        String since = GRAINS.get(grain);
        if (since == null) {
            throw new InvalidQueryException("/grain", "'" + grain + "' is none of 1m, 1h, all");
        }
        List<Object> filter = new ArrayList<>(List.of(whose));
        if (measurement != null) {
            filter.add(test("measurement", measurement));
        }
        Map<String, Object> query = query(
                List.of(
                        "measurement_count",
                        "measurement_min",
                        "measurement_max",
                        "measurement_avg",
                        "measurement_sum",
                        "measurement_last"),
                from == null ? since : from,
                to,
                filter);
        query.put("group_by", List.of("measurement"));
        query.put("grain", grain);
        // One more tells whether the last minute or hour is all there.
        query.put("limit", limit + 1);
        Answer answer = answer(caller, connection, query);
        List<Map<String, @Nullable Object>> data = shortNames(answer.data());
        String next = null;
        if (data.size() > limit) {
            // Of the one that comes next, some measurements may be on this page: all of it goes to the next.
            Object last = data.get(limit).get("time");
            List<Map<String, @Nullable Object>> whole = data.stream()
                    .filter(row -> !Objects.equals(row.get("time"), last))
                    .toList();
            if (whole.isEmpty() || grain.equals("all")) {
                throw new InvalidQueryException("/limit", "the device has more measurements than that: raise it");
            }
            data = whole;
            next = String.valueOf(last);
            answer = answer.part();
        }
        return Polled.answer(web, data, new Page(answer.status(), data, next, answer.meta()));
    }

    @GetMapping("/device-groups")
    @Operation(
            summary = "Groups of devices that measured, with how many",
            description = "after: next of the page before")
    ResponseEntity<Page> groups(
            Caller caller,
            ClientConnection connection,
            WebRequest web,
            @RequestParam(required = false) @Nullable String after,
            @RequestParam(defaultValue = "-24h") String from,
            @RequestParam(defaultValue = "now") String to,
            @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "" + MOST))
                    @RequestParam(defaultValue = "100")
                    String limit) {
        List<Object> filter = new ArrayList<>(List.of(Map.of("field", "device_group", "op", "exists")));
        if (after != null) {
            filter.add(after("device_group", after));
        }
        Map<String, Object> query = query(List.of("devices", "measurement_count"), from, to, filter);
        query.put("group_by", List.of("device_group"));
        query.put("limit", count(limit));
        return page(web, caller, connection, query, "device_group");
    }

    @GetMapping("/device-groups/{group}/readings")
    @Operation(summary = "What the devices of a group measured, together", description = "As the readings of a device")
    ResponseEntity<Page> groupReadings(
            Caller caller,
            ClientConnection connection,
            WebRequest web,
            @PathVariable String group,
            @Parameter(schema = @Schema(allowableValues = {"1m", "1h", "all"})) @RequestParam(defaultValue = "1h")
                    String grain,
            @RequestParam(required = false) @Nullable String measurement,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(defaultValue = "now") String to,
            @Parameter(schema = @Schema(type = "integer", minimum = "1", maximum = "" + MOST))
                    @RequestParam(defaultValue = "1000")
                    String limit) {
        return readings(
                web, caller, connection, test("device_group", group), grain, measurement, from, to, count(limit));
    }

    private ResponseEntity<Page> page(
            WebRequest web, Caller caller, ClientConnection connection, Map<String, Object> query, String key) {
        Answer answer = answer(caller, connection, query);
        List<Map<String, @Nullable Object>> data = shortNames(answer.data());
        String next = answer.meta().truncated()
                ? String.valueOf(data.get(data.size() - 1).get(key))
                : null;
        return Polled.answer(web, data, new Page(answer.status(), data, next, answer.meta()));
    }

    private Answer answer(Caller caller, ClientConnection connection, Map<String, Object> query) {
        return queries.answer(
                caller, reader.read(MAPPER.valueToTree(query), caller).query(), connection::isClosed);
    }

    private static Map<String, Object> query(List<String> select, String from, String to, List<Object> filter) {
        Map<String, Object> query = new LinkedHashMap<>();
        query.put("select", select);
        query.put("from", from);
        query.put("to", to);
        query.put("filter", filter);
        return query;
    }

    private static Map<String, Object> test(String field, String value) {
        return Map.of("field", field, "value", value);
    }

    /** All that is greater in the order of the page. */
    private static Map<String, Object> after(String field, String value) {
        return Map.of("field", field, "op", "gt", "value", value);
    }

    private static List<Map<String, @Nullable Object>> shortNames(List<Map<String, @Nullable Object>> rows) {
        // All rows have the same.
        Map<String, String> names = new HashMap<>();
        List<Map<String, @Nullable Object>> named = new ArrayList<>(rows.size());
        for (Map<String, @Nullable Object> row : rows) {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            row.forEach((name, value) -> one.put(names.computeIfAbsent(name, DevicesController::shortName), value));
            named.add(one);
        }
        return named;
    }

    private static String shortName(String name) {
        return name.equals("measurement_count") ? "count" : name.replace("measurement_", "");
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
}
