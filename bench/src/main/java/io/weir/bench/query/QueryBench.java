package io.weir.bench.query;

import io.weir.bench.data.RolledUpEvents;
import io.weir.bench.platform.Application;
import io.weir.bench.report.Results;
import io.weir.local.clickhouse.Account;
import io.weir.local.clickhouse.ClickHouseEngine;
import io.weir.local.clickhouse.EmbeddedClickHouse;
import io.weir.testing.PostgresServer;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The query API of the console, as its jar, against the same statements sent straight to ClickHouse: the statement and its settings
 * are what ClickHouse's log says that the console sent. Each client asks in turns: ClickHouse, a console that keeps no answers, and
 * one that does.
 *
 * <p>The overhead of a request is its time less the time that ClickHouse says its statement took, and less what a request that goes
 * straight to ClickHouse takes, at the median, beyond its statement. So a statement that takes longer now than before does not count.
 */
public final class QueryBench {

    private static final String DATABASE = "weir";
    private static final int WARM_UP_OF_A_ROUTE = 1000;
    private static final Duration LONGEST_WARM_UP_OF_A_ROUTE = Duration.ofMinutes(1);
    private static final int WARM_UP = 20;
    private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofSeconds(90);
    private static final int LEAST = 10;
    private static final int LOOKS = 50;

    /**
     * What to measure.
     *
     * @param events there are to be, of {@code days} days that end yesterday
     * @param requests of each case to each contender; fewer where they take more than 90 s
     * @param clients that ask at once, in the second round
     * @param only cases that have this in their names
     * @param data where ClickHouse's data are, or will be kept; null for a folder that is deleted in the end
     */
    public record Plan(
            long events,
            int days,
            int requests,
            int clients,
            String only,
            @Nullable Path data) {}

    /** What the console sent to ClickHouse. */
    private record Statement(String sql, Map<String, String> settings) {}

    private final Plan plan;
    private final Results results;
    private final PrintStream out;
    private final Asker asker = new Asker();

    public QueryBench(Plan plan, Results results, PrintStream out) {
        this.plan = plan;
        this.results = results;
        this.out = out;
    }

    /** Runs it; needs the jars of the console and of rollup-hourly to be built. */
    public void run() throws IOException, InterruptedException, ExecutionException {
        if (cases(LocalDate.EPOCH, LocalDate.EPOCH).isEmpty()) {
            throw new IOException("no case has '" + plan.only + "' in its name");
        }
        Path logs = Files.createTempDirectory("weir-bench-query");
        Path data = plan.data == null ? logs.resolve("data") : Files.createDirectories(plan.data);
        out.println("query: starting ClickHouse on " + data + ", and PostgreSQL; logs in " + logs);
        Account admin = Account.admin("bench", "bench");
        Account console = Account.console("weir_console", "console", DATABASE);
        try (EmbeddedClickHouse server = EmbeddedClickHouse.builder(ClickHouseEngine.fetch(), data)
                .httpPort(Application.freePort())
                .tcpPort(Application.freePort())
                .account(admin)
                .account(console)
                .build()) {
            server.start();
            Warehouse warehouse = new Warehouse(settings(server, admin));
            prepare(warehouse, logs);
            LocalDate first = LocalDate.parse(warehouse
                    .query("SELECT toDate(min(timestamp)) FROM weir.events")
                    .strip());
            LocalDate end = LocalDate.parse(warehouse
                    .query("SELECT toDate(max(timestamp)) + 1 FROM weir.events")
                    .strip());
            out.println("query: starting two consoles");
            try (Console keeping = new Console(true, settings(server, console), logs);
                    Console asking = new Console(false, settings(server, console), logs)) {
                measure(cases(first, end), keeping, asking, warehouse, settings(server, console));
            }
        } finally {
            if (plan.data == null) {
                delete(data);
            }
        }
    }

    private List<Case> cases(LocalDate first, LocalDate end) {
        return Case.all(first, end).stream()
                .filter(asked -> asked.name().contains(plan.only))
                .toList();
    }

    private static WarehouseSettings settings(EmbeddedClickHouse server, Account account) {
        return new WarehouseSettings(
                server.url().toString(),
                account.name(),
                account.password(),
                DATABASE,
                "",
                Duration.ofSeconds(3),
                Duration.ofMinutes(30));
    }

    private void prepare(Warehouse warehouse, Path logs) throws IOException, InterruptedException {
        RolledUpEvents events = new RolledUpEvents(warehouse.settings(), plan.events);
        new Migrations(warehouse).apply();
        String there = warehouse.query("SELECT count() FROM weir.events").strip();
        if (there.equals("0")) {
            make(events, warehouse);
        } else {
            out.println("query: the events are there");
        }
        long began = System.nanoTime();
        try {
            events.rollUp(PostgresServer.durable().freshDataFlowDatabase(), logs, task -> {});
        } catch (IOException e) {
            throw new IOException(
                    plan.data + " held " + there + " events of " + plan.events
                            + ": if these are not the same, say another --events, or name another directory",
                    e);
        }
        out.printf(Locale.ROOT, "query: rolled up what was not in %.0f s%n", (System.nanoTime() - began) / 1e9);
    }

    private void make(RolledUpEvents events, Warehouse warehouse) throws IOException {
        out.printf(
                Locale.ROOT,
                "query: making %,d events and their rollups; a hundred million take about ten minutes%n",
                plan.events);
        events.insert(LocalDate.now(ZoneOffset.UTC).minusDays(plan.days), plan.days, out);
        long began = System.nanoTime();
        // Days that are over have been merged on a platform too.
        for (String partition : warehouse
                .query(
                        "SELECT DISTINCT partition FROM system.parts WHERE database = 'weir' AND table = 'events' AND active")
                .strip()
                .split("\n")) {
            warehouse.query("OPTIMIZE TABLE weir.events PARTITION " + partition + " FINAL");
        }
        out.printf(Locale.ROOT, "query: merged them in %.0f s%n", (System.nanoTime() - began) / 1e9);
    }

    private void measure(
            List<Case> cases, Console keeping, Console asking, Warehouse warehouse, WarehouseSettings account)
            throws IOException, InterruptedException, ExecutionException {
        Map<Case, Statement> statements = new LinkedHashMap<>();
        for (Case asked : cases) {
            statements.put(asked, statement(asked, asking, warehouse, account));
        }
        // One that has been running for a while has its code compiled, that of each route.
        Map<String, Case> routes = new LinkedHashMap<>();
        cases.forEach(asked -> routes.putIfAbsent(asked.route(), asked));
        for (Case asked : routes.values()) {
            long deadline = System.nanoTime() + LONGEST_WARM_UP_OF_A_ROUTE.toNanos();
            for (int i = 0; i < WARM_UP_OF_A_ROUTE && System.nanoTime() < deadline; i++) {
                keeping.answer(asker, asked);
                asking.answer(asker, asked);
            }
        }
        for (int clients : plan.clients > 1 ? List.of(1, plan.clients) : List.of(1)) {
            for (Case asked : cases) {
                new Round(asked, statements.get(asked), clients, keeping, asking, warehouse, account).run();
            }
        }
    }

    /** Asks once, and finds out what the console sent to ClickHouse for it. */
    private Statement statement(Case asked, Console asking, Warehouse warehouse, WarehouseSettings account)
            throws IOException, InterruptedException {
        JsonNode answer = asking.answer(asker, asked).json();
        boolean fromEvents = answer.at("/meta/tables").toString().contains("\"events\"");
        if (fromEvents != asked.fromEvents()) {
            throw new IOException("'" + asked.name() + "' was answered from " + answer.at("/meta/tables") + ": "
                    + answer.at("/meta/explain").stringValue());
        }
        String queryId = answer.at("/meta/query_id").stringValue();
        JsonNode sent = new JsonMapper()
                .readTree(logged(
                        warehouse,
                        "SELECT query_id, query, Settings FROM system.query_log WHERE type = 'QueryFinish' AND query_id = {id:String}"
                                + " FORMAT JSONEachRow",
                        Map.of("id", queryId),
                        Set.of(queryId)));
        Map<String, String> settings = new TreeMap<>();
        sent.get("Settings")
                .properties()
                .forEach(setting ->
                        settings.put(setting.getKey(), setting.getValue().stringValue()));
        Statement statement = new Statement(sent.get("query").stringValue(), settings);
        int rows = direct(statement, account, "weir-bench-" + UUID.randomUUID())
                .json()
                .get("data")
                .size();
        int wanted = answer.get("data").size();
        // One more where there are more than were asked for.
        if (rows < wanted || rows > wanted + 1) {
            throw new IOException(
                    "'" + asked.name() + "' has " + wanted + " rows by the API and " + rows + " without it");
        }
        return statement;
    }

    /** What the log says, as soon as it has all of these: an answer may be there before the log has its statement. */
    private static String logged(Warehouse warehouse, String sql, Map<String, String> parameters, Set<String> queryIds)
            throws IOException, InterruptedException {
        for (int look = 0; look < LOOKS; look++) {
            warehouse.query("SYSTEM FLUSH LOGS");
            String log = warehouse.query(sql, parameters);
            if (queryIds.stream().allMatch(log::contains)) {
                return log;
            }
            // Each look has ClickHouse write its logs out.
            Thread.sleep(100);
        }
        throw new IOException("ClickHouse's log does not have all of " + queryIds.size() + " statements");
    }

    private Asker.Reply direct(Statement statement, WarehouseSettings account, String queryId)
            throws IOException, InterruptedException {
        return asker.clickHouse(
                account.url(), account.username(), account.password(), queryId, statement.sql, statement.settings);
    }

    /** One case, by so many clients at once. */
    private final class Round {

        private final Case asked;
        private final Statement statement;
        private final int clients;
        private final Console keeping;
        private final Console asking;
        private final Warehouse warehouse;
        private final WarehouseSettings account;
        private final Samples direct = new Samples();
        private final Samples api = new Samples();
        private final Samples hits = new Samples();
        private final Map<String, Long> directByQuery = new ConcurrentHashMap<>();
        private final Map<String, Long> nanosByQuery = new ConcurrentHashMap<>();
        private volatile long rowsRead;

        Round(
                Case asked,
                @Nullable Statement statement,
                int clients,
                Console keeping,
                Console asking,
                Warehouse warehouse,
                WarehouseSettings account) {
            this.asked = asked;
            this.statement = Objects.requireNonNull(statement);
            this.clients = clients;
            this.keeping = keeping;
            this.asking = asking;
            this.warehouse = warehouse;
            this.account = account;
        }

        void run() throws IOException, InterruptedException, ExecutionException {
            repeat(WARM_UP, 1, LONGEST_WARM_UP, false);
            String since = warehouse.query("SELECT now64(6)").strip();
            repeat(plan.requests, LEAST, LONGEST, true);
            report(since);
        }

        private void repeat(int times, int least, Duration longest, boolean measured)
                throws InterruptedException, ExecutionException {
            AtomicInteger begun = new AtomicInteger();
            long deadline = System.nanoTime() + longest.toNanos();
            ExecutorService threads = Executors.newFixedThreadPool(clients);
            try {
                List<Future<?>> running = new ArrayList<>();
                for (int client = 0; client < clients; client++) {
                    int number = client;
                    running.add(threads.submit(() -> {
                        int turn;
                        while ((turn = begun.getAndIncrement()) < times
                                && (turn < least || System.nanoTime() < deadline)) {
                            ask(number + turn, measured);
                        }
                        return null;
                    }));
                }
                for (Future<?> one : running) {
                    one.get();
                }
            } finally {
                threads.shutdownNow();
            }
        }

        /** All contenders once, each time another one first. */
        private void ask(int turn, boolean measured) throws IOException, InterruptedException {
            for (int i = 0; i < 3; i++) {
                switch ((turn + i) % 3) {
                    case 0 -> {
                        String queryId = "weir-bench-" + UUID.randomUUID();
                        Asker.Reply reply = direct(statement, account, queryId);
                        if (measured) {
                            direct.add(reply.nanos());
                            directByQuery.put(queryId, reply.nanos());
                        }
                    }
                    case 1 -> {
                        Asker.Reply reply = api(false);
                        if (measured) {
                            api.add(reply.nanos());
                            nanosByQuery.put(reply.json().at("/meta/query_id").stringValue(), reply.nanos());
                            rowsRead = reply.json().at("/meta/rows_read").longValue();
                        }
                    }
                    default -> {
                        if (!asked.fromEvents()) {
                            Asker.Reply reply = api(true);
                            // The first one of all is not kept yet, and as many as there are clients.
                            if (measured) {
                                hits.add(reply.nanos());
                                require(reply, true);
                            }
                        }
                    }
                }
            }
        }

        private Asker.Reply api(boolean cached) throws IOException, InterruptedException {
            Asker.Reply reply = (cached ? keeping : asking).answer(asker, asked);
            if (!cached) {
                require(reply, false);
            }
            return reply;
        }

        private void require(Asker.Reply reply, boolean cached) throws IOException {
            if (reply.json().at("/meta/cached").booleanValue() != cached) {
                throw new IOException("'" + asked.name() + "': cached is " + !cached);
            }
        }

        private void report(String since) throws IOException, InterruptedException {
            Map<String, Long> statements = new HashMap<>();
            Set<String> wanted = new HashSet<>(nanosByQuery.keySet());
            wanted.addAll(directByQuery.keySet());
            Samples others = new Samples();
            String log = logged(
                    warehouse,
                    "SELECT query_id, dateDiff('microsecond', query_start_time_microseconds, event_time_microseconds)"
                            + " FROM system.query_log WHERE type = 'QueryFinish' AND log_comment = 'weir-console'"
                            + " AND query_start_time_microseconds >= {since:DateTime64(6)}"
                            + " AND match(query_id, '^weir-(console|bench)-')",
                    Map.of("since", since),
                    wanted);
            for (String line : log.strip().split("\n")) {
                String[] cells = line.split("\t");
                long nanos = Long.parseLong(cells[1]) * 1000;
                if (wanted.contains(cells[0])) {
                    statements.put(cells[0], nanos);
                } else {
                    others.add(nanos);
                }
            }
            Samples bare = beyondTheStatement(directByQuery, statements, 0);
            Samples overhead = beyondTheStatement(nanosByQuery, statements, Math.round(bare.percentile(50) * 1e6));
            Map<String, Double> row = new LinkedHashMap<>();
            row.put("rows read", (double) rowsRead);
            row.put("requests", (double) api.size());
            row.put("direct p50", direct.percentile(50));
            row.put("direct p95", direct.percentile(95));
            row.put("API p50", api.percentile(50));
            row.put("API p95", api.percentile(95));
            row.put("ratio p50", api.percentile(50) / direct.percentile(50));
            row.put("bare p50", bare.percentile(50));
            row.put("overhead p50", overhead.percentile(50));
            row.put("overhead p95", overhead.percentile(95));
            row.put("ledger p50", others.percentile(50));
            row.put("hit p50", hits.percentile(50));
            row.put("hit p95", hits.percentile(95));
            String part = "query: " + (clients == 1 ? "one client" : clients + " clients at once") + ", ms";
            results.addRow(part, asked.name(), row);
            out.printf(
                    Locale.ROOT,
                    "query:   %-40s direct %.1f, API %.1f, overhead %.1f ms (p95 %.1f)%n",
                    asked.name() + (clients == 1 ? "" : ", " + clients + " clients"),
                    direct.percentile(50),
                    api.percentile(50),
                    overhead.percentile(50),
                    overhead.percentile(95));
        }
    }

    private static Samples beyondTheStatement(Map<String, Long> nanosByQuery, Map<String, Long> statements, long less) {
        Samples samples = new Samples();
        nanosByQuery.forEach((id, nanos) -> samples.add(nanos - Objects.requireNonNull(statements.get(id)) - less));
        return samples;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
