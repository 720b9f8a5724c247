package io.weir.source.http.ingest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.weir.source.http.problem.Problem;

/** What has been taken in and what has been refused, by way in; never by tenant, of which there may be too many. */
final class IngestMeters {

    private final MeterRegistry registry;
    private final String endpoint;
    private final Counter requests;
    private final Counter accepted;
    private final Counter rejected;
    private final Counter aborted;

    IngestMeters(MeterRegistry registry, String endpoint) {
        this.registry = registry;
        this.endpoint = endpoint;
        this.requests = Counter.builder("weir.source.requests")
                .description("Requests whose events Kafka has acknowledged")
                .tag("endpoint", endpoint)
                .register(registry);
        this.accepted = events("accepted");
        this.rejected = events("rejected");
        this.aborted = Counter.builder("weir.source.aborted")
                .description("Requests whose client went away before the answer")
                .tag("endpoint", endpoint)
                .register(registry);
    }

    private Counter events(String outcome) {
        return Counter.builder("weir.source.events")
                .description("Events that Kafka has acknowledged, by what the answer said of them")
                .tag("endpoint", endpoint)
                .tag("outcome", outcome)
                .register(registry);
    }

    void counted(Outcome outcome) {
        requests.increment();
        accepted.increment(outcome.accepted());
        rejected.increment(outcome.rejected());
    }

    /** A client that went away is no one to answer, but someone to know of. */
    void aborted() {
        aborted.increment();
    }

    void refused(Problem problem) {
        Counter.builder("weir.source.refusals")
                .description("Requests answered with a problem, by its code")
                .tag("endpoint", endpoint)
                .tag("code", problem.code())
                .register(registry)
                .increment();
    }
}
