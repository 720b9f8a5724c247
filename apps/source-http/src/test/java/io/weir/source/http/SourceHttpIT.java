package io.weir.source.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.luben.zstd.Zstd;
import io.weir.metadata.key.ApiKeyTerms;
import io.weir.metadata.key.ApiKeys;
import io.weir.testing.KafkaServer;
import io.weir.testing.PostgresServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** source-http as a producer sees it, on a real Kafka and a real PostgreSQL. */
class SourceHttpIT {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String TOPIC = "it.source-http";

    private static KafkaServer kafka;
    private static ConfigurableApplicationContext app;
    private static ApiKeys keys;
    private static String key;
    private static String base;
    private static String management;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws IOException {
        kafka = KafkaServer.fresh();
        PostgresServer postgres = PostgresServer.shared();
        app = new SpringApplicationBuilder(SourceHttpApplication.class)
                .run(
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--management.server.port=0",
                        "--spring.datasource.url=" + postgres.freshDatabase(),
                        "--spring.datasource.username=" + postgres.username(),
                        "--spring.datasource.password=" + postgres.password(),
                        "--spring.cloud.stream.kafka.binder.brokers=" + kafka.address(),
                        "--spring.cloud.stream.bindings.output.destination=" + TOPIC,
                        "--spring.cloud.stream.kafka.bindings.output.producer.configuration.delivery.timeout.ms=10000",
                        "--spring.cloud.stream.kafka.bindings.output.producer.configuration.request.timeout.ms=3000",
                        "--weir.source.max-request-size=2MB",
                        "--weir.source.key-cache-time=200ms",
                        "--weir.source.ip-failures-per-minute=100000");
        base = "http://127.0.0.1:" + app.getEnvironment().getProperty("local.server.port");
        management = "http://127.0.0.1:" + app.getEnvironment().getProperty("local.management.port");
        keys = app.getBean(ApiKeys.class);
        key = keys.create("acme", "web-1", ApiKeyTerms.UNLIMITED);
        await().until(() -> get(base + "/readyz").statusCode() == 200);
    }

    @AfterAll
    static void stop() throws IOException {
        app.close();
        kafka.close();
    }

    private static HttpResponse<String> get(String uri) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, byte[] body, UnaryOperator<HttpRequest.Builder> with)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofMinutes(1))
                .POST(BodyPublishers.ofByteArray(body));
        return client.send(with.apply(request).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        return post(path, body.getBytes(UTF_8), request -> {
            request.header("X-Api-Key", key);
            return headers.length == 0 ? request : request.headers(headers);
        });
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    /** What stands on the topic from the given request. */
    private static List<ConsumerRecord<byte[], byte[]>> recordsOf(HttpResponse<String> response) {
        String requestId = response.headers().firstValue("X-Request-Id").orElseThrow();
        return records().stream()
                .filter(record -> header(record, "weir-request-id").equals(requestId))
                .toList();
    }

    private static List<ConsumerRecord<byte[], byte[]>> records() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", kafka.address());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(TOPIC).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), UTF_8);
    }

    private static String value(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.value(), UTF_8);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(UTF_8));
        }
        return out.toByteArray();
    }

    /** Quotas begin anew at midnight. */
    private static void awaitTimeBeforeMidnight() {
        await().until(() -> LocalTime.now(ZoneOffset.UTC).isBefore(LocalTime.of(23, 59, 0)));
    }

    private static String lines(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"source\":\"s" + i % 3 + "\",\"message\":\"event " + i + "\"}")
                .collect(Collectors.joining("\n"));
    }

    @Test
    void everyAcceptedEventStandsOnTheTopicAsItWasSent() throws Exception {
        String one = "{ \"message\" : \"grüße\", \"source\":\"shop\" }";
        String two = "{\"id\":\"e-2\",\"timestamp\":" + System.currentTimeMillis() + ",\"message\":\"two\"}";

        HttpResponse<String> response =
                post("/v1/events", one + "\n" + two + "\n", "Content-Type", "application/x-ndjson");

        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(json(response).get("accepted").asInt()).isEqualTo(2);
        assertThat(json(response).get("rejected").asInt()).isZero();
        var records = recordsOf(response);
        assertThat(records).extracting(SourceHttpIT::value).containsExactlyInAnyOrder(one, two);
        assertThat(records).allSatisfy(record -> {
            assertThat(header(record, "weir-tenant")).isEqualTo("acme");
            assertThat(header(record, "content-type")).isEqualTo("application/json");
            assertThat(Long.parseLong(header(record, "weir-received-at")))
                    .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis());
        });
        assertThat(records)
                .extracting(record -> new String(record.key(), UTF_8))
                .containsExactlyInAnyOrder("acme/shop", "acme/web-1");
        assertThat(records)
                .extracting(record -> header(record, "weir-id"))
                .contains("e-2")
                .doesNotContain("");
    }

    @Test
    void anObjectAnArrayAndLinesAreAllTaken() throws Exception {
        assertThat(json(post("/v1/events", "{\n  \"message\": \"pretty\"\n}"))
                        .get("accepted")
                        .asInt())
                .isEqualTo(1);
        assertThat(json(post("/v1/events", "[{\"message\":\"a\"},{\"message\":\"b\"}]"))
                        .get("accepted")
                        .asInt())
                .isEqualTo(2);
        assertThat(json(post("/v1/events", lines(250))).get("accepted").asInt()).isEqualTo(250);
        assertThat(json(post("/v1/events", "[]")).get("accepted").asInt()).isZero();
    }

    @Test
    void aCompressedBodyIsTheSameAsAPlainOne() throws Exception {
        var gzipped = post(
                "/v1/events",
                gzip(lines(1000)),
                request -> request.headers("X-Api-Key", key, "Content-Encoding", "gzip"));
        assertThat(json(gzipped).get("accepted").asInt()).isEqualTo(1000);
        var zstd = post(
                "/v1/events",
                Zstd.compress(lines(1000).getBytes(UTF_8)),
                request -> request.headers("X-Api-Key", key, "Content-Encoding", "zstd"));
        assertThat(json(zstd).get("accepted").asInt()).isEqualTo(1000);
        assertThat(recordsOf(zstd)).hasSize(1000);
    }

    @Test
    void aRejectedEventIsNamedInTheAnswerAndKept() throws Exception {
        String good = "{\"message\":\"ok\"}";
        String wrongType = "{\"message\":\"bad\",\"status_code\":true}";
        String broken = "{\"message\":";

        HttpResponse<String> response = post(
                "/v1/events",
                good + "\n" + wrongType + "\n" + broken + "\n" + good,
                "Content-Type",
                "application/x-ndjson");

        assertThat(response.statusCode()).isEqualTo(202);
        JsonNode answer = json(response);
        assertThat(answer.get("accepted").asInt()).isEqualTo(2);
        assertThat(answer.get("rejected").asInt()).isEqualTo(2);
        assertThat(answer.get("errors").get(0).get("position").asInt()).isEqualTo(1);
        assertThat(answer.get("errors").get(0).get("field").asString()).isEqualTo("status_code");
        assertThat(answer.get("errors").get(0).get("reason").asString()).isEqualTo("wrong_type");
        assertThat(answer.get("errors").get(1).get("position").asInt()).isEqualTo(2);
        assertThat(answer.get("errors").get(1).get("reason").asString()).isEqualTo("malformed_json");
        var kept = recordsOf(response).stream()
                .filter(record -> !header(record, "weir-reason").isEmpty())
                .toList();
        assertThat(kept).extracting(SourceHttpIT::value).containsExactlyInAnyOrder(wrongType, broken);
        assertThat(kept)
                .extracting(record -> header(record, "weir-id"))
                .doesNotContain("")
                .doesNotHaveDuplicates();
    }

    @Test
    void aRequestOfRejectedEventsOnlyIsAProblem() throws Exception {
        HttpResponse<String> response = post("/v1/events", "{\"latency_ms\":-1,\"message\":\"x\"}");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(json(response).get("type").asString()).isEqualTo("urn:weir:problem:events_rejected");
        assertThat(json(response).get("errors").get(0).get("field").asString()).isEqualTo("latency_ms");
        assertThat(recordsOf(response)).hasSize(1);
    }

    @Test
    void aRetryWithTheSameKeyMakesTheSameEvents() throws Exception {
        String[] headers = {"Idempotency-Key", "upload-17"};
        var first = recordsOf(post("/v1/events", lines(20), headers));
        var second = recordsOf(post("/v1/events", lines(20), headers));
        var other = recordsOf(post("/v1/events", lines(20), "Idempotency-Key", "upload-18"));

        assertThat(ids(second)).isEqualTo(ids(first)).hasSize(20);
        assertThat(second.get(0).headers().lastHeader("weir-received-at").value())
                .isEqualTo(first.get(0).headers().lastHeader("weir-received-at").value());
        assertThat(ids(other)).doesNotContainAnyElementsOf(ids(first));
    }

    private static List<String> ids(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream()
                .map(record -> header(record, "weir-id"))
                .sorted()
                .toList();
    }

    @Test
    void logLinesAreKeptAsTheyStand() throws Exception {
        HttpResponse<String> response = post(
                "/v1/logs?format=combined&source=edge",
                "line one\r\n\nline \"two\"\nlast".replace("\r\n\n", "\r\n\r\n"));

        assertThat(response.statusCode()).isEqualTo(202);
        var records = recordsOf(response);
        assertThat(records)
                .extracting(SourceHttpIT::value)
                .containsExactlyInAnyOrder("line one", "line \"two\"", "last");
        assertThat(records).allSatisfy(record -> {
            assertThat(header(record, "content-type")).isEqualTo("text/plain; format=combined");
            assertThat(new String(record.key(), UTF_8)).isEqualTo("acme/edge");
        });
    }

    @Test
    void aRequestWithoutAGoodKeyIsRefused() throws Exception {
        String body = "{\"message\":\"x\"}";
        assertThat(post("/v1/events", body.getBytes(UTF_8), request -> request).statusCode())
                .isEqualTo(401);
        var unknown = post(
                "/v1/events", body.getBytes(UTF_8), request -> request.header("Authorization", "Bearer weir_wrong"));
        assertThat(unknown.statusCode()).isEqualTo(401);
        assertThat(json(unknown).get("type").asString()).isEqualTo("urn:weir:problem:invalid_key");
        assertThat(unknown.headers().firstValue("WWW-Authenticate")).isPresent();
        assertThat(post("/v1/events", body.getBytes(UTF_8), request -> request.header("Authorization", "bearer " + key))
                        .statusCode())
                .isEqualTo(202);
    }

    @Test
    void aRevokedKeyStopsWorkingWithinTheCacheTime() throws Exception {
        String revoked = keys.create("acme", "short-lived", ApiKeyTerms.UNLIMITED);
        UnaryOperator<HttpRequest.Builder> with = request -> request.header("X-Api-Key", revoked);
        assertThat(post("/v1/events", "{}".getBytes(UTF_8), with).statusCode()).isEqualTo(202);

        keys.revoke("acme", "short-lived");

        await().atMost(Duration.ofSeconds(30))
                .until(() -> post("/v1/events", "{}".getBytes(UTF_8), with).statusCode() == 401);
    }

    @Test
    void aKeyWorksOnlyFromItsNetworks() throws Exception {
        String elsewhere =
                keys.create("acme", "elsewhere", new ApiKeyTerms(List.of("10.0.0.0/8"), null, null, null, null, null));
        String here = keys.create(
                "acme", "here", new ApiKeyTerms(List.of("10.0.0.0/8", "127.0.0.0/8"), null, null, null, null, null));
        assertThat(post("/v1/events", "{}".getBytes(UTF_8), request -> request.header("X-Api-Key", elsewhere))
                        .statusCode())
                .isEqualTo(403);
        assertThat(post("/v1/events", "{}".getBytes(UTF_8), request -> request.header("X-Api-Key", here))
                        .statusCode())
                .isEqualTo(202);
    }

    @Test
    void aKeyBeyondItsRateIsToldWhenToComeBack() throws Exception {
        String slow = keys.create("acme", "slow", new ApiKeyTerms(List.of(), 10L, null, null, null, null));
        UnaryOperator<HttpRequest.Builder> with = request -> request.header("X-Api-Key", slow);
        var first = post("/v1/events", lines(10).getBytes(UTF_8), with);
        assertThat(first.statusCode()).isEqualTo(202);
        assertThat(first.headers().firstValue("RateLimit-Policy")).hasValue("\"events\";q=10;w=1");
        // So much beyond it that the three seconds until it is made up for are enough for what follows.
        assertThat(post("/v1/events", lines(40).getBytes(UTF_8), with).statusCode())
                .isEqualTo(202);

        var refused = post("/v1/events", lines(1).getBytes(UTF_8), with);

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(Long.parseLong(refused.headers().firstValue("Retry-After").orElseThrow()))
                .isBetween(1L, 4L);
        assertThat(json(refused).get("type").asString()).isEqualTo("urn:weir:problem:limit_exceeded");
        await().until(() -> post("/v1/events", lines(1).getBytes(UTF_8), with).statusCode() == 202);
    }

    @Test
    void aKeyBeyondItsQuotaWaitsForTheNextDay() throws Exception {
        awaitTimeBeforeMidnight();
        String quota = keys.create("acme", "quota", new ApiKeyTerms(List.of(), null, null, 100L, null, null));
        UnaryOperator<HttpRequest.Builder> with = request -> request.header("X-Api-Key", quota);
        assertThat(post("/v1/events", lines(90).getBytes(UTF_8), with).statusCode())
                .isEqualTo(202);
        post("/v1/events", lines(20).getBytes(UTF_8), with);

        var refused = post("/v1/events", lines(1).getBytes(UTF_8), with);

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(json(refused).get("detail").asString()).contains("events-per-day");
    }

    @Test
    void anEventWithoutALineFeedBehindItCountsToo() throws Exception {
        awaitTimeBeforeMidnight();
        String quota = keys.create("acme", "small-quota", new ApiKeyTerms(List.of(), null, null, 3L, null, null));
        List<Integer> answers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            answers.add(post("/v1/logs?format=raw", "x".getBytes(UTF_8), request -> request.header("X-Api-Key", quota))
                    .statusCode());
        }
        assertThat(answers).containsExactly(202, 202, 202, 429);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/logs?format=xml,     400, unknown_format",
        "/v1/events?source=,      400, invalid_source",
    })
    void aWrongParameterIsNamed(String path, int status, String code) throws Exception {
        var response = post(path, "x");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(json(response).get("type").asString()).endsWith(code);
    }

    @Test
    void badRequestsGetTheStatusThatSaysWhy() throws Exception {
        assertThat(post("/v1/events", "").statusCode()).isEqualTo(400);
        assertThat(post("/v1/events", "{}", "Content-Encoding", "br").statusCode())
                .isEqualTo(415);
        assertThat(post("/v1/events", "{}", "Idempotency-Key", "with space").statusCode())
                .isEqualTo(400);
        assertThat(post("/v1/events", "{\"message\":\"" + "x".repeat(300 * 1024) + "\"}")
                        .statusCode())
                .isEqualTo(413);
        assertThat(post("/v1/events", lines(60_000)).statusCode()).isEqualTo(413);
        assertThat(get(base + "/v1/events").statusCode()).isEqualTo(405);
        assertThat(get(base + "/v1/nowhere").statusCode()).isEqualTo(404);
    }

    @Test
    void aBodyThatGrowsBeyondTheLimitWhenUnpackedIsRefused() throws Exception {
        byte[] bomb = gzip(lines(100_000));
        assertThat(bomb.length).isLessThan(2 * 1024 * 1024);

        var response =
                post("/v1/events", bomb, request -> request.headers("X-Api-Key", key, "Content-Encoding", "gzip"));

        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(json(response).get("type").asString()).endsWith("request_too_large");
        assertThat(recordsOf(response)).hasSize(json(response).get("accepted").asInt());
    }

    @Test
    void eventsBeforeADamagedPieceOfGzipAreCounted() throws Exception {
        byte[] body = gzip(lines(20_000));
        for (int i = body.length / 2; i < body.length / 2 + 20; i++) {
            body[i] ^= 0x5a;
        }

        var response =
                post("/v1/events", body, request -> request.headers("X-Api-Key", key, "Content-Encoding", "gzip"));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).get("type").asString()).endsWith("corrupt_body");
        int counted = json(response).get("accepted").asInt()
                + json(response).get("rejected").asInt();
        assertThat(counted).isPositive();
        assertThat(recordsOf(response)).hasSize(counted);
    }

    @Test
    void aClientThatDisappearsInTheMiddleHarmsNobody() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket(
                    InetAddress.getLoopbackAddress(), URI.create(base).getPort())) {
                OutputStream out = socket.getOutputStream();
                out.write(("POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + key
                                + "\r\nContent-Length: 100000\r\n\r\n" + lines(50))
                        .getBytes(UTF_8));
                out.flush();
            }
        }
        assertThat(post("/v1/events", lines(5)).statusCode()).isEqualTo(202);
        await().untilAsserted(() -> assertThat(get(management + "/actuator/metrics/weir.source.in.flight.bytes")
                        .body())
                .contains("\"value\":0.0"));
    }

    @Test
    void bytesThatAreNotHttpGetAnErrorAndNothingElse() throws Exception {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), URI.create(base).getPort())) {
            socket.getOutputStream().write(new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0, '\r', '\n', '\r', '\n'});
            socket.getOutputStream().flush();
            socket.setSoTimeout(60_000);
            InputStream in = socket.getInputStream();
            byte[] start = in.readNBytes(12);
            assertThat(new String(start, UTF_8)).isEqualTo("HTTP/1.1 400");
        }
        assertThat(post("/v1/events", lines(5)).statusCode()).isEqualTo(202);
    }

    @Test
    void whileKafkaIsDownEveryAnswerIs503AndAfterwardsAllIsWell() throws Exception {
        kafka.suspend();
        try {
            await().until(() -> post("/v1/events", lines(5)).statusCode() == 503);
            var refused = post("/v1/events", lines(5));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).hasValue("2");
            assertThat(json(refused).has("accepted")).isFalse();
        } finally {
            kafka.resume();
        }
        await().until(() -> post("/v1/events", lines(5)).statusCode() == 202);
        await().until(() -> get(base + "/readyz").statusCode() == 200);
    }

    @Test
    void theIngestionPortHasTheProbesAndTheManagementPortTheMetrics() throws Exception {
        post("/v1/events", lines(3));

        assertThat(get(base + "/livez").statusCode()).isEqualTo(200);
        assertThat(get(base + "/actuator/prometheus").statusCode()).isEqualTo(404);
        assertThat(get(management + "/actuator/prometheus").body())
                .contains(
                        "weir_source_events_total{application=\"source-http\",endpoint=\"events\",outcome=\"accepted\"}");
    }
}
