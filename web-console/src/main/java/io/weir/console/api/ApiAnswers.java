package io.weir.console.api;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.HandlerMethod;

/** What the routes have in common, in the document of the API: how they refuse, and what they are called. */
@Component
class ApiAnswers implements OperationCustomizer, OpenApiCustomizer {

    private static final String PROBLEM = "Problem";

    @Override
    public Operation customize(Operation operation, HandlerMethod handler) {
        String controller = handler.getBeanType().getSimpleName().replace("Controller", "");
        String method = handler.getMethod().getName();
        operation.setOperationId(controller.substring(0, 1).toLowerCase(Locale.ROOT)
                + controller.substring(1)
                + method.substring(0, 1).toUpperCase(Locale.ROOT)
                + method.substring(1));
        // Whoever cannot be answered at all: without a credential, too often, or while PostgreSQL or ClickHouse is
        // away.
        Set<Integer> refusals = new TreeSet<>(List.of(400, 401, 403, 406, 429, 503));
        if (operation.getParameters() != null
                && operation.getParameters().stream().anyMatch(parameter -> "path".equals(parameter.getIn()))) {
            refusals.add(404);
        }
        if (operation.getRequestBody() != null) {
            refusals.addAll(List.of(413, 415));
        }
        refusals.addAll(refuses(AnnotatedElementUtils.findMergedAnnotation(handler.getMethod(), Refuses.class)));
        refusals.addAll(refuses(AnnotatedElementUtils.findMergedAnnotation(handler.getBeanType(), Refuses.class)));
        for (int status : refusals) {
            operation
                    .getResponses()
                    .addApiResponse(
                            Integer.toString(status),
                            new ApiResponse()
                                    .description(HttpStatus.valueOf(status).getReasonPhrase())
                                    .content(new Content()
                                            .addMediaType(
                                                    "application/problem+json",
                                                    new MediaType()
                                                            .schema(new Schema<>()
                                                                    .$ref("#/components/schemas/" + PROBLEM)))));
        }
        if (Arrays.stream(handler.getMethodParameters())
                .anyMatch(parameter -> parameter.getParameterType() == WebRequest.class)) {
            operation
                    .getResponses()
                    .addApiResponse("304", new ApiResponse().description("Not changed since If-None-Match"));
        }
        return operation;
    }

    private static List<Integer> refuses(@Nullable Refuses refuses) {
        return refuses == null
                ? List.of()
                : Arrays.stream(refuses.value()).boxed().toList();
    }

    @Override
    public void customise(OpenAPI api) {
        Schema<Object> problem = typed("object").description("Why a request was refused (RFC 9457)");
        problem.addProperty("type", typed("string").description("urn:weir:problem: and a code that stays as it is"));
        problem.addProperty("title", typed("string").description("the reason phrase of the status"));
        problem.addProperty("status", typed("integer"));
        problem.addProperty("detail", typed("string").description("for a person"));
        problem.addProperty("instance", typed("string").description("the path that was asked"));
        Schema<Object> error = typed("object");
        error.addProperty("pointer", typed("string").description("a JSON pointer into what was sent"));
        error.addProperty("detail", typed("string"));
        Schema<Object> errors = typed("array");
        errors.setItems(error);
        problem.addProperty("errors", errors);
        problem.setRequired(List.of("type", "title", "status"));
        problem.setAdditionalProperties(true);
        api.getComponents().addSchemas(PROBLEM, problem);
    }

    private static Schema<Object> typed(String type) {
        Schema<Object> schema = new JsonSchema();
        schema.addType(type);
        return schema;
    }
}
