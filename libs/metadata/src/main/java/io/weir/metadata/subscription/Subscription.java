package io.weir.metadata.subscription;

import io.weir.metadata.user.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A query that is run at an interval.
 *
 * @param name unique among its owner's
 * @param owner in whose name it is run
 * @param role of the owner when it was made; it is run with the lesser of this and what the owner is by then
 * @param tenant whose rows it reads; null for those of every tenant
 * @param query as JSON, as it was handed in: relative times count from each run
 * @param every from one run to the next, 10 s to 31 days
 * @param dueAt when it is run next, unless it is paused
 * @param lastNumber of its newest result; 0 if there is none yet
 */
public record Subscription(
        UUID id,
        String name,
        String owner,
        Role role,
        @Nullable String tenant,
        String query,
        Duration every,
        boolean paused,
        Instant dueAt,
        long lastNumber,
        Instant createdAt) {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /** The columns of its results that it measures. */
    public List<String> numbers() {
        return names("select");
    }

    /** The columns of its results whose values tell its rows apart. */
    public List<String> groups() {
        return names("group_by");
    }

    /** Whether its results have a row for each of several times. */
    public boolean isSeries() {
        JsonNode grain = MAPPER.readTree(query).get("grain");
        return grain != null && !grain.asString().equals("all");
    }

    private List<String> names(String member) {
        return MAPPER.readTree(query).path(member).values().stream()
                .map(JsonNode::asString)
                .toList();
    }

    /**
     * What one run gave.
     *
     * @param number 1, 2, and so on, without a gap, in the order of the runs
     * @param result as JSON; null if it failed
     * @param error for a person; null if it did not fail
     */
    public record Result(
            UUID subscription,
            long number,
            Instant ranAt,
            @Nullable String result,
            @Nullable String error) {}
}
