package io.weir.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class IdsTest {
    @Test
    void idsOfOneProcessAscendStrictly() {
        String last = Ids.uuid7();
        for (int i = 0; i < 100_000; i++) {
            String next = Ids.uuid7();
            assertThat(next.compareTo(last)).isPositive();
            last = next;
        }
    }

    @Test
    void anIdIsAnUuidOfVersion7OfNow() {
        long before = System.currentTimeMillis();
        UUID id = UUID.fromString(Ids.uuid7());
        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(id.getMostSignificantBits() >>> 16).isBetween(before, System.currentTimeMillis() + 1000);
    }
}
