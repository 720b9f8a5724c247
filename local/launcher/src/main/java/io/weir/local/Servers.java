package io.weir.local;

import io.weir.local.clickhouse.Account;
import io.weir.local.clickhouse.ClickHouseEngine;
import io.weir.local.clickhouse.EmbeddedClickHouse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** How each server is configured and started. */
final class Servers {

    static final String ADMIN = "weir_admin";
    static final String WRITER = "weir_writer";
    static final String TASK = "weir_task";
    private static final String CONSOLE = "weir_console";
    static final String DATABASE = "weir";
    private static final String SUPERUSER = "postgres";
    private static final String POSTGRES_VERSION = "18.6.0";

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final Home home;
    private final Ports ports;
    private final Installation installation;
    private final Existing existing;

    /**
     * A database in PostgreSQL.
     *
     * @param url for JDBC
     */
    record Database(String url, String username, String password) {
        @Override
        public String toString() {
            return url + " as " + username;
        }
    }

    Servers(Home home, Ports ports, Installation installation) {
        this.home = home;
        this.ports = ports;
        this.installation = installation;
        this.existing = Existing.read(home);
    }

    /** Which servers are not ours to start. */
    Existing existing() {
        return existing;
    }

    /** Where programs and people find what they need, by name. */
    Map<String, String> addresses() {
        Map<String, String> addresses = new LinkedHashMap<>();
        addresses.put("console", "http://127.0.0.1:" + ports.console());
        addresses.put("ingest", "http://127.0.0.1:" + ports.ingest());
        addresses.put("dataflow", dataFlowUri());
        addresses.put("clickhouse", clickhouseUri().toString());
        if (existing.clickhouse() == null) {
            addresses.put("gate", "http://127.0.0.1:" + ports.clickhouseGate());
        }
        addresses.put("kafka", kafkaAddress());
        addresses.put(
                "postgresql",
                existing.postgresql() == null
                        ? "127.0.0.1:" + ports.postgresql()
                        : existing.postgresql().uri().getAuthority());
        return addresses;
    }

    String kafkaAddress() {
        return existing.kafka() == null ? "127.0.0.1:" + ports.kafka() : existing.kafka();
    }

    URI clickhouseUri() {
        return existing.clickhouse() == null
                ? URI.create("http://127.0.0.1:" + ports.clickhouse())
                : existing.clickhouse().uri();
    }

    /** The account that owns the tables. */
    ClickHouseSql writer() {
        return clickhouse(WRITER, "clickhouse.writer", DATABASE);
    }

    /** The account of tasks: owns the tables, and reads and writes archives. */
    ClickHouseSql task() {
        return clickhouse(TASK, "clickhouse.task", DATABASE);
    }

    /** The console's account: reads the tables. */
    ClickHouseSql console() {
        return clickhouse(CONSOLE, "clickhouse.console", DATABASE);
    }

    /** What the console must know of ClickHouse and of who reads it. */
    Map<String, String> consoleProperties() {
        ClickHouseSql console = console();
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("weir.clickhouse.url", console.uri().toString());
        properties.put("weir.clickhouse.username", console.username());
        properties.put("weir.clickhouse.password", console.password());
        properties.put("weir.clickhouse.database", DATABASE);
        if (existing.clickhouse() == null) {
            properties.put("weir.accounts.users", "file");
            properties.put("weir.accounts.gate-port", Integer.toString(ports.clickhouseGate()));
        }
        return properties;
    }

    /** The account that may do everything; of an existing server, the one that was given. */
    ClickHouseSql sql(String database) {
        return clickhouse(ADMIN, "clickhouse.admin", database);
    }

    private ClickHouseSql clickhouse(String account, String secret, String database) {
        Existing.Login login = existing.clickhouse();
        return login == null
                ? new ClickHouseSql(clickhouseUri(), account, home.secret(secret), database)
                : new ClickHouseSql(login.uri(), login.username(), login.password(), database);
    }

    /** Each of ours has an owner of its own; those of an existing server belong to the login that was given. */
    Database database(String name) {
        Existing.Login login = existing.postgresql();
        return login == null
                ? new Database(
                        "jdbc:postgresql://127.0.0.1:" + ports.postgresql() + "/" + name,
                        name,
                        home.secret("postgresql." + name))
                : new Database(
                        "jdbc:postgresql://" + login.uri().getAuthority() + "/" + name,
                        login.username(),
                        login.password());
    }

    ServerProcess postgresql() {
        PostgresPrograms programs = PostgresPrograms.unpack(ClickHouseEngine.defaultCache(), POSTGRES_VERSION);
        Path data = home.data("postgresql");
        Path password = home.config("postgresql.password");
        Home.write(password, home.secret("postgresql") + "\n");
        programs.initialise(data, SUPERUSER, password, home.log("postgresql"));
        return new ServerProcess(
                "postgresql",
                home,
                programs.command(
                        "postgres",
                        "-D",
                        data.toString(),
                        "-p",
                        Integer.toString(ports.postgresql()),
                        "-h",
                        "127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "max_connections=100",
                        "-c",
                        "shared_buffers=64MB"),
                Map.of(),
                Duration.ofSeconds(60),
                () -> {
                    try (Connection connection = superuser()) {
                        return connection.isValid(2);
                    } catch (SQLException e) {
                        return false;
                    }
                });
    }

    private Connection superuser() throws SQLException {
        Existing.Login login = existing.postgresql();
        return login == null
                ? DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + ports.postgresql() + "/postgres",
                        SUPERUSER,
                        home.secret("postgresql"))
                : DriverManager.getConnection(
                        "jdbc:postgresql://" + login.uri().getAuthority() + "/postgres",
                        login.username(),
                        login.password());
    }

    /** One database for each of Weir, Data Flow and Skipper, and in our own server an owner for each. */
    void createDatabases() {
        try (Connection connection = superuser();
                Statement statement = connection.createStatement()) {
            for (String name : List.of(DATABASE, "dataflow", "skipper")) {
                if (existing.postgresql() == null && !exists(statement, "pg_roles where rolname", name)) {
                    statement.execute("create role " + name + " login password '"
                            + database(name).password() + "'");
                }
                if (!exists(statement, "pg_database where datname", name)) {
                    statement.execute("create database " + name + " owner \""
                            + database(name).username().replace("\"", "\"\"") + "\"");
                }
            }
        } catch (SQLException e) {
            throw new Failure("the databases in PostgreSQL were not made: " + e.getMessage(), e);
        }
    }

    private static boolean exists(Statement statement, String where, String name) throws SQLException {
        try (ResultSet found = statement.executeQuery("select 1 from " + where + " = '" + name + "'")) {
            return found.next();
        }
    }

    ServerProcess kafka() {
        Path data = home.data("kafka");
        Path properties = home.config("kafka.properties");
        Home.write(properties, """
                process.roles=broker,controller
                node.id=1
                controller.quorum.bootstrap.servers=127.0.0.1:%2$d
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
                controller.listener.names=CONTROLLER
                listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
                inter.broker.listener.name=PLAINTEXT
                log.dirs=%3$s
                num.network.threads=2
                num.io.threads=4
                num.partitions=1
                auto.create.topics.enable=false
                message.max.bytes=2097152
                # Nothing goes by age: what goes is decided by TopicTrim, which never takes what is unread.
                log.retention.ms=-1
                log.retention.bytes=-1
                log.retention.check.interval.ms=60000
                # There is no second copy: what is older than a second survives a loss of power as well.
                log.flush.interval.ms=1000
                log.flush.scheduler.interval.ms=1000
                log.segment.bytes=67108864
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=4
                offsets.retention.minutes=525600
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.state.log.num.partitions=4
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                group.initial.rebalance.delay.ms=0
                log.cleaner.dedupe.buffer.size=16777216
                """.formatted(ports.kafka(), ports.kafkaController(), data));
        Path logging = home.config("kafka-log4j2.xml");
        Home.write(logging, """
                <Configuration>
                  <Appenders><Console name="console"><PatternLayout pattern="%d %p %c{1.} %m%n"/></Console></Appenders>
                  <Loggers><Root level="WARN"><AppenderRef ref="console"/></Root></Loggers>
                </Configuration>
                """);
        List<String> java = List.of(
                Installation.java(),
                "-Xms256m",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Dlog4j2.configurationFile=" + logging,
                "-cp",
                installation.kafkaClasspath());
        if (!Files.exists(data.resolve("meta.properties"))) {
            byte[] id = new byte[16];
            UUID random = UUID.randomUUID();
            ByteBuffer.wrap(id).putLong(random.getMostSignificantBits()).putLong(random.getLeastSignificantBits());
            String cluster =
                    Base64.getUrlEncoder().withoutPadding().encodeToString(id).replaceFirst("^-", "A");
            List<String> format = new ArrayList<>(java);
            format.addAll(List.of(
                    "kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c", properties.toString()));
            run("kafka", format);
        }
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of("kafka.Kafka", properties.toString()));
        return new ServerProcess(
                "kafka", home, command, Map.of(), Duration.ofSeconds(90), () -> connects(ports.kafka()));
    }

    private static boolean connects(int port) {
        try (java.net.Socket socket = new java.net.Socket()) {
            socket.connect(new java.net.InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    ServerProcess clickhouse(ClickHouseEngine engine) {
        new Readers(this, home).writeFirst();
        List<String> command = EmbeddedClickHouse.builder(engine, home.data("clickhouse"))
                .httpPort(ports.clickhouse())
                .tcpPort(ports.clickhouseNative())
                .account(Account.admin(ADMIN, home.secret("clickhouse.admin")))
                .account(Account.owner(WRITER, home.secret("clickhouse.writer"), DATABASE))
                .account(Account.console(CONSOLE, home.secret("clickhouse.console"), DATABASE))
                .account(Account.archivist(TASK, home.secret("clickhouse.task"), DATABASE))
                .command(0);
        ClickHouseSql sql = sql("system");
        return new ServerProcess("clickhouse", home, command, Map.of("TZ", "UTC"), Duration.ofSeconds(60), () -> {
            try {
                return sql.query("SELECT 1", "TabSeparated").strip().equals("1");
            } catch (IOException | Failure e) {
                return false;
            }
        });
    }

    ServerProcess skipper() {
        Path config = home.config("skipper.yml");
        Home.write(config, """
                server: {port: %1$d, address: 127.0.0.1}
                logging.level.root: WARN
                spring:
                  cloud.config.enabled: false
                  datasource:
                    url: %2$s
                    driver-class-name: org.postgresql.Driver
                    username: %6$s
                    password: %3$s
                  cloud.skipper.server:
                    strategies.healthcheck: {sleep-in-millis: 500, timeout-in-millis: 180000}
                    platform.local.accounts.default:
                      working-directories-root: %4$s
                      delete-files-on-exit: true
                      shutdown-timeout: 5
                      java-cmd: %5$s
                      env-vars-to-inherit: PATH,HOME,LANG,TMP
                """.formatted(
                        ports.skipper(),
                        quoted(database("skipper").url()),
                        quoted(database("skipper").password()),
                        folder(home.data("apps")),
                        script("run-app"),
                        quoted(database("skipper").username())));
        return new ServerProcess(
                "skipper",
                home,
                List.of(
                        Installation.java(),
                        "-Xmx320m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-jar",
                        installation.skipper().toString(),
                        "--spring.config.additional-location=file:" + config),
                Map.of(),
                Duration.ofSeconds(180),
                () -> answers("http://127.0.0.1:" + ports.skipper() + "/actuator/health"));
    }

    ServerProcess dataflow() {
        Path config = home.config("dataflow.yml");
        Home.write(config, """
                server: {port: %1$d, address: 127.0.0.1}
                logging.level.root: WARN
                spring:
                  datasource:
                    url: %2$s
                    driver-class-name: org.postgresql.Driver
                    username: %7$s
                    password: %3$s
                  cloud:
                    skipper.client.server-uri: http://127.0.0.1:%4$d/api
                    dataflow:
                      features: {streams-enabled: true, tasks-enabled: true, schedules-enabled: false}
                      # Also for launches from the dashboard.
                      application-properties.task.spring.config.additional-location: %8$s
                      task.platform.local.accounts.default:
                        working-directories-root: %5$s
                        java-cmd: %6$s
                        java-opts: -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData
                        shutdown-timeout: 30
                """.formatted(
                        ports.dataflow(),
                        quoted(database("dataflow").url()),
                        quoted(database("dataflow").password()),
                        ports.skipper(),
                        folder(home.data("tasks")),
                        script("run-task"),
                        quoted(database("dataflow").username()),
                        quoted(TaskApps.configure(home, this, ports).toUri().toString())));
        return new ServerProcess(
                "dataflow",
                home,
                List.of(
                        Installation.java(),
                        "-Xmx448m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-cp",
                        installation.dataFlowClasspath(),
                        "io.weir.dataflow.DataFlowServer",
                        "--spring.config.additional-location=file:" + config),
                Map.of(),
                Duration.ofSeconds(180),
                () -> answers(dataFlowUri() + "/about"));
    }

    /**
     * The console and its API.
     *
     * @param jar unpacked, with its libraries beside it
     */
    ServerProcess console(Path jar) {
        Database metadata = database(DATABASE);
        Properties all = new Properties();
        all.setProperty("server.address", "127.0.0.1");
        all.setProperty("server.port", Integer.toString(ports.console()));
        all.setProperty("management.server.address", "127.0.0.1");
        all.setProperty("management.server.port", Integer.toString(ports.consoleManagement()));
        all.setProperty("spring.datasource.url", metadata.url());
        all.setProperty("spring.datasource.username", metadata.username());
        all.setProperty("spring.datasource.password", metadata.password());
        all.setProperty("spring.main.banner-mode", "off");
        all.setProperty(
                "weir.console.first-password-file", FirstSteps.password(home).toString());
        all.putAll(consoleProperties());
        Path config = home.config("web-console.properties");
        Home.write(config, all);
        return new ServerProcess(
                "console",
                home,
                List.of(
                        Installation.java(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-jar",
                        jar.toString(),
                        "--spring.config.additional-location=file:" + config),
                Map.of(),
                Duration.ofSeconds(180),
                () -> answers("http://127.0.0.1:" + ports.console() + "/readyz"));
    }

    /** As YAML takes it whatever it holds. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    String dataFlowUri() {
        return "http://127.0.0.1:" + ports.dataflow();
    }

    private static Path folder(Path path) {
        try {
            return Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A script that a deployer takes for Java: Skipper's starts an app again when it dies, Data Flow's gives a task its archive
     * of classes.
     */
    private Path script(String name) {
        Path script = home.config(name);
        try (var in = Servers.class.getResourceAsStream(name + ".sh")) {
            String text = new String(
                            java.util.Objects.requireNonNull(in).readAllBytes(),
                            java.nio.charset.StandardCharsets.UTF_8)
                    .replace("@JAVA@", Installation.java())
                    .replace("@RUN@", home.root().resolve("run").toString());
            Home.write(script, text);
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
            return script;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean answers(String uri) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(uri))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void run(String name, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(home.log(name).toFile()))
                    .start();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new Failure("preparing " + name + " failed; see " + home.log(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
    }
}
