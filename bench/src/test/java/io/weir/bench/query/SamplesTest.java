package io.weir.bench.query;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplesTest {

    @Test
    void aPercentileIsTheLeastSampleThatSoManyDoNotExceed() {
        Samples samples = new Samples();
        for (int ms = 200; ms > 0; ms--) {
            samples.add(ms * 1_000_000L);
        }
        assertThat(samples.percentile(50)).isEqualTo(100);
        assertThat(samples.percentile(95)).isEqualTo(190);
        assertThat(samples.percentile(100)).isEqualTo(200);
    }

    @Test
    void ofOneSampleEveryPercentileIsThat() {
        Samples samples = new Samples();
        samples.add(1_500_000);
        assertThat(samples.percentile(50)).isEqualTo(1.5);
        assertThat(samples.percentile(95)).isEqualTo(1.5);
    }

    @Test
    void ofNoneThereIsNoNumber() {
        assertThat(new Samples().percentile(50)).isNaN();
    }
}
