package io.weir.source.http.ingest;

import io.weir.source.http.problem.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a request.
 *
 * @param rejections the first rejected events
 * @param problem why the request as a whole failed, or null; events that came before the failure are kept all the same
 * @param acknowledged whether Kafka has acknowledged every accepted and every rejected event that is counted here
 */
record Outcome(
        long accepted,
        long rejected,
        List<Rejected> rejections,
        @Nullable Problem problem,
        boolean acknowledged) {

    /**
     * An event that was rejected.
     *
     * @param position its place in the body, from 0
     * @param field the field that is wrong, or null if it is the whole event
     */
    record Rejected(long position, String reason, @Nullable String field, String detail) {}
}
