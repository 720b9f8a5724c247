package io.weir.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {

    @Test
    void quantilesAreWithinOnePercentOfTheExactOnes() {
        Random random = new Random(1);
        LatencyHistogram histogram = new LatencyHistogram();
        double[] exact = new double[100_000];
        for (int i = 0; i < exact.length; i++) {
            exact[i] = Math.exp(random.nextGaussian() * 3);
            histogram.record((long) (exact[i] * 1e6));
        }
        Arrays.sort(exact);
        for (double share : new double[] {0.01, 0.1, 0.5, 0.9, 0.99, 0.999}) {
            double wanted = exact[(int) Math.ceil(share * exact.length) - 1];
            assertThat(histogram.quantileMillis(share)).isCloseTo(wanted, within(wanted * 0.01 + 0.001));
        }
        assertThat(histogram.maxMillis()).isCloseTo(exact[exact.length - 1], within(0.001));
        assertThat(histogram.quantileMillis(1)).isEqualTo(histogram.maxMillis());
    }

    @Test
    void anEmptyOneHasQuantilesOfZero() {
        assertThat(new LatencyHistogram().quantileMillis(0.99)).isZero();
    }
}
