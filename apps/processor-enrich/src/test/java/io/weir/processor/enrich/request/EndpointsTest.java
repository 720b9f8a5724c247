package io.weir.processor.enrich.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointsTest {
    private final Endpoints endpoints = new Endpoints(List.of());

    @ParameterizedTest
    @CsvSource({
        "/a/b,/a/b",
        "/a?b=c,/a",
        "/a#top,/a",
        "/a?x#y?z,/a",
        "?x=1,/",
        "http://example.com/a?b=c,/a",
        "https://example.com,/",
        "https://example.com?q,/",
        "ftp+x://example.com:21/a,/a",
        "/redirect/http://example.com/,/redirect/http://example.com/",
        "*,*",
        "example.com:443,example.com:443",
        "Orders.Create,Orders.Create"
    })
    void aPathIsWhatRemainsWithoutServerAndQuery(String endpoint, String path) {
        read(endpoint);

        assertThat(new String(endpoints.array(), endpoints.offset(), endpoints.length(), StandardCharsets.UTF_8))
                .isEqualTo(path);
    }

    @ParameterizedTest
    @CsvSource({
        "/users/42,/users/{id}",
        "/users/42/orders/7,/users/{id}/orders/{id}",
        "/users/-1,/users/{id}",
        "/geo/52.5200/13.4050,/geo/{id}/{id}",
        "/users/6f1c2a9e-0b1d-4c3e-9f00-1234567890ab,/users/{id}",
        "/users/6F1C2A9E-0B1D-4C3E-9F00-1234567890AB/edit,/users/{id}/edit",
        "/o/507f1f77bcf86cd799439011,/o/{id}",
        "/o/01ARZ3NDEKTSV4RRFFQ69G5FAV,/o/{id}",
        "/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0,/t/{id}",
        "/s/dBjftJeZ4CVP-mB92K27uhbUJU1p1r,/s/{id}",
        "/u/jane.doe@example.com/inbox,/u/{id}/inbox",
        "/u/jane.doe%40example.com,/u/{id}",
        "/order/order-12345,/order/order-{id}",
        "/title/tt0111161,/title/tt{id}",
        "/report/2024-05-17,/report/{date}",
        "/report/20240517,/report/{date}",
        "/report/2024-05,/report/{date}",
        "/report/2024-05-17T10:00:00Z,/report/{date}",
        "/report/99999999,/report/{id}",
        "/a;jsessionid=0A1B2C/b,/a/b",
        "/download/12345.json,/download/{id}.json"
    })
    void whatNamesOneThingBecomesAPlaceholder(String endpoint, String template) {
        assertThat(read(endpoint)).isEqualTo(template);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/api/v1/users",
                "/api/2.0/users",
                "/blog/how-to-build-a-house-in-10-days",
                "/docs/Apache-Kafka-3.9-Release-Notes",
                "/getUserProfileSettingsV2",
                "/presentations/logstash-scale11x/images/ahhh___rage_face_by_samusmmx-d5g5zap.png",
                "/files/xdotool/xdotool-20100416.2809.tar.gz",
                "/js/jquery-1.7.2.min.js",
                "/images/jordan-80.png",
                "/reset.css",
                "/favicon.ico",
                "/projects/xdotool/",
                "/users/{id}",
                "/page-2",
                "*"
            })
    void whatReadsLikeAWordStays(String endpoint) {
        assertThat(read(endpoint)).isEqualTo(endpoint);
    }

    @ParameterizedTest
    @CsvSource({
        "/static/main.8f3e2b1c.js,/static/main.{id}.js",
        "/static/app-8f3e2b1c9d.css,/static/app-{id}.css",
        "/static/2.8f3e2b1c.chunk.js,/static/2.{id}.chunk.js",
        "/media/6f1c2a9e-0b1d-4c3e-9f00-1234567890ab.png,/media/{id}.png",
        "/media/2024-05-17.pdf,/media/{date}.pdf"
    })
    void theBuildOfAStaticFileBecomesAPlaceholder(String endpoint, String template) {
        assertThat(read(endpoint)).isEqualTo(template);
    }

    @Test
    void slashesInARowAreOne() {
        assertThat(read("//a///b/")).isEqualTo("/a/b/");
    }

    @Test
    void depthAndLengthAreBounded() {
        assertThat(read("/a".repeat(40))).isEqualTo("/a".repeat(Endpoints.MAXIMUM_SEGMENTS) + "/**");
        String wide = read(("/" + "word".repeat(16)).repeat(100));
        assertThat(wide).endsWith("/**").hasSizeLessThan(Endpoints.MAXIMUM_TEMPLATE + 70);
        assertThat(read("/" + "x".repeat(1000))).isEqualTo("/{id}");
    }

    @Test
    void templatesOfTheOperatorComeFirst() {
        Endpoints own = new Endpoints(List.of("/users/{name}/repos/**", "/users/me", "/{tenant}/health"));

        assertThat(read(own, "/users/jane/repos/weir/issues/7?q=1")).isEqualTo("/users/{name}/repos/**");
        assertThat(read(own, "/users/jane/repos")).isEqualTo("/users/{name}/repos/**");
        assertThat(read(own, "/users/me")).isEqualTo("/users/me");
        assertThat(read(own, "/acme/health")).isEqualTo("/{tenant}/health");
        assertThat(read(own, "/acme/health/")).isEqualTo("/acme/health/");
        assertThat(read(own, "/users/42")).isEqualTo("/users/{id}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"users/{id}", "/users/x{id}", "/users/**/x", "", "/a*"})
    void aMalformedTemplateIsRefused(String template) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Endpoints(List.of(template)))
                .withMessageContaining("'" + template + "'");
    }

    @Test
    void templatesOfTemplatesAreTheSame() {
        for (String endpoint : List.of("/users/42", "/report/2024-05-17/x", "/order-123456", "/m/1.png")) {
            String template = read(endpoint);
            assertThat(read(template)).isEqualTo(template);
        }
    }

    private String read(String endpoint) {
        return read(endpoints, endpoint);
    }

    private static String read(Endpoints endpoints, String endpoint) {
        byte[] bytes = ("##" + endpoint + "##").getBytes(StandardCharsets.UTF_8);
        endpoints.read(bytes, 2, bytes.length - 4);
        return endpoints.template().toString();
    }
}
