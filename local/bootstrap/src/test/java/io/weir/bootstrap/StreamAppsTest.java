package io.weir.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.weir.bootstrap.StreamApps.App;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamAppsTest {

    @Test
    void thePlaceInTheStreamGivesTheType() {
        assertThat(StreamApps.of("http --port=1 | filter --expression='a|b > c' | log")
                        .apps())
                .containsExactly(
                        new App("source", "http", "http"),
                        new App("processor", "filter", "filter"),
                        new App("sink", "log", "log"));
    }

    @Test
    void namedDestinationsTakeTheEnds() {
        assertThat(StreamApps.of(":weir.dead-letters > sink").apps()).containsExactly(new App("sink", "sink", "sink"));
        assertThat(StreamApps.of("http > :topic").apps()).containsExactly(new App("source", "http", "http"));
        assertThat(StreamApps.of(":a.b > one | two > :c").apps())
                .containsExactly(new App("processor", "one", "one"), new App("processor", "two", "two"));
    }

    @Test
    void aLabelStandsForItsApp() {
        assertThat(StreamApps.of("http | first: filter --x=1 | second:filter | log")
                        .apps())
                .extracting(App::label, App::name)
                .containsExactly(
                        tuple("http", "http"),
                        tuple("first", "filter"),
                        tuple("second", "filter"),
                        tuple("log", "log"));
    }

    @Test
    void appsSideBySideAreOfTypeApp() {
        assertThat(StreamApps.of("one || two --x=1").apps())
                .containsExactly(new App("app", "one", "one"), new App("app", "two", "two"));
    }

    @ParameterizedTest
    @CsvSource({
        "file:///a/source-http-0.1.0.jar, 0.1.0",
        "file:/a-1/source-http-0.1.0.h12ab.jar, 0.1.0.h12ab",
        "https://host/x/sink-2.0.0-SNAPSHOT.jar, 2.0.0-SNAPSHOT",
        "maven://io.weir:weir-source-http:0.1.0, 0.1.0",
        "docker:weir/source-http:0.1.0, 0.1.0",
        "docker:registry:5000/weir/source-http:0.1.0, 0.1.0",
        "docker:weir/source-http, latest"
    })
    void theVersionIsReadFromTheAddress(String address, String version) {
        assertThat(AppsFile.version(address)).isEqualTo(version);
    }

    @Test
    void anAddressWithoutVersionIsRefused() {
        assertThatThrownBy(() -> AppsFile.version("file:/a/source.jar")).hasMessageContaining("names no version");
    }

    @Test
    void theScriptIsStrongerThanThePlatformAndANameStrongerThanAStar() {
        PlatformProperties platform = new PlatformProperties(
                Map.of("*.app.a.x", "any", "*.app.a.y", "any", "events.app.a.y", "events", "other.app.a.z", "other"));

        assertThat(platform.forStream("events", Map.of("app.a.w", "script")))
                .isEqualTo(Map.of("app.a.x", "any", "app.a.y", "events", "app.a.w", "script"));
        assertThat(platform.forStream("events", Map.of("app.a.y", "script"))).containsEntry("app.a.y", "script");
    }
}
