package io.weir.warehouse;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Enriched events of every shape, as JSON text. */
final class RandomEvents {

    private static final String[] TEXTS = {
        "",
        "a",
        "GET",
        "grüße",
        "line\\nbreak",
        "tab\\there",
        "quote\\\"d",
        "back\\\\slash",
        "\\u0001",
        "日本語",
        "\\ud83d\\ude00",
        "🚀",
        "2024-01-31",
        "2024-01-31 10:00:00",
        "12",
        "true",
        "null",
        "1.5",
        "x".repeat(200),
        "/path/with?query=1&b=2"
    };
    private static final String[] NUMBERS = {
        "0",
        "-0",
        "1",
        "-1",
        "42",
        "1.0",
        "0.1",
        "-2.5",
        "1e5",
        "1E-7",
        "3.141592653589793",
        "123456789012345678",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551615",
        "0.30000000000000004",
        "1.7976931348623157e308",
        "4.9e-324",
        "123456789.123456789"
    };
    private static final String[] NAMES = {
        "a", "b", "region", "with space", "quote\\\"d", "dot.ted", "ä", "UPPER", "n1", "n2"
    };

    private final Random random;

    RandomEvents(Random random) {
        this.random = random;
    }

    /** Events whose ids are their numbers. */
    List<String> some(int count) {
        List<String> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(event(i));
        }
        return events;
    }

    private String event(int number) {
        List<String> members = new ArrayList<>();
        members.add("\"id\":\"e" + number + "\"");
        members.add("\"tenant\":\"t" + random.nextInt(3) + "\"");
        members.add("\"timestamp\":" + (1_700_000_000_000L + random.nextInt(300_000_000)));
        members.add("\"received_at\":" + (1_700_000_000_000L + random.nextInt(300_000_000)));
        for (String field : List.of(
                "endpoint",
                "endpoint_template",
                "referrer",
                "user_agent",
                "browser",
                "os",
                "device_class",
                "country",
                "network",
                "device_group",
                "message")) {
            if (random.nextInt(3) > 0) {
                members.add("\"" + field + "\":\"" + one(TEXTS) + "\"");
            }
        }
        for (String field : List.of("source", "user_id", "device_id", "session_id", "trace_id", "client_ip")) {
            if (random.nextInt(3) > 0) {
                members.add("\"" + field + "\":\"v" + random.nextInt(500) + "\"");
            }
        }
        if (random.nextBoolean()) {
            members.add("\"type\":\"request\"");
            members.add("\"status_code\":" + (100 + random.nextInt(500)));
            members.add("\"latency_ms\":" + random.nextInt(100_000) / 16.0);
            members.add("\"bytes\":" + random.nextInt(Integer.MAX_VALUE));
            members.add("\"is_bot\":" + random.nextBoolean());
        }
        if (random.nextInt(4) == 0) {
            members.add("\"measurements\":" + measurements());
        }
        if (random.nextInt(5) > 0) {
            members.add("\"attributes\":" + object(0));
        }
        return "{" + String.join(",", members) + "}";
    }

    private String measurements() {
        List<String> members = new ArrayList<>();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            members.add("\"m" + i * (1 + random.nextInt(2)) * 7 + i + "\":"
                    + String.format(Locale.ROOT, "%.3f", random.nextGaussian() * 100));
        }
        return "{" + String.join(",", members.stream().distinct().toList()) + "}";
    }

    private String object(int depth) {
        List<String> members = new ArrayList<>();
        for (String name : NAMES) {
            if (random.nextInt(3) == 0) {
                members.add("\"" + name + "\"" + space() + ":" + space() + value(depth));
            }
        }
        return "{" + String.join("," + space(), members) + "}";
    }

    private String space() {
        return random.nextInt(20) == 0 ? " \n" : "";
    }

    private String value(int depth) {
        return switch (random.nextInt(depth < 3 ? 24 : 20)) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> "\"" + one(TEXTS) + "\"";
            case 8, 9, 10, 11, 12, 13, 14 -> one(NUMBERS);
            case 15, 16 -> Boolean.toString(random.nextBoolean());
            case 17 -> "null";
            case 18 -> "{}";
            case 19 -> "[1, 2, " + random.nextInt(9) + "]";
            default -> object(depth + 1);
        };
    }

    private String one(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
