package io.weir.source.http.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Ids;
import io.weir.event.Stage;
import io.weir.metadata.ingest.IngestReceipts.Receipt;
import io.weir.source.http.SourceProperties;
import io.weir.source.http.access.Access;
import io.weir.source.http.access.Allowance;
import io.weir.source.http.access.Sender;
import io.weir.source.http.body.ContentCoding;
import io.weir.source.http.kafka.EventPublisher;
import io.weir.source.http.problem.Problem;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import tools.jackson.databind.ObjectMapper;

/** Answers requests that bring events or log lines. */
final class IngestHandler implements WebHandler {

    private static final Logger log = LoggerFactory.getLogger(IngestHandler.class);

    private final boolean logs;
    private final Access access;
    private final Receipts receipts;
    private final EventPublisher publisher;
    private final SourceProperties properties;
    private final EventLimits limits;
    private final ThreadLocal<EventReader> readers;
    private final ObjectMapper json;
    private final IngestMeters meters;

    IngestHandler(
            boolean logs,
            Access access,
            Receipts receipts,
            EventPublisher publisher,
            SourceProperties properties,
            ObjectMapper json,
            MeterRegistry registry) {
        this.logs = logs;
        this.access = access;
        this.receipts = receipts;
        this.publisher = publisher;
        this.properties = properties;
        this.json = json;
        EventLimits contract = EventLimits.DEFAULT;
        this.limits = new EventLimits(
                Math.toIntExact(properties.maxEventSize().toBytes()),
                contract.maxAttributes(),
                contract.maxMeasurements(),
                contract.maxDepth(),
                contract.maxAge(),
                contract.maxAhead());
        this.readers = ThreadLocal.withInitial(() -> new EventReader(limits, Stage.INGEST));
        this.meters = new IngestMeters(registry, logs ? "logs" : "events");
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange) {
        String given = IngestRequest.givenId(exchange.getRequest().getHeaders());
        String requestId = given == null ? Ids.uuid7() : given;
        exchange.getResponse().getHeaders().set(IngestRequest.REQUEST_ID, requestId);
        return ingest(exchange, requestId)
                .onErrorResume(Problem.class, problem -> answer(exchange, requestId, problem, null))
                .onErrorResume(AbortedException.class, gone -> {
                    log.debug("The client of request {} went away in the middle", requestId);
                    meters.aborted();
                    return Mono.empty();
                });
    }

    private Mono<Void> ingest(ServerWebExchange exchange, String requestId) {
        IngestRequest request;
        try {
            request = IngestRequest.of(
                    exchange.getRequest(),
                    requestId,
                    logs,
                    properties.maxRequestSize().toBytes());
        } catch (Problem problem) {
            return Mono.error(problem);
        }
        return access.admit(exchange.getRequest().getHeaders(), address(exchange))
                .flatMap(sender -> receive(exchange, request, sender));
    }

    private Mono<Void> receive(ServerWebExchange exchange, IngestRequest request, Sender sender) {
        if (!publisher.isAvailable()) {
            return Mono.error(Problem.unavailable(
                    "kafka_unavailable", "Events cannot be taken at the moment; send the request again."));
        }
        Allowance.RateState rate = sender.allowance().rate();
        if (rate != null) {
            HttpHeaders headers = exchange.getResponse().getHeaders();
            headers.set("RateLimit-Policy", "\"" + rate.name() + "\";q=" + rate.limit() + ";w=1");
            headers.set("RateLimit", "\"" + rate.name() + "\";r=" + rate.remaining() + ";t=1");
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        if (request.idempotencyKey() == null) {
            return upload(exchange, request, sender, EventIds.random(), now);
        }
        byte[] hash = EventIds.hash(sender.tenant(), request.idempotencyKey());
        return Mono.fromFuture(receipts.firstReceived(new Receipt(sender.tenant(), hash, now)))
                .onErrorMap(e -> {
                    log.warn("The first reception of request {} cannot be looked up: {}", request.id(), e.toString());
                    return Problem.unavailable(
                            "receipts_unavailable",
                            "Idempotency-Key cannot be checked at the moment; send the request again.");
                })
                .flatMap(first -> upload(exchange, request, sender, EventIds.derived(hash), first));
    }

    private Mono<Void> upload(
            ServerWebExchange exchange, IngestRequest request, Sender sender, EventIds ids, Instant receivedAt) {
        return Mono.<Outcome>create(result -> {
                    Upload upload = new Upload(
                            publisher, properties, limits, readers, request, sender, ids, receivedAt, result);
                    result.onCancel(upload);
                    exchange.getRequest().getBody().subscribe(upload);
                })
                .flatMap(outcome -> answer(exchange, request.id(), outcome));
    }

    private Mono<Void> answer(ServerWebExchange exchange, String requestId, Outcome outcome) {
        if (outcome.acknowledged()) {
            meters.counted(outcome);
        }
        Problem problem = outcome.problem();
        if (problem == null && outcome.accepted() == 0 && outcome.rejected() > 0) {
            boolean tooLarge = outcome.rejections().stream()
                    .allMatch(rejected -> rejected.reason().equals("too_large"));
            problem = new Problem(
                    tooLarge && !outcome.rejections().isEmpty() ? HttpStatus.CONTENT_TOO_LARGE : HttpStatus.BAD_REQUEST,
                    "events_rejected",
                    outcome.rejected() == 1 ? "The event was rejected." : "Every event was rejected.");
        }
        if (problem != null) {
            return answer(exchange, requestId, problem, outcome);
        }
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatus.ACCEPTED);
        response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
        if (outcome.rejected() == 0) {
            return write(
                    response,
                    ("{\"accepted\":" + outcome.accepted() + ",\"rejected\":0,\"request_id\":\"" + requestId + "\"}")
                            .getBytes(StandardCharsets.UTF_8));
        }
        Map<String, Object> document = new LinkedHashMap<>();
        count(document, outcome);
        document.put("request_id", requestId);
        return write(response, json.writeValueAsBytes(document));
    }

    private Mono<Void> answer(
            ServerWebExchange exchange, String requestId, Problem problem, @Nullable Outcome outcome) {
        meters.refused(problem);
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(problem.status());
        HttpHeaders headers = response.getHeaders();
        headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        Long retryAfter = problem.retryAfterSeconds(properties.retryAfter().toSeconds());
        if (retryAfter != null) {
            headers.set(HttpHeaders.RETRY_AFTER, retryAfter.toString());
        }
        switch (problem.status()) {
            case UNAUTHORIZED -> headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"weir\"");
            case METHOD_NOT_ALLOWED -> headers.set(HttpHeaders.ALLOW, "POST");
            case UNSUPPORTED_MEDIA_TYPE -> headers.set(HttpHeaders.ACCEPT_ENCODING, ContentCoding.ACCEPTED);
            default -> {}
        }
        Map<String, Object> document = problem.document();
        if (outcome != null && outcome.acknowledged()) {
            count(document, outcome);
        }
        document.put("request_id", requestId);
        return write(response, json.writeValueAsBytes(document));
    }

    private static void count(Map<String, Object> document, Outcome outcome) {
        document.put("accepted", outcome.accepted());
        document.put("rejected", outcome.rejected());
        if (!outcome.rejections().isEmpty()) {
            document.put(
                    "errors",
                    outcome.rejections().stream()
                            .map(rejected -> {
                                Map<String, Object> error = new LinkedHashMap<>();
                                error.put("position", rejected.position());
                                if (rejected.field() != null) {
                                    error.put("field", rejected.field());
                                }
                                error.put("reason", rejected.reason());
                                error.put("detail", rejected.detail());
                                return error;
                            })
                            .toList());
        }
    }

    private static Mono<Void> write(ServerHttpResponse response, byte[] body) {
        response.getHeaders().setContentLength(body.length);
        return response.writeWith(Mono.just(response.bufferFactory().wrap(body)));
    }

    private static InetAddress address(ServerWebExchange exchange) {
        InetSocketAddress remote = exchange.getRequest().getRemoteAddress();
        return Objects.requireNonNull(remote == null ? null : remote.getAddress(), "a TCP client has an address");
    }
}
