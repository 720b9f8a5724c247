package io.weir.console.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.AnnotationsUtils;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Our records in the document of the API, by the names that Jackson gives their components, which Swagger's own reader, being one for
 * an older Jackson, does not know. What is not {@code @Nullable} is always there.
 */
@Component
class RecordSchemas implements ModelConverter {

    private static final String COMPONENTS = "#/components/schemas/";

    @Override
    public @Nullable Schema<?> resolve(
            AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> others) {
        JavaType java = TypeFactory.defaultInstance().constructType(type.getType());
        Class<?> raw = java.getRawClass();
        if (JsonNode.class.isAssignableFrom(raw)) {
            return new JsonSchema();
        }
        if (!raw.isRecord() || !raw.getName().startsWith("io.weir.")) {
            return others.hasNext() ? others.next().resolve(type, context, others) : null;
        }
        if (raw.getTypeParameters().length > 0) {
            return object(java, context);
        }
        String name = name(raw);
        if (!context.getDefinedModels().containsKey(name)) {
            context.defineModel(name, object(java, context));
        }
        return new Schema<>().$ref(COMPONENTS + name);
    }

    /** {@code UsersController.View} is {@code UsersView}. */
    private static String name(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return (outer == null ? "" : outer.getSimpleName().replace("Controller", "")) + type.getSimpleName();
    }

    private static Schema<?> object(JavaType record, ModelConverterContext context) {
        Schema<Object> schema = new JsonSchema();
        schema.addType("object");
        for (RecordComponent component : record.getRawClass().getRecordComponents()) {
            JavaType type =
                    TypeFactory.defaultInstance().resolveMemberType(component.getGenericType(), record.getBindings());
            io.swagger.v3.oas.annotations.media.Schema said =
                    component.getAccessor().getAnnotation(io.swagger.v3.oas.annotations.media.Schema.class);
            boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            Schema<?> resolved = said != null && !said.ref().isEmpty()
                    ? new Schema<>().$ref(said.ref())
                    : component.getAccessor().isAnnotationPresent(JsonRawValue.class)
                            ? new JsonSchema()
                            : context.resolve(new AnnotatedType(type).resolveAsRef(true));
            // What is resolved is kept for the next one of its type.
            Schema<?> property = resolved == null ? new JsonSchema() : AnnotationsUtils.clone(resolved, true);
            if (said != null && !said.description().isEmpty()) {
                property.setDescription(said.description());
            }
            String name = name(component);
            boolean required = said != null
                    && said.requiredMode() == io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;
            schema.addProperty(name, nullable && !required ? orNull(property) : property);
            if (required || !nullable) {
                schema.addRequiredItem(name);
            }
        }
        return schema;
    }

    private static String name(RecordComponent component) {
        JsonProperty property = component.getAccessor().getAnnotation(JsonProperty.class);
        if (property != null && !property.value().isEmpty()) {
            return property.value();
        }
        JsonNaming naming = component.getDeclaringRecord().getAnnotation(JsonNaming.class);
        return naming != null && naming.value() == SnakeCaseStrategy.class
                ? new SnakeCaseStrategy().nameForField(null, null, component.getName())
                : component.getName();
    }

    private static Schema<?> orNull(Schema<?> schema) {
        if (schema.get$ref() != null) {
            Schema<Object> none = new JsonSchema();
            none.addType("null");
            return new JsonSchema().oneOf(List.of(schema, none));
        }
        if (schema.getTypes() != null) {
            schema.addType("null");
        }
        return schema;
    }
}
