package io.weir.console.api;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The document of the API as a page to read. */
@Controller
@Hidden
class DocsController {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String SCHEMAS = "#/components/schemas/";

    private final OpenApiWebMvcResource openApi;

    DocsController(OpenApiWebMvcResource openApi) {
        this.openApi = openApi;
    }

    /** What has the same tag. */
    record Group(String name, String description, List<Operation> operations) {}

    /** A method of a path. */
    record Operation(
            String method,
            String path,
            String summary,
            String description,
            List<Item> parameters,
            List<Item> answers) {}

    /**
     * A parameter, an answer, or a member of a schema.
     *
     * @param in where a parameter stands; empty for all else
     * @param type in words, such as "array of string"
     * @param schema the name of the schema that the type is made of; null if it is a simple one
     */
    record Item(
            String name,
            String in,
            boolean required,
            String type,
            @Nullable String schema,
            String description) {}

    /** A named schema. */
    record Schema(String name, String description, List<Item> members) {}

    @GetMapping("/api/docs")
    String docs(HttpServletRequest request, Locale locale, Model model) throws Exception {
        JsonNode document = MAPPER.readTree(openApi.openapiJson(request, "/api/v1/openapi.json", locale));
        model.addAttribute("description", document.at("/info/description").asString(""));
        model.addAttribute(
                "server",
                ServletUriComponentsBuilder.fromContextPath(request).build().toUriString());
        model.addAttribute("groups", groups(document));
        model.addAttribute("schemas", schemas(document));
        return "api-docs";
    }

    private static List<Group> groups(JsonNode document) {
        Map<String, Group> groups = new TreeMap<>();
        for (JsonNode tag : document.path("tags")) {
            String name = tag.path("name").asString();
            groups.put(name, new Group(name, tag.path("description").asString(""), new ArrayList<>()));
        }
        Map<String, JsonNode> paths = new TreeMap<>();
        document.path("paths").properties().forEach(path -> paths.put(path.getKey(), path.getValue()));
        paths.forEach((path, methods) -> methods.properties().forEach(method -> groups.computeIfAbsent(
                        method.getValue().at("/tags/0").asString("api"), name -> new Group(name, "", new ArrayList<>()))
                .operations()
                .add(operation(path, method.getKey(), method.getValue()))));
        return List.copyOf(groups.values());
    }

    private static Operation operation(String path, String method, JsonNode node) {
        List<Item> parameters = new ArrayList<>();
        for (JsonNode parameter : node.path("parameters")) {
            parameters.add(item(
                    parameter.path("name").asString(),
                    parameter.path("in").asString(),
                    parameter.path("required").asBoolean(false),
                    parameter.path("schema"),
                    parameter.path("description").asString("")));
        }
        JsonNode body = node.path("requestBody");
        if (!body.isMissingNode()) {
            parameters.add(item(
                    "",
                    "body",
                    body.path("required").asBoolean(false),
                    firstSchema(body),
                    body.path("description").asString("")));
        }
        List<Item> answers = new ArrayList<>();
        node.path("responses")
                .properties()
                .forEach(answer -> answers.add(item(
                        answer.getKey(),
                        "",
                        false,
                        firstSchema(answer.getValue()),
                        answer.getValue().path("description").asString(""))));
        return new Operation(
                method.toUpperCase(Locale.ROOT),
                path,
                node.path("summary").asString(""),
                node.path("description").asString(""),
                parameters,
                answers);
    }

    private static JsonNode firstSchema(JsonNode withContent) {
        for (JsonNode content : withContent.path("content")) {
            return content.path("schema");
        }
        return MAPPER.missingNode();
    }

    private static List<Schema> schemas(JsonNode document) {
        Map<String, Schema> schemas = new TreeMap<>();
        document.at("/components/schemas").properties().forEach(entry -> {
            JsonNode schema = entry.getValue();
            Set<String> required = new HashSet<>();
            schema.path("required").forEach(name -> required.add(name.asString()));
            List<Item> members = new ArrayList<>();
            schema.path("properties")
                    .properties()
                    .forEach(member -> members.add(item(
                            member.getKey(),
                            "",
                            required.contains(member.getKey()),
                            member.getValue(),
                            member.getValue().path("description").asString(""))));
            schemas.put(
                    entry.getKey(),
                    new Schema(entry.getKey(), schema.path("description").asString(""), members));
        });
        return List.copyOf(schemas.values());
    }

    private static Item item(String name, String in, boolean required, JsonNode schema, String description) {
        return new Item(name, in, required, type(schema), reference(schema), description);
    }

    private static @Nullable String reference(JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        if (reference.startsWith(SCHEMAS)) {
            return reference.substring(SCHEMAS.length());
        }
        return schema.has("items") ? reference(schema.path("items")) : null;
    }

    private static String type(JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        if (!reference.isEmpty()) {
            return reference.substring(reference.lastIndexOf('/') + 1);
        }
        if (schema.has("items")) {
            return "array of " + type(schema.path("items"));
        }
        List<String> words = new ArrayList<>();
        if (schema.path("type").isArray()) {
            List<String> types = new ArrayList<>();
            schema.path("type").forEach(type -> types.add(type.asString()));
            words.add(String.join(" or ", types));
        } else {
            words.add(schema.path("type").asString(""));
        }
        if (schema.has("format")) {
            words.add("(" + schema.path("format").asString() + ")");
        }
        if (schema.has("enum")) {
            List<String> values = new ArrayList<>();
            schema.path("enum").forEach(value -> values.add(value.asString()));
            words.add(": " + String.join(", ", values));
        }
        if (schema.has("minimum") || schema.has("maximum")) {
            words.add(schema.path("minimum").asString("") + " to "
                    + schema.path("maximum").asString(""));
        }
        if (schema.has("default")) {
            words.add("by default " + schema.path("default").asString());
        }
        return String.join(" ", words).replace(" :", ":").strip();
    }
}
