package io.weir.console.access;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.web.util.WebUtils;

/** Where somebody wanted to go before they had to sign in: a page of this console, whatever an address or a cookie says. */
final class LocalPath {

    private static final String COOKIE = "weir-next";
    private static final Duration FOR = Duration.ofMinutes(10);
    private static final String HOME = "/";
    private static final int LONGEST = 2000;

    private LocalPath() {}

    static void keep(HttpServletRequest request, HttpServletResponse response, @Nullable String next) {
        if (next != null) {
            set(request, response, local(next), FOR);
        }
    }

    static String take(HttpServletRequest request, HttpServletResponse response) {
        Cookie kept = WebUtils.getCookie(request, COOKIE);
        if (kept == null) {
            return HOME;
        }
        set(request, response, "", Duration.ZERO);
        return local(URLDecoder.decode(kept.getValue(), StandardCharsets.UTF_8));
    }

    private static void set(HttpServletRequest request, HttpServletResponse response, String path, Duration age) {
        response.addHeader(
                HttpHeaders.SET_COOKIE,
                ResponseCookie.from(COOKIE, URLEncoder.encode(path, StandardCharsets.UTF_8))
                        .path("/")
                        .httpOnly(true)
                        .secure(request.isSecure())
                        .sameSite("Lax")
                        .maxAge(age)
                        .build()
                        .toString());
    }

    /** The path itself if it leads nowhere else, the first page otherwise. */
    static String local(String next) {
        boolean plain = next.length() <= LONGEST && next.chars().allMatch(c -> c > ' ' && c < 127 && c != '\\');
        if (!plain || !next.startsWith("/") || next.startsWith("//")) {
            return HOME;
        }
        try {
            URI uri = new URI(next);
            return uri.getScheme() == null
                            && uri.getRawAuthority() == null
                            && uri.normalize().getRawPath().equals(uri.getRawPath())
                            && !uri.getRawPath().contains("//")
                            && (!Routes.isApi(uri.getRawPath())
                                    || uri.getRawPath().equals(Routes.DOCS))
                    ? next
                    : HOME;
        } catch (URISyntaxException e) {
            return HOME;
        }
    }
}
