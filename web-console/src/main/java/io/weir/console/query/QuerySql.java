package io.weir.console.query;

import io.weir.console.query.Condition.Operator;
import io.weir.console.query.Condition.Test;
import io.weir.warehouse.Tables;
import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.Rollup.Subject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One statement for a query and its plan. Whatever a caller chose is a parameter; the text holds names of columns and functions of
 * ours alone.
 *
 * <p>Columns of the answer: the second at which the bucket begins (if there is a grain), the groups, the metrics, in the query's order.
 * It has one row more than the query's limit if rows were cut off.
 */
final class QuerySql {

    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String BUCKET = "bucket";

    private final Query query;
    private final Plan plan;
    private final @Nullable String tenant;
    private final String database;
    private final Map<String, String> parameters = new LinkedHashMap<>();
    private final List<String> levels;
    private final String sql;

    QuerySql(Query query, Plan plan, @Nullable String tenant, String database) {
        this.query = query;
        this.plan = plan;
        this.tenant = tenant;
        this.database = database;
        this.levels = query.metrics().stream()
                .map(Metric::level)
                .filter(Objects::nonNull)
                .map(level -> (String) level)
                .distinct()
                .toList();
        if (tenant != null) {
            parameters.put("tenant", tenant);
        }
        if (query.bucket() != Bucket.ALL) {
            parameters.put("zone", query.zone().getId());
        }
        this.sql = isOfEvents() ? ofEvents() : merged();
    }

    String text() {
        return sql;
    }

    Map<String, String> parameters() {
        return parameters;
    }

    /** As a parameter of type {@code DateTime64(3)}. */
    static String millis(Instant time) {
        return MILLIS.format(time);
    }

    private boolean isOfEvents() {
        return plan.parts().size() == 1 && plan.parts().get(0).rollup() == null;
    }

    private String ofEvents() {
        Plan.Part part = plan.parts().get(0);
        List<String> selected = new ArrayList<>();
        if (query.bucket() != Bucket.ALL) {
            selected.add(query.bucket().start("timestamp") + " AS " + BUCKET);
        }
        for (int i = 0; i < query.groupBy().size(); i++) {
            selected.add(expression(query.groupBy().get(i)) + " AS g" + i);
        }
        return statement(selected, metric -> metric.ofEvents(levels), from(part) + "\n" + where(part));
    }

    private String merged() {
        List<String> selected = new ArrayList<>();
        if (query.bucket() != Bucket.ALL) {
            selected.add(BUCKET);
        }
        for (int i = 0; i < query.groupBy().size(); i++) {
            selected.add("g" + i);
        }
        String parts = plan.parts().stream().map(this::part).collect(Collectors.joining("\nUNION ALL\n"));
        return statement(selected, metric -> metric.merged(levels), "FROM (\n" + parts + "\n)");
    }

    private String statement(List<String> keys, Function<Metric, String> formula, String from) {
        List<String> selected = new ArrayList<>(keys);
        for (int i = 0; i < query.metrics().size(); i++) {
            selected.add(formula.apply(query.metrics().get(i)) + " AS m" + i);
        }
        StringBuilder text = new StringBuilder("SELECT ")
                .append(String.join(", ", selected))
                .append('\n')
                .append(from);
        List<String> names = keyNames();
        if (!names.isEmpty()) {
            text.append("\nGROUP BY ").append(String.join(", ", names));
            text.append("\nORDER BY ").append(order(names));
        }
        return text.append("\nLIMIT ").append(query.limit() + 1).toString();
    }

    private List<String> keyNames() {
        List<String> names = new ArrayList<>();
        if (query.bucket() != Bucket.ALL) {
            names.add(BUCKET);
        }
        for (int i = 0; i < query.groupBy().size(); i++) {
            names.add("g" + i);
        }
        return names;
    }

    private String order(List<String> names) {
        Set<String> rest = new LinkedHashSet<>(names);
        List<String> order = new ArrayList<>();
        for (Query.Order by : query.orderBy()) {
            String column = column(by.by());
            rest.remove(column);
            order.add(column + (by.descending() ? " DESC" : " ASC") + " NULLS LAST");
        }
        rest.forEach(name -> order.add(name + " ASC NULLS LAST"));
        return String.join(", ", order);
    }

    private String column(String name) {
        for (int i = 0; i < query.metrics().size(); i++) {
            if (query.metrics().get(i).name().equals(name)) {
                return "m" + i;
            }
        }
        for (int i = 0; i < query.groupBy().size(); i++) {
            if (query.groupBy().get(i).name().equals(name)) {
                return "g" + i;
            }
        }
        return BUCKET;
    }

    /** Rows of a rollup as they are; of events, states like theirs. */
    private String part(Plan.Part part) {
        Rollup rollup = part.rollup();
        List<String> keys = new ArrayList<>();
        if (query.bucket() != Bucket.ALL) {
            keys.add(query.bucket().start(rollup == null ? "timestamp" : time(rollup)) + " AS " + BUCKET);
        }
        for (int i = 0; i < query.groupBy().size(); i++) {
            keys.add(expression(query.groupBy().get(i)) + " AS g" + i);
        }
        Set<String> columns = new LinkedHashSet<>();
        query.metrics().forEach(metric -> columns.addAll(metric.columns()));
        List<String> selected = new ArrayList<>(keys);
        List<String> groups = new ArrayList<>(keyNames());
        for (String column : columns) {
            if (column.equals(Field.DEVICE)) {
                selected.add(column);
                groups.add(column);
            } else if (rollup == null) {
                selected.add(Metric.measure(query.subject(), column).state() + " AS " + column);
            } else {
                selected.add(column);
            }
        }
        String text = "SELECT " + String.join(", ", selected) + "\n" + from(part) + "\n" + where(part);
        if (rollup != null) {
            return text;
        }
        // Without groups there would be a row of nothing, whose minimum is 0.
        return text + (groups.isEmpty() ? "" : "\nGROUP BY " + String.join(", ", groups)) + "\nHAVING count() > 0";
    }

    private String from(Plan.Part part) {
        String table = database + "." + part.table();
        if (part.rollup() != null) {
            return "FROM " + table;
        }
        return "FROM " + database + "." + Tables.EVENTS + " FINAL"
                + (query.subject() == Subject.MEASUREMENTS
                        ? "\nARRAY JOIN mapKeys(measurements) AS name, mapValues(measurements) AS value"
                        : "");
    }

    private String where(Plan.Part part) {
        List<String> conditions = new ArrayList<>();
        if (tenant != null) {
            conditions.add("tenant = {tenant:String}");
        }
        conditions.add(part.intervals().stream()
                .map(interval -> within(part.rollup(), interval))
                .collect(Collectors.joining(" OR ", "(", ")")));
        if (!part.goneDays().isEmpty()) {
            conditions.add("sealed = 1");
            conditions.add("toDate(hour, 'UTC') IN "
                    + bound(
                            part.goneDays().stream()
                                    .map(day -> "'" + day + "'")
                                    .collect(Collectors.joining(",", "[", "]")),
                            "Array(Date)"));
            if (query.bucket() != Bucket.ALL) {
                conditions.add(
                        query.bucket().start("hour") + " = " + query.bucket().start("hour + INTERVAL 3599 SECOND"));
            }
        }
        if (!(query.filter() instanceof Condition.And and && and.conditions().isEmpty())) {
            conditions.add(sql(query.filter()));
        }
        return "WHERE " + String.join(" AND ", conditions);
    }

    private String within(@Nullable Rollup rollup, Interval interval) {
        String column = rollup == null ? "timestamp" : timeColumn(rollup);
        String type =
                rollup == null ? "DateTime64(3, 'UTC')" : rollup.grain() == Grain.HOUR ? "DateTime('UTC')" : "Date";
        String from = millis(interval.from());
        String to = millis(interval.to());
        int length = rollup == null ? from.length() : rollup.grain() == Grain.HOUR ? 19 : 10;
        return column + " >= " + bound(from.substring(0, length), type) + " AND " + column + " < "
                + bound(to.substring(0, length), type);
    }

    private static String timeColumn(Rollup rollup) {
        List<String> columns = rollup.grain().timeColumns();
        return columns.get(columns.size() - 1);
    }

    private static String time(Rollup rollup) {
        return rollup.grain() == Grain.HOUR ? "hour" : "toDateTime(" + timeColumn(rollup) + ", 'UTC')";
    }

    private String sql(Condition condition) {
        if (condition instanceof Condition.And and) {
            return joined(and.conditions(), " AND ", "1");
        }
        if (condition instanceof Condition.Or or) {
            return joined(or.conditions(), " OR ", "0");
        }
        if (condition instanceof Condition.Not not) {
            return "NOT (" + sql(not.condition()) + ")";
        }
        return sql((Test) condition);
    }

    private String joined(List<Condition> conditions, String by, String none) {
        return conditions.isEmpty()
                ? none
                : conditions.stream().map(this::sql).collect(Collectors.joining(by, "(", ")"));
    }

    private String sql(Test test) {
        boolean number = !test.values().isEmpty() && test.values().get(0) instanceof Double;
        String left = number && test.field().kind() == Field.Kind.ATTRIBUTE
                ? "toFloat64OrNull(" + expression(test.field()) + ")"
                : expression(test.field());
        Operator operator = test.operator();
        if (operator == Operator.EXISTS) {
            return test.field().kind() == Field.Kind.NUMBER ? "isNotNull(" + left + ")" : left + " != ''";
        }
        String type = number ? "Float64" : "String";
        if (operator.ofMany()) {
            return left
                    + (operator == Operator.IN ? " IN " : " NOT IN ")
                    + test.values().stream()
                            .map(value -> bound(text(value), type))
                            .collect(Collectors.joining(", ", "(", ")"));
        }
        String right = bound(text(test.values().get(0)), type);
        return switch (operator) {
            case EQ -> left + " = " + right;
            case NE -> left + " != " + right;
            case GT -> left + " > " + right;
            case GTE -> left + " >= " + right;
            case LT -> left + " < " + right;
            case LTE -> left + " <= " + right;
            case STARTS_WITH -> "startsWith(" + left + ", " + right + ")";
            case CONTAINS -> "position(" + left + ", " + right + ") > 0";
            default -> throw new IllegalStateException(operator.name());
        };
    }

    private String expression(Field field) {
        return switch (field.kind()) {
            case TEXT, MEASUREMENT -> field.column();
            // 0 stands for none.
            case NUMBER -> field.name().equals("status_code") ? "nullIf(status_code, 0)" : field.column();
            case FLAG -> "toString(is_bot)";
            case ATTRIBUTE -> "ifNull(toString(getSubcolumn(attributes, " + bound(field.column(), "String") + ")), '')";
        };
    }

    private static String text(Object value) {
        return value instanceof Boolean flag ? (flag ? "true" : "false") : String.valueOf(value);
    }

    /** A parameter; the same value again is the same one. */
    private String bound(String value, String type) {
        String kind = type.equals("String") ? "s" : type.equals("Float64") ? "n" : "t";
        for (Map.Entry<String, String> known : parameters.entrySet()) {
            if (known.getKey().startsWith(kind + "_") && known.getValue().equals(value)) {
                return "{" + known.getKey() + ":" + type + "}";
            }
        }
        String name = kind + "_" + parameters.size();
        parameters.put(name, value);
        return "{" + name + ":" + type + "}";
    }
}
