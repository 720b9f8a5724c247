package io.weir.console.access;

import io.weir.console.access.Route.Who;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.MethodParameter;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.config.annotation.authentication.builders.AuthenticationManagerBuilder;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserRequest;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserService;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.security.web.context.DelegatingSecurityContextRepository;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.header.writers.CrossOriginOpenerPolicyHeaderWriter.CrossOriginOpenerPolicy;
import org.springframework.security.web.header.writers.CrossOriginResourcePolicyHeaderWriter.CrossOriginResourcePolicy;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.savedrequest.NullRequestCache;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The one filter chain: how somebody is known, and {@link Routes}, by which they are let through. */
@Configuration(proxyBeanMethods = false)
class AccessConfiguration {

    static final String SIGN_IN = "/sign-in";
    static final String SIGN_OUT = "/sign-out";
    static final String PASSWORD = "/password";

    /** Nothing from elsewhere, nothing inline. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self';"
            + " frame-ancestors 'none'; base-uri 'none'";

    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    static {
        SpringDocUtils.getConfig().addRequestWrapperToIgnore(Caller.class, Credential.class);
    }

    /** Else each filter, right and sign-in is timed, which takes longer than most of them. Requests are timed, as a whole. */
    @Bean
    SecurityObservationSettings withoutObservations() {
        return SecurityObservationSettings.noObservations();
    }

    @Bean
    SecurityFilterChain access(
            HttpSecurity http,
            Sessions sessions,
            PasswordSignIn passwords,
            BearerFilter bearers,
            Refusals refusals,
            AccessLog log,
            Users users,
            Claims claims,
            ObjectProvider<ClientRegistrationRepository> identityProviders) {
        AuthenticationSuccessHandler welcome = welcome(log);
        // The parent would ask PasswordSignIn once more for each wrong password, for being a bean, and count it twice.
        http.getSharedObject(AuthenticationManagerBuilder.class).parentAuthenticationManager(null);
        http.authenticationProvider(passwords)
                .securityContext(contexts -> contexts.securityContextRepository(new DelegatingSecurityContextRepository(
                        new RequestAttributeSecurityContextRepository(), sessions)))
                .addFilterBefore(bearers, UsernamePasswordAuthenticationFilter.class)
                .requestCache(cache -> cache.requestCache(new NullRequestCache()))
                .csrf(csrf -> csrf.csrfTokenRepository(new CsrfTokens())
                        .requireCsrfProtectionMatcher(AccessConfiguration::needsCsrfToken))
                .formLogin(form -> form.loginPage(SIGN_IN)
                        .usernameParameter("name")
                        .successHandler(welcome)
                        .failureHandler(sorry(log, users)))
                .logout(logout -> logout.logoutUrl(SIGN_OUT)
                        .addLogoutHandler((request, response, authentication) -> {
                            if (authentication instanceof SignedIn signedIn) {
                                log.signedOut(signedIn.caller(), request);
                            }
                        })
                        .logoutSuccessUrl(SIGN_IN + "?signed-out"))
                .exceptionHandling(
                        errors -> errors.authenticationEntryPoint(refusals).accessDeniedHandler(refusals))
                .headers(headers -> headers.contentSecurityPolicy(
                                policy -> policy.policyDirectives(CONTENT_SECURITY_POLICY))
                        .frameOptions(frames -> frames.deny())
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.SAME_ORIGIN))
                        .crossOriginOpenerPolicy(policy -> policy.policy(CrossOriginOpenerPolicy.SAME_ORIGIN))
                        .crossOriginResourcePolicy(policy -> policy.policy(CrossOriginResourcePolicy.SAME_ORIGIN))
                        .permissionsPolicyHeader(
                                policy -> policy.policy("camera=(), geolocation=(), microphone=(), payment=()"))
                        .httpStrictTransportSecurity(
                                hsts -> hsts.maxAgeInSeconds(31_536_000).includeSubDomains(true)))
                .authorizeHttpRequests(requests -> {
                    // What has been let through already.
                    requests.dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR, DispatcherType.FORWARD)
                            .permitAll();
                    for (Route route : Routes.ALL) {
                        requests.requestMatchers(route.matcher()).access(rule(route));
                    }
                    requests.anyRequest().denyAll();
                });
        if (identityProviders.getIfAvailable() != null) {
            http.oauth2Login(login -> login.loginPage(SIGN_IN)
                    .userInfoEndpoint(endpoint -> endpoint.oidcUserService(people(claims)))
                    .authorizedClientRepository(new Forgetful())
                    .successHandler(welcome)
                    .failureHandler((request, response, exception) -> {
                        String why = exception.getMessage() + "";
                        log.signInRefused(why, null, "oidc", why, request);
                        response.sendRedirect(SIGN_IN + "?refused");
                    }));
        }
        return http.build();
    }

    @Bean
    BearerFilter bearerFilter(
            PersonalTokens tokens,
            ObjectProvider<JwtDecoder> jwts,
            Claims claims,
            AccessLog log,
            Problems problems,
            Environment environment) {
        JwtDecoder decoder = jwts.getIfAvailable();
        String audiences = "spring.security.oauth2.resourceserver.jwt.audiences";
        if (decoder != null
                && !environment.containsProperty(audiences)
                && !environment.containsProperty(audiences + "[0]")) {
            throw new IllegalStateException(audiences
                    + " must name the audience of this console's JWTs: without it those for every other service of the issuer"
                    + " would be taken");
        }
        return new BearerFilter(tokens, decoder, claims, log, problems);
    }

    /** The filter is the security chain's, not the container's as well. */
    @Bean
    FilterRegistrationBean<BearerFilter> bearerFilterInTheChainAlone(BearerFilter filter) {
        FilterRegistrationBean<BearerFilter> registration = new FilterRegistrationBean<>(filter);
        registration.setEnabled(false);
        return registration;
    }

    @Bean
    WebMvcConfigurer callers() {
        return new WebMvcConfigurer() {
            @Override
            public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
                resolvers.add(new CallerArgument());
            }
        };
    }

    private static final class CallerArgument implements HandlerMethodArgumentResolver {

        @Override
        public boolean supportsParameter(MethodParameter parameter) {
            return parameter.getParameterType() == Caller.class || parameter.getParameterType() == Credential.class;
        }

        @Override
        public Object resolveArgument(
                MethodParameter parameter,
                @Nullable ModelAndViewContainer container,
                NativeWebRequest request,
                @Nullable WebDataBinderFactory binders) {
            Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
            if (authentication instanceof SignedIn signedIn) {
                return parameter.getParameterType() == Caller.class ? signedIn.caller() : signedIn.credential();
            }
            throw new IllegalStateException("a route that anybody may use has no caller: " + parameter.getMethod());
        }
    }

    private static AuthorizationManager<RequestAuthorizationContext> rule(Route route) {
        return (authentication, context) -> new AuthorizationDecision(route.who() == Who.ANYONE
                || authentication.get() instanceof SignedIn signedIn && route.allows(signedIn));
    }

    /** A program that shows a token has no cookie that could be misused; one that shows a cookie is a page's. */
    private static boolean needsCsrfToken(HttpServletRequest request) {
        return !SAFE_METHODS.contains(request.getMethod())
                && !BearerFilter.applies(request)
                && (!Routes.isApi(request) || request.getRequestedSessionId() != null);
    }

    private static AuthenticationSuccessHandler welcome(AccessLog log) {
        return (request, response, authentication) -> {
            if (authentication instanceof SignedIn signedIn) {
                log.signedIn(signedIn.caller(), "password", request);
            } else if (authentication.getPrincipal() instanceof OidcCaller caller) {
                log.signedIn(SignedIn.as(caller.user()).caller(), "oidc", request);
            }
            response.sendRedirect(LocalPath.take(request, response));
        };
    }

    private static AuthenticationFailureHandler sorry(AccessLog log, Users users) {
        return (request, response, exception) -> {
            if (exception instanceof PasswordSignIn.BusyException) {
                response.setHeader(HttpHeaders.RETRY_AFTER, PasswordSignIn.RETRY_AFTER_SECONDS);
                request.setAttribute(ErrorPages.DETAIL, "Too many people sign in just now: try again in a moment.");
                response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
                return;
            }
            String typed = AccessLog.printable(Objects.requireNonNullElse(request.getParameter("name"), ""));
            User user = users.find(typed).orElse(null);
            log.signInRefused(typed, user, "password", exception.getMessage() + "", request);
            response.sendRedirect(SIGN_IN + "?refused");
        };
    }

    private static OAuth2UserService<OidcUserRequest, OidcUser> people(Claims claims) {
        OidcUserService provider = new OidcUserService();
        return request -> {
            OidcUser named = provider.loadUser(request);
            try {
                Map<String, Object> all = new HashMap<>(named.getClaims());
                User user = claims.signIn(named.getIssuer().toString(), named.getSubject(), all);
                return new OidcCaller(named, user);
            } catch (Claims.RefusedException e) {
                throw new OAuth2AuthenticationException(
                        new OAuth2Error(OAuth2ErrorCodes.ACCESS_DENIED, e.getMessage(), null), e.getMessage() + "");
            }
        };
    }

    /** We ask the provider who somebody is, and then nothing more: its tokens are not kept. */
    private static final class Forgetful implements OAuth2AuthorizedClientRepository {

        @Override
        public <T extends OAuth2AuthorizedClient> @Nullable T loadAuthorizedClient(
                String registration, Authentication principal, HttpServletRequest request) {
            return null;
        }

        @Override
        public void saveAuthorizedClient(
                OAuth2AuthorizedClient client,
                Authentication principal,
                HttpServletRequest request,
                HttpServletResponse response) {
            // Nothing to keep.
        }

        @Override
        public void removeAuthorizedClient(
                String registration,
                Authentication principal,
                HttpServletRequest request,
                HttpServletResponse response) {
            // Nothing was kept.
        }
    }
}
