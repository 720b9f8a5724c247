package io.weir.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlatformStatusTest {

    @TempDir
    private Path directory;

    @Test
    void whatKeepsItFromBeingReadyIsSaid() {
        PlatformStatus status = new PlatformStatus(
                List.of("kafka is down"),
                "ready",
                Map.of("console", "http://127.0.0.1:8080"),
                List.of(),
                List.of(new PlatformStatus.Running("kafka", -1, 2)));

        assertThat(status.toText()).isEqualTo("""
                not ready
                  ! kafka is down
                  console      http://127.0.0.1:8080
                  process kafka                        down       restarts 2
                """);
        assertThat(status.toJson()).contains("\"ready\":false", "\"missing\":[\"kafka is down\"]");
    }

    @Test
    void aPlatformThatIsStoppedSaysSo() {
        PlatformStatus status = PlatformStatus.of(new Home(directory));

        assertThat(status.toText()).isEqualTo("stopped\n");
        assertThat(status.toJson()).contains("\"missing\":[\"the platform is stopped\"]");
    }
}
