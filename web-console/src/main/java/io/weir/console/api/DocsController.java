package io.weir.console.api;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The document of the API as a page to read. */
@Controller
@Hidden
class DocsController {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final OpenApiWebMvcResource openApi;

    DocsController(OpenApiWebMvcResource openApi) {
        this.openApi = openApi;
    }

    /** A method of a path. */
    record Operation(String method, String path, String summary, String description, List<Parameter> parameters) {}

    /** @param schema its type and what goes with it, as JSON */
    record Parameter(String name, String in, boolean required, String schema) {}

    @GetMapping("/api/docs")
    String docs(HttpServletRequest request, Locale locale, Model model) throws Exception {
        JsonNode document = MAPPER.readTree(openApi.openapiJson(request, "/api/v1/openapi.json", locale));
        List<Operation> operations = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                operations.add(operation(path.getKey(), method.getKey(), method.getValue()));
            }
        }
        List<Parameter> schemas = new ArrayList<>();
        document.at("/components/schemas")
                .properties()
                .forEach(schema -> schemas.add(new Parameter(
                        schema.getKey(), "", false, schema.getValue().toPrettyString())));
        model.addAttribute("title", document.at("/info/title").asString());
        model.addAttribute("description", document.at("/info/description").asString());
        model.addAttribute("operations", operations);
        model.addAttribute("schemas", schemas);
        return "api-docs";
    }

    private static Operation operation(String path, String method, JsonNode node) {
        List<Parameter> parameters = new ArrayList<>();
        for (JsonNode parameter : node.path("parameters")) {
            parameters.add(new Parameter(
                    parameter.path("name").asString(),
                    parameter.path("in").asString(),
                    parameter.path("required").asBoolean(),
                    parameter.path("schema").toString()));
        }
        JsonNode body = node.at("/requestBody/content/application~1json/schema");
        if (!body.isMissingNode()) {
            parameters.add(new Parameter("", "body", true, body.toString()));
        }
        return new Operation(
                method.toUpperCase(Locale.ROOT),
                path,
                node.path("summary").asString(),
                node.path("description").asString(),
                parameters);
    }
}
