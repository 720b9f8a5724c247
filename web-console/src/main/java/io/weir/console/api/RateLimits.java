package io.weir.console.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.weir.console.access.Caller;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.servlet.HandlerInterceptor;

/** A token bucket for each caller and role, in this process: with several consoles a caller has as many. */
final class RateLimits implements HandlerInterceptor {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int MOST_CALLERS = 100_000;

    private final RateProperties rates;
    private final Cache<Caller, Bucket> buckets = Caffeine.newBuilder()
            // After that a bucket is full again.
            .expireAfterAccess(MINUTE.plusSeconds(1))
            .maximumSize(MOST_CALLERS)
            .build();

    RateLimits(RateProperties rates) {
        this.rates = rates;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
        if (request.getDispatcherType() != DispatcherType.REQUEST
                || authentication == null
                || !(authentication.getPrincipal() instanceof Caller caller)) {
            return true;
        }
        int rate = rates.of(caller.role());
        Bucket bucket = buckets.get(caller, any -> Bucket.builder()
                .addLimit(limit -> limit.capacity(rate).refillGreedy(rate, MINUTE))
                .build());
        ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
        response.setHeader("RateLimit-Policy", "\"requests\";q=" + rate + ";w=60");
        response.setHeader(
                "RateLimit",
                "\"requests\";r=" + probe.getRemainingTokens() + ";t=" + seconds(probe.getNanosToWaitForReset()));
        if (!probe.isConsumed()) {
            response.setHeader(
                    HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, seconds(probe.getNanosToWaitForRefill()))));
            throw new ErrorResponseException(
                    HttpStatus.TOO_MANY_REQUESTS,
                    ApiProblems.problem(
                            HttpStatus.TOO_MANY_REQUESTS,
                            "limit_exceeded",
                            "Your " + rate + " requests of this minute are used up."),
                    null);
        }
        return true;
    }

    private static long seconds(long nanos) {
        return (nanos + 999_999_999) / 1_000_000_000;
    }
}
