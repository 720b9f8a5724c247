package io.weir.console.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.weir.metadata.user.PersonalToken;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.User;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoderInitializationException;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * {@code Authorization: Bearer} with a personal token or a JWT of the configured issuer, for programs. Where one is given it alone
 * decides: a session that comes along is not looked at. A token that is revoked stops working within three seconds.
 */
final class BearerFilter extends OncePerRequestFilter {

    private static final String SCHEME = "Bearer ";

    private final @Nullable JwtDecoder jwts;
    private final Claims claims;
    private final AccessLog log;
    private final Problems problems;
    private final RequestAttributeSecurityContextRepository contexts = new RequestAttributeSecurityContextRepository();
    private final LoadingCache<String, Optional<PersonalToken>> known;
    private final Cache<String, User> bearers = Caffeine.newBuilder()
            .expireAfterWrite(Duration.ofSeconds(3))
            .maximumSize(10_000)
            .build();

    BearerFilter(PersonalTokens tokens, @Nullable JwtDecoder jwts, Claims claims, AccessLog log, Problems problems) {
        // One that is in use is looked up again while its requests go on.
        this.known = Caffeine.newBuilder()
                .refreshAfterWrite(Duration.ofSeconds(1))
                .expireAfterWrite(Duration.ofSeconds(3))
                .maximumSize(10_000)
                .build(tokens::find);
        this.jwts = jwts;
        this.claims = claims;
        this.log = log;
        this.problems = problems;
    }

    static boolean applies(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length()) && Routes.isApi(request);
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !applies(request);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            SecurityContext context = new SecurityContextImpl(signedIn(secret(request), request));
            SecurityContextHolder.setContext(context);
            contexts.saveContext(context, request, response);
        } catch (Claims.RefusedException e) {
            log.tokenRefused(e.getMessage() + "", request);
            refuse(request, response);
            return;
        } catch (BadJwtException e) {
            log.tokenRefused("the JWT is not valid: " + e.getMessage(), request);
            refuse(request, response);
            return;
        } catch (JwtException | JwtDecoderInitializationException e) {
            logger.warn("JWTs cannot be checked: "
                    + NestedExceptionUtils.getMostSpecificCause(e).getMessage());
            response.setHeader(HttpHeaders.RETRY_AFTER, Problems.RETRY_AFTER_SECONDS);
            problems.write(
                    request,
                    response,
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "The token cannot be checked at the moment: its issuer does not answer.");
            return;
        }
        chain.doFilter(request, response);
    }

    /** Who shows it: as it was let through, and again for as long as an answer goes on. */
    private SignedIn signedIn(String secret, @Nullable HttpServletRequest request) throws Claims.RefusedException {
        return secret.startsWith(PersonalTokens.PREFIX) ? byToken(secret, request) : byJwt(secret, request);
    }

    /** Whether who made that request, some time ago, would be let through again as the same. */
    boolean stillIs(Caller caller, String secret) {
        try {
            return signedIn(secret, null).caller().equals(caller);
        } catch (Claims.RefusedException | BadJwtException e) {
            return false;
        } catch (JwtException e) {
            logger.warn("JWTs cannot be checked, and count on: " + e.getMessage());
            return true;
        }
    }

    static String secret(HttpServletRequest request) {
        return request.getHeader(HttpHeaders.AUTHORIZATION)
                .substring(SCHEME.length())
                .strip();
    }

    private SignedIn byToken(String secret, @Nullable HttpServletRequest request) throws Claims.RefusedException {
        PersonalToken token = (secret.length() > 100 ? Optional.<PersonalToken>empty() : known.get(secret))
                .filter(found -> found.isActive(Instant.now()))
                .orElseThrow(() -> new Claims.RefusedException("the token is unknown, expired or revoked"));
        if (request != null) {
            log.tokenUsed(token, request);
        }
        return SignedIn.by(
                new Caller(token.owner().name(), token.effectiveRole(), token.effectiveTenant()),
                new Credential(token.id(), token.expiresAt()),
                token.owner().id());
    }

    private SignedIn byJwt(String secret, @Nullable HttpServletRequest request) throws Claims.RefusedException {
        if (jwts == null) {
            throw new Claims.RefusedException("the token is not one of ours, and no issuer of others is configured");
        }
        Jwt jwt = jwts.decode(secret);
        URL issuer = jwt.getIssuer();
        String subject = jwt.getSubject();
        if (issuer == null || subject == null) {
            throw new Claims.RefusedException("the JWT names no issuer or no subject");
        }
        Caller said = claims.caller(jwt.getClaims());
        String key = issuer + " " + subject;
        User user = bearers.getIfPresent(key);
        if (user == null) {
            user = claims.bearer(issuer.toString(), subject, jwt.getClaims());
            bearers.put(key, user);
        }
        Caller caller = new Caller(user.name(), said.role(), said.tenant());
        if (request != null) {
            log.jwtUsed(caller, request);
        }
        return SignedIn.by(caller, new Credential(null, jwt.getExpiresAt()), user.id());
    }

    private void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"");
        problems.write(
                request,
                response,
                HttpStatus.UNAUTHORIZED,
                "The token is not valid: it may have expired or been revoked.");
    }
}
