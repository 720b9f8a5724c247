package io.weir.console.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.console.access.Caller;
import io.weir.metadata.user.Role;
import io.weir.warehouse.rollup.Grain;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RollupStateIT {

    private static final Instant HOUR = Instant.parse("2026-11-01T05:00:00Z");
    private static final Instant RUN = Instant.parse("2026-11-02T00:00:00Z");
    private static final ClickHouse.Wait WAIT = new ClickHouse.Wait(Duration.ofSeconds(30), () -> false);

    private static final Query QUERY = query("{\"select\":[\"events\"],\"from\":\"2026-11-01\"}");

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

    @Test
    void whatIsRememberedIsLookedAtAgainWhenItHasChanged() throws InterruptedException {
        Store store = new Store();
        store.insert(1, 100, List.of(HOUR), RUN.minusSeconds(60), 0);
        store.rollUpHours(List.of(HOUR), RUN, RUN);
        store.complete(RUN);
        RollupStates states = new RollupStates(store.clickHouse());
        assertThat(states.state(QUERY, "acme", WAIT).isDirty(HOUR)).isFalse();

        store.insert(2, 10, List.of(HOUR), RUN.plusSeconds(60), 0);
        assertThat(states.state(QUERY, "acme", WAIT).isDirty(HOUR)).isTrue();
        assertThat(states.remembered(QUERY, "acme").isDirty(HOUR)).isTrue();

        Instant next = RUN.plusSeconds(3600);
        store.rollUpHours(List.of(HOUR), next, next);
        store.complete(next);
        assertThat(states.state(QUERY, "acme", WAIT).isDirty(HOUR)).isFalse();
        assertThat(states.state(QUERY, "acme", WAIT).until()).isEqualTo(next);

        store.insert(3, 10, List.of(HOUR), next.plusSeconds(60), 0);
        store.purge(LocalDate.of(2026, 11, 1));
        RollupState purged = states.state(QUERY, "acme", WAIT);
        assertThat(purged.isDirty(HOUR)).isFalse();
        assertThat(purged.eventsAreGone(LocalDate.of(2026, 11, 1))).isTrue();
    }

    @Test
    void mergedPartsAndEventsOfOtherHoursChangeNothing() throws InterruptedException {
        Store store = new Store();
        store.insert(1, 100, List.of(HOUR), RUN.minusSeconds(60), 0);
        store.insert(2, 100, List.of(HOUR), RUN.minusSeconds(50), 0);
        store.rollUpHours(List.of(HOUR), RUN, RUN);
        store.complete(RUN);
        RollupStates states = new RollupStates(store.clickHouse());
        RollupState before = states.state(QUERY, "acme", WAIT);

        store.query("OPTIMIZE TABLE " + store.database + ".events FINAL");
        store.query("OPTIMIZE TABLE " + store.database + ".rollup_ledger FINAL");
        store.insert(3, 10, List.of(RUN.plusSeconds(3600)), RUN.plusSeconds(60), 0);

        assertThat(states.state(QUERY, "acme", WAIT).isSameAs(before)).isTrue();
    }

    @Test
    void aWeekHoldsWhatItsDaysDoAndStandsAloneWithoutThem() throws InterruptedException {
        LocalDate monday = LocalDate.of(2026, 10, 26);
        LocalDate sunday = LocalDate.of(2026, 11, 1);
        Store store = new Store();
        store.insert(1, 100, List.of(HOUR), RUN.minusSeconds(60), 0);
        store.rollUpHours(List.of(HOUR), RUN, RUN);
        store.complete(RUN);
        RollupStates states = new RollupStates(store.clickHouse());
        assertThat(states.state(QUERY, null, WAIT).isFresh(Grain.SUMMARY, sunday))
                .isFalse();
        store.derive(Grain.DAY, List.of(sunday), RUN, RUN);
        store.derive(Grain.SUMMARY, List.of(sunday), RUN, RUN);
        assertThat(states.state(QUERY, null, WAIT).isFresh(Grain.SUMMARY, sunday))
                .isTrue();
        assertThat(states.state(QUERY, null, WAIT).isFresh(Grain.WEEK, monday)).isFalse();
        store.derive(Grain.WEEK, List.of(monday), RUN, RUN);
        assertThat(states.state(QUERY, null, WAIT).isFresh(Grain.WEEK, monday)).isTrue();

        store.query("INSERT INTO " + store.database + ".archive_manifest (table, partition, tenant, file, state, at)"
                + " VALUES ('rollup_day', '20261101', 'acme', 'f', 'dropped', now64(3))");

        RollupState ofAnother = states.state(QUERY, "other", WAIT);
        assertThat(ofAnother.isFresh(Grain.SUMMARY, sunday)).isTrue();
        for (String tenant : new String[] {"acme", null}) {
            RollupState state = states.state(QUERY, tenant, WAIT);
            assertThat(state.isFresh(Grain.DAY, sunday)).isFalse();
            assertThat(state.isFresh(Grain.SUMMARY, sunday)).isFalse();
            assertThat(state.isFresh(Grain.WEEK, monday)).isTrue();
        }

        // Of a day that is left there is something newer than the week, which stays as it was.
        store.derive(Grain.DAY, List.of(monday), RUN.plusSeconds(1), RUN.plusSeconds(1));
        store.derive(Grain.SUMMARY, List.of(monday), RUN.plusSeconds(1), RUN.plusSeconds(1));
        assertThat(states.state(QUERY, null, WAIT).isFresh(Grain.WEEK, monday)).isFalse();
    }

    @Test
    void aMonthIsTakenWhereItsDaysHaveGoneAndWeeksWouldLeaveSomeOut() throws InterruptedException {
        List<Instant> hours = List.of(Instant.parse("2025-09-03T05:00:00Z"), Instant.parse("2025-09-30T05:00:00Z"));
        List<LocalDate> days = List.of(LocalDate.of(2025, 9, 3), LocalDate.of(2025, 9, 30));
        Store store = new Store();
        store.insert(1, 100, hours, RUN.minusSeconds(60), 0);
        store.rollUpHours(hours, RUN, RUN);
        store.derive(Grain.DAY, days, RUN, RUN);
        store.derive(Grain.SUMMARY, days, RUN, RUN);
        store.derive(Grain.WEEK, List.of(LocalDate.of(2025, 9, 1), LocalDate.of(2025, 9, 29)), RUN, RUN);
        store.derive(Grain.YEAR, List.of(LocalDate.of(2025, 9, 1)), RUN, RUN);
        store.complete(RUN);
        Query september = query("{\"select\":[\"events\"],\"from\":\"2025-09-01\",\"to\":\"2025-10-01\"}");
        RollupStates states = new RollupStates(store.clickHouse());
        assertThat(Planner.plan(september, null, states.state(september, null, WAIT))
                        .tables())
                .contains("endpoint_week", "endpoint_day");

        for (String table : List.of("events", "rollup_hour", "rollup_day")) {
            store.query("INSERT INTO " + store.database + ".archive_manifest (table, partition, file, state, at)"
                    + " VALUES ('" + table + "', '20250903', 'f', 'dropped', now64(3)), ('" + table
                    + "', '20250930', 'f', 'dropped', now64(3))");
        }

        Plan plan = Planner.plan(september, null, states.state(september, null, WAIT));
        assertThat(plan.incomplete()).isEmpty();
        assertThat(plan.tables()).containsExactly("rollup_year");
    }

    @Test
    void anInstallationWithoutSummariesIsAskedForNone() throws InterruptedException {
        Store store = new Store();
        store.insert(1, 100, List.of(HOUR), RUN.minusSeconds(60), 0);
        store.rollUpHours(List.of(HOUR), RUN, RUN);
        store.derive(Grain.DAY, List.of(LocalDate.of(2026, 11, 1)), RUN, RUN);
        store.complete(RUN);
        Query month = query("{\"select\":[\"events\"],\"from\":\"2026-10-03\",\"to\":\"2026-11-02\"}");

        assertThat(Planner.plan(month, null, new RollupStates(store.clickHouse()).state(month, null, WAIT))
                        .tables())
                .doesNotContain("endpoint_week", "endpoint_day");
    }

    private static RollupState state(Store store, @Nullable String tenant) {
        return new RollupStates(store.clickHouse()).state(QUERY, tenant, WAIT);
    }

    private static Query query(String json) {
        return new QueryReader(Clock.fixed(RUN.plusSeconds(86_400), ZoneOffset.UTC))
                .read(json.getBytes(StandardCharsets.UTF_8), new Caller("ada", Role.ANALYST, null))
                .query();
    }
}
