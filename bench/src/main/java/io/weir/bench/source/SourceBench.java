package io.weir.bench.source;

import io.weir.bench.platform.Application;
import io.weir.bench.platform.Checkout;
import io.weir.bench.report.Results;
import io.weir.metadata.key.ApiKeyTerms;
import io.weir.metadata.key.ApiKeys;
import io.weir.testing.KafkaServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The source, as its jar, against a bare producer that writes the same records to the same broker, and against a bare
 * WebFlux endpoint under the same load. All are started once and measured in turns; the medians are compared.
 */
public final class SourceBench {

    private static final String SOURCE_TOPIC = "bench.source";
    private static final String BARE_TOPIC = "bench.bare";
    private static final int PARTITIONS = 4;
    /**
     * Enough for both to be bound by CPU: each answer of the source waits for Kafka, so with few connections the latency
     * of the broker would be measured instead.
     */
    private static final int SINGLE_CONNECTIONS = 256;
    /** The same for every Java process that is compared. */
    private static final List<String> FLAGS = List.of("-Xms512m", "-Xmx512m");

    /**
     * How to measure.
     *
     * @param rounds how often each is measured, in turns
     * @param seconds of one measurement
     */
    public record Plan(int eventBytes, int rounds, int seconds, int warmupSeconds) {}

    private final Plan plan;
    private final Results results;
    private final PrintStream out;
    private final Map<String, List<Double>> rates = new LinkedHashMap<>();
    private final Map<String, List<Double>> costs = new LinkedHashMap<>();

    public SourceBench(Plan plan, Results results, PrintStream out) {
        this.plan = plan;
        this.results = results;
        this.out = out;
    }

    /** Runs it; needs the source's jar to be built. */
    public void run() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("weir-bench-source");
        out.println("source: starting Kafka, PostgreSQL, the source and the bare endpoint; logs in " + directory);
        int sourcePort = Application.freePort();
        int barePort = Application.freePort();
        try (KafkaServer kafka = KafkaServer.fresh();
                EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            kafka.createTopic(SOURCE_TOPIC, PARTITIONS);
            kafka.createTopic(BARE_TOPIC, PARTITIONS);
            String database = postgres.getJdbcUrl("postgres", "postgres");
            String key = createKey(database);
            try (Application source = Application.ofJar(
                            "source-http",
                            Checkout.appJar("source-http"),
                            FLAGS,
                            List.of(
                                    "--server.port=" + sourcePort,
                                    "--management.server.port=" + Application.freePort(),
                                    "--spring.cloud.stream.kafka.binder.brokers=" + kafka.address(),
                                    "--spring.cloud.stream.bindings.output.destination=" + SOURCE_TOPIC,
                                    "--spring.datasource.url=" + database,
                                    "--spring.datasource.username=postgres",
                                    "--spring.datasource.password="),
                            directory);
                    Application bare = Application.ofClass(
                            "bare-endpoint",
                            BareEndpoint.class,
                            FLAGS,
                            List.of("--server.port=" + barePort, "--server.address=127.0.0.1"),
                            directory)) {
                URI sourceAddress = URI.create("http://127.0.0.1:" + sourcePort);
                URI bareAddress = URI.create("http://127.0.0.1:" + barePort);
                source.awaitHealthy(sourceAddress.resolve("/readyz"));
                bare.awaitHealthy(bareAddress.resolve("/ready"));
                measure(
                        directory,
                        kafka,
                        source,
                        sourceAddress.resolve("/v1/events"),
                        bare,
                        bareAddress.resolve("/v1/events"),
                        key);
            }
        }
        report();
    }

    private void measure(
            Path directory,
            KafkaServer kafka,
            Application source,
            URI sourceAddress,
            Application bare,
            URI bareAddress,
            String key)
            throws IOException, InterruptedException {
        HttpLoad load = new HttpLoad(directory);
        out.println("source: load by " + load.name());
        byte[][] events = BareProducer.events(plan.eventBytes, 1000);
        byte[] one = events[0];
        byte[] hundred = lines(events, 100);
        byte[] thousand = lines(events, 1000);
        String json = "application/json";
        String lines = "application/x-ndjson";
        // One after the other, each as long as a measurement: just-in-time compilation of all paths.
        load.run(sourceAddress, json, key, one, SINGLE_CONNECTIONS, plan.warmupSeconds);
        load.run(sourceAddress, lines, key, hundred, 16, plan.warmupSeconds);
        load.run(bareAddress, json, key, one, SINGLE_CONNECTIONS, plan.warmupSeconds);
        for (int round = 1; round <= plan.rounds; round++) {
            out.printf(Locale.ROOT, "source: round %d of %d%n", round, plan.rounds);
            measure(
                    "single bare WebFlux",
                    1,
                    bare,
                    () -> load.run(bareAddress, json, key, one, SINGLE_CONNECTIONS, plan.seconds));
            measure(
                    "single source",
                    1,
                    source,
                    () -> load.run(sourceAddress, json, key, one, SINGLE_CONNECTIONS, plan.seconds));
            bareProducer("bare producer", "bare", kafka, directory);
            measure(
                    "source, NDJSON of 100",
                    100,
                    source,
                    () -> load.run(sourceAddress, lines, key, hundred, 16, plan.seconds));
            bareProducer("bare producer with headers", "headers", kafka, directory);
            measure(
                    "source, NDJSON of 1000",
                    1000,
                    source,
                    () -> load.run(sourceAddress, lines, key, thousand, 8, plan.seconds));
        }
    }

    private interface Measurement {
        double requestsPerSecond() throws IOException, InterruptedException;
    }

    private void measure(String name, int eventsPerRequest, Application server, Measurement measurement)
            throws IOException, InterruptedException {
        double cpu = server.cpuSeconds();
        long begin = System.nanoTime();
        double events = measurement.requestsPerSecond() * eventsPerRequest;
        double seconds = (System.nanoTime() - begin) / 1e9;
        put(name, events, (server.cpuSeconds() - cpu) / (events * seconds) * 1e6);
    }

    private void bareProducer(String name, String kind, KafkaServer kafka, Path directory)
            throws IOException, InterruptedException {
        try (Application producer = Application.ofClass(
                "bare-producer",
                BareProducer.class,
                FLAGS,
                List.of(
                        kafka.address(),
                        BARE_TOPIC,
                        Integer.toString(plan.eventBytes),
                        "3",
                        Integer.toString(plan.seconds),
                        "0",
                        kind),
                directory)) {
            String[] lines = producer.output(Duration.ofMinutes(3)).strip().split("\n");
            String[] numbers = lines[lines.length - 1].split(" ");
            double records = Double.parseDouble(numbers[0]);
            put(name, records / Double.parseDouble(numbers[1]), Double.parseDouble(numbers[2]) / records * 1e6);
        }
    }

    private void put(String name, double rate, double cost) {
        rates.computeIfAbsent(name, any -> new ArrayList<>()).add(rate);
        costs.computeIfAbsent(name, any -> new ArrayList<>()).add(cost);
        out.printf(Locale.ROOT, "source:   %-28s %,10.0f events/s, %.1f us of its CPU an event%n", name, rate, cost);
    }

    private void report() {
        String part = "source: " + plan.eventBytes + " bytes an event, medians of " + plan.rounds + " rounds of "
                + plan.seconds + " s";
        rates.forEach((name, values) -> results.add(
                part,
                name,
                Results.median(values),
                "events/s",
                String.format(Locale.ROOT, "%.1f us of its own CPU an event", Results.median(median(costs, name)))));
        ratio(part, "single source", "single bare WebFlux", 0.5);
        ratio(part, "source, NDJSON of 100", "bare producer", 0.5);
        ratio(part, "source, NDJSON of 1000", "bare producer", 0.5);
        ratio(part, "source, NDJSON of 100", "bare producer with headers", 0.5);
        ratio(part, "source, NDJSON of 1000", "bare producer with headers", 0.5);
    }

    private static List<Double> median(Map<String, List<Double>> values, String name) {
        return values.getOrDefault(name, List.of(0.0));
    }

    private void ratio(String part, String one, String other, double wanted) {
        double ratio = Results.median(median(rates, one)) / Results.median(median(rates, other));
        results.add(
                part,
                one + " / " + other,
                ratio,
                "",
                String.format(Locale.ROOT, "wanted: at least %.2f: %s", wanted, ratio >= wanted ? "yes" : "NO"));
    }

    private static byte[] lines(byte[][] events, int count) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            body.writeBytes(events[i]);
            body.write('\n');
        }
        return body.toByteArray();
    }

    /** Just enough of a context to create an API key the way the platform does. */
    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Keys {}

    private static String createKey(String database) {
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Keys.class)
                .web(WebApplicationType.NONE)
                .properties(Map.of(
                        "spring.datasource.url", database,
                        "spring.datasource.username", "postgres",
                        "spring.datasource.hikari.maximum-pool-size", "2",
                        "spring.main.banner-mode", "off",
                        "logging.level.root", "WARN"))
                .run()) {
            return context.getBean(ApiKeys.class).create("bench", "bench", ApiKeyTerms.UNLIMITED);
        }
    }
}
