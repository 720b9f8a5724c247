package io.weir.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Somebody's browser: keeps cookies, fills in forms as they stand on the page, follows no redirect by itself. */
public final class Browser {

    private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String url;
    /** By server; as browsers do, those that are marked as secure go over plain HTTP to this machine. */
    private final Map<String, Map<String, String>> cookies = new HashMap<>();

    public Browser(String url) {
        this.url = url;
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url + path)).header("Accept", "text/html,*/*;q=0.8"));
    }

    /** Submits the form on a page. */
    public HttpResponse<String> submit(String page, String action, Map<String, String> fields)
            throws IOException, InterruptedException {
        return post(action, fields, csrf(page));
    }

    public HttpResponse<String> post(String path, Map<String, String> fields, String csrf)
            throws IOException, InterruptedException {
        String form = fields.entrySet().stream()
                .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                .collect(Collectors.joining("&"));
        return send(HttpRequest.newBuilder(URI.create(url + path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form + (csrf == null ? "" : "&_csrf=" + encode(csrf)))));
    }

    public HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        URI uri = request.build().uri();
        Map<String, String> jar = cookies.computeIfAbsent(uri.getAuthority(), server -> new HashMap<>());
        if (!jar.isEmpty()) {
            request.header(
                    "Cookie",
                    jar.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        for (String header : response.headers().allValues("Set-Cookie")) {
            String[] cookie = header.split(";", 2)[0].split("=", 2);
            if (header.contains("Max-Age=0")) {
                jar.remove(cookie[0]);
            } else {
                jar.put(cookie[0], cookie[1]);
            }
        }
        return response;
    }

    /** Follows redirects, to whatever server, until there is a page. */
    public HttpResponse<String> follow(HttpResponse<String> response) throws IOException, InterruptedException {
        HttpResponse<String> last = response;
        while (last.statusCode() == 302 || last.statusCode() == 303) {
            last = send(
                    HttpRequest.newBuilder(last.uri().resolve(location(last))).header("Accept", "text/html,*/*;q=0.8"));
        }
        return last;
    }

    public String csrf(String page) throws IOException, InterruptedException {
        Matcher token = CSRF.matcher(get(page).body());
        assertThat(token.find()).as("a form on %s", page).isTrue();
        return token.group(1);
    }

    public HttpResponse<String> signIn(String name, String password) throws IOException, InterruptedException {
        return submit("/sign-in", "/sign-in", Map.of("name", name, "password", password));
    }

    public Optional<String> cookie(String name) {
        return Optional.ofNullable(
                cookies.getOrDefault(URI.create(url).getAuthority(), Map.of()).get(name));
    }

    public void setCookie(String name, String value) {
        cookies.computeIfAbsent(URI.create(url).getAuthority(), server -> new HashMap<>())
                .put(name, value);
    }

    public static String location(HttpResponse<?> response) {
        return response.headers().firstValue("Location").orElse("");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
