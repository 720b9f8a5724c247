package io.weir.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.weir.metadata.aggregation.Aggregation;
import io.weir.metadata.aggregation.Aggregations;
import io.weir.metadata.subscription.Subscription;
import io.weir.metadata.subscription.Subscription.Result;
import io.weir.metadata.subscription.Subscriptions;
import io.weir.metadata.user.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionTemplate;

/** Who may run which subscription and aggregation, with a real PostgreSQL. */
class ClaimsIT {

    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final UUID FIRST = UUID.randomUUID();
    private static final UUID SECOND = UUID.randomUUID();

    @RegisterExtension
    static final MetadataContext METADATA = new MetadataContext();

    private final Subscriptions subscriptions = METADATA.bean(Subscriptions.class);
    private final Aggregations aggregations = METADATA.bean(Aggregations.class);
    private final JdbcOperations jdbc = METADATA.bean(JdbcOperations.class);

    @BeforeEach
    void empty() {
        jdbc.update("delete from subscription");
        jdbc.update("delete from aggregation");
    }

    @Test
    void whatAnotherHasTakenOverIsNoLongerTheFirstOnes() {
        UUID id = subscribe("ann", "acme", "one").id();
        assertThat(subscriptions.claim(FIRST, LEASE)).isPresent();
        assertThat(subscriptions.claim(SECOND, LEASE))
                .as("it is the first one's")
                .isEmpty();
        assertThat(subscriptions.renew(id, SECOND, LEASE)).isFalse();
        assertThat(subscriptions.renew(id, FIRST, Duration.ZERO)).isTrue();

        Optional<Subscription> taken = subscriptions.claim(SECOND, LEASE);

        assertThat(taken).as("once the first one's time is over").isPresent();
        assertThat(subscriptions.renew(id, FIRST, LEASE)).isFalse();
        assertThat(subscriptions.finish(id, FIRST, Instant.now(), "\"first\"", null))
                .isFalse();
        subscriptions.release(id, FIRST, Duration.ZERO);
        assertThat(subscriptions.claim(FIRST, LEASE))
                .as("it is the second one's")
                .isEmpty();
        assertThat(subscriptions.finish(id, SECOND, Instant.now(), "\"second\"", null))
                .isTrue();
        assertThat(subscriptions.before(id, Long.MAX_VALUE, 10))
                .extracting(Result::result)
                .containsExactly("\"second\"");
        assertThat(subscriptions.claim(FIRST, LEASE)).as("not due for an hour").isEmpty();
    }

    @Test
    void whoeverContendsEachIsTakenOnce() throws Exception {
        List<UUID> due = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            due.add(subscribe("owner " + i, "acme", "one").id());
        }

        List<Subscription> taken = Collections.synchronizedList(new ArrayList<>());
        contend(8, worker -> {
            for (Optional<Subscription> next = subscriptions.claim(worker, LEASE);
                    next.isPresent();
                    next = subscriptions.claim(worker, LEASE)) {
                taken.add(next.get());
            }
        });

        assertThat(taken).extracting(Subscription::id).containsExactlyInAnyOrderElementsOf(due);
    }

    @Test
    void anOwnerWithManyDoesNotHoldUpTheOthers() {
        for (int i = 0; i < 10; i++) {
            due(subscribe("greedy", "acme", "many " + i), Duration.ofMinutes(60 - i));
        }
        due(subscribe("ben", "acme", "one"), Duration.ofMinutes(2));
        due(subscribe("otto", "other", "one"), Duration.ofMinutes(1));

        assertThat(claimed()).isEqualTo("greedy many 0");
        assertThat(claimed()).as("of a tenant that has had none").isEqualTo("otto one");
        assertThat(claimed()).as("of an owner who has had none").isEqualTo("ben one");
        assertThat(claimed()).isEqualTo("greedy many 1");
        assertThat(claimed()).as("more of one owner at once than two").isNull();

        due(subscribe("late", "acme", "one"), Duration.ZERO);
        finish("many 0");
        assertThat(claimed()).isEqualTo("late one");
        assertThat(claimed()).isEqualTo("greedy many 2");
        assertThat(claimed()).isNull();
    }

    @Test
    void twoWhoContendDoNotRunMoreOfAnOwnerThanMayBe() throws Exception {
        for (int i = 0; i < 50; i++) {
            subscribe("greedy", "acme", "many " + i);
            aggregations.submit("greedy", Role.ANALYST, "acme", "{}");
        }
        List<UUID> taken = Collections.synchronizedList(new ArrayList<>());
        List<UUID> begun = Collections.synchronizedList(new ArrayList<>());

        contend(8, worker -> {
            subscriptions.claim(worker, LEASE).ifPresent(subscription -> taken.add(subscription.id()));
            aggregations.claim(worker, LEASE).ifPresent(aggregation -> begun.add(aggregation.id()));
        });

        assertThat(taken).hasSize(2);
        assertThat(begun).hasSize(1);
    }

    @Test
    void anAggregationOfSomebodyElseDoesNotWaitForAllOfAnOwnersOwn() {
        aggregations.submit("greedy", Role.ANALYST, "acme", "1");
        aggregations.submit("greedy", Role.ANALYST, "acme", "2");
        aggregations.submit("greedy", Role.ANALYST, "acme", "3");
        aggregations.submit("ben", Role.ANALYST, "acme", "4");

        Aggregation one = aggregations.claim(FIRST, LEASE).orElseThrow();
        assertThat(one.query()).isEqualTo("1");
        assertThat(aggregations.claim(FIRST, LEASE)).map(Aggregation::query).contains("4");
        assertThat(aggregations.claim(FIRST, LEASE))
                .as("another of somebody of whom one is running")
                .isEmpty();

        aggregations.succeed(one.id(), FIRST, "{}");
        aggregations.submit("late", Role.ANALYST, "acme", "5");
        assertThat(aggregations.claim(FIRST, LEASE)).map(Aggregation::query).contains("5");
        assertThat(aggregations.claim(FIRST, LEASE)).map(Aggregation::query).contains("2");
    }

    @Test
    void whatTheWarehouseDoesNotAnswerIsGivenUpForThatTimeAndNotForHowLongItWaited() {
        UUID id = aggregations.submit("ann", Role.ANALYST, "acme", "{}").orElseThrow();
        jdbc.update("update aggregation set submitted_at = now() - interval '1 day'");
        aggregations.claim(FIRST, LEASE);
        assertThat(aggregations.postpone(id, SECOND, Duration.ZERO, HOUR))
                .as("another's")
                .isFalse();
        assertThat(aggregations.postpone(id, FIRST, HOUR, HOUR)).isTrue();
        assertThat(aggregations.hasOpen()).as("for an hour").isFalse();
        assertThat(aggregations.claim(FIRST, LEASE)).isEmpty();

        jdbc.update("update aggregation set claimed_until = null, away_since = away_since - interval '59 minutes'");
        assertThat(aggregations.claim(SECOND, LEASE))
                .hasValueSatisfying(one -> assertThat(one.attempts()).isEqualTo(1));
        assertThat(aggregations.postpone(id, SECOND, Duration.ZERO, HOUR)).isTrue();
        jdbc.update("update aggregation set away_since = away_since - interval '1 minute'");
        assertThat(aggregations.claim(FIRST, LEASE)).isPresent();
        assertThat(aggregations.postpone(id, FIRST, Duration.ZERO, HOUR)).isFalse();
        assertThat(aggregations.fail(id, FIRST, "away")).isPresent();
    }

    @Test
    void whoResumesAgainAndAgainRunsItNoMoreOftenThanItsInterval() {
        Subscription made = subscribe("ann", "acme", "one");
        subscriptions.claim(FIRST, LEASE);
        subscriptions.finish(made.id(), FIRST, Instant.now(), "{}", null);
        Instant due = found(made.id()).dueAt();

        for (int i = 0; i < 3; i++) {
            subscriptions.pause(made, "ann");
            subscriptions.resume(made, "ann");
            assertThat(found(made.id()).dueAt()).isEqualTo(due);
        }

        subscriptions.pause(made, "ann");
        jdbc.update("update subscription set due_at = due_at - interval '5 hours' where id = ?", made.id());
        subscriptions.resume(made, "ann");
        assertThat(found(made.id()).dueAt())
                .as("at the same minute of an hour as ever")
                .isEqualTo(due);
        assertThat(subscriptions.claim(FIRST, LEASE)).isEmpty();
    }

    @Test
    void anOwnerHasNoMoreThanAHundredHoweverManyAreMadeAtOnce() throws Exception {
        IntStream.range(0, 98).forEach(i -> subscribe("ann", "acme", "one " + i));
        List<String> refused = Collections.synchronizedList(new ArrayList<>());

        contend(8, worker -> {
            try {
                subscribe("ann", "acme", "more " + worker);
            } catch (IllegalArgumentException e) {
                refused.add(String.valueOf(e.getMessage()));
            }
        });

        assertThat(subscriptions.list("acme")).hasSize(100);
        assertThat(refused)
                .hasSize(6)
                .allMatch("'ann' has 100 subscriptions, which is the most: delete one first"::equals);
        assertThatIllegalArgumentException().isThrownBy(() -> subscribe("ann", "acme", "still"));
        assertThat(subscribe("ben", "acme", "one").owner()).isEqualTo("ben");
    }

    @Test
    void whatTheFirstOneFinishesLateIsNotRunAgain() throws Exception {
        Subscription finished = subscribe("ann", "acme", "finished");
        subscriptions.claim(FIRST, Duration.ZERO);
        assertThat(claimedWhile(
                        () -> subscriptions.finish(finished.id(), FIRST, Instant.now(), "{}", null),
                        () -> subscriptions.claim(SECOND, LEASE)))
                .isEmpty();

        Subscription renewed = subscribe("ben", "acme", "renewed");
        subscriptions.claim(FIRST, Duration.ZERO);
        assertThat(claimedWhile(
                        () -> subscriptions.renew(renewed.id(), FIRST, LEASE),
                        () -> subscriptions.claim(SECOND, LEASE)))
                .isEmpty();

        UUID aggregation =
                aggregations.submit("ann", Role.ANALYST, "acme", "{}").orElseThrow();
        aggregations.claim(FIRST, Duration.ZERO);
        assertThat(claimedWhile(
                        () -> aggregations.succeed(aggregation, FIRST, "{}"), () -> aggregations.claim(SECOND, LEASE)))
                .isEmpty();
        assertThat(aggregations.find(aggregation)).map(Aggregation::state).contains(Aggregation.State.SUCCESS);
    }

    /** What the one claims while what the other does is done and not yet committed. */
    private <T> Optional<T> claimedWhile(Runnable late, Callable<Optional<T>> claim) throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<Optional<T>> claimed = METADATA.bean(TransactionTemplate.class)
                    .execute(status -> {
                        late.run();
                        Future<Optional<T>> running = executor.submit(claim);
                        await().until(() -> Integer.valueOf(1)
                                .equals(jdbc.queryForObject(
                                        "select count(*) from pg_locks where not granted", Integer.class)));
                        return running;
                    });
            return claimed.get();
        } finally {
            executor.shutdownNow();
        }
    }

    private interface Work {
        void as(UUID worker) throws Exception;
    }

    /** Several at once, each as a worker of its own. */
    private static void contend(int workers, Work work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(workers);
        CyclicBarrier start = new CyclicBarrier(workers);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                running.add(executor.submit(() -> {
                    start.await();
                    work.as(UUID.randomUUID());
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private Subscription subscribe(String owner, String tenant, String name) {
        return subscriptions.create(name, owner, Role.ANALYST, tenant, "{}", HOUR);
    }

    private void due(Subscription subscription, Duration since) {
        jdbc.update(
                "update subscription set due_at = now() - ? * interval '1 second' where id = ?",
                since.toSeconds(),
                subscription.id());
    }

    private @Nullable String claimed() {
        return subscriptions
                .claim(FIRST, LEASE)
                .map(subscription -> subscription.owner() + " " + subscription.name())
                .orElse(null);
    }

    private void finish(String name) {
        UUID id = jdbc.queryForObject("select id from subscription where name = ?", UUID.class, name);
        assertThat(subscriptions.finish(id, FIRST, Instant.now(), "{}", null)).isTrue();
    }

    private Subscription found(UUID id) {
        return subscriptions.find(id).orElseThrow();
    }
}
