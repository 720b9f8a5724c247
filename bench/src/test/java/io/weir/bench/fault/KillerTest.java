package io.weir.bench.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.bench.platform.Platform;
import org.junit.jupiter.api.Test;

class KillerTest {

    @Test
    void everyKindOfVictimIsToldFromTheOthersByItsName() {
        assertThat(victims("clickhouse")).containsExactly(Killer.Victim.CLICKHOUSE);
        assertThat(victims("kafka")).containsExactly(Killer.Victim.KAFKA);
        assertThat(victims("events.source-http")).containsExactly(Killer.Victim.SOURCE);
        assertThat(victims("events.processor-enrich")).containsExactly(Killer.Victim.PROCESSOR);
        assertThat(victims("events.sink-clickhouse")).containsExactly(Killer.Victim.SINK);
        assertThat(victims("dead-letters.sink-clickhouse")).containsExactly(Killer.Victim.SINK);
        assertThat(victims("postgresql")).isEmpty();
        assertThat(victims("skipper")).isEmpty();
    }

    private static java.util.List<Killer.Victim> victims(String name) {
        return java.util.Arrays.stream(Killer.Victim.values())
                .filter(victim -> victim.is(new Platform.Member(name, 1, 0)))
                .toList();
    }
}
