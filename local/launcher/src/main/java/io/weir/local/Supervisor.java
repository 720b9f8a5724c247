package io.weir.local;

import io.weir.bootstrap.server.Credentials;
import io.weir.bootstrap.server.DataFlow;
import io.weir.local.clickhouse.ClickHouseEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The process behind {@code weir up}: starts the servers, has the streams deployed, starts again what dies, and stops all of
 * it on SIGTERM. What it does stands in {@code run/progress}, what there is in {@code run/state.json}.
 */
public final class Supervisor {

    static final String NAME = "supervisor";
    private static final String BOOTSTRAP = "bootstrap";
    private static final Duration REPAIR_PAUSE = Duration.ofSeconds(5);
    private static final Duration TRIM_INTERVAL = Duration.ofMinutes(1);
    private static final Duration READERS_INTERVAL = Duration.ofSeconds(1);
    /** What a partition of a topic may take of the disk, unless it is unread. */
    private static final long KEPT_BYTES = 4L << 30;

    private static final int KEPT_RUN_DAYS = 7;

    private static final List<String> APPS = List.of("source-http", "processor-enrich", "sink-clickhouse");

    private final Home home;
    private final Ports ports;
    private final Installation installation;
    private final Servers servers;
    private final Readers readers;
    private final AppJars jars;
    private final Streams streams;
    private final Instant begin = Instant.now();
    private final List<ServerProcess> processes = new CopyOnWriteArrayList<>();
    private volatile @Nullable Process deployment;
    /** Set while {@link #processes} is locked: nothing is added after that. */
    private volatile boolean stopping;

    private volatile String phase = "starting";
    private volatile Map<String, Path> appJars = Map.of();
    private volatile Map<String, Path> taskJars = Map.of();
    private volatile boolean repairing;
    private volatile boolean adoptionDue;
    private Instant nextRepair = Instant.now();
    private Instant nextLookAtReaders = Instant.MIN;
    private Instant nextTrim = Instant.now().plus(TRIM_INTERVAL);

    private Supervisor(Home home) {
        this.home = home;
        this.ports = home.ports(null);
        this.installation = Installation.current();
        this.servers = new Servers(home, ports, installation);
        this.readers = new Readers(servers, home);
        this.jars = new AppJars(home);
        this.streams = new Streams(servers.dataFlowUri());
    }

    /** @param args the home */
    public static void main(String[] args) throws Exception {
        Supervisor supervisor = new Supervisor(new Home(Path.of(args[0])));
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> supervisor.stop(main), "stop"));
        supervisor.run();
    }

    private void run() throws Exception {
        Leftovers.note(home, NAME, ProcessHandle.current());
        try {
            start();
        } catch (Exception e) {
            if (!stopping) {
                Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
                if (!(cause instanceof Failure)) {
                    cause.printStackTrace();
                }
                progress("failed: "
                        + (cause instanceof Failure ? cause.getMessage() : cause + "; see " + home.log(NAME)));
                phase = "failed";
                System.exit(1);
            }
            return;
        }
        phase = "ready";
        progress("ready");
        while (!stopping) {
            try {
                watch();
            } catch (RuntimeException e) {
                // Whatever it was, such as a full disk: everything that runs goes on, and the next look may be better.
                e.printStackTrace();
            }
            try {
                TimeUnit.MILLISECONDS.sleep(500);
            } catch (InterruptedException e) {
                return; // only to stop
            }
        }
    }

    private void start() throws Exception {
        progress("start");
        Existing existing = servers.existing();
        CompletableFuture<Void> postgresql = step("PostgreSQL", () -> {
            if (existing.postgresql() == null) {
                launch(servers.postgresql());
            }
            servers.createDatabases();
        });
        CompletableFuture<Void> kafka = step("Kafka", () -> {
            if (existing.kafka() == null) {
                launch(servers.kafka());
            } else {
                requireKafka(existing.kafka());
            }
        });
        CompletableFuture<Void> clickhouse = step("ClickHouse", () -> {
            if (existing.clickhouse() == null) {
                launch(servers.clickhouse(ClickHouseEngine.fetch()));
            }
            servers.sql("system").query("CREATE DATABASE IF NOT EXISTS " + Servers.DATABASE, "TabSeparated");
        });
        CompletableFuture<Path> consoleJar =
                CompletableFuture.supplyAsync(() -> jars.of("web-console", installation.console()));
        CompletableFuture<Map<String, Path>> apps = CompletableFuture.supplyAsync(this::unpackApps);
        postgresql.join();
        CompletableFuture<Void> skipper = step("Skipper", () -> launch(servers.skipper()));
        CompletableFuture<Void> dataflow = step("Data Flow", () -> launch(servers.dataflow()));
        CompletableFuture<Void> console = step("console", () -> launch(servers.console(consoleJar.join())));
        CompletableFuture.allOf(kafka, clickhouse, skipper, dataflow).join();
        writeState();
        appJars = apps.join();
        taskJars = unpackTasks();
        MailServer.start(Mail.folder(home), ports.smtp());
        step("streams", () -> deploy(appJars)).join();
        appJars.forEach(jars::removeOld);
        taskJars.forEach(jars::removeOld);
        jars.removeOld("web-console", consoleJar.join());
        step("ingestion", () -> awaitApps(Duration.ofSeconds(120))).join();
        console.join();
        startSchedules();
    }

    private static void requireKafka(String address) throws InterruptedException {
        Map<String, Object> settings = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000);
        try (Admin admin = Admin.create(settings)) {
            admin.describeCluster().nodes().get(20, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            throw new Failure("Kafka does not answer at " + address + ": " + why.getMessage(), e);
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private CompletableFuture<Void> step(String name, Action action) {
        return CompletableFuture.runAsync(() -> {
            Instant from = Instant.now();
            try {
                action.run();
            } catch (Failure e) {
                throw e;
            } catch (Exception e) {
                throw new CompletionException(new Failure(name + ": " + e, e));
            }
            progress(
                    "step " + name + " " + Duration.between(from, Instant.now()).toMillis());
        });
    }

    private void launch(ServerProcess server) throws InterruptedException {
        synchronized (processes) {
            if (stopping) {
                throw new Failure("stopped");
            }
            processes.add(server);
        }
        server.start();
        server.awaitReady();
    }

    private Map<String, Path> unpackApps() {
        Map<String, Path> unpacked = new LinkedHashMap<>();
        APPS.forEach(app -> unpacked.put(app, jars.of(app, installation.app(app))));
        return unpacked;
    }

    private Map<String, Path> unpackTasks() {
        Map<String, Path> unpacked = new LinkedHashMap<>();
        TaskApps.built(installation).forEach((task, built) -> unpacked.put(task, jars.of(task, built)));
        return unpacked;
    }

    private void deploy(Map<String, Path> unpacked) throws Exception {
        // A fresh Skipper runs nothing, whatever its database says of an earlier one.
        streams.undeployAll(Duration.ofSeconds(60));
        Properties apps = new Properties();
        unpacked.forEach((app, jar) -> register(apps, app.substring(0, app.indexOf('-')), app, jar));
        taskJars.forEach((task, jar) -> register(apps, "task", task, jar));
        Home.write(home.config("apps.properties"), apps);
        Home.write(home.config("deployment.properties"), deployment());
        ProcessBuilder bootstrap = new ProcessBuilder(
                        Installation.java(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        installation.launcherClasspath(),
                        "io.weir.bootstrap.Bootstrap",
                        installation.script().toString(),
                        "--server",
                        servers.dataFlowUri(),
                        "--apps",
                        home.config("apps.properties").toString(),
                        "--properties",
                        home.config("deployment.properties").toString(),
                        "--schedules",
                        Schedule.file(home).toString())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.log(BOOTSTRAP).toFile()));
        Process process;
        synchronized (processes) {
            if (stopping) {
                throw new Failure("stopped");
            }
            process = bootstrap.start();
            deployment = process;
        }
        Leftovers.note(home, BOOTSTRAP, process.toHandle());
        int exit = process.waitFor();
        Leftovers.forget(home, BOOTSTRAP);
        if (exit != 0) {
            throw new Failure("the streams were not deployed; see " + home.log(BOOTSTRAP));
        }
    }

    private static void register(Properties apps, String type, String app, Path jar) {
        apps.setProperty(type + "." + app, jar.toUri().toString());
        apps.setProperty(
                type + "." + app + ".metadata", AppJars.metadata(jar).toUri().toString());
        apps.setProperty(type + "." + app + ".bootVersion", "3");
    }

    /** Secrets go into files that only their owner can read; Data Flow is told where the files are. */
    private Properties deployment() {
        Properties source = new Properties();
        Servers.Database metadata = servers.database(Servers.DATABASE);
        source.setProperty("spring.datasource.url", metadata.url());
        source.setProperty("spring.datasource.username", metadata.username());
        source.setProperty("spring.datasource.password", metadata.password());
        Home.write(home.config("source-http.properties"), source);
        Properties sink = new Properties();
        ClickHouseSql writer = servers.writer();
        sink.setProperty("weir.clickhouse.url", writer.uri().toString());
        sink.setProperty("weir.clickhouse.username", writer.username());
        sink.setProperty("weir.clickhouse.password", writer.password());
        Home.write(home.config("sink-clickhouse.properties"), sink);

        Properties all = new Properties();
        all.setProperty("*.app.*.server.address", "127.0.0.1");
        all.setProperty("*.app.*.management.endpoints.web.exposure.include", "health,info,metrics,prometheus,bindings");
        all.setProperty("*.app.*.spring.cloud.stream.kafka.binder.brokers", servers.kafkaAddress());
        all.setProperty("*.app.*.spring.cloud.stream.kafka.binder.min-partition-count", "4");
        all.setProperty("*.app.*.spring.cloud.stream.kafka.binder.auto-add-partitions", "true");
        all.setProperty("*.deployer.*.local.inheritLogging", "false");
        // Only a process that ends is started again: one that is out of memory must not linger.
        String java = " -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError";
        all.setProperty("*.deployer.*.local.javaOpts", "-Xmx512m -XX:+UseSerialGC" + java);
        // Large batches are what makes inserts cheap. Behind a backlog the heap is full of the records of two polls; to
        // collect it stops both consumers, so it has to be over soon.
        all.setProperty(
                "events.deployer.sink-clickhouse.local.javaOpts", "-Xmx1500m -Xmn950m -XX:+UseParallelGC" + java);
        all.setProperty("events.app.source-http.server.port", Integer.toString(ports.ingest()));
        all.setProperty("events.app.source-http.management.server.port", Integer.toString(ports.sourceManagement()));
        all.setProperty("events.app.source-http.management.server.address", "127.0.0.1");
        all.setProperty("events.app.processor-enrich.server.port", Integer.toString(ports.processor()));
        all.setProperty("events.app.sink-clickhouse.server.port", Integer.toString(ports.sink()));
        all.setProperty("dead-letters.app.sink-clickhouse.server.port", Integer.toString(ports.deadLetterSink()));
        for (String app :
                List.of("events.app.source-http", "events.app.sink-clickhouse", "dead-letters.app.sink-clickhouse")) {
            String file = app.substring(app.lastIndexOf('.') + 1) + ".properties";
            all.setProperty(
                    app + ".spring.config.additional-location",
                    home.config(file).toUri().toString());
        }
        return all;
    }

    private void awaitApps(Duration patience) throws InterruptedException {
        Map<String, Integer> apps = new LinkedHashMap<>();
        apps.put("source-http", ports.sourceManagement());
        apps.put("processor-enrich", ports.processor());
        apps.put("sink-clickhouse", ports.sink());
        apps.put("the sink of dead-letters", ports.deadLetterSink());
        Instant deadline = Instant.now().plus(patience);
        for (Map.Entry<String, Integer> app : apps.entrySet()) {
            String uri = "http://127.0.0.1:" + app.getValue() + "/actuator/health/readiness";
            while (!Servers.answers(uri)) {
                if (Instant.now().isAfter(deadline)) {
                    throw new Failure(
                            app.getKey() + " is not ready after " + patience.toSeconds() + " s; see weir logs");
                }
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
    }

    private void watch() {
        boolean changed = false;
        for (ServerProcess server : processes) {
            if (!stopping && restartIfDead(server)) {
                progress("restarted " + server.name() + " " + server.restarts());
                changed = true;
                if (server.name().equals("skipper")) {
                    adoptionDue = true;
                }
            }
        }
        if (!stopping && adoptionDue) {
            repair("the streams after Skipper", this::adopt);
            return;
        }
        for (RunningApps.App app : RunningApps.list(home)) {
            if (!stopping && !repairing && !app.isSupervised()) {
                repair(app.name(), () -> redeploy(app));
            }
        }
        if (servers.existing().clickhouse() == null) {
            tellClickHouse();
        }
        // What others' Kafka keeps is theirs to say.
        if (servers.existing().kafka() == null && Instant.now().isAfter(nextTrim)) {
            nextTrim = Instant.now().plus(TRIM_INTERVAL);
            inBackground("trim", this::trimTopics);
        }
        if (changed) {
            writeState();
        }
    }

    private static boolean restartIfDead(ServerProcess server) {
        try {
            return server.restartIfDead();
        } catch (UncheckedIOException e) {
            // The others may be startable.
            System.out.println(
                    Instant.now() + " " + server.name() + " could not be started, which is tried again: " + e);
            return false;
        }
    }

    /** The engine reads its users at its start only: 0.3 s in which whoever writes to it waits. */
    private void tellClickHouse() {
        if (Instant.now().isBefore(nextLookAtReaders)) {
            return;
        }
        nextLookAtReaders = Instant.now().plus(READERS_INTERVAL);
        if (readers.write()) {
            processes.stream()
                    .filter(server -> server.name().equals("clickhouse"))
                    .forEach(server -> server.restart(Duration.ofSeconds(20)));
            progress("told ClickHouse of its readers");
            System.out.println(Instant.now() + " ClickHouse was started anew, to learn of its readers");
        }
        readers.makeViews();
    }

    /** One repair at a time: they all go through Skipper, which takes one order for a stream at a time. */
    private void repair(String what, Action action) {
        if (repairing || Instant.now().isBefore(nextRepair)) {
            return;
        }
        repairing = true;
        nextRepair = Instant.now().plus(REPAIR_PAUSE);
        inBackground("repair", () -> {
            try {
                progress("repairing " + what);
                action.run();
                progress("repaired " + what);
            } catch (Exception e) {
                progress("not repaired: " + what + ": " + e);
            } finally {
                repairing = false;
            }
        });
    }

    private static void inBackground(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** A new Skipper knows nothing of the apps of the one before: they are ended, and deployed again. */
    private void adopt() throws Exception {
        for (ServerProcess server : processes) {
            server.awaitReady();
        }
        RunningApps.end(home);
        deploy(appJars);
        adoptionDue = false;
    }

    /** The app has gone with the script that ran it; Skipper starts both anew. */
    private void redeploy(RunningApps.App app) throws IOException {
        int dot = app.name().indexOf('.');
        new DataFlow(URI.create(servers.dataFlowUri()), Credentials.NONE)
                .redeployApps(app.name().substring(0, dot), List.of(app.name().substring(dot + 1)));
        Files.deleteIfExists(home.run(app.name() + ".app"));
    }

    private void startSchedules() {
        Tasks tasks = new Tasks(servers.dataFlowUri());
        Path served = home.data("schedules.properties");
        new TaskScheduler(served, TaskScheduler.through(tasks), Clock.systemUTC()).start(home, tasks, KEPT_RUN_DAYS);
    }

    private void trimTopics() {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers.kafkaAddress()))) {
            new TopicTrim(admin, KEPT_BYTES).run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.out.println(Instant.now() + " topics were not trimmed, which is tried again: " + e);
        }
    }

    private void stop(Thread main) {
        synchronized (processes) {
            stopping = true;
        }
        phase = "stopping";
        main.interrupt();
        Process deploying = deployment;
        if (deploying != null) {
            deploying.destroyForcibly();
        }
        try {
            if (processes.stream().anyMatch(server -> server.name().equals("dataflow") && server.isReady())) {
                streams.undeployAll(Duration.ofSeconds(20));
            }
        } catch (IOException | InterruptedException | Failure e) {
            progress("the streams were not undeployed: " + e.getMessage());
        }
        stopServers("console", "dataflow");
        try {
            RunningTasks.end(home, Duration.ofSeconds(10));
        } catch (Failure e) {
            progress("a run of a task was left: " + e.getMessage());
        }
        stopServers("skipper", "clickhouse", "kafka", "postgresql");
        RunningApps.end(home);
        Leftovers.forget(home, NAME);
        progress("stopped");
    }

    private void stopServers(String... names) {
        for (String name : names) {
            processes.stream()
                    .filter(server -> server.name().equals(name))
                    .forEach(server -> server.stop(Duration.ofSeconds(20)));
        }
    }

    private synchronized void progress(String line) {
        try {
            Files.writeString(
                    home.run("progress"),
                    Duration.between(begin, Instant.now()).toMillis() + " " + line + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        writeState();
    }

    private synchronized void writeState() {
        List<Map<String, Object>> list = new ArrayList<>();
        for (ServerProcess server : processes) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", server.name());
            entry.put("pid", server.pid());
            entry.put("restarts", server.restarts());
            list.add(entry);
        }
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("phase", phase);
        state.put("processes", list);
        Home.write(home.run("state.json"), JsonMapper.shared().writeValueAsString(state));
    }
}
