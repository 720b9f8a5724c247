package io.weir.alert.evaluate;

import io.weir.metadata.label.Labels;
import io.weir.metadata.rule.Query;
import io.weir.metadata.subscription.Subscription;
import io.weir.metadata.subscription.Subscription.Result;
import io.weir.metadata.subscription.Subscriptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads a rule's numbers from what a subscription has stored. */
public final class ResultQuery {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /** So many intervals after its run began, a result says nothing any more. */
    private static final int INTERVALS = 3;
    /** A run may take a minute, and one scan comes a minute after the other. */
    private static final Duration SHORTEST_LIFE = Duration.ofMinutes(3);

    /**
     * What a subscription's newest result said at some time.
     *
     * @param numbers by group; NaN where the result has a row without a number
     * @param noData why there are none, for a person; null if there are
     */
    record Values(Map<Labels, Double> numbers, @Nullable String noData) {}

    /** The rule does not fit what the subscription gives. */
    static final class UnfitException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnfitException(String message) {
            super(message);
        }
    }

    private final Subscriptions subscriptions;
    private final int groups;

    /** @param groups the largest number of groups a result may have for a rule */
    public ResultQuery(Subscriptions subscriptions, int groups) {
        this.subscriptions = subscriptions;
        this.groups = groups;
    }

    /**
     * What the newest result said whose run had begun by then. A run that failed is as one that has not been.
     *
     * @throws UnfitException if the result has no such columns, or several rows of one group, or has lost rows for its length; or if
     *     the groups are of a column that may tell of persons
     */
    Values values(String tenant, Query query, Query.Results of, Instant at) {
        query.groupBy().stream().filter(Query.PERSONAL::contains).findFirst().ifPresent(column -> {
            throw new UnfitException("query.groupBy names '" + column
                    + "', which may tell of persons, and whoever sees alerts would see it: take it out of the rule");
        });
        Newest newest = newest(tenant, of, at);
        if (newest.cut()) {
            throw new UnfitException(
                    "the newest result of " + name(of)
                            + " is too long and was stored without its last rows: give its query a limit, or a narrower filter");
        }
        Map<Labels, Double> numbers = new LinkedHashMap<>();
        for (JsonNode row : newest.rows()) {
            Map<String, String> group = new LinkedHashMap<>();
            query.groupBy().forEach(label -> group.put(label, text(cell(of, row, label))));
            if (numbers.put(Labels.of(group), number(of, row)) != null) {
                throw new UnfitException("the newest result of " + name(of)
                        + " has several rows of one group: name in query.groupBy all columns that it groups by");
            }
            if (numbers.size() > groups) {
                throw new UnfitException("the newest result of " + name(of) + " has more than " + groups
                        + " groups: give its query a limit, or a narrower filter");
            }
        }
        return new Values(numbers, newest.noData());
    }

    /** Whether there is such a result and it holds a number, whatever that is: 1 for all groups together, or nothing. */
    Values presence(String tenant, Query.Results of, Instant at) {
        Newest newest = newest(tenant, of, at);
        return newest.rows().stream().anyMatch(row -> !Double.isNaN(number(of, row)))
                ? new Values(Map.of(Labels.NONE, 1.0), null)
                : new Values(
                        Map.of(),
                        Objects.requireNonNullElse(
                                newest.noData(),
                                "the newest result of " + name(of) + " has no number in column '" + of.column() + "'"));
    }

    private record Newest(
            List<JsonNode> rows, boolean cut, @Nullable String noData) {
        static Newest none(String why) {
            return new Newest(List.of(), false, why);
        }
    }

    private Newest newest(String tenant, Query.Results of, Instant at) {
        UUID id = of.id();
        Optional<Subscription> known =
                id == null ? Optional.empty() : subscriptions.find(id).filter(found -> tenant.equals(found.tenant()));
        if (known.isEmpty()) {
            return Newest.none(name(of) + " has been deleted");
        }
        Subscription subscription = known.get();
        if (subscription.paused()) {
            return Newest.none(name(of) + " is paused");
        }
        Duration life = subscription.every().multipliedBy(INTERVALS);
        if (life.compareTo(SHORTEST_LIFE) < 0) {
            life = SHORTEST_LIFE;
        }
        Optional<Result> newest = subscriptions.newest(subscription.id(), at.minus(life), at);
        if (newest.isEmpty()) {
            return Newest.none(
                    name(of) + " has given no result for " + life.toMinutes() + " min" + lastError(subscription.id()));
        }
        JsonNode result = MAPPER.readTree(newest.get().result());
        List<JsonNode> rows = new ArrayList<>(result.path("data").values());
        boolean cut = result.path("meta").path("cut_for_length").booleanValue(false);
        return new Newest(rows, cut, rows.isEmpty() ? "the newest result of " + name(of) + " has no rows" : null);
    }

    private static String name(Query.Results of) {
        return "subscription '" + of.subscription() + "'";
    }

    private String lastError(UUID id) {
        return subscriptions.before(id, Long.MAX_VALUE, 1).stream()
                .map(Result::error)
                .filter(error -> error != null)
                .map(error -> ": its last run failed (" + error + ")")
                .findFirst()
                .orElse("");
    }

    private static JsonNode cell(Query.Results of, JsonNode row, String column) {
        JsonNode cell = row.get(column);
        if (cell == null) {
            throw new UnfitException("the newest result of " + name(of) + " has no column '" + column + "': there are "
                    + String.join(", ", row.propertyNames()));
        }
        return cell;
    }

    private static String text(JsonNode cell) {
        return cell.isNull() ? "" : cell.asString();
    }

    private static double number(Query.Results of, JsonNode row) {
        JsonNode cell = cell(of, row, of.column());
        if (cell.isNull()) {
            return Double.NaN;
        }
        if (!cell.isNumber()) {
            throw new UnfitException("column '" + of.column() + "' of " + name(of) + " is no number");
        }
        return cell.doubleValue();
    }
}
