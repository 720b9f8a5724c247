package io.weir.console.query;

import io.weir.warehouse.rollup.Rollup.Subject;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A question about events.
 *
 * @param metrics at least one, all of one subject
 * @param from inclusive, in whole milliseconds
 * @param to exclusive, in whole milliseconds, after {@code from}
 * @param orderBy what the rows are ordered by; rows that are equal in these are ordered by time and groups
 * @param limit how many rows at most, at least 1
 * @param zone in which hours, days and years begin
 */
public record Query(
        List<Metric> metrics,
        Instant from,
        Instant to,
        Condition filter,
        List<Field> groupBy,
        Bucket bucket,
        List<Order> orderBy,
        int limit,
        ZoneId zone) {

    /** @param by the name of a metric, of a field of {@code groupBy}, or {@code time} */
    public record Order(String by, boolean descending) {}

    static final String TIME = "time";

    public Query {
        metrics = List.copyOf(metrics);
        groupBy = List.copyOf(groupBy);
        orderBy = List.copyOf(orderBy);
    }

    public Subject subject() {
        return metrics.get(0).subject();
    }

    Stream<Field> fields() {
        return Stream.concat(groupBy.stream(), filter.fields());
    }

    /** Of events of one type alone, and only where every group has a value. */
    public Query ofType(String type) {
        List<Condition> conditions = new ArrayList<>();
        conditions.add(
                new Condition.Test(Objects.requireNonNull(Field.named("type")), Condition.Operator.EQ, List.of(type)));
        groupBy.stream()
                .filter(field -> field.kind() != Field.Kind.FLAG)
                .forEach(field -> conditions.add(new Condition.Test(field, Condition.Operator.EXISTS, List.of())));
        conditions.add(filter);
        return new Query(metrics, from, to, new Condition.And(conditions), groupBy, bucket, orderBy, limit, zone);
    }
}
