package io.weir.bench.query;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A question to the API.
 *
 * @param path with its parameters
 * @param body null for a GET
 * @param ofTenant whether it is asked by the largest tenant; else by one who sees all
 * @param fromEvents whether it cannot be answered from rollups alone, so that no answer of it is ever kept
 */
record Case(String name, String path, @Nullable String body, boolean ofTenant, boolean fromEvents) {

    static final String TENANT = "tenant-0";

    /** Whether the answer has to be fetched when it is ready. */
    boolean isBackground() {
        return path.endsWith("/aggregate");
    }

    String route() {
        int end = path.indexOf('?');
        return end < 0 ? path : path.substring(0, end);
    }

    /** @param end the day after the last */
    static List<Case> all(LocalDate first, LocalDate end) {
        String days = "&from=" + first + "&to=" + end;
        String window = "\"from\": \"" + first + "\", \"to\": \"" + end + "\"";
        String week = "\"from\": \"" + latest(first, end.minusDays(7)) + "\", \"to\": \"" + end + "\"";
        String lastDay = "\"from\": \"" + end.minusDays(1) + "\", \"to\": \"" + end + "\"";
        String device = "/api/v1/devices/device-7/readings?grain=";
        return List.of(
                get("top-k, frequency", topK("frequency") + days, false, false),
                get("top-k, latency", topK("latency") + days, false, false),
                get("top-k, errors", topK("errors") + days, false, false),
                get("top-k, users", topK("users") + days, false, false),
                get("top-k, frequency, one tenant", topK("frequency") + days, true, false),
                get("top-k, frequency, up to now", topK("frequency") + "&from=" + first + "&to=now", false, true),
                get("top-k, frequency, no whole hours", topK("frequency") + halfHours(first, end), false, true),
                get(
                        "history",
                        "/api/v1/requests/history?start_date=" + first + "&end_date=" + end.minusDays(1),
                        false,
                        false),
                new Case(
                        "aggregate, in the background",
                        "/api/v1/requests/aggregate",
                        "{\"start_time\": \"" + first + "\", \"end_time\": \"" + end
                                + "\", \"metrics\": [\"events\", \"errors\", \"latency_avg\", \"bytes\"], \"group_by\": [\"source\"]}",
                        false,
                        false),
                get("device, hours of a day", device + "1h&from=" + end.minusDays(1) + "&to=" + end, true, false),
                get(
                        "device, hours of a week",
                        device + "1h&from=" + latest(first, end.minusDays(7)) + "&to=" + end,
                        true,
                        false),
                get("device, all", device + "all" + days, true, false),
                get(
                        "device, minutes of an hour (raw)",
                        device + "1m&from=" + end.minusDays(1) + "T12:00:00Z&to=" + end.minusDays(1) + "T13:00:00Z",
                        true,
                        true),
                query(
                        "query, days by endpoint",
                        "{\"select\": [\"events\", \"error_rate\", \"latency_p95\"], " + window
                                + ", \"group_by\": [\"endpoint_template\"], \"grain\": \"1d\"}",
                        false),
                query(
                        "query, hours of a week by source",
                        "{\"select\": [\"events\", \"errors\"], " + week
                                + ", \"group_by\": [\"source\"], \"grain\": \"1h\"}",
                        false),
                query(
                        "query, a user's day (raw)",
                        "{\"select\": [\"events\", \"latency_max\"], " + lastDay
                                + ", \"filter\": {\"field\": \"user_id\", \"value\": \"user-123\"}, \"grain\": \"1h\"}",
                        true),
                query(
                        "query, slow requests of all days (raw)",
                        "{\"select\": [\"events\", \"bytes\"], " + window
                                + ", \"filter\": {\"field\": \"latency_ms\", \"op\": \"gt\", \"value\": 500}, \"group_by\": [\"endpoint_template\"]}",
                        true));
    }

    private static Case get(String name, String path, boolean ofTenant, boolean fromEvents) {
        return new Case(name, path, null, ofTenant, fromEvents);
    }

    private static Case query(String name, String body, boolean fromEvents) {
        return new Case(name, "/api/v1/query", body, false, fromEvents);
    }

    private static String topK(String metric) {
        return "/api/v1/requests/top-k?k=10&by=endpoint&metric=" + metric;
    }

    private static String halfHours(LocalDate first, LocalDate end) {
        return "&from=" + time(first + "T00:30:00Z") + "&to=" + time(end.minusDays(1) + "T23:30:00Z");
    }

    private static String time(String time) {
        return URLEncoder.encode(time, StandardCharsets.UTF_8);
    }

    private static LocalDate latest(LocalDate one, LocalDate other) {
        return one.isAfter(other) ? one : other;
    }
}
