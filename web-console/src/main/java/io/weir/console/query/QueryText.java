package io.weir.console.query;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A query as JSON for the record: its times absolute, and all that was added to it on the way shown. */
final class QueryText {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private QueryText() {}

    static String of(Query query) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("select", query.metrics().stream().map(Metric::name).toList());
        document.put("from", query.from().toString());
        document.put("to", query.to().toString());
        document.put("filter", condition(query.filter()));
        document.put("group_by", query.groupBy().stream().map(Field::name).toList());
        document.put("grain", query.bucket().text());
        List<Object> orders = new ArrayList<>();
        query.orderBy().forEach(order -> orders.add(Map.of(order.by(), order.descending() ? "desc" : "asc")));
        document.put("order_by", orders);
        document.put("limit", query.limit());
        document.put("time_zone", query.zone().getId());
        return MAPPER.writeValueAsString(document);
    }

    private static Object condition(Condition condition) {
        if (condition instanceof Condition.And and) {
            return Map.of("and", conditions(and.conditions()));
        }
        if (condition instanceof Condition.Or or) {
            return Map.of("or", conditions(or.conditions()));
        }
        if (condition instanceof Condition.Not not) {
            return Map.of("not", condition(not.condition()));
        }
        Condition.Test test = (Condition.Test) condition;
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("field", test.field().name());
        document.put("op", test.operator().name().toLowerCase(Locale.ROOT));
        document.put("values", test.values());
        return document;
    }

    private static List<Object> conditions(List<Condition> conditions) {
        List<Object> all = new ArrayList<>();
        conditions.forEach(one -> all.add(condition(one)));
        return all;
    }
}
