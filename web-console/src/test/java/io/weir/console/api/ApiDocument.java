package io.weir.console.api;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The document of the API as a client reads it. */
final class ApiDocument {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final JsonNode root;
    private final JsonNode closed;
    private final SchemaRegistry registry = SchemaRegistry.withDialect(Dialects.getDraft202012());
    private final Map<String, Schema> schemas = new HashMap<>();

    /** A method of a path. */
    record Operation(String method, String path, JsonNode node) {
        String name() {
            return method + " " + path;
        }
    }

    ApiDocument(String text) {
        this.root = MAPPER.readTree(text);
        this.closed = MAPPER.readTree(text);
        close(closed.at("/components/schemas"));
        close(closed.get("paths"));
    }

    /** What the schemas of OpenAPI 3.1 and of JSON Schema 2020-12 find wrong with it. */
    List<String> errors() {
        SchemaRegistry official = SchemaRegistry.withDialect(
                Dialects.getDraft202012(), builder -> builder.schemas(ApiDocument::official));
        return official
                .getSchema(SchemaLocation.of("https://spec.openapis.org/oas/3.1/schema-base/2022-10-07"))
                .validate(root.toString(), InputFormat.JSON)
                .stream()
                .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
                .toList();
    }

    private static @Nullable String official(String iri) {
        if (!iri.startsWith("https://spec.openapis.org/")) {
            return null;
        }
        try (InputStream schema =
                ApiDocument.class.getClassLoader().getResourceAsStream(iri.substring("https://".length()))) {
            return schema == null ? null : new String(schema.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode root() {
        return root;
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        root.get("paths").properties().forEach(path -> path.getValue()
                .properties()
                .forEach(method -> operations.add(new Operation(
                        method.getKey().toUpperCase(java.util.Locale.ROOT), path.getKey(), method.getValue()))));
        return operations;
    }

    JsonNode resolved(JsonNode schema) {
        JsonNode found = schema;
        while (found.has("$ref")) {
            found = root.at(found.get("$ref").stringValue().substring(1));
        }
        return found;
    }

    /** What is wrong with an answer; nothing if the document says nothing of its content. A name that is not documented is wrong. */
    List<String> errors(Operation operation, int status, String mediaType, String body) {
        String pointer = "/paths/" + operation.path().replace("/", "~1") + "/"
                + operation.method().toLowerCase(java.util.Locale.ROOT) + "/responses/" + status + "/content/"
                + mediaType.replace("/", "~1") + "/schema";
        JsonNode schema = closed.at(pointer);
        if (schema.isMissingNode()) {
            return List.of();
        }
        return schemas
                .computeIfAbsent(pointer, at -> {
                    ObjectNode alone = MAPPER.createObjectNode();
                    alone.putArray("allOf").add(schema);
                    alone.set("components", closed.get("components"));
                    return registry.getSchema(alone);
                })
                .validate(body, InputFormat.JSON)
                .stream()
                .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
                .toList();
    }

    /** Answers may grow, so that the document leaves objects open. Here a name that it does not know is a mistake. */
    private static void close(JsonNode node) {
        if (node instanceof ObjectNode object
                && object.path("properties").isObject()
                && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        node.forEach(ApiDocument::close);
    }
}
