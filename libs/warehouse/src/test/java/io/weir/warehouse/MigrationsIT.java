package io.weir.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.weir.testing.ClickHouseServer;
import io.weir.testing.StatementGate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MigrationsIT {

    private static final Duration LEASE = Duration.ofSeconds(2);

    private final ClickHouseServer server = ClickHouseServer.shared();
    private final String database = server.freshDatabase();
    private final Warehouse warehouse = warehouse();

    private Warehouse warehouse() {
        return new Warehouse(new WarehouseSettings(server.url(), server.username(), server.password(), database, ""));
    }

    @Test
    void theFirstStartMakesTheTablesAndTheSecondDoesNothing() throws Exception {
        assertThat(new Migrations(warehouse).apply())
                .isEqualTo(Migration.released().size());
        assertThat(new Migrations(warehouse).apply()).isZero();

        assertThat(warehouse
                        .query("SELECT count() FROM " + warehouse.table(Tables.EVENTS))
                        .strip())
                .isEqualTo("0");
    }

    /** What is kept by a policy must not expire before it, nor under a hold. */
    @Test
    void noTableExpiresByItselfButWhatNoPolicyKeeps() throws Exception {
        new Migrations(warehouse).apply();

        assertThat(warehouse
                        .query("SELECT name FROM system.tables WHERE database = '" + database
                                + "' AND engine_full LIKE '% TTL %' ORDER BY name")
                        .lines())
                .containsExactly("rollup_minute", "sink_owners");
    }

    @Test
    void everyMigrationThatIsThereIsReleased() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/io/weir/warehouse/migrations"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(
                            Migration.released().stream().map(Migration::name).toList());
        }
    }

    @Test
    void ofManyThatStartAtOnceEachMigrationIsAppliedByOne() throws Exception {
        int starters = 6;
        // Not idempotent on purpose: to run it twice would show.
        List<Migration> migrations = List.of(
                new Migration(1, "V1__log.sql", "CREATE TABLE ${database}.log (x UInt8) ENGINE = MergeTree ORDER BY x"),
                new Migration(2, "V2__one.sql", "INSERT INTO ${database}.log VALUES (1)"),
                new Migration(3, "V3__two.sql", "INSERT INTO ${database}.log VALUES (2)"));
        CyclicBarrier together = new CyclicBarrier(starters);
        ExecutorService threads = Executors.newFixedThreadPool(starters);
        List<Future<Integer>> applied = new ArrayList<>();
        for (int i = 0; i < starters; i++) {
            applied.add(threads.submit(() -> {
                together.await();
                return new Migrations(warehouse(), migrations, Duration.ofMinutes(1)).apply();
            }));
        }
        int total = 0;
        for (Future<Integer> one : applied) {
            total += one.get();
        }
        threads.shutdown();

        assertThat(total).isEqualTo(3);
        assertThat(warehouse
                        .query("SELECT groupArray(x) FROM (SELECT x FROM " + database + ".log ORDER BY x)")
                        .strip())
                .isEqualTo("[1,2]");
    }

    @Test
    void aMigrationThatWasAppliedButNotRecordedIsAppliedAgain() throws Exception {
        new Migrations(warehouse).apply();
        // As after a crash between the statement and its record.
        warehouse.query("ALTER TABLE " + warehouse.table(Tables.MIGRATIONS)
                + " DELETE WHERE version = 2 SETTINGS mutations_sync = 2");

        assertThat(new Migrations(warehouse).apply()).isEqualTo(1);
        assertThat(new Migrations(warehouse).apply()).isZero();
    }

    @Test
    void whoDiedWithTheLockIsSucceededAfterItsLease() throws Exception {
        SchemaLock dead = SchemaLock.acquire(warehouse, LEASE);
        dead.abandon();

        assertThat(new Migrations(warehouse, Migration.released(), LEASE).apply())
                .isEqualTo(Migration.released().size());
        assertThat(comment()).isEqualTo("released");
    }

    private String comment() {
        return server.query("SELECT comment FROM system.tables WHERE database = '" + database
                + "' AND name LIKE 'schema\\_lock\\_%'");
    }

    @Test
    void aHolderThatLivesIsWaitedForLongerThanItsLease() throws Exception {
        // Long enough for a slow machine to show life within it.
        Duration lease = Duration.ofSeconds(10);
        SchemaLock alive = SchemaLock.acquire(warehouse, lease);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        long begin = System.nanoTime();
        Future<Integer> waiting = thread.submit(() -> new Migrations(warehouse(), Migration.released(), lease).apply());
        await().during(lease.plusSeconds(2)).until(() -> !waiting.isDone());
        alive.close();

        assertThat(waiting.get()).isEqualTo(Migration.released().size());
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(lease);
        thread.shutdown();
    }

    /** It would keep the next out for the lease. */
    @Test
    void aSignOfLifeThatIsUnderWayDoesNotComeAfterTheRelease() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (StatementGate gate = new StatementGate(server.url())) {
            gate.before(statement -> {
                if (statement.contains("MODIFY COMMENT 'held")) {
                    reached.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
            });
            SchemaLock lock = SchemaLock.acquire(
                    new Warehouse(
                            new WarehouseSettings(gate.url(), server.username(), server.password(), database, "")),
                    LEASE);
            assertThat(reached.await(3, TimeUnit.MINUTES)).isTrue();
            Thread closing = new Thread(lock::close);
            closing.start();
            await().until(() -> closing.getState() == Thread.State.BLOCKED || !closing.isAlive());
            go.countDown();
            closing.join(Duration.ofMinutes(3).toMillis());
            await().until(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(one -> one.getName().equals("schema-lock")));
        }
        assertThat(comment()).isEqualTo("released");
    }

    @Test
    void aMigrationThatWasChangedAfterItWasAppliedIsRefused() throws Exception {
        Migration one =
                new Migration(1, "V1__t.sql", "CREATE TABLE ${database}.t (x UInt8) ENGINE = MergeTree ORDER BY x");
        Migration other = new Migration(1, "V1__t.sql", one.template().replace("UInt8", "UInt16"));
        new Migrations(warehouse, List.of(one), LEASE).apply();

        assertThatThrownBy(() -> new Migrations(warehouse, List.of(other), LEASE).apply())
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("V1__t.sql");
    }

    @Test
    void anOlderReleaseRunsOnANewerSchema() throws Exception {
        new Migrations(warehouse).apply();

        assertThat(new Migrations(warehouse, Migration.released().subList(0, 1), LEASE).apply())
                .isZero();
    }

    @Test
    void onAClusterTheTablesAreReplicated() {
        WarehouseSettings cluster = new WarehouseSettings(server.url(), "u", "p", database, "main");

        assertThat(Migration.released()).allSatisfy(migration -> assertThat(migration.statements(cluster))
                .allSatisfy(statement -> assertThat(statement)
                        .containsPattern(" ON CLUSTER main\\s")
                        .containsPattern("ENGINE = Replicated|^CREATE MATERIALIZED VIEW|^ALTER TABLE")));
    }
}
