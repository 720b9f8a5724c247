package io.weir.console.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.user.PersonalToken;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.User;
import io.weir.warehouse.account.ReaderAccount;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Who came in, and who was turned away, in the audit log. What repeats itself is on record once a minute. */
@Component
public class AccessLog {

    private static final int LONGEST = 200;
    private static final int LONGEST_REASON = 500;
    private static final int LONGEST_QUESTION = 2000;
    /** Of one address. */
    private static final int REFUSALS_A_MINUTE = 30;

    private final AuditLog audit;
    private final PersonalTokens tokens;
    private final Cache<String, Boolean> recent = Caffeine.newBuilder()
            .expireAfterWrite(Duration.ofMinutes(1))
            .maximumSize(20_000)
            .build();

    private final Cache<String, AtomicInteger> refusals = Caffeine.newBuilder()
            .expireAfterWrite(Duration.ofMinutes(1))
            .maximumSize(20_000)
            .build();

    AccessLog(AuditLog audit, PersonalTokens tokens) {
        this.audit = audit;
        this.tokens = tokens;
    }

    void signedIn(Caller caller, String means, HttpServletRequest request) {
        // What goes wrong from now on is something new.
        recent.asMap().keySet().removeIf(what -> what.startsWith("sign-in " + caller.name() + " "));
        append(caller.name(), "sign-in", caller.tenant(), "user:" + caller.name(), Map.of("means", means), request);
    }

    void signedOut(Caller caller, HttpServletRequest request) {
        append(caller.name(), "sign-out", caller.tenant(), "user:" + caller.name(), Map.of(), request);
    }

    /**
     * On record alike whether or not anybody has the name, for the time that it takes tells as well; and not without end: once a
     * minute for each reason, so that a lockout is on record beside the wrong passwords that led to it.
     *
     * @param typed as it was typed; it may be a password, and is not kept
     * @param user null if there is none of that name
     */
    void signInRefused(String typed, @Nullable User user, String means, String why, HttpServletRequest request) {
        String address = request.getRemoteAddr();
        if (first("sign-in " + printable(typed) + " " + address + " " + printable(why))
                && mayRecord("sign-in " + address)) {
            append(
                    "anonymous",
                    "sign-in.refused",
                    user == null ? null : user.tenant(),
                    "user:" + (user == null ? "unknown" : user.name()),
                    Map.of("means", means, "why", printable(why)),
                    request);
        }
    }

    void tokenUsed(PersonalToken token, HttpServletRequest request) {
        if (first("token " + token.id())) {
            tokens.used(token, request.getRemoteAddr());
        }
    }

    void jwtUsed(Caller caller, HttpServletRequest request) {
        if (first("jwt " + caller)) {
            append(caller.name(), "token.use", caller.tenant(), "jwt:" + caller.name(), Map.of(), request);
        }
    }

    void tokenRefused(String why, HttpServletRequest request) {
        if (first("refused " + request.getRemoteAddr())) {
            append("anonymous", "token.refused", null, "token", Map.of("why", printable(why)), request);
        }
    }

    /** Not without end: addresses can be thought up by whoever has none of the rights. */
    void refused(@Nullable Caller caller, String why, HttpServletRequest request) {
        String name = caller == null ? "anonymous" : caller.name();
        String what = printable(request.getMethod() + " " + request.getRequestURI());
        if (first("access " + name + " " + request.getRemoteAddr() + " " + what)
                && mayRecord("access " + name + " " + request.getRemoteAddr())) {
            append(
                    name,
                    "access.refused",
                    caller == null ? null : caller.tenant(),
                    what,
                    Map.of("why", printable(why)),
                    request);
        }
    }

    /**
     * A program that showed no account's password. What it typed for a name is not kept.
     *
     * @param username the account, if there is one of that name
     */
    public void accountRefused(@Nullable String username, HttpServletRequest request) {
        if (first("account " + username + " " + request.getRemoteAddr())
                && mayRecord("account " + request.getRemoteAddr())) {
            append(
                    "anonymous",
                    "account.refused",
                    null,
                    username == null ? "unknown" : username,
                    Map.of("why", "the password is wrong, or there is no such account"),
                    request);
        }
    }

    /**
     * A question that was refused before anything of it was run: the same one once a minute, and so many others.
     *
     * @param asked the parts of what was asked, by name
     */
    public void queryRefused(Caller caller, Map<String, String> asked, String why, HttpServletRequest request) {
        String what = printable(request.getMethod() + " " + request.getRequestURI());
        Map<String, String> detail = new TreeMap<>();
        asked.forEach((part, text) -> detail.put(part, printable(text, LONGEST_QUESTION)));
        detail.put("why", printable(why, LONGEST_REASON));
        detail.put("role", caller.role().name().toLowerCase(Locale.ROOT));
        String who = "query " + caller.name() + " " + request.getRemoteAddr();
        String once = who + " " + what + " " + ReaderAccount.sha256(detail.toString());
        if (first(once) && mayRecord(who)) {
            try {
                append(caller.name(), "query.refused", caller.tenant(), what, detail, request);
            } catch (RuntimeException e) {
                recent.invalidate(once);
                refusals.get(who, some -> new AtomicInteger()).decrementAndGet();
                throw e;
            }
        }
    }

    private boolean mayRecord(String whose) {
        return refusals.get(whose, some -> new AtomicInteger()).incrementAndGet() <= REFUSALS_A_MINUTE;
    }

    private boolean first(String what) {
        return recent.asMap().putIfAbsent(what, true) == null;
    }

    private void append(
            String actor,
            String action,
            @Nullable String tenant,
            String subject,
            Map<String, String> detail,
            HttpServletRequest request) {
        Map<String, String> all = new TreeMap<>(detail);
        all.put("address", request.getRemoteAddr());
        audit.append(new AuditEvent(actor, action, tenant == null ? "" : tenant, subject, all));
    }

    /** In one line, of bounded length, and nothing in it that a terminal or a database takes for more than text. */
    static String printable(String text) {
        return printable(text, LONGEST);
    }

    private static String printable(String text, int longest) {
        StringBuilder printable = new StringBuilder();
        text.codePoints().limit(longest).forEach(c -> {
            int type = Character.getType(c);
            if (c == ' '
                    || type != Character.CONTROL
                            && type != Character.FORMAT
                            && type != Character.SURROGATE
                            && type != Character.PRIVATE_USE
                            && type != Character.UNASSIGNED
                            && type != Character.LINE_SEPARATOR
                            && type != Character.PARAGRAPH_SEPARATOR) {
                printable.appendCodePoint(c);
            } else {
                printable.append("\\u{%x}".formatted(c));
            }
        });
        return printable.toString();
    }
}
