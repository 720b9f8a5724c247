package io.weir.console.query;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.weir.console.query.Condition.Operator;
import io.weir.warehouse.rollup.Rollup.Subject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.stereotype.Component;

/** The query language in the document of the API, made from the words that the reader knows. */
@Component
class QueryDocument implements OpenApiCustomizer {

    static final String REFERENCE = "#/components/schemas/Query";
    private static final Map<String, String> OF_AGGREGATIONS =
            Map.of("select", "metrics", "from", "start_time", "to", "end_time");

    @Override
    public void customise(OpenAPI api) {
        if (api.getComponents() == null) {
            return;
        }
        List<Object> metrics = new ArrayList<>();
        for (Subject subject : Subject.values()) {
            Metric.all(subject).forEach(metric -> metrics.add(metric.name()));
        }
        metrics.addAll(List.of("latency_p50", "latency_p90", "latency_p95", "latency_p99"));
        List<Object> fields = new ArrayList<>();
        Field.all().forEach(field -> fields.add(field.name()));

        Schema<Object> metric = text("a number to select; latency_p50 and so on with any percentile");
        metric.setExamples(metrics);
        Schema<Object> field = text("a field, or attributes.NAME");
        field.setExamples(fields);
        Schema<Object> query = object("A question about events. What it does not know is refused.");
        query.addProperty("select", array(metric, 1, QueryReader.MOST_METRICS));
        query.addProperty("from", text("RFC 3339, a date, now, or relative such as -24h (the default)"));
        query.addProperty("to", text("as from, exclusive; default now"));
        query.addProperty(
                "filter",
                new JsonSchema()
                        .description("conditions that must all hold, or one condition")
                        .oneOf(List.of(
                                array(new Schema<>().$ref("#/components/schemas/Condition"), 0, QueryReader.MOST_TESTS),
                                new Schema<>().$ref("#/components/schemas/Condition"))));
        query.addProperty("group_by", array(field, 0, QueryReader.MOST_GROUPS));
        Schema<Object> grain = text("how time is cut");
        grain.setEnum(Arrays.stream(Bucket.values())
                .map(bucket -> (Object) bucket.text())
                .toList());
        query.addProperty("grain", grain);
        query.addProperty(
                "order_by", array(text("what is selected or grouped by, or time; - before it: greatest first"), 0, 29));
        Schema<Object> limit = typed("integer", "rows at most; default " + QueryReader.DEFAULT_ROWS);
        limit.setMinimum(BigDecimal.ONE);
        limit.setMaximum(BigDecimal.valueOf(QueryReader.MOST_ROWS));
        query.addProperty("limit", limit);
        query.addProperty("time_zone", text("such as Europe/Berlin; default UTC"));
        query.addProperty("explain", typed("boolean", "say how it would be answered, and do not run it"));
        query.setRequired(List.of("select"));
        api.getComponents().addSchemas("Query", query);

        Schema<Object> aggregation = object("A question about requests, to be answered in the background.");
        query.getProperties()
                .forEach((name, schema) -> aggregation.addProperty(OF_AGGREGATIONS.getOrDefault(name, name), schema));
        aggregation.getProperties().remove("explain");
        aggregation.setRequired(List.of("start_time", "end_time", "metrics"));
        api.getComponents().addSchemas("Aggregation", aggregation);

        Schema<Object> condition = object("a test of a field, or and, or, not alone");
        condition.addProperty("field", field);
        Schema<Object> operator = text("default eq, or in where there are values");
        operator.setEnum(Arrays.stream(Operator.values())
                .map(one -> (Object) one.name().toLowerCase(Locale.ROOT))
                .toList());
        condition.addProperty("op", operator);
        condition.addProperty("value", new JsonSchema().description("text, a number, true or false"));
        condition.addProperty(
                "values", array(new JsonSchema().description("for in and not_in"), 1, QueryReader.MOST_VALUES));
        Schema<?> itself = new Schema<>().$ref("#/components/schemas/Condition");
        condition.addProperty("and", array(itself, 0, QueryReader.MOST_TESTS));
        condition.addProperty("or", array(itself, 1, QueryReader.MOST_TESTS));
        condition.addProperty("not", itself);
        api.getComponents().addSchemas("Condition", condition);
    }

    private static Schema<Object> object(String description) {
        Schema<Object> schema = typed("object", description);
        schema.setAdditionalProperties(false);
        return schema;
    }

    private static Schema<Object> text(String description) {
        return typed("string", description);
    }

    private static Schema<Object> typed(String type, String description) {
        Schema<Object> schema = new JsonSchema();
        schema.addType(type);
        schema.setDescription(description);
        return schema;
    }

    private static Schema<Object> array(Schema<?> of, int least, int most) {
        Schema<Object> schema = new JsonSchema();
        schema.addType("array");
        schema.setItems(of);
        schema.setMinItems(least);
        schema.setMaxItems(most);
        return schema;
    }
}
