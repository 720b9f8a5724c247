package io.weir.event;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EventLimitsTest {
    @Test
    void aLimitThatCannotBeIsRefusedByName() {
        assertThatThrownBy(() -> new EventLimits(1, 1, 1, 64, Duration.ZERO, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxDepth is 64; it must be 1 to 63");
        assertThatThrownBy(() -> new EventLimits(0, 1, 1, 1, Duration.ZERO, Duration.ZERO))
                .hasMessageContaining("maxEventBytes");
        assertThatThrownBy(() -> new EventLimits(1, -1, 1, 1, Duration.ZERO, Duration.ZERO))
                .hasMessageContaining("maxAttributes");
        assertThatThrownBy(() -> new EventLimits(1, 1, -1, 1, Duration.ZERO, Duration.ZERO))
                .hasMessageContaining("maxMeasurements");
        assertThatThrownBy(() -> new EventLimits(1, 1, 1, 1, Duration.ofMillis(-1), Duration.ZERO))
                .hasMessageContaining("maxAge");
        assertThatThrownBy(() -> new EventLimits(1, 1, 1, 1, Duration.ZERO, Duration.ofMillis(-1)))
                .hasMessageContaining("maxAhead");
    }
}
