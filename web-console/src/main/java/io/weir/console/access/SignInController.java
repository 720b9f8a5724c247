package io.weir.console.access;

import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The pages of coming in, and the one that is there. */
@Controller
class SignInController {

    private final Users users;
    private final PasswordSignIn passwords;
    private final Sessions sessions;
    private final KnownUsers known;
    private final AccessLog log;
    private final Map<String, String> providers = new LinkedHashMap<>();

    SignInController(
            Users users,
            PasswordSignIn passwords,
            Sessions sessions,
            KnownUsers known,
            AccessLog log,
            ObjectProvider<ClientRegistrationRepository> registrations) {
        this.users = users;
        this.passwords = passwords;
        this.sessions = sessions;
        this.known = known;
        this.log = log;
        if (registrations.getIfAvailable() instanceof Iterable<?> all) {
            for (Object one : all) {
                if (one instanceof ClientRegistration provider) {
                    providers.put("/oauth2/authorization/" + provider.getRegistrationId(), provider.getClientName());
                }
            }
        }
    }

    @GetMapping("/sign-in")
    String signIn(
            @RequestParam(required = false) @Nullable String next,
            HttpServletRequest request,
            HttpServletResponse response,
            CsrfToken csrf,
            Model model) {
        // Before anything is written: it sets a cookie.
        csrf.getToken();
        LocalPath.keep(request, response, next);
        model.addAttribute("providers", providers);
        model.addAttribute("refused", request.getParameter("refused") != null);
        model.addAttribute("expired", request.getParameter("expired") != null);
        model.addAttribute("signedOut", request.getParameter("signed-out") != null);
        return "access/sign-in";
    }

    @GetMapping("/")
    String home(Caller caller, CsrfToken csrf, Model model) {
        csrf.getToken();
        model.addAttribute("caller", caller);
        return "access/home";
    }

    /** Where browsers look for it that show something else than a page. */
    @GetMapping("/favicon.ico")
    String icon() {
        return "redirect:/assets/icon.svg";
    }

    @GetMapping("/password")
    String password(Authentication authentication, CsrfToken csrf, Model model) {
        csrf.getToken();
        return form((SignedIn) authentication, null, model);
    }

    @PostMapping("/password")
    String changePassword(
            @RequestParam String current,
            @RequestParam String password,
            @RequestParam String again,
            Authentication authentication,
            HttpServletRequest request,
            HttpServletResponse response,
            Model model) {
        SignedIn signedIn = (SignedIn) authentication;
        UUID id = signedIn.userId();
        if (!password.equals(again)) {
            return refused(signedIn, "The new password was not repeated exactly.", response, model);
        }
        User user;
        try {
            user = passwords
                    .attempt(signedIn.getName(), current, request.getRemoteAddr())
                    .user()
                    .filter(one -> one.id().equals(id))
                    .orElse(null);
        } catch (PasswordSignIn.BusyException e) {
            response.setHeader(HttpHeaders.RETRY_AFTER, PasswordSignIn.RETRY_AFTER_SECONDS);
            String page = refused(signedIn, "Too many people sign in just now: try again.", response, model);
            response.setStatus(HttpStatus.SERVICE_UNAVAILABLE.value());
            return page;
        }
        if (user == null) {
            log.refused(signedIn.caller(), "the current password is wrong", request);
            return refused(
                    signedIn,
                    "The current password is wrong, or there have been too many attempts: wait a while.",
                    response,
                    model);
        }
        try {
            user = users.choosePassword(user, password);
        } catch (IllegalArgumentException e) {
            return refused(signedIn, "The new " + e.getMessage() + ".", response, model);
        }
        known.forget(id);
        // All sessions are over but this one, which gets a new name.
        request.changeSessionId();
        SecurityContextImpl context = new SecurityContextImpl(SignedIn.as(user));
        SecurityContextHolder.setContext(context);
        sessions.saveContext(context, request, response);
        return "redirect:" + LocalPath.take(request, response);
    }

    private static String refused(SignedIn signedIn, String why, HttpServletResponse response, Model model) {
        response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
        return form(signedIn, why, model);
    }

    private static String form(SignedIn signedIn, @Nullable String why, Model model) {
        model.addAttribute("name", signedIn.getName());
        model.addAttribute("must", signedIn.mustChangePassword());
        model.addAttribute("why", why == null ? "" : why);
        return "access/password";
    }
}
