package io.weir.console.query;

import io.weir.console.access.Caller;
import io.weir.console.api.ApiProblems;
import io.weir.console.query.Condition.Operator;
import io.weir.metadata.user.Role;
import io.weir.warehouse.rollup.Rollup.Subject;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the query language. Whatever it does not know is refused, with the place. */
public final class QueryReader {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    public static final int MOST_ROWS = 10_000;
    static final int DEFAULT_ROWS = 1_000;
    static final int MOST_METRICS = 20;
    static final int MOST_GROUPS = 8;
    static final int MOST_TESTS = 100;
    static final int MOST_VALUES = 400;
    static final int DEEPEST = 8;
    private static final int LONGEST_TEXT = 1_000;

    private static final Set<String> MEMBERS =
            Set.of("select", "from", "to", "filter", "group_by", "grain", "order_by", "limit", "time_zone", "explain");
    private static final Set<String> TEST_MEMBERS = Set.of("field", "op", "value", "values");

    private final Clock clock;

    public QueryReader(Clock clock) {
        this.clock = clock;
    }

    /**
     * A query as it was sent.
     *
     * @param explain whether it is to be explained and not run
     */
    public record Request(Query query, boolean explain) {}

    /** @throws InvalidQueryException if it is not a query that this caller may ask */
    public Request read(byte[] json, Caller caller) {
        JsonNode document;
        try {
            document = MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new InvalidQueryException(
                    "", "this is not JSON, names something twice or is nested too deeply" + ApiProblems.place(e));
        }
        return read(document, caller);
    }

    /** @throws InvalidQueryException if it is not a query that this caller may ask */
    public Request read(JsonNode document, Caller caller) {
        return new Reading(caller, clock.instant()).query(document);
    }

    /** A field by its name, for callers that have no document. */
    public static Field field(String name, String pointer, Caller caller, Subject subject) {
        Field field = Field.named(name);
        if (field == null) {
            throw new InvalidQueryException(
                    pointer,
                    "'" + name + "' is not a field: " + names(Field.all(), Field::name) + " or attributes.NAME");
        }
        if (field.name().equals(Field.TENANT) && caller.tenant() != null) {
            throw new InvalidQueryException(pointer, "your account sees one tenant only, and no other");
        }
        if (field.personal() && isMasked(caller)) {
            // Not even to group by: the order of masked rows tells whose they are, and so does how many there are.
            throw new InvalidQueryException(
                    pointer,
                    field.name() + " is masked for your role, which may neither filter, group nor order by it");
        }
        if (field.kind() == Field.Kind.MEASUREMENT && subject != Subject.MEASUREMENTS) {
            throw new InvalidQueryException(
                    pointer,
                    "measurement is there only where what is selected is of measurements, such as measurement_avg");
        }
        return field;
    }

    /** Whether personal fields are hidden from a caller. */
    static boolean isMasked(Caller caller) {
        return caller.role() == Role.VIEWER;
    }

    private static <T> String names(Iterable<T> things, Function<T, String> name) {
        List<String> names = new ArrayList<>();
        things.forEach(thing -> names.add(name.apply(thing)));
        return String.join(", ", names);
    }

    /** One document. */
    private static final class Reading {

        private final Caller caller;
        private final Instant now;
        private int tests;
        private int values;

        Reading(Caller caller, Instant now) {
            this.caller = caller;
            this.now = now;
        }

        Request query(JsonNode document) {
            members(document, "", MEMBERS);
            ZoneId zone = document.has("time_zone")
                    ? Times.zone(text(document.get("time_zone"), "/time_zone"), "/time_zone")
                    : ZoneOffset.UTC;
            List<Metric> metrics = metrics(document.get("select"));
            Subject subject = metrics.get(0).subject();
            Instant to = time(document, "to", "now", zone);
            Instant from = time(document, "from", "-24h", zone);
            if (!from.isBefore(to)) {
                throw new InvalidQueryException("/from", "from must lie before to, which is " + to);
            }
            List<Field> groups = groups(document.get("group_by"), subject);
            JsonNode filter = document.get("filter");
            Condition condition =
                    filter == null ? new Condition.And(List.of()) : condition(filter, "/filter", subject, 1);
            Bucket bucket = bucket(document.get("grain"));
            List<Query.Order> order = order(document.get("order_by"), metrics, groups, bucket);
            JsonNode explain = document.get("explain");
            return new Request(
                    new Query(
                            metrics,
                            from,
                            to,
                            condition,
                            groups,
                            bucket,
                            order,
                            integer(document.get("limit"), "/limit", 1, MOST_ROWS, DEFAULT_ROWS),
                            zone.getId().equals("Z") ? ZoneId.of("UTC") : zone),
                    explain != null && flag(explain, "/explain"));
        }

        private List<Metric> metrics(@Nullable JsonNode select) {
            List<Metric> metrics = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            if (select == null) {
                throw new InvalidQueryException(
                        "/select", "select is missing: name what to count, such as [\"events\"]");
            }
            for (JsonNode one : array(select, "/select", 1, MOST_METRICS)) {
                String pointer = "/select/" + metrics.size();
                String name = text(one, pointer);
                Metric metric = Metric.named(name);
                if (metric == null) {
                    throw new InvalidQueryException(
                            pointer,
                            "'" + name + "' cannot be selected: of events "
                                    + names(Metric.all(Subject.EVENTS), Metric::name)
                                    + ", latency_p50 and every other percentile above 0 and below 100, with up to four decimals; of measurements "
                                    + names(Metric.all(Subject.MEASUREMENTS), Metric::name));
                }
                if (!seen.add(name)) {
                    throw new InvalidQueryException(pointer, "'" + name + "' is selected twice");
                }
                if (!metrics.isEmpty() && metrics.get(0).subject() != metric.subject()) {
                    throw new InvalidQueryException(
                            pointer,
                            "'" + name + "' cannot stand beside '"
                                    + metrics.get(0).name() + "': the one counts measurements, the other events");
                }
                metrics.add(metric);
            }
            return metrics;
        }

        private Instant time(JsonNode document, String member, String otherwise, ZoneId zone) {
            String pointer = "/" + member;
            JsonNode value = document.get(member);
            return Times.read(value == null ? otherwise : text(value, pointer), pointer, now, zone);
        }

        private List<Field> groups(@Nullable JsonNode groupBy, Subject subject) {
            List<Field> groups = new ArrayList<>();
            if (groupBy == null) {
                return groups;
            }
            Set<String> seen = new HashSet<>();
            for (JsonNode one : array(groupBy, "/group_by", 0, MOST_GROUPS)) {
                String pointer = "/group_by/" + groups.size();
                Field group = field(text(one, pointer), pointer, caller, subject);
                if (group.name().equals("latency_ms") || group.name().equals("bytes")) {
                    throw new InvalidQueryException(pointer, group.name() + " can be filtered by, not grouped by");
                }
                if (!seen.add(group.name())) {
                    throw new InvalidQueryException(pointer, "'" + group.name() + "' stands there twice");
                }
                groups.add(group);
            }
            return groups;
        }

        private Condition condition(JsonNode node, String pointer, Subject subject, int depth) {
            if (depth > DEEPEST) {
                throw new InvalidQueryException(pointer, "conditions may be nested " + DEEPEST + " deep");
            }
            if (node.isArray()) {
                return new Condition.And(conditions(node, pointer, subject, depth));
            }
            if (node.isObject() && node.size() == 1) {
                for (Map.Entry<String, JsonNode> only : node.properties()) {
                    String inner = pointer + "/" + escaped(only.getKey());
                    switch (only.getKey()) {
                        case "and":
                            return new Condition.And(conditions(only.getValue(), inner, subject, depth));
                        case "or":
                            return new Condition.Or(conditions(only.getValue(), inner, subject, depth));
                        case "not":
                            return new Condition.Not(condition(only.getValue(), inner, subject, depth + 1));
                        default:
                    }
                }
            }
            return test(node, pointer, subject);
        }

        private List<Condition> conditions(JsonNode nodes, String pointer, Subject subject, int depth) {
            List<Condition> conditions = new ArrayList<>();
            for (JsonNode node : array(nodes, pointer, pointer.endsWith("/or") ? 1 : 0, MOST_TESTS)) {
                conditions.add(condition(node, pointer + "/" + conditions.size(), subject, depth + 1));
            }
            return conditions;
        }

        private Condition test(JsonNode node, String pointer, Subject subject) {
            members(node, pointer, TEST_MEMBERS);
            if (++tests > MOST_TESTS) {
                throw new InvalidQueryException(pointer, "there may be " + MOST_TESTS + " conditions at most");
            }
            Field field = field(member(node, "field", pointer), pointer + "/field", caller, subject);
            Operator operator = operator(node, pointer);
            List<Object> values = values(node, pointer, operator);
            require(field, operator, values, pointer);
            this.values += values.size();
            if (this.values > MOST_VALUES) {
                throw new InvalidQueryException(
                        pointer, "there may be " + MOST_VALUES + " values at most in all conditions");
            }
            return new Condition.Test(field, operator, values);
        }

        private static Operator operator(JsonNode node, String pointer) {
            String name = node.has("op") ? text(node.get("op"), pointer + "/op") : node.has("values") ? "in" : "eq";
            return Arrays.stream(Operator.values())
                    .filter(operator -> operator.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst()
                    .orElseThrow(() -> new InvalidQueryException(
                            pointer + "/op",
                            "'" + name + "' is not an operator: "
                                    + Arrays.stream(Operator.values())
                                            .map(operator -> operator.name().toLowerCase(Locale.ROOT))
                                            .collect(Collectors.joining(", "))));
        }

        private static List<Object> values(JsonNode node, String pointer, Operator operator) {
            boolean many = operator.ofMany();
            String wanted = operator == Operator.EXISTS ? "" : many ? "values" : "value";
            for (String member : List.of("value", "values")) {
                if (node.has(member) && !member.equals(wanted)) {
                    throw new InvalidQueryException(
                            pointer + "/" + member,
                            operator.name().toLowerCase(Locale.ROOT) + " takes "
                                    + (wanted.isEmpty() ? "no value" : wanted));
                }
            }
            if (wanted.isEmpty()) {
                return List.of();
            }
            String place = pointer + "/" + wanted;
            JsonNode given = node.get(wanted);
            if (given == null) {
                throw new InvalidQueryException(place, wanted + " is missing");
            }
            if (!many) {
                return List.of(value(given, place));
            }
            List<Object> values = new ArrayList<>();
            for (JsonNode one : array(given, place, 1, MOST_VALUES)) {
                values.add(value(one, place + "/" + values.size()));
            }
            return values;
        }

        private static Object value(JsonNode node, String pointer) {
            if (node.isString()) {
                return text(node, pointer);
            }
            if (node.isNumber()) {
                double value = node.doubleValue();
                if (!Double.isFinite(value)) {
                    throw new InvalidQueryException(pointer, "the number is too large");
                }
                return value;
            }
            if (node.isBoolean()) {
                return node.booleanValue();
            }
            throw new InvalidQueryException(pointer, "must be text, a number, true or false");
        }

        private static void require(Field field, Operator operator, List<Object> values, String pointer) {
            String place = pointer + (operator.ofMany() ? "/values" : "/value");
            for (int i = 0; i < values.size(); i++) {
                Object value = values.get(i);
                String at = operator.ofMany() ? place + "/" + i : place;
                boolean fits =
                        switch (field.kind()) {
                            case TEXT, MEASUREMENT -> value instanceof String;
                            case NUMBER -> value instanceof Double;
                            case FLAG -> value instanceof Boolean;
                            case ATTRIBUTE ->
                                value.getClass() == values.get(0).getClass()
                                        && (!operator.orders() || value instanceof Double)
                                        && (!operator.ofText() || value instanceof String);
                        };
                if (!fits) {
                    throw new InvalidQueryException(
                            at,
                            field.name() + " is compared with "
                                    + switch (field.kind()) {
                                        case TEXT, MEASUREMENT -> "text";
                                        case NUMBER -> "a number";
                                        case FLAG -> "true or false";
                                        case ATTRIBUTE ->
                                            operator.orders()
                                                    ? "a number here"
                                                    : operator.ofText() ? "text here" : "values of one type";
                                    });
                }
            }
            boolean allowed =
                    switch (field.kind()) {
                        case TEXT, MEASUREMENT -> true;
                        case NUMBER -> !operator.ofText();
                        case FLAG -> operator == Operator.EQ || operator == Operator.NE;
                        case ATTRIBUTE -> true;
                    };
            if (!allowed) {
                throw new InvalidQueryException(
                        pointer + "/op",
                        operator.name().toLowerCase(Locale.ROOT) + " is not for " + field.name() + ", which is "
                                + field.kind().name().toLowerCase(Locale.ROOT));
            }
        }

        private static Bucket bucket(@Nullable JsonNode grain) {
            if (grain == null) {
                return Bucket.ALL;
            }
            String text = text(grain, "/grain");
            Bucket bucket = Bucket.of(text);
            if (bucket == null) {
                throw new InvalidQueryException(
                        "/grain",
                        "'" + text + "' is not a grain: " + names(Arrays.asList(Bucket.values()), Bucket::text));
            }
            return bucket;
        }

        private static List<Query.Order> order(
                @Nullable JsonNode orderBy, List<Metric> metrics, List<Field> groups, Bucket bucket) {
            List<Query.Order> order = new ArrayList<>();
            if (orderBy == null) {
                return order;
            }
            Set<String> known = new HashSet<>();
            metrics.forEach(metric -> known.add(metric.name()));
            groups.forEach(group -> known.add(group.name()));
            if (bucket != Bucket.ALL) {
                known.add(Query.TIME);
            }
            for (JsonNode one : array(orderBy, "/order_by", 0, known.size())) {
                String pointer = "/order_by/" + order.size();
                String text = text(one, pointer);
                String name = text.startsWith("-") ? text.substring(1) : text;
                if (!known.contains(name)) {
                    throw new InvalidQueryException(
                            pointer,
                            "'" + name + "' is not in the answer: order by what is in select or group_by,"
                                    + " or by time where there is a grain; with - before it for the greatest first");
                }
                order.add(new Query.Order(name, text.startsWith("-")));
            }
            return order;
        }

        private static String member(JsonNode node, String member, String pointer) {
            JsonNode value = node.get(member);
            if (value == null) {
                throw new InvalidQueryException(pointer + "/" + member, member + " is missing");
            }
            return text(value, pointer + "/" + member);
        }

        private static void members(JsonNode node, String pointer, Set<String> known) {
            if (!node.isObject()) {
                throw new InvalidQueryException(pointer, "must be an object");
            }
            for (String name : node.propertyNames()) {
                if (!known.contains(name)) {
                    throw new InvalidQueryException(
                            pointer + "/" + escaped(name),
                            "is not known here: " + known.stream().sorted().collect(Collectors.joining(", ")));
                }
            }
        }

        private static JsonNode array(JsonNode node, String pointer, int least, int most) {
            if (!node.isArray()) {
                throw new InvalidQueryException(pointer, "must be an array");
            }
            if (node.size() < least || node.size() > most) {
                throw new InvalidQueryException(
                        pointer, "must have " + least + " to " + most + " elements; it has " + node.size());
            }
            return node;
        }

        private static String text(JsonNode node, String pointer) {
            if (!node.isString()) {
                throw new InvalidQueryException(pointer, "must be text");
            }
            String text = node.stringValue();
            if (text.length() > LONGEST_TEXT || text.indexOf('\0') >= 0) {
                throw new InvalidQueryException(
                        pointer, "must have at most " + LONGEST_TEXT + " characters, and none of them 0");
            }
            return text;
        }

        private static boolean flag(JsonNode node, String pointer) {
            if (!node.isBoolean()) {
                throw new InvalidQueryException(pointer, "must be true or false");
            }
            return node.booleanValue();
        }

        private static int integer(@Nullable JsonNode node, String pointer, int least, int most, int otherwise) {
            if (node == null) {
                return otherwise;
            }
            if (!node.isIntegralNumber()
                    || !node.canConvertToInt()
                    || node.intValue() < least
                    || node.intValue() > most) {
                throw new InvalidQueryException(pointer, "must be a whole number, " + least + " to " + most);
            }
            return node.intValue();
        }

        private static String escaped(String name) {
            return name.replace("~", "~0").replace("/", "~1");
        }
    }
}
