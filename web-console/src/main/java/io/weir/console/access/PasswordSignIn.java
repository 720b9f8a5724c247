package io.weir.console.access;

import io.weir.metadata.key.Network;
import io.weir.metadata.user.SignIns;
import java.net.Inet6Address;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.LockedException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.stereotype.Component;

/** Sign-in by name and password. */
@Component
class PasswordSignIn implements AuthenticationProvider {

    /** More are waiting for their password to be checked than could be served soon; nothing is counted as a failure. */
    static final class BusyException extends AuthenticationServiceException {

        private static final long serialVersionUID = 1L;

        BusyException() {
            super("too many sign-ins at once");
        }
    }

    static final String RETRY_AFTER_SECONDS = "2";

    /** A check takes a processor a tenth of a second or so, by intent; there is other work. */
    private static final int AT_ONCE = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    private static final int WAITING = 16;
    private static final int WAITING_OF_A_NETWORK = 4;

    private final Semaphore places = new Semaphore(AT_ONCE + WAITING);
    private final Map<String, Integer> networks = new ConcurrentHashMap<>();
    private final Semaphore checks = new Semaphore(AT_ONCE, true);
    private final SignIns signIns;

    PasswordSignIn(SignIns signIns) {
        this.signIns = signIns;
    }

    @Override
    public Authentication authenticate(Authentication authentication) {
        String address = authentication.getDetails() instanceof WebAuthenticationDetails details
                ? details.getRemoteAddress()
                : "";
        Object password = authentication.getCredentials();
        SignIns.Attempt attempt =
                attempt(authentication.getName(), password == null ? "" : password.toString(), address);
        // They look the same to whoever is refused, and are told apart in the audit log.
        return attempt.user()
                .map(SignedIn::as)
                .orElseThrow(() -> attempt.lockedOut()
                        ? new LockedException("locked out: too many attempts")
                        : new BadCredentialsException("name or password is wrong"));
    }

    /**
     * As {@link SignIns#attempt}.
     *
     * @throws BusyException if too many ask at once, everywhere or from that network
     */
    SignIns.Attempt attempt(String name, String password, String address) {
        String network = network(address);
        if (signIns.isLockedOut(network)) {
            return new SignIns.Attempt(Optional.empty(), true);
        }
        if (networks.merge(network, 1, Integer::sum) > WAITING_OF_A_NETWORK) {
            leave(network);
            throw new BusyException();
        }
        try {
            if (!places.tryAcquire()) {
                throw new BusyException();
            }
            try {
                checks.acquireUninterruptibly();
                try {
                    return signIns.attempt(name, password, network);
                } finally {
                    checks.release();
                }
            } finally {
                places.release();
            }
        } finally {
            leave(network);
        }
    }

    private void leave(String network) {
        networks.computeIfPresent(network, (any, count) -> count == 1 ? null : count - 1);
    }

    @Override
    public boolean supports(Class<?> authentication) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
    }

    /** Whoever has one IPv6 address has the 2^64 of its network. */
    static String network(@Nullable String address) {
        return Optional.ofNullable(address)
                // Some proxies write brackets; of a link-local one the interface comes last.
                .map(text -> text.replaceFirst("^\\[(.*)]$", "$1").replaceFirst("%.*", ""))
                .flatMap(Network::address)
                .map(parsed -> parsed instanceof Inet6Address
                        ? HexFormat.of().formatHex(parsed.getAddress(), 0, 8) + "/64"
                        : parsed.getHostAddress())
                .orElse("unknown");
    }
}
