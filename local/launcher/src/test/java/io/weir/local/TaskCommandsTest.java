package io.weir.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TaskCommandsTest {

    @Test
    void theEndOfARunDoesNotRepeatTheStepsThatWereShown() {
        assertThat(TaskCommands.ending(
                        "rollup-hourly COMPLETED after 4.8 s; plan COMPLETED (read 48, written 0, skipped 0);"
                                + " all-time COMPLETED (read 1, written 0, skipped 0)"))
                .isEqualTo("rollup-hourly COMPLETED after 4.8 s");
    }

    @Test
    void whatWentWrongIsSaid() {
        assertThat(TaskCommands.ending("rollup-hourly FAILED after 4.8 s;"
                        + " hours FAILED (read 2, written 0, skipped 0): ClickHouse is away; ask later;"
                        + " plan COMPLETED (read 48, written 0, skipped 0)"))
                .isEqualTo("""
                        rollup-hourly FAILED after 4.8 s;
                          hours FAILED (read 2, written 0, skipped 0): ClickHouse is away;
                          ask later""");
    }
}
