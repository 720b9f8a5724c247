package io.weir.warehouse.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.weir.testing.ClickHouseServer;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What a reader account can and cannot do, asked of a real server: tenant {@code acme} has a hundred events, tenant {@code
 * umbrella} ten thousand whose every text says so, and {@code acme}'s accounts must learn nothing of them.
 */
class ReaderAccountsIT {

    private static final String PASSWORD = "a password of ours";
    private static final int OURS = 100;
    private static final int THEIRS = 10_000;

    private static final Limits LIMITS = new Limits(
            Duration.ofSeconds(10),
            200L << 20,
            5_000_000,
            1L << 30,
            1000,
            10L << 20,
            2,
            3,
            100_000,
            Limits.DEFAULT.readRowsPerHour(),
            Limits.DEFAULT.executionTimePerHour());

    private static final Limits LITTLE = new Limits(
            Duration.ofSeconds(1),
            50L << 20,
            50,
            1L << 30,
            10,
            1L << 20,
            2,
            3,
            100_000,
            Limits.DEFAULT.readRowsPerHour(),
            Limits.DEFAULT.executionTimePerHour());

    private static final ClickHouseServer SERVER = ClickHouseServer.shared();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static String database;
    private static ReaderViews views;

    private record Answer(int status, String body) {
        boolean isRefusal() {
            return status != 200 || body.contains("Exception: ");
        }
    }

    @BeforeAll
    static void twoTenantsAndTheirAccounts() throws Exception {
        database = SERVER.freshDatabase();
        WarehouseSettings settings =
                new WarehouseSettings(SERVER.url(), SERVER.username(), SERVER.password(), database, "");
        new Migrations(new Warehouse(settings)).apply();
        fill("acme", OURS);
        fill("umbrella", THEIRS);
        views = new ReaderViews(settings);
        AccountSql sql = new AccountSql(settings);
        List<ReaderAccount> accounts = List.of(
                account("reads", "acme", false, LIMITS),
                account("masked", "acme", true, LIMITS),
                account("reads", "umbrella", false, LIMITS),
                account("reads", null, false, LIMITS),
                account("often", "acme", false, limitedTo(3)),
                account("little", "acme", false, LITTLE),
                new ReaderAccount("people", "acme", false, ReaderAccount.Use.PEOPLE, sha(), limitedTo(3)));
        List<String> statements = new ArrayList<>(sql.owner());
        accounts.forEach(account -> statements.addAll(sql.create(account)));
        SERVER.defineUsers("readers", statements, AccountsXml.render(settings, accounts));
        views.statements().forEach(SERVER::query);
    }

    private static Limits limitedTo(int queries) {
        return new Limits(
                LIMITS.executionTime(),
                LIMITS.memoryBytes(),
                LIMITS.readRows(),
                LIMITS.readBytes(),
                10,
                LIMITS.resultBytes(),
                LIMITS.threads(),
                LIMITS.concurrentQueries(),
                queries,
                LIMITS.readRowsPerHour(),
                LIMITS.executionTimePerHour());
    }

    private static ReaderAccount account(
            String label, @org.jspecify.annotations.Nullable String tenant, boolean masked, Limits limits) {
        return new ReaderAccount(label, tenant, masked, ReaderAccount.Use.PROGRAM, sha(), limits);
    }

    private static String sha() {
        return ReaderAccount.sha256(PASSWORD);
    }

    /** Every text of theirs holds the word UMBRELLA, and their numbers are above 5000. */
    private static void fill(String tenant, int rows) {
        String mark = tenant.equals("acme") ? "ours" : "UMBRELLA";
        int more = tenant.equals("acme") ? 0 : 5000;
        SERVER.query("""
                INSERT INTO %1$s.events
                    (id, tenant, timestamp, received_at, type, source, user_id, device_id, session_id, method, endpoint,
                     endpoint_template, status_code, status_class, latency_ms, bytes, referrer, user_agent, client_ip, message,
                     measurements, attributes)
                SELECT '%3$s-' || toString(number), '%2$s', now64(3) - 60 * (number %% 1000), now64(3), 'request', '%3$s-source',
                     '%3$s-user-' || toString(number %% 7), '%3$s-device', '%3$s-session', 'GET', '/%3$s/' || toString(number),
                     '/%3$s/{id}', 200, '2xx', %5$d + number, %5$d + number, '%3$s-referrer', '%3$s-agent', '%3$s-address',
                     '%3$s message', map('%3$s-temperature', %5$d + number), '{"secret":"%3$s-attribute"}'
                FROM numbers(%4$d)""".formatted(database, tenant, mark, rows, more));
        SERVER.query("""
                INSERT INTO %1$s.dead_letters (id, tenant, received_at, stage, reason, original)
                SELECT '%3$s-' || toString(number), '%2$s', now64(3), 'source', 'not_json', '%3$s' FROM numbers(%4$d)
                """.formatted(database, tenant, mark, rows / 10));
        SERVER.query("""
                INSERT INTO %1$s.rollup_hour (hour, tenant, source, events, latency_quantiles, users)
                SELECT toStartOfHour(now()), '%2$s', '%3$s-source', %4$d,
                    quantilesBFloat16State(0.5, 0.9, 0.95, 0.99)(toFloat64(number)), uniqState(toString(number))
                FROM numbers(%4$d)""".formatted(database, tenant, mark, rows));
        SERVER.query("""
                INSERT INTO %1$s.measurement_hour (hour, tenant, source, name, count, min, max, sum, last)
                SELECT toStartOfHour(now()), '%2$s', '%3$s-source', 'temperature', %4$d, min(number), max(number), sum(number),
                    argMaxState(toFloat64(number), (now64(3, 'UTC'), toFloat64(number)))
                FROM numbers(%4$d)""".formatted(database, tenant, mark, rows));
    }

    private static Answer ask(String user, String sql, Map<String, String> options, Map<String, String> headers) {
        String query = options.entrySet().stream()
                .map(option -> option.getKey() + "=" + URLEncoder.encode(option.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&", "/?", ""));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(SERVER.url() + query))
                .header("X-ClickHouse-User", user)
                .header("X-ClickHouse-Key", PASSWORD)
                .timeout(Duration.ofSeconds(60))
                .POST(HttpRequest.BodyPublishers.ofString(sql));
        headers.forEach(request::header);
        try {
            HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(answer.statusCode(), answer.body().strip());
        } catch (IOException e) {
            // A refusal in the middle of an answer breaks the connection.
            return new Answer(0, "Exception: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Answer ask(String user, String sql) {
        return ask(user, sql, Map.of(), Map.of());
    }

    private static String answer(String user, String sql) {
        Answer answer = ask(user, sql);
        assertThat(answer.isRefusal()).as(sql + "\n" + answer.body()).isFalse();
        return answer.body();
    }

    private static void isRefused(String user, String sql) {
        Answer answer = ask(user, sql);
        assertThat(answer.isRefusal()).as(sql + "\n" + answer.body()).isTrue();
        assertThat(answer.body().replace(sql, "")).doesNotContain("UMBRELLA").doesNotContain("umbrella");
    }

    @Test
    void eachTenantSeesItsOwnRowsAndAllOfThem() {
        assertThat(answer("reads_acme", "SELECT count(), uniqExact(tenant), any(tenant) FROM events"))
                .isEqualTo(OURS + "\t1\tacme");
        assertThat(answer("reads_umbrella", "SELECT count(), uniqExact(tenant), any(tenant) FROM events"))
                .isEqualTo(THEIRS + "\t1\tumbrella");
        assertThat(answer("reads__all", "SELECT tenant, count() FROM events GROUP BY tenant ORDER BY tenant"))
                .isEqualTo("acme\t" + OURS + "\numbrella\t" + THEIRS);
        assertThat(answer("reads_acme", "SELECT count() FROM dead_letters")).isEqualTo(Integer.toString(OURS / 10));
        assertThat(answer("reads_acme", "SELECT sum(events), max(users), max(latency_p99) < 101 FROM rollup_hour"))
                .isEqualTo(OURS + "\t" + OURS + "\ttrue".replace("true", "1"));
        assertThat(answer("reads_acme", "SELECT sum(events), uniqMerge(users) FROM rollup_hour_states"))
                .isEqualTo(OURS + "\t" + OURS);
        assertThat(answer("reads_acme", "SELECT sum(count), max(max), max(last) FROM measurement_hour"))
                .isEqualTo(OURS + "\t" + (OURS - 1) + "\t" + (OURS - 1));
        assertThat(answer("reads_acme", "SELECT sum(events) FROM rollup_minute"))
                .isEqualTo(Integer.toString(OURS));
    }

    /** Some have no tenant to filter by. */
    @Test
    void noAccountSeesTheRollupsOfFewerDimensions() {
        for (String table : List.of("endpoint_day", "tenant_day", "endpoint_week", "tenant_week")) {
            isRefused("reads__all", "SELECT count() FROM " + table);
            isRefused("reads__all", "SELECT count() FROM " + database + "." + table);
        }
    }

    @Test
    void aMaskedAccountSeesEveryColumnAndNoPersonalOne() {
        Set<String> columns = Set.of(answer("masked_acme", "SELECT name FROM system.columns WHERE table = 'events'")
                .split("\n"));
        assertThat(columns).containsAll(ReaderViews.PERSONAL_COLUMNS).contains("tenant", "latency_ms", "device_id");

        String row = answer(
                "masked_acme",
                "SELECT " + String.join(", ", ReaderViews.PERSONAL_COLUMNS) + " FROM events GROUP BY ALL");
        assertThat(row).isEqualTo("***\t***\t***\t***\t***\t***\t***\t{}");
        assertThat(answer("masked_acme", "SELECT * FROM events LIMIT 5"))
                .doesNotContain("ours-user", "ours-session", "ours-address", "ours message", "ours-attribute");
        assertThat(answer("masked_acme", "SELECT count(), sum(latency_ms) FROM events"))
                .isEqualTo(answer("reads_acme", "SELECT count(), sum(latency_ms) FROM events"));
        // Not by way of a condition either.
        assertThat(answer("masked_acme", "SELECT count() FROM events WHERE user_id = 'ours-user-1'"))
                .isEqualTo("0");
        assertThat(answer("masked_acme", "SELECT count() FROM events WHERE hasToken(message, 'ours')"))
                .isEqualTo("0");
        isRefused("masked_acme", "SELECT * FROM dead_letters");
        isRefused("masked_acme", "SELECT user_id FROM " + database + "_read.events");
        isRefused("masked_acme", "SELECT user_id FROM " + database + ".events");
    }

    /** A state of distinct users holds the hashes of their ids, and who can guess an id finds out whether it is among them. */
    @Test
    void aMaskedAccountSeesHowManyUsersThereAreAndNotTheirHashes() {
        String states = "SELECT DISTINCT table FROM system.columns WHERE endsWith(table, '_states') AND name = 'users'";
        assertThat(answer("reads_acme", states).split("\n")).hasSize(5);
        assertThat(answer("masked_acme", states)).isEmpty();
        isRefused("masked_acme", "SELECT uniqMerge(users) FROM rollup_hour_states");
        assertThat(answer("masked_acme", "SELECT max(users) FROM rollup_hour"))
                .isEqualTo(answer("reads_acme", "SELECT max(users) FROM rollup_hour"));
        assertThat(answer(
                        "masked_acme",
                        "SELECT quantilesBFloat16Merge(0.99)(latency_quantiles)[1] FROM rollup_hour_states"))
                .isEqualTo(answer(
                        "reads_acme",
                        "SELECT quantilesBFloat16Merge(0.99)(latency_quantiles)[1] FROM rollup_hour_states"));
    }

    @Test
    void everyColumnOfEventsIsEitherKnownToBeHarmlessOrMasked() {
        Set<String> harmless = Set.of(
                "id",
                "tenant",
                "timestamp",
                "received_at",
                "type",
                "source",
                "device_id",
                "trace_id",
                "method",
                "endpoint_template",
                "status_code",
                "status_class",
                "latency_ms",
                "bytes",
                "browser",
                "os",
                "device_class",
                "is_bot",
                "country",
                "network",
                "device_group",
                "severity",
                "measurements",
                "ingested_at");
        assertThat(SERVER.query("SELECT name FROM system.columns WHERE table = 'events' AND database = '" + database
                                + "' AND NOT startsWith(name, '_')")
                        .split("\n"))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(harmless.stream(), ReaderViews.PERSONAL_COLUMNS.stream())
                                .toList());
    }

    /** Refused whatever is behind it. */
    @TestFactory
    Stream<DynamicTest> escapes() {
        String port = Integer.toString(URI.create(SERVER.url()).getPort());
        return Stream.of(
                        // Out of the server
                        "SELECT * FROM url('http://127.0.0.1:" + port + "/ping', 'LineAsString')",
                        "SELECT * FROM url('file:///etc/passwd', 'LineAsString')",
                        "SELECT * FROM urlCluster('default', 'http://127.0.0.1/', 'LineAsString')",
                        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
                        "DESCRIBE TABLE file('/etc/passwd', 'LineAsString')",
                        "SELECT * FROM fileCluster('default', '/etc/passwd', 'LineAsString')",
                        "SELECT * FROM default.`/etc/passwd`",
                        "SELECT * FROM remote('127.0.0.1:" + port + "', '" + database
                                + "', 'events', 'weir_test', 'weir_test')",
                        "SELECT * FROM remote('127.0.0.1', '" + database + "', 'events')",
                        "SELECT * FROM remoteSecure('127.0.0.1', '" + database + "', 'events')",
                        "SELECT * FROM s3('http://127.0.0.1:1/bucket/key', 'LineAsString', 'line String')",
                        "SELECT * FROM s3('http://bucket.s3.amazonaws.com/key', 'LineAsString', 'line String')",
                        "SELECT * FROM s3Cluster('default', 'http://bucket.s3.amazonaws.com/key', 'LineAsString', 'line String')",
                        "SELECT * FROM gcs('http://127.0.0.1:1/bucket/key', 'LineAsString', 'line String')",
                        "SELECT * FROM hdfs('hdfs://127.0.0.1:1/x', 'LineAsString', 'line String')",
                        "SELECT * FROM azureBlobStorage('DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a;BlobEndpoint=http://127.0.0.1:1/a', 'c', 'x', 'LineAsString', 'auto', 'line String')",
                        "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
                        "SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')",
                        "SELECT * FROM mongodb('127.0.0.1:1', 'd', 't', 'u', 'p', 'x Int8')",
                        "SELECT * FROM redis('127.0.0.1:1', 'k', 'k String, v String')",
                        "SELECT * FROM sqlite('/tmp/x.db', 't')",
                        "SELECT * FROM odbc('DSN=x', 'd', 't')",
                        "SELECT * FROM jdbc('jdbc:x://127.0.0.1', 'd', 't')",
                        "SELECT * FROM iceberg('http://127.0.0.1:1/bucket/x')",
                        "SELECT * FROM deltaLake('http://127.0.0.1:1/bucket/x')",
                        "SELECT * FROM executable('sh', 'LineAsString', 'line String', (SELECT 1))",
                        "SELECT * FROM executable('id', 'LineAsString', 'line String')",
                        "SELECT 1 INTO OUTFILE '/tmp/reader-accounts-it'",
                        "INSERT INTO FUNCTION file('/tmp/reader-accounts-it') SELECT 1",
                        "INSERT INTO FUNCTION url('http://127.0.0.1:1/', 'CSV', 'x UInt8') SELECT 1",
                        "SELECT * FROM input('x UInt8')",
                        "SELECT * FROM executablePool('id', 'LineAsString', 'line String')",
                        "SELECT catboostEvaluate('/etc/passwd', 1)",
                        "BACKUP TABLE " + database + ".events TO File('/tmp/reader-accounts-it')",
                        "RESTORE TABLE " + database + ".events FROM File('/tmp/reader-accounts-it')",
                        // To the tables, past the views
                        "SELECT * FROM " + database + ".events",
                        "SELECT count() FROM " + database + ".events",
                        "SELECT 1 FROM " + database + ".events LIMIT 1",
                        "SELECT count() FROM " + database + ".rollup_minute",
                        "SELECT count() FROM " + database + ".rollup_minute_of_events",
                        "SELECT count() FROM " + database + ".sink_owners",
                        "SELECT count() FROM " + database + ".rollup_ledger",
                        "SELECT count() FROM " + database + ".archive_manifest",
                        "SELECT count() FROM " + database + ".schema_migrations",
                        "SELECT count() FROM " + database + "_masked.events",
                        "SELECT * FROM merge('" + database + "', 'events')",
                        "SELECT count() FROM merge('" + database + "', '.*')",
                        "SELECT count() FROM merge(REGEXP('" + database + "$'), 'events')",
                        "SELECT * FROM loop('" + database + "', 'events') LIMIT 1",
                        "SELECT * FROM loop('events') LIMIT 1",
                        "SELECT * FROM mergeTreeIndex('" + database + "', 'events')",
                        "SELECT * FROM mergeTreeIndex('" + database + "', 'events', with_marks = 1)",
                        "SELECT * FROM mergeTreeIndex('" + database + "_read', 'events')",
                        "SELECT * FROM mergeTreeAnalyzeIndexes('" + database + "', 'events', tenant = 'umbrella')",
                        "SELECT * FROM mergeTreeAnalyzeIndexes('" + database + "_read', 'events')",
                        "SELECT * FROM mergeTreeProjection('" + database + "', 'events', 'p')",
                        "SELECT * FROM mergeTreeTextIndex('" + database + "', 'events', 'words_of_message')",
                        "SELECT * FROM mergeTreeParts('" + database + "', 'events')",
                        "SELECT * FROM cluster('default', '" + database + "', 'events')",
                        "SELECT * FROM clusterAllReplicas('default', '" + database + "', 'events')",
                        "SELECT * FROM view(SELECT * FROM " + database + ".events)",
                        "SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))",
                        "SELECT * FROM (EXPLAIN SELECT * FROM " + database + ".events)",
                        "EXPLAIN ESTIMATE SELECT * FROM " + database + ".events",
                        "EXPLAIN indexes = 1 SELECT * FROM " + database + ".events",
                        "EXPLAIN TABLE OVERRIDE mysql('127.0.0.1:1', 'd', 't', 'u', 'p') COLUMNS (x Int8)",
                        "DESCRIBE TABLE " + database + ".events",
                        "SHOW CREATE TABLE " + database + ".events",
                        "CHECK TABLE " + database + ".events",
                        "EXISTS TABLE " + database + ".events",
                        "SELECT joinGet('" + database + ".events', 'id', 'x')",
                        "SELECT * FROM dictionary('" + database + ".events')",
                        "SELECT dictGet('" + database + ".events', 'id', 1)",
                        "SELECT hasColumnInTable('" + database + "', 'events', 'user_id')",
                        "USE " + database,
                        "ATTACH TABLE x FROM '/tmp/' (x Int8) ENGINE = File(CSV)",
                        // To change something
                        "INSERT INTO events SELECT * FROM events",
                        "ALTER TABLE events DELETE WHERE 1",
                        "DELETE FROM " + database + ".events WHERE 1",
                        "TRUNCATE TABLE " + database + ".events",
                        "DROP VIEW " + database + "_read.events",
                        "CREATE TABLE x (x Int8) ENGINE = Memory",
                        "CREATE VIEW x AS SELECT 1",
                        "CREATE TEMPORARY TABLE x (x Int8)",
                        "CREATE FUNCTION f AS x -> x",
                        "CREATE DATABASE x",
                        "CREATE DICTIONARY d (x UInt64) PRIMARY KEY x SOURCE(FILE(path '/etc/passwd' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)",
                        "CREATE NAMED COLLECTION c AS x = 1",
                        "CREATE USER x",
                        "CREATE ROLE x",
                        "ALTER USER reads_acme SETTINGS readonly = 0",
                        "ALTER ROW POLICY weir_reader ON " + database + ".events USING 1",
                        "DROP ROW POLICY weir_reader ON " + database + ".events",
                        "GRANT SELECT ON *.* TO reads_acme",
                        "EXECUTE AS reads_umbrella SELECT count() FROM events",
                        "OPTIMIZE TABLE " + database + ".events",
                        "KILL QUERY WHERE 1",
                        "KILL MUTATION WHERE 1",
                        "SYSTEM FLUSH LOGS",
                        "SYSTEM RELOAD CONFIG",
                        "SYSTEM SHUTDOWN",
                        "SYSTEM STOP MERGES " + database + ".events",
                        "SYSTEM START LISTEN TCP",
                        "SET max_threads = 100",
                        "SET readonly = 0",
                        "SELECT 1; SELECT 2",
                        "SELECT 1;\nDROP TABLE " + database + ".events",
                        // To what the server knows
                        "SELECT addressToLine(1)",
                        "SELECT addressToSymbol(1)",
                        "SELECT demangle('x')",
                        "SHOW PROCESSLIST",
                        "SHOW USERS",
                        "SHOW ACCESS",
                        "SHOW CREATE USER reads_umbrella",
                        "SHOW GRANTS FOR reads_umbrella",
                        "SHOW CREATE ROW POLICY weir_reader ON " + database + ".events",
                        "SHOW NAMED COLLECTIONS",
                        "SHOW CLUSTER default")
                .map(sql -> dynamicTest(sql, () -> isRefused("reads_acme", sql)));
    }

    /** Answered, with nothing of theirs in it. */
    @TestFactory
    Stream<DynamicTest> detours() {
        return Stream.of(
                        "SELECT * FROM events WHERE tenant = 'umbrella'",
                        "SELECT * FROM events WHERE tenant != 'acme' OR 1",
                        "SELECT * FROM events PREWHERE message LIKE '%UMBR%' WHERE 1",
                        "SELECT DISTINCT tenant, source, message FROM events",
                        "SELECT other.* FROM events AS mine JOIN events AS other ON mine.tenant != other.tenant",
                        "SELECT e.message FROM (SELECT 1 AS x) AS one CROSS JOIN events AS e LIMIT 200",
                        "SELECT message FROM events WHERE id IN (SELECT id FROM events WHERE tenant = 'umbrella')",
                        "WITH 'umbrella' AS tenant SELECT tenant = 'x', message FROM events LIMIT 200",
                        "SELECT 'acme' AS tenant, message FROM events LIMIT 200",
                        "SELECT * FROM view(SELECT * FROM events WHERE tenant = 'umbrella')",
                        "SELECT * FROM viewIfPermitted(SELECT id FROM " + database + ".events ELSE null('id UInt8'))",
                        "SELECT * FROM (SELECT * FROM events SETTINGS additional_table_filters = {'events': 'tenant != 1'})",
                        "SELECT * FROM (SELECT * FROM rollup_hour SETTINGS enable_parallel_replicas = 2, max_parallel_replicas = 3,"
                                + " cluster_for_parallel_replicas = 'default', parallel_replicas_for_non_replicated_merge_tree = 1)",
                        "SELECT * FROM (SELECT * FROM eval('SELECT * FROM events') SETTINGS allow_experimental_eval_table_function = 1)",
                        "SELECT * FROM viewIfPermitted(SELECT message FROM events ELSE null('message String')) LIMIT 200",
                        "SELECT message FROM merge('" + "_read" + "', 'events') LIMIT 200",
                        "SELECT topK(20)(message), groupUniqArray(source), max(latency_ms) FROM events",
                        "SELECT anyLast(message) OVER (ORDER BY timestamp ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM events LIMIT 5",
                        "SELECT * FROM events ORDER BY message DESC LIMIT 5",
                        "SELECT message FROM events SAMPLE 1",
                        "SELECT count() FROM events WHERE hasToken(message, 'UMBRELLA')",
                        "SELECT attributes.secret, count() FROM events GROUP BY 1",
                        "SELECT measurements FROM events LIMIT 200",
                        "SELECT * FROM rollup_hour",
                        "SELECT hex(users) FROM rollup_hour_states",
                        "SELECT * FROM rollup_minute",
                        "SELECT * FROM measurement_hour",
                        "SELECT * FROM dead_letters",
                        "SELECT * FROM system.tables",
                        "SELECT * FROM system.columns",
                        "SELECT * FROM system.databases",
                        "SELECT * FROM system.completions",
                        "SHOW TABLES",
                        "SHOW DATABASES",
                        "SHOW GRANTS",
                        "SHOW CREATE VIEW events",
                        "SELECT * FROM generateRandom('x UInt8') LIMIT 1",
                        "SELECT _part, _partition_id, _table FROM events",
                        "SELECT _part_offset, _part_uuid FROM events")
                .map(sql -> dynamicTest(sql, () -> {
                    Answer answer = ask("reads_acme", sql.replace("'_read'", "'" + database + "_read'"));
                    assertThat(Pattern.compile(".{0,40}(umbrella|UMBRELLA|\\b" + THEIRS + "\\b).{0,40}")
                                    .matcher(answer.body().replace(sql, ""))
                                    .results()
                                    .map(MatchResult::group))
                            .isEmpty();
                }));
    }

    /** A condition that fails on a row of theirs must not fail: it is never evaluated there. */
    @TestFactory
    Stream<DynamicTest> conditionsThatWouldFailOnForeignRows() {
        return Stream.of(
                        "throwIf(tenant = 'umbrella') = 0",
                        "throwIf(message LIKE 'UMBR%', 'seen') = 0",
                        "throwIf(user_id = 'UMBRELLA-user-1') = 0",
                        "intDiv(1, toUInt8(message != 'UMBRELLA message')) = 1",
                        "throwIf(latency_ms > 4000) = 0",
                        "throwIf(attributes.secret::String = 'UMBRELLA-attribute') = 0",
                        "throwIf(has(mapKeys(measurements), 'UMBRELLA-temperature')) = 0",
                        "throwIf(source = 'UMBRELLA-source') = 0",
                        "throwIf(timestamp < now() - 30000 AND timestamp > now() - 90000) = 0")
                .map(condition -> dynamicTest(condition, () -> {
                    assertThat(answer("reads_acme", "SELECT count() FROM events WHERE " + condition))
                            .isEqualTo(Integer.toString(OURS));
                    // A subquery may change settings; these decide in what order conditions are evaluated.
                    assertThat(
                                    answer(
                                            "reads_acme",
                                            "SELECT count() FROM (SELECT * FROM events WHERE " + condition
                                                    + " SETTINGS optimize_move_to_prewhere_if_final = 1, enable_multiple_prewhere_read_steps = 0,"
                                                    + " query_plan_optimize_prewhere = 0, short_circuit_function_evaluation = 'disable')"))
                            .isEqualTo(Integer.toString(OURS));
                    assertThat(answer(
                                    "reads_acme",
                                    "SELECT count() FROM (SELECT * FROM events) WHERE " + condition
                                            + " AND (SELECT count() FROM events AS e WHERE " + condition + ") = "
                                            + OURS))
                            .isEqualTo(Integer.toString(OURS));
                }));
    }

    @Test
    void ofTheServersOwnTablesOnlyThoseThatTellNothingOfOthersAreOpen() {
        Set<String> harmless = Set.of(
                "aggregate_function_combinators",
                "build_options",
                "collations",
                "columns",
                "completions",
                "contributors",
                "current_roles",
                "data_type_families",
                "database_engines",
                "databases",
                "dictionary_layouts",
                "disk_types",
                "enabled_roles",
                "formats",
                "functions",
                "keywords",
                "licenses",
                "one",
                "privileges",
                "quota_usage",
                "settings",
                "table_engines",
                "table_functions",
                "tables",
                "time_zones",
                "codecs",
                "documentation",
                "settings_changes",
                "merge_tree_settings",
                "unicode",
                "query_rules");
        List<String> open = Stream.of(SERVER.query("SELECT name FROM system.tables WHERE database = 'system'")
                        .split("\n"))
                .filter(table -> !ask("reads_acme", "SELECT * FROM system.`" + table + "` LIMIT 1 FORMAT Null")
                        .isRefusal())
                .toList();
        assertThat(open).contains("tables", "columns").isSubsetOf(harmless);
        // No sizes, and no table but the views.
        assertThat(answer(
                        "reads_acme",
                        "SELECT countIf(total_rows IS NOT NULL OR total_bytes IS NOT NULL), "
                                + "countIf(engine != 'View'), count() > 10 FROM system.tables WHERE database != 'system' "
                                + "AND lower(database) != 'information_schema'"))
                .isEqualTo("0\t0\t1");
        assertThat(answer(
                        "reads_acme",
                        "SELECT sum(data_compressed_bytes), uniqExact(database) FROM system.columns "
                                + "WHERE database != 'system' AND lower(database) != 'information_schema'"))
                .isEqualTo("0\t1");
        assertThat(answer("reads_acme", "SELECT quota_name FROM system.quota_usage GROUP BY ALL"))
                .doesNotContain("umbrella");
    }

    @TestFactory
    Stream<DynamicTest> noSettingCanBeChangedByAQuery() {
        return account("reads", "acme", false, LIMITS).constants().entrySet().stream()
                .map(setting -> dynamicTest(setting.getKey(), () -> {
                    String other = Map.of("throw", "break", "break", "throw", "0", "1")
                            .getOrDefault(setting.getValue(), setting.getValue().equals("1") ? "0" : "77");
                    String assignment = setting.getKey() + " = '" + other + "'";
                    isRefused("reads_acme", "SELECT 1 SETTINGS " + assignment);
                    isRefused("reads_acme", "SET " + assignment);
                    assertThat(ask("reads_acme", "SELECT 1", Map.of(setting.getKey(), other), Map.of())
                                    .isRefusal())
                            .isTrue();
                }));
    }

    /** ClickHouse does not check the settings of a subquery; what the whole query may use is counted for the whole. */
    @TestFactory
    Stream<DynamicTest> aSettingInASubqueryLiftsNoLimit() {
        return Stream.of(
                        "SELECT count(), max(message) FROM (SELECT message FROM events SETTINGS max_rows_to_read = 0)",
                        "SELECT count(), max(message) FROM (SELECT message FROM events SETTINGS read_overflow_mode = 'break')",
                        "SELECT max(x) FROM (SELECT sipHash64(number) AS x FROM numbers(99) SETTINGS max_rows_to_read = 0)",
                        "SELECT length(x) FROM (SELECT groupArray(repeat('x', 10000000)) AS x FROM numbers(49) SETTINGS max_memory_usage = 0)",
                        "SELECT count() FROM (SELECT arrayJoin(range(3000000000)) AS x SETTINGS max_execution_time = 0) WHERE NOT ignore(sipHash64(x))",
                        "SELECT * FROM (SELECT arrayJoin(range(1000)) SETTINGS max_result_rows = 0)")
                .map(sql -> dynamicTest(sql, () -> isRefused("little_acme", sql)));
    }

    @Test
    void settingsThatReachFurtherAreClosedAndThoseOfTheFormatAreOpen() {
        for (String setting : List.of(
                "additional_table_filters = {'events':'1'}",
                "allow_experimental_eval_table_function = 1",
                "apply_row_policy_after_final = 0",
                "format_schema = '/etc/passwd'",
                "use_query_cache = 1",
                "max_rows_in_join = 5",
                "profile = 'little_acme'",
                "profile = 'default', max_threads = 77")) {
            isRefused("reads_acme", "SELECT 1 SETTINGS " + setting);
        }
        for (String setting : ReaderAccount.CHANGEABLE) {
            String value = SERVER.query("SELECT value FROM system.settings WHERE name = '" + setting + "'");
            String other = value.equals("0") ? "1" : value.equals("1") ? "0" : value;
            String written = other.matches("[0-9]+") ? other : "'" + other + "'";
            assertThat(answer("reads_acme", "SELECT 1 SETTINGS " + setting + " = " + written))
                    .matches("(?s)(1.*)?");
        }
    }

    @Test
    void limitsStopWhatWouldUseTheServerUp() {
        isRefused("reads_acme", "SELECT count(), max(number) FROM numbers(1000000000000)");
        isRefused("reads_acme", "SELECT sum(number) FROM (SELECT number FROM system.numbers)");
        isRefused("reads_acme", "SELECT count() FROM generateRandom('x UInt64')");
        isRefused("reads_acme", "SELECT sleepEachRow(3) FROM events SETTINGS max_block_size = 1");
        isRefused(
                "reads_acme",
                "SELECT groupArray(toString(number) || repeat('x', 1000)) FROM numbers(4000000) FORMAT Null");
        isRefused(
                "reads_acme",
                "SELECT uniqExact(a.id || b.id || c.id || d.id) FROM events a, events b, events c, events d");
        // A program is told by an error; nobody reads a flag for it.
        isRefused("reads_acme", "SELECT number FROM numbers(1001)");
        assertThat(answer("reads_acme", "SELECT number FROM numbers(1000)").lines())
                .hasSize(1000);
    }

    @Test
    void aQuotaEndsAndIsCountedByAccountWhateverKeyAProgramGives() {
        awaitTimeBeforeTheFullHour();
        for (int i = 0; i < 3; i++) {
            assertThat(ask(
                                    "often_acme",
                                    "SELECT count() FROM events",
                                    Map.of(),
                                    Map.of("X-ClickHouse-Quota", "key" + i))
                            .isRefusal())
                    .isFalse();
        }
        assertThat(ask("often_acme", "SELECT count() FROM events", Map.of("quota_key", "another"), Map.of())
                        .body())
                .contains("QUOTA_EXCEEDED");
    }

    @Test
    void peopleShareAnAccountAndEachHasAQuotaOfTheirOwn() {
        awaitTimeBeforeTheFullHour();
        for (String person : List.of("ann", "bob")) {
            for (int i = 0; i < 3; i++) {
                assertThat(ask(
                                        "people_acme",
                                        "SELECT count() FROM events",
                                        Map.of(),
                                        Map.of("X-ClickHouse-Quota", person))
                                .isRefusal())
                        .as(person)
                        .isFalse();
            }
        }
        assertThat(ask("people_acme", "SELECT count() FROM events", Map.of(), Map.of("X-ClickHouse-Quota", "ann"))
                        .body())
                .contains("QUOTA_EXCEEDED");
    }

    /** When quotas begin anew. */
    private static void awaitTimeBeforeTheFullHour() {
        await().until(() -> Instant.now().getEpochSecond() % 3600 < 3540);
    }

    @Test
    void nobodyCanSignInAsTheOwnerOfTheViews() {
        for (String password : List.of("", PASSWORD, "0".repeat(64))) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(SERVER.url()))
                    .header("X-ClickHouse-User", database + "_VIEWS")
                    .header("X-ClickHouse-Key", password)
                    .POST(HttpRequest.BodyPublishers.ofString("SELECT 1"))
                    .build();
            try {
                assertThat(HTTP.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode())
                        .isIn(401, 403, 516);
            } catch (IOException e) {
                throw new AssertionError(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void theViewsUseTheIndexOfTheTenant() {
        String plan = answer("reads_acme", "EXPLAIN indexes = 1 SELECT count() FROM events WHERE type = 'request'");
        assertThat(plan).contains("Row level filter").containsPattern("Keys:\\s+tenant");
    }

    @Test
    void everyStatementIsSqlToClickHouse() {
        WarehouseSettings settings = new WarehouseSettings(SERVER.url(), "x", "x", database, "");
        AccountSql sql = new AccountSql(settings);
        List<String> statements = new ArrayList<>(sql.owner());
        statements.addAll(views.statements());
        statements.addAll(sql.create(account("label", "a-tenant_of-ours", true, LIMITS)));
        statements.addAll(
                sql.create(new ReaderAccount("label", null, false, ReaderAccount.Use.PEOPLE, sha(), Limits.DEFAULT)));
        statements.addAll(sql.drop("label", "a-tenant"));
        AccountSql onCluster = new AccountSql(new WarehouseSettings(SERVER.url(), "x", "x", database, "shards"));
        statements.addAll(onCluster.owner());
        statements.addAll(onCluster.create(account("label", null, true, LIMITS)));
        statements.addAll(onCluster.drop("label", null));
        for (String statement : statements) {
            String quoted = statement.replace("\\", "\\\\").replace("'", "\\'");
            assertThat(SERVER.query("SELECT formatQuerySingleLine('" + quoted + "')"))
                    .as(statement)
                    .isNotEmpty();
        }
        assertThat(onCluster.owner()).allMatch(statement -> statement.contains(" ON CLUSTER shards"));
    }

    @Test
    void namesThatCouldMeanAnotherTenantOrEndAQuoteAreNotTaken() {
        for (String label : List.of("", "a_b", "A", "1a", "a'", "a`", "a-b", "x".repeat(32))) {
            assertThatIllegalArgumentException().isThrownBy(() -> account(label, "acme", false, LIMITS));
        }
        for (String tenant : List.of("", "_all", "_x", "A", "a'b", "a`b", "a<b")) {
            assertThatIllegalArgumentException().isThrownBy(() -> account("a", tenant, false, LIMITS));
        }
    }
}
