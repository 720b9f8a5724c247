package io.weir.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlanTest {

    @Test
    void hoursAreGatheredByDayAndSurviveAsText() {
        Plan plan = Plan.of(List.of(
                Instant.parse("2026-11-02T00:00:00Z"),
                Instant.parse("2026-11-01T23:00:00Z"),
                Instant.parse("2026-11-01T02:00:00Z"),
                Instant.parse("2026-11-01T02:00:00Z")));
        assertThat(plan.days())
                .isEqualTo(Map.of(LocalDate.of(2026, 11, 1), List.of(2, 23), LocalDate.of(2026, 11, 2), List.of(0)));
        assertThat(plan.hourCount()).isEqualTo(3);
        assertThat(Plan.parse(plan.toString())).isEqualTo(plan);
        assertThat(Plan.parse(Plan.of(List.of()).toString()).days()).isEmpty();
    }

    @Test
    void aRangeIsOfWholeHours() {
        assertThat(HourRange.of("2026-11-01T03:10:00+01:00", "2026-11-02"))
                .isEqualTo(new HourRange(Instant.parse("2026-11-01T02:00:00Z"), Instant.parse("2026-11-02T00:00:00Z")));
        assertThat(HourRange.of("", "2026-11-01T03:00:01Z").to()).isEqualTo(Instant.parse("2026-11-01T04:00:00Z"));
        assertThat(HourRange.of("", "2026-11-01T03:00:00Z").to()).isEqualTo(Instant.parse("2026-11-01T03:00:00Z"));
    }

    @Test
    void aRangeThatMakesNoSenseIsRefusedByName() {
        assertThatThrownBy(() -> HourRange.of("2026-11-02", "2026-11-01")).hasMessageContaining("weir.rollup.from");
        assertThatThrownBy(() -> HourRange.of("", "noon")).hasMessageContaining("weir.rollup.to is noon");
        assertThatThrownBy(() -> HourRange.of("1969-12-31", "")).hasMessageContaining("1970 to 2105");
    }
}
