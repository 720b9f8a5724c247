package io.weir.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TaskCommandsTest {

    private static final List<Tasks.Step> SHOWN = List.of(
            new Tasks.Step("plan", "COMPLETED", 48, 0, 0),
            new Tasks.Step("hours:20261122", "COMPLETED", 2, 2, 0),
            new Tasks.Step("all-time:2026", "FAILED", 1, 0, 0));

    @Test
    void theEndOfARunDoesNotRepeatTheStepsThatWereShown() {
        assertThat(TaskCommands.ending(
                        "rollup-hourly COMPLETED after 4.8 s; plan COMPLETED (read 48, written 0, skipped 0);"
                                + " hours:20261122 COMPLETED (read 2, written 2, skipped 0)",
                        SHOWN))
                .isEqualTo("rollup-hourly COMPLETED after 4.8 s");
    }

    @Test
    void whatWentWrongIsSaid() {
        assertThat(TaskCommands.ending(
                        "rollup-hourly FAILED after 4.8 s;"
                                + " all-time:2026 FAILED (read 1, written 0, skipped 0): ClickHouse is away; ask later;"
                                + " plan COMPLETED (read 48, written 0, skipped 0)",
                        SHOWN))
                .isEqualTo("""
                        rollup-hourly FAILED after 4.8 s;
                          all-time:2026 FAILED (read 1, written 0, skipped 0): ClickHouse is away;
                          ask later""");
    }
}
