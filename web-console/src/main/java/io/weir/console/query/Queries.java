package io.weir.console.query;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.console.access.Caller;
import io.weir.console.warehouse.PatientClient.AbandonedException;
import io.weir.metadata.audit.AuditEvent;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Answers queries as plain SQL over {@code events FINAL} would: every event that had been stored when the query began counts once,
 * those that are stored meanwhile may count or not.
 *
 * <p>What is rolled up is looked up first, or at the same time, and all that is needed is read by one statement. In between a rollup may be replaced:
 * it is by one that holds at least as much, whole partitions at once, and what is read from events is not read from rollups, so that
 * nothing counts twice. A purge that begins and ends between the two, of a day of which the query reads events, is not noticed: it
 * takes seconds, the gap is some milliseconds.
 */
public final class Queries implements Closeable {

    private static final int BYTES_A_VALUE = 64;
    private static final Duration LOOK = Duration.ofMillis(100);

    private final ClickHouse clickHouse;
    private final RollupStates rollups;
    private final Duration timeout;
    private final boolean keeps;
    private final Cache<Key, Answer> closed;
    private final Consumer<AuditEvent> audit;
    /** As many as callers that wait. */
    private final ExecutorService lookups = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "rollup-state");
        thread.setDaemon(true);
        return thread;
    });

    /** What an answer depends on. The statement and its parameters hold the tenant. */
    private record Key(String sql, Map<String, String> parameters, List<String> names, String signature) {}

    /** A plan as it is sent to ClickHouse, and what it was made by. */
    private record Statement(RollupState state, Plan plan, Key key) {

        /** The same text is not enough: a rollup may have been made anew of late events since it was read. */
        boolean isSameAs(Statement other) {
            return state.isSameAs(other.state);
        }
    }

    /**
     * @param cacheBytes about how much memory answers of closed windows may take; 0 for none, and none is kept
     * @param audit returns when what was asked is on record; before that nobody gets an answer
     */
    public Queries(ClickHouse clickHouse, Duration timeout, long cacheBytes, Consumer<AuditEvent> audit) {
        this.clickHouse = clickHouse;
        this.rollups = new RollupStates(clickHouse);
        this.timeout = timeout;
        this.audit = audit;
        this.keeps = cacheBytes > 0;
        this.closed = Caffeine.newBuilder()
                .maximumWeight(cacheBytes)
                .weigher((Key key, Answer answer) -> key.sql().length()
                        + (answer.data().size() + 1) * (key.names().size() + 1) * BYTES_A_VALUE)
                .build();
    }

    /**
     * @param abandoned whether the caller is gone; then ClickHouse is stopped too
     * @throws ClickHouse.Failure if ClickHouse does not answer, or not within the limits
     */
    public Answer answer(Caller caller, Query query, BooleanSupplier abandoned) {
        return answer(caller, query, new ClickHouse.Wait(timeout, abandoned));
    }

    /** As {@link #answer(Caller, Query, BooleanSupplier)}, with a time limit of its own. */
    public Answer answer(Caller caller, Query query, ClickHouse.Wait wait) {
        long began = System.nanoTime();
        Answer answer = onFailure(caller, "query.run", query, began, () -> ask(caller, query, wait, began));
        record(
                caller,
                "query.run",
                query,
                began,
                Map.of(
                        "outcome", "answered",
                        "rows", Integer.toString(answer.data().size()),
                        "rows_read", Long.toString(answer.meta().rowsRead()),
                        "query_id", answer.meta().queryId()));
        return answer;
    }

    private <T> T onFailure(Caller caller, String action, Query query, long began, Supplier<T> work) {
        String outcome = "failed";
        try {
            T done = work.get();
            outcome = "";
            return done;
        } catch (AbandonedException e) {
            outcome = "abandoned";
            throw e;
        } finally {
            if (!outcome.isEmpty()) {
                record(caller, action, query, began, Map.of("outcome", outcome));
            }
        }
    }

    private void record(Caller caller, String action, Query query, long began, Map<String, String> outcome) {
        Map<String, String> detail = new HashMap<>(outcome);
        detail.put("query", QueryText.of(query));
        detail.put("role", caller.role().name().toLowerCase(Locale.ROOT));
        detail.put("millis", Long.toString(millisSince(began)));
        audit.accept(new AuditEvent(
                caller.name(),
                action,
                caller.tenant() == null ? "" : caller.tenant(),
                query.subject().name().toLowerCase(Locale.ROOT),
                detail));
    }

    /**
     * Looks up what is rolled up, and asks at the same time what would have to be asked if it were as at the last time: mostly it is, and
     * the answer has cost one way instead of two. It counts only if it was so: then it is as if the lookup had come first.
     */
    private Answer ask(Caller caller, Query query, ClickHouse.Wait wait, long began) {
        RollupState remembered = rollups.remembered(query, caller.tenant());
        if (remembered == null) {
            Statement statement = statement(caller, query, rollups.state(query, caller.tenant(), wait));
            return answer(query, statement, null, wait, began);
        }
        Statement likely = statement(caller, query, remembered);
        Future<Statement> lookup = lookups.submit(() -> statement(
                caller,
                query,
                rollups.state(query, caller.tenant(), new ClickHouse.Wait(wait.timeout(), () -> false))));
        try {
            ClickHouse.Result early = null;
            RuntimeException failure = null;
            if (kept(likely) == null) {
                try {
                    early = run(
                            likely,
                            new ClickHouse.Wait(
                                    wait.timeout(),
                                    () -> wait.abandoned().getAsBoolean() || isKnownToDiffer(lookup, likely, wait)));
                } catch (ClickHouse.Failure | AbandonedException e) {
                    failure = e;
                }
            }
            if (failure instanceof AbandonedException && !isKnownToDiffer(lookup, likely, wait)) {
                throw failure;
            }
            Statement statement = await(lookup, wait);
            if (failure != null && statement.isSameAs(likely)) {
                throw failure;
            }
            return answer(query, statement, statement.isSameAs(likely) ? early : null, wait, began);
        } finally {
            lookup.cancel(true);
        }
    }

    private static boolean isKnownToDiffer(Future<Statement> lookup, Statement likely, ClickHouse.Wait wait) {
        return lookup.isDone() && !await(lookup, wait).isSameAs(likely);
    }

    private static Statement await(Future<Statement> lookup, ClickHouse.Wait wait) {
        while (true) {
            try {
                return lookup.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (wait.abandoned().getAsBoolean()) {
                    throw new AbandonedException();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AbandonedException();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    private Statement statement(Caller caller, Query query, RollupState state) {
        Plan plan = Planner.plan(query, caller.tenant(), state);
        QuerySql sql = new QuerySql(query, plan, caller.tenant(), clickHouse.database());
        return new Statement(state, plan, new Key(sql.text(), sql.parameters(), names(query), plan.signature()));
    }

    private ClickHouse.Result run(Statement statement, ClickHouse.Wait wait) {
        return clickHouse.query(statement.key().sql(), statement.key().parameters(), wait);
    }

    private @Nullable Answer kept(Statement statement) {
        return keeps && statement.plan().isClosed() ? closed.getIfPresent(statement.key()) : null;
    }

    /** @param early what the statement gave, if it has been run already */
    private Answer answer(
            Query query, Statement statement, ClickHouse.@Nullable Result early, ClickHouse.Wait wait, long began) {
        Answer kept = kept(statement);
        if (kept != null) {
            return new Answer(kept.status(), kept.data(), meta(kept.meta(), millisSince(began)));
        }
        Plan plan = statement.plan();
        ClickHouse.Result result = early != null ? early : run(statement, wait);
        boolean truncated = result.rows().size() > query.limit();
        List<Map<String, @Nullable Object>> data = result.rows().stream()
                .limit(query.limit())
                .map(row -> row(query, row))
                .toList();
        Answer answer = new Answer(
                "success",
                data,
                new Answer.Meta(
                        plan.tables(),
                        String.join("; ", plan.reasons()),
                        result.rowsRead(),
                        millisSince(began),
                        truncated,
                        query.metrics().stream()
                                .filter(Metric::approximate)
                                .map(Metric::name)
                                .toList(),
                        plan.incomplete(),
                        plan.isClosed(),
                        false,
                        result.queryId()));
        if (keeps && plan.isClosed()) {
            closed.put(statement.key(), answer);
        }
        return answer;
    }

    /** How it would be answered now. */
    public Explanation explain(Caller caller, Query query, BooleanSupplier abandoned) {
        long began = System.nanoTime();
        Explanation explanation = onFailure(
                caller,
                "query.explain",
                query,
                began,
                () -> explain(caller, query, new ClickHouse.Wait(timeout, abandoned)));
        record(caller, "query.explain", query, began, Map.of("outcome", "answered"));
        return explanation;
    }

    private Explanation explain(Caller caller, Query query, ClickHouse.Wait wait) {
        Plan plan = Planner.plan(query, caller.tenant(), rollups.state(query, caller.tenant(), wait));
        QuerySql sql = new QuerySql(query, plan, caller.tenant(), clickHouse.database());
        return new Explanation(
                "success",
                plan.parts().stream()
                        .map(part -> new Explanation.Part(part.table(), part.intervals()))
                        .toList(),
                plan.reasons(),
                plan.incomplete(),
                plan.isClosed(),
                sql.text(),
                sql.parameters());
    }

    @Override
    public void close() throws IOException {
        lookups.shutdownNow();
        clickHouse.close();
    }

    private static Answer.Meta meta(Answer.Meta kept, long millis) {
        return new Answer.Meta(
                kept.tables(),
                kept.explain(),
                0,
                millis,
                kept.truncated(),
                kept.approximate(),
                kept.incomplete(),
                true,
                true,
                kept.queryId());
    }

    private static long millisSince(long began) {
        return (System.nanoTime() - began) / 1_000_000;
    }

    private static List<String> names(Query query) {
        return Stream.concat(
                        query.groupBy().stream().map(Field::name),
                        query.metrics().stream().map(Metric::name))
                .collect(Collectors.toList());
    }

    private static Map<String, @Nullable Object> row(Query query, JsonNode cells) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        int column = 0;
        if (query.bucket() != Bucket.ALL) {
            row.put(Query.TIME, Times.write(cells.get(column++).longValue(), query.zone()));
        }
        for (Field field : query.groupBy()) {
            Object value = value(cells.get(column++));
            if (field.kind() == Field.Kind.FLAG) {
                value = "true".equals(value);
            }
            row.put(field.name(), value);
        }
        for (Metric metric : query.metrics()) {
            Object value = value(cells.get(column++));
            if (metric.name().equals(Metric.LAST_SEEN) && value instanceof Number millis) {
                value = Instant.ofEpochMilli(millis.longValue()).toString();
            }
            row.put(metric.name(), value);
        }
        return row;
    }

    private static @Nullable Object value(JsonNode cell) {
        if (cell.isNull()) {
            return null;
        }
        if (cell.isNumber()) {
            return cell.numberValue();
        }
        return cell.stringValue();
    }
}
