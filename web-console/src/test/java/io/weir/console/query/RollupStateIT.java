package io.weir.console.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.console.access.Caller;
import io.weir.metadata.user.Role;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class RollupStateIT {

    private static final Instant HOUR = Instant.parse("2026-11-01T05:00:00Z");
    private static final Instant RUN = Instant.parse("2026-11-02T00:00:00Z");
    private static final ClickHouse.Wait WAIT = new ClickHouse.Wait(Duration.ofSeconds(30), () -> false);

    @Test
    void lateEventsOfOneTenantAreNothingToAnother() throws InterruptedException {
        Store store = new Store();
        store.insert(1, 100, List.of(HOUR), RUN.minusSeconds(60), 0);
        store.rollUpHours(List.of(HOUR), RUN, RUN);
        store.complete(RUN);
        RollupState before = state(store, "acme");

        store.query("INSERT INTO " + store.database
                + ".events (id, tenant, timestamp, received_at, type, source, ingested_at) VALUES"
                + " ('late', 'other', '2026-11-01 05:30:00', now(), 'log', 's', '2026-11-03 00:00:00')");

        assertThat(state(store, "acme").isDirty(HOUR)).isFalse();
        assertThat(state(store, "acme").signature()).isEqualTo(before.signature());
        assertThat(state(store, "other").isDirty(HOUR)).isTrue();
        assertThat(state(store, null).isDirty(HOUR)).isTrue();
    }

    private static RollupState state(Store store, String tenant) {
        Query query = new QueryReader(Clock.fixed(RUN, ZoneOffset.UTC))
                .read(
                        "{\"select\":[\"events\"],\"from\":\"2026-11-01\"}".getBytes(StandardCharsets.UTF_8),
                        new Caller("ada", Role.ANALYST, tenant))
                .query();
        return new RollupStates(store.clickHouse()).state(query, tenant, WAIT);
    }
}
