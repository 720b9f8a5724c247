package io.weir.alert;

import io.weir.metadata.alert.Alerts;
import io.weir.metadata.label.Matcher;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.Outbox;
import io.weir.metadata.notify.Route;
import io.weir.metadata.notify.Routing;
import io.weir.metadata.rule.Comparison;
import io.weir.metadata.rule.Condition;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Query.Measure;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rules;
import io.weir.metadata.rule.Severity;
import io.weir.metadata.rulebook.RuleBooks;
import io.weir.metadata.silence.Silences;
import io.weir.metadata.subscription.Subscriptions;
import io.weir.testing.ClickHouseServer;
import io.weir.testing.PostgresServer;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import io.weir.warehouse.WarehouseSettings;
import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A platform for one test: its own databases and mailbox, and scans against them, in this process or in their own. */
final class Scans implements AutoCloseable {

    /** Not a {@code @Configuration}: the task's scan for components would find it. */
    @EnableAutoConfiguration(excludeName = "io.weir.task.TaskConfiguration")
    static class Metadata {}

    static final String TENANT = "acme";

    private final PostgresServer postgres = PostgresServer.shared();
    private final ClickHouseServer clickhouse = ClickHouseServer.shared();
    private final String executions = postgres.freshDataFlowDatabase();
    private final String metadata = postgres.freshDatabase();
    private final String events;
    private final List<Process> processes = new ArrayList<>();
    private final ConfigurableApplicationContext context;

    final Mailbox mailbox = new Mailbox();
    final Rules rules;
    final Alerts alerts;
    final Silences silences;
    final Routing routing;
    final Outbox outbox;
    final RuleBooks books;
    final Subscriptions subscriptions;
    final JdbcOperations jdbc;
    final TransactionTemplate transactions;

    Scans() {
        mailbox.start();
        events = clickhouse.freshDatabase();
        try {
            new Migrations(new Warehouse(new WarehouseSettings(
                            clickhouse.url(), clickhouse.username(), clickhouse.password(), events, "")))
                    .apply();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        context = new SpringApplicationBuilder(Metadata.class).run(arguments());
        rules = context.getBean(Rules.class);
        alerts = context.getBean(Alerts.class);
        silences = context.getBean(Silences.class);
        routing = context.getBean(Routing.class);
        outbox = context.getBean(Outbox.class);
        books = context.getBean(RuleBooks.class);
        subscriptions = context.getBean(Subscriptions.class);
        jdbc = context.getBean(JdbcOperations.class);
        transactions = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    }

    /** An argument takes the place of what is usual for its option. */
    private String[] arguments(String... more) {
        Map<String, String> options = new LinkedHashMap<>();
        Stream.of(
                        "--spring.datasource.url=" + executions,
                        "--spring.datasource.username=" + postgres.username(),
                        "--spring.datasource.password=" + postgres.password(),
                        "--weir.metadata.url=" + metadata,
                        "--weir.metadata.username=" + postgres.username(),
                        "--weir.metadata.password=" + postgres.password(),
                        "--weir.clickhouse.url=" + clickhouse.url(),
                        "--weir.clickhouse.username=" + clickhouse.username(),
                        "--weir.clickhouse.password=" + clickhouse.password(),
                        "--weir.clickhouse.database=" + events,
                        "--spring.mail.host=127.0.0.1",
                        "--spring.mail.port=" + mailbox.getSmtp().getPort(),
                        "--weir.alert.delay=0s",
                        "--weir.alert.claim=1s",
                        "--weir.alert.retry-first=1ms",
                        "--weir.alert.retry-most=1ms",
                        "--weir.task.lock-wait=70s")
                .forEach(argument -> options.put(option(argument), argument));
        Stream.of(more).forEach(argument -> options.put(option(argument), argument));
        return options.values().toArray(String[]::new);
    }

    private static String option(String argument) {
        return argument.substring(0, argument.indexOf('='));
    }

    /** One scan; gives its exit code. */
    int scan(String... more) {
        return SpringApplication.exit(new SpringApplicationBuilder(AlertScanApplication.class)
                .registerShutdownHook(false)
                .run(arguments(more)));
    }

    /** The next scan, as if each rule's next window were over: the last one is evaluated once more. */
    int nextScan(String... more) {
        jdbc.update("update alert_rule set evaluated_until = null");
        return scan(more);
    }

    /** A scan in a process of its own, to be killed. */
    Process start(String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                AlertScanApplication.class.getName()));
        command.addAll(List.of(arguments(more)));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        return process;
    }

    /** Ends it as a crash would. */
    static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process lives on");
        }
    }

    /** More than 5 % of requests fail, in five minutes. */
    static Rule errorRate(String tenant) {
        return Rule.of(
                        tenant,
                        "errors",
                        Severity.CRITICAL,
                        Query.of(Measure.ERROR_RATE, Duration.ofMinutes(5), Matcher.parse("type=\"request\"")),
                        new Condition.Threshold(Comparison.ABOVE, 0.05, 0.03))
                .saying("{{value}} of requests fail", "https://example.com/runbook");
    }

    Channel channel(String name, Channel.Kind kind, String settings, UUID fallback) {
        Channel channel = new Channel(UUID.randomUUID(), TENANT, name, kind, settings, fallback, true);
        routing.add(channel);
        return channel;
    }

    Channel mail(String name) {
        return channel(name, Channel.Kind.EMAIL, "{\"to\":[\"" + name + "@example.com\"]}", null);
    }

    Route route(Channel... channels) {
        Route route =
                Route.to(TENANT, 0, "", Arrays.stream(channels).map(Channel::id).toArray(UUID[]::new));
        routing.add(route);
        return route;
    }

    String clickhouse(String sql) {
        return clickhouse.query(sql.replace("events", events + ".events"));
    }

    /** Requests in the minutes that end at the last full one, spread evenly; every {@code failing}th has status 500, none if 0. */
    void requests(String tenant, int count, int failing, int minutes, Instant until) {
        clickhouse("""
                INSERT INTO events (id, tenant, timestamp, received_at, type, source, endpoint_template, status_code, status_class,
                    latency_ms, device_id)
                SELECT toString(generateUUIDv4()), '%s', toDateTime64(%d, 3, 'UTC') - 1 - number * %d / %d, now64(3), 'request',
                    if(number %% 2 = 0, 'shop', 'api'), '/buy', if(%d > 0 AND number %% greatest(%d, 1) = 0, 500, 200), '', 20,
                    concat('device-', toString(number %% 3))
                FROM numbers(%d)
                """.formatted(tenant, until.getEpochSecond(), minutes * 60 - 2, count, failing, failing, count));
    }

    /** The end of the last window that is due. */
    static Instant minute() {
        return Instant.ofEpochSecond(Instant.now().getEpochSecond() / 60 * 60);
    }

    void forgetEvents() {
        clickhouse("TRUNCATE TABLE events");
    }

    List<String> subjects() {
        return Arrays.stream(mailbox.getReceivedMessages()).map(Scans::subject).toList();
    }

    /** Of each mail, the first address that it went to. */
    List<String> recipients() {
        return Arrays.stream(mailbox.getReceivedMessages())
                .map(message -> {
                    try {
                        return message.getAllRecipients()[0].toString();
                    } catch (MessagingException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toList();
    }

    static String subject(MimeMessage message) {
        try {
            return message.getSubject();
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The parts of a mail by their type; the picture is read. */
    static Map<String, Object> parts(MimeMessage message) throws MessagingException, IOException {
        Map<String, Object> parts = new TreeMap<>();
        collect(message, parts);
        return parts;
    }

    private static void collect(Part part, Map<String, Object> parts) throws MessagingException, IOException {
        if (part.getContent() instanceof Multipart multipart) {
            for (int i = 0; i < multipart.getCount(); i++) {
                BodyPart body = multipart.getBodyPart(i);
                collect(body, parts);
            }
        } else if (part.isMimeType("image/png")) {
            try (InputStream in = part.getInputStream()) {
                parts.put("image/png", ImageIO.read(in));
            }
        } else {
            parts.put(part.isMimeType("text/html") ? "text/html" : "text/plain", part.getContent());
        }
    }

    /** How long each step of the last run took, in milliseconds. */
    String steps() {
        try (java.sql.Connection connection =
                        java.sql.DriverManager.getConnection(executions, postgres.username(), postgres.password());
                java.sql.Statement statement = connection.createStatement();
                java.sql.ResultSet row = statement.executeQuery(
                        "select string_agg(step_name || ' ' || (extract(epoch from end_time - start_time) * 1000)::int, ', ' order by step_execution_id)"
                                + " from boot3_batch_step_execution where job_execution_id = (select max(job_execution_id) from boot3_batch_job_execution)")) {
            row.next();
            return row.getString(1);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The changes of state, oldest first, such as {@code PENDING FIRING}. */
    List<String> history() {
        return jdbc.queryForList("select to_state from alert_history order by id", String.class);
    }

    /** Who did what, in order. */
    List<String> audit() {
        return jdbc.queryForList("select actor || ' ' || action from audit_log order by number", String.class);
    }

    long count(String table) {
        return jdbc.queryForObject("select count(*) from " + table, Long.class);
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
        mailbox.stop();
        context.close();
    }
}
