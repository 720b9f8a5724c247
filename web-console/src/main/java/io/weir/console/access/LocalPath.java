package io.weir.console.access;

import jakarta.servlet.http.HttpSession;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/** Where somebody wanted to go before they had to sign in: a page of this console, whatever an address says. */
final class LocalPath {

    private static final String ATTRIBUTE = "weir.next";
    private static final String HOME = "/";
    private static final int LONGEST = 2000;

    private LocalPath() {}

    static void keep(HttpSession session, @Nullable String next) {
        if (next != null) {
            session.setAttribute(ATTRIBUTE, local(next));
        }
    }

    static String take(HttpSession session) {
        Object next = session.getAttribute(ATTRIBUTE);
        session.removeAttribute(ATTRIBUTE);
        return next instanceof String path ? local(path) : HOME;
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
                            && !Routes.isApi(uri.getRawPath())
                    ? next
                    : HOME;
        } catch (URISyntaxException e) {
            return HOME;
        }
    }
}
