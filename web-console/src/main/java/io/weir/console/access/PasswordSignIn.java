package io.weir.console.access;

import io.weir.metadata.user.SignIns;
import io.weir.metadata.user.User;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.stereotype.Component;

/** Sign-in by name and password. */
@Component
class PasswordSignIn implements AuthenticationProvider {

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
        return attempt(authentication.getName(), password == null ? "" : password.toString(), address)
                .map(SignedIn::as)
                .orElseThrow(() -> new BadCredentialsException("name or password is wrong, or too many attempts"));
    }

    Optional<User> attempt(String name, String password, String address) {
        return signIns.attempt(name, password, network(address));
    }

    @Override
    public boolean supports(Class<?> authentication) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
    }

    /** Whoever has one IPv6 address has the 2^64 of its network. */
    static String network(@Nullable String address) {
        if (address == null || address.isEmpty()) {
            return "unknown";
        }
        try {
            InetAddress parsed = InetAddress.getByName(address);
            return parsed instanceof Inet6Address
                    ? HexFormat.of().formatHex(parsed.getAddress(), 0, 8) + "/64"
                    : parsed.getHostAddress();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
