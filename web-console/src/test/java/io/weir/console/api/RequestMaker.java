package io.weir.console.api;

import io.weir.console.api.ApiDocument.Operation;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes requests from the document, as it says or wrong in some way. The same seed makes the same. */
final class RequestMaker {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private static final List<String> BAD_TEXTS = List.of(
            "",
            " ",
            "\0",
            "a\0b",
            "-1",
            "0",
            "1e999",
            "9".repeat(30),
            "x".repeat(2000),
            "null",
            "true",
            "\u00fc\u4e2d\u6587\ud83d\ude80",
            "\u202e\ufeff\u0001",
            "'; DROP TABLE events --",
            "../../etc/passwd",
            "a/b;c=d%2F\\",
            "{tenant:String}",
            "1d1c8d0a-6d1b-4a3e-9b2a-0c0d0e0f0a0b",
            "1d1c8d0a-6d1b-4a3e-9b2a",
            "2026-13-45",
            "-99999999999999999999h");

    /** As they stand in an address. Bytes that are no UTF-8, characters that are taken apart again, an escape that is cut off. */
    private static final List<String> BAD_ENCODINGS =
            List.of("%ED%A0%80", "%FF", "%00", "%2F", "%252e%252e", "%0d%0aX:%20y", "x".repeat(9000));

    private static final List<String> BAD_JSON = List.of(
            "null",
            "\"\"",
            "\"" + "x".repeat(3000) + "\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\\ud83d\\ude80\\u202e\"",
            "-1",
            "0",
            "1.5",
            "1e999",
            "-9223372036854775809",
            "9".repeat(400),
            "true",
            "[]",
            "{}",
            "[null]",
            "{\"\":{\"a\":[1]}}",
            "[".repeat(50) + "]".repeat(50));

    private static final List<String> BAD_BODIES = List.of(
            "",
            " ",
            "{",
            "{\"a\":}",
            "{} {}",
            "[]",
            "null",
            "3",
            "\"text\"",
            "\ufeff{}",
            "{\"select\":[\"events\"],\"select\":[\"events\"]}",
            "[".repeat(5000),
            "{\"a\":".repeat(2000) + "1" + "}".repeat(2000),
            "{\"a\":" + "1".repeat(5000) + "}",
            "<a/>",
            "a=b&c=d",
            "\0\0");

    private static final List<String> MEDIA_TYPES = List.of(
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "json",
            "*/*",
            "application/json;charset=nothing");

    private static final List<String> ACCEPTED = List.of(
            "application/json",
            "*/*",
            "text/html",
            "application/xml",
            "text/csv",
            "application/problem+json",
            "nonsense",
            "application/json;q=x",
            "a/b;q=0.5, */*;q=0.1");

    /** What the document cannot say: words that mean something. */
    private static final Map<String, List<String>> WORDS = Map.ofEntries(
            Map.entry("tenant", List.of("acme")),
            Map.entry("from", List.of("-24h", "2026-11-01", "2026-11-01T00:00:00Z")),
            Map.entry("to", List.of("now", "2099-01-01")),
            Map.entry("start_time", List.of("-24h", "2026-11-01")),
            Map.entry("end_time", List.of("now")),
            Map.entry("start_date", List.of("2026-11-01")),
            Map.entry("end_date", List.of("2026-11-20")),
            Map.entry("time_zone", List.of("UTC", "Europe/Berlin")),
            Map.entry("every", List.of("5m", "1h")),
            Map.entry("sql", List.of("SELECT 1", "SELECT count() FROM events", "SELECT nothing", "SELECT {a:String}")),
            Map.entry("role", List.of("viewer", "analyst", "admin")),
            Map.entry("devices.id", List.of("d1")),
            Map.entry("device-groups.group", List.of("roof")),
            Map.entry("networks", List.of("10.0.0.0/8")),
            Map.entry("order_by", List.of("events", "-events")),
            Map.entry("value", List.of("request", "5")));

    private final ApiDocument document;
    private final Random random;
    private final Map<String, List<String>> seen = new HashMap<>();
    private String resource = "";
    private boolean right;

    /** @param body null for none */
    record Made(String method, String path, Map<String, String> headers, byte @Nullable [] body) {

        HttpRequest.Builder request(String url) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                    .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
            headers.forEach(request::header);
            return request;
        }

        @Override
        public String toString() {
            String text = body == null ? "" : new String(body, StandardCharsets.UTF_8);
            return method + " " + path + " " + headers + " "
                    + (text.length() <= 600 ? text : text.substring(0, 600) + "... " + text.length());
        }
    }

    RequestMaker(ApiDocument document, long seed) {
        this.document = document;
        this.random = new Random(seed);
    }

    /** Ids and names that an answer gave: they lead to where something is. */
    void learn(Operation operation, JsonNode answer) {
        if (answer.isObject()) {
            answer.properties().forEach(member -> {
                if (member.getValue().isString()) {
                    String name = member.getKey().endsWith("_id") ? "id" : member.getKey();
                    seen.computeIfAbsent(resource(operation) + name, any -> new ArrayList<>())
                            .add(member.getValue().stringValue());
                }
            });
        }
        answer.forEach(inner -> learn(operation, inner));
    }

    /** {@code users} of {@code /api/v1/users/{name}}. */
    private static String resource(Operation operation) {
        return operation.path().split("/")[3] + ".";
    }

    /** @param right whether all of it is as the document says */
    Made make(Operation operation, boolean right) {
        this.right = right;
        resource = resource(operation);
        String path = operation.path();
        StringBuilder query = new StringBuilder();
        Map<String, String> headers = new LinkedHashMap<>();
        for (JsonNode parameter : operation.node().path("parameters")) {
            String name = parameter.get("name").stringValue();
            String value = parameterValue(name, parameter.path("schema"));
            switch (parameter.get("in").stringValue()) {
                case "path" -> path = path.replace("{" + name + "}", value);
                case "header" -> {
                    if (wrong(0.4)) {
                        headers.put(name, chance(0.5) ? Integer.toString(random.nextInt(100)) : "nonsense");
                    }
                }
                default -> {
                    if (chance(0.6)) {
                        query.append(query.isEmpty() ? "?" : "&")
                                .append(name)
                                .append('=')
                                .append(value);
                    }
                }
            }
        }
        if (wrong(0.05)) {
            query.append(query.isEmpty() ? "?" : "&").append("unknown=1");
        }
        if (wrong(0.15)) {
            headers.put("Accept", one(ACCEPTED));
        }
        if (wrong(0.1)) {
            headers.put("If-None-Match", one(List.of("*", "\"x\"", "W/\"", "nonsense")));
        }
        JsonNode content = operation.node().at("/requestBody/content");
        byte[] body = null;
        if (content.isObject()) {
            body = body(content.path("application/json").path("schema"));
            if (!wrong(0.03)) {
                headers.put("Content-Type", wrong(0.07) ? one(MEDIA_TYPES) : "application/json");
            }
        }
        return new Made(operation.method(), path + query, headers, body);
    }

    private String parameterValue(String name, JsonNode schema) {
        if (wrong(0.05)) {
            return one(BAD_ENCODINGS);
        }
        if (wrong(0.25)) {
            return encoded(one(BAD_TEXTS));
        }
        JsonNode value = valid(name, schema, 0);
        return encoded(value.isString() ? value.stringValue() : value.toString());
    }

    private byte[] body(JsonNode schema) {
        if (wrong(0.15)) {
            return one(BAD_BODIES).getBytes(StandardCharsets.UTF_8);
        }
        JsonNode body = valid("", schema, 0);
        String text = body.toString();
        if (wrong(0.5)) {
            text = spoilt(body);
        }
        if (wrong(0.03)) {
            text = text.substring(0, random.nextInt(text.length() + 1));
        }
        return text.getBytes(wrong(0.02) ? Charset.forName("UTF-16") : StandardCharsets.UTF_8);
    }

    /** With a member left out, put in, or of another kind. */
    private String spoilt(JsonNode body) {
        List<JsonNode> containers = new ArrayList<>();
        collect(body, containers);
        if (containers.isEmpty()) {
            return one(BAD_JSON);
        }
        JsonNode where = one(containers);
        String mark = "spoilt-" + random.nextInt();
        if (where instanceof ObjectNode object) {
            List<String> names = new ArrayList<>(object.propertyNames());
            if (names.isEmpty() || chance(0.1)) {
                object.put("unknown", mark);
            } else if (chance(0.2)) {
                object.remove(one(names));
            } else {
                object.put(one(names), mark);
            }
        } else if (where instanceof ArrayNode array) {
            if (array.isEmpty() || chance(0.3)) {
                array.add(mark);
            } else {
                array.set(random.nextInt(array.size()), MAPPER.valueToTree(mark));
            }
        }
        return body.toString().replace("\"" + mark + "\"", one(BAD_JSON));
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainer()) {
            containers.add(node);
            node.forEach(inner -> collect(inner, containers));
        }
    }

    private JsonNode valid(String name, JsonNode unresolved, int depth) {
        JsonNode schema = document.resolved(unresolved);
        for (String choice : List.of("oneOf", "anyOf")) {
            if (schema.has(choice)) {
                JsonNode choices = schema.get(choice);
                return valid(name, choices.get(random.nextInt(choices.size())), depth + 1);
            }
        }
        List<JsonNode> known = new ArrayList<>();
        schema.path("examples").forEach(known::add);
        schema.path("enum").forEach(known::add);
        if (schema.has("default")) {
            known.add(schema.get("default"));
        }
        if (!known.isEmpty() && chance(0.9)) {
            return one(known);
        }
        List<String> words = WORDS.getOrDefault(resource + name, WORDS.getOrDefault(name, List.of()));
        if (!words.isEmpty() && !schema.path("type").toString().contains("array") && chance(0.9)) {
            return MAPPER.valueToTree(one(words));
        }
        List<String> types = new ArrayList<>();
        JsonNode type = schema.path("type");
        if (type.isString()) {
            types.add(type.stringValue());
        }
        type.forEach(one -> types.add(one.stringValue()));
        return switch (types.isEmpty() ? one(List.of("string", "integer", "boolean")) : one(types)) {
            case "object" -> object(schema, depth);
            case "array" -> {
                ArrayNode array = MAPPER.createArrayNode();
                int least = schema.path("minItems").asInt(0);
                for (int i = least + random.nextInt(3); i > 0 && depth < 6; i--) {
                    array.add(valid(name, schema.path("items"), depth + 1));
                }
                yield array;
            }
            case "integer", "number" -> {
                long least = schema.path("minimum").asLong(0);
                long most = schema.path("maximum").asLong(least + 1000);
                yield MAPPER.valueToTree(
                        chance(0.2)
                                ? (chance(0.5) ? least : most)
                                : least + random.nextInt((int) Math.min(1000, most - least + 1)));
            }
            case "boolean" -> MAPPER.valueToTree(random.nextBoolean());
            case "null" -> MAPPER.nullNode();
            default -> MAPPER.valueToTree(text(name, schema));
        };
    }

    private ObjectNode object(JsonNode schema, int depth) {
        ObjectNode object = MAPPER.createObjectNode();
        List<String> required = new ArrayList<>();
        schema.path("required").forEach(one -> required.add(one.stringValue()));
        boolean sparse = chance(0.5);
        schema.path("properties").properties().forEach(property -> {
            if (required.contains(property.getKey()) || !sparse && depth < 6 && chance(depth == 0 ? 0.5 : 0.35)) {
                object.set(property.getKey(), valid(property.getKey(), property.getValue(), depth + 1));
            }
        });
        return object;
    }

    private String text(String name, JsonNode schema) {
        List<String> given = seen.getOrDefault(resource + name, List.of());
        if (!given.isEmpty() && chance(0.7)) {
            // Older ones may be gone.
            return chance(0.5) ? given.get(given.size() - 1) : one(given);
        }
        return switch (schema.path("format").asString("")) {
            case "uuid" -> new UUID(random.nextLong(), random.nextLong()).toString();
            case "date-time" -> "2099-01-01T00:00:00Z";
            default -> one(List.of("a", "b", "c")) + random.nextInt(50);
        };
    }

    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (one & 0xff);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~".indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append("%%%02X".formatted((int) c));
            }
        }
        return encoded.toString();
    }

    private boolean wrong(double probability) {
        return !right && chance(probability);
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    private <T> T one(List<T> things) {
        return things.get(random.nextInt(things.size()));
    }
}
