package io.weir.source.http.access;

import io.weir.source.http.problem.Problem;
import java.net.InetAddress;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Decides who may send: by API key, address, rate and quota. */
@Component
public class Access {

    private static final Logger log = LoggerFactory.getLogger(Access.class);
    private static final String BEARER = "Bearer ";
    private static final int LONGEST_KEY = 256;

    private final Senders senders;
    private final AddressLimits addresses;
    private final Clock clock = Clock.systemUTC();

    Access(Senders senders, AddressLimits addresses) {
        this.senders = senders;
        this.addresses = addresses;
    }

    /** The sender of the request, or a {@link Problem} that says why it is refused. */
    public Mono<Sender> admit(HttpHeaders headers, InetAddress address) {
        Allowance.LimitExceeded limit = addresses.tooManyFailures(address);
        if (limit == null) {
            limit = addresses.request(address);
        }
        if (limit != null) {
            return Mono.error(limit.toProblem());
        }
        String key = key(headers);
        if (key == null) {
            addresses.failed(address);
            return Mono.error(Problem.unauthorized(
                    "missing_key", "Send the API key as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'."));
        }
        CompletableFuture<Optional<Sender>> lookup = senders.find(key);
        if (lookup.isDone() && !lookup.isCompletedExceptionally()) {
            return Mono.fromCallable(() -> check(lookup.getNow(Optional.empty()), address));
        }
        return Mono.fromFuture(lookup, true)
                .onErrorMap(e -> !(e instanceof Problem), e -> {
                    log.warn("API keys cannot be looked up: {}", e.toString());
                    return Problem.unavailable("keys_unavailable", "API keys cannot be checked at the moment.");
                })
                .map(found -> check(found, address));
    }

    private Sender check(Optional<Sender> found, InetAddress address) {
        Sender sender = found.filter(known -> known.isActive(clock.instant())).orElse(null);
        if (sender == null) {
            addresses.failed(address);
            throw Problem.unauthorized("invalid_key", "The API key is unknown, expired or revoked.");
        }
        if (!sender.maySendFrom(address)) {
            addresses.failed(address);
            throw new Problem(
                    HttpStatus.FORBIDDEN,
                    "address_not_allowed",
                    "This API key may not be used from " + address.getHostAddress() + ".");
        }
        Allowance.LimitExceeded exceeded = sender.allowance().exceeded();
        if (exceeded != null) {
            throw exceeded.toProblem();
        }
        return sender;
    }

    private static @Nullable String key(HttpHeaders headers) {
        String key = headers.getFirst("X-Api-Key");
        if (key == null) {
            List<String> authorization = headers.getOrEmpty(HttpHeaders.AUTHORIZATION);
            if (!authorization.isEmpty() && authorization.get(0).regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                key = authorization.get(0).substring(BEARER.length()).strip();
            }
        }
        return key == null || key.isEmpty() || key.length() > LONGEST_KEY ? null : key;
    }
}
