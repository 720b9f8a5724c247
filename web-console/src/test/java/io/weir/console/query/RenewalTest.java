package io.weir.console.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

class RenewalTest {

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final AtomicInteger asked = new AtomicInteger();
    private BooleanSupplier answer = () -> true;
    private final Renewal renewal = new Renewal(
            Duration.ofSeconds(15),
            () -> {
                asked.incrementAndGet();
                return answer.getAsBoolean();
            },
            nanos::get);

    @Test
    void itIsRenewedEachTimeAThirdOfTheLeaseHasPassed() {
        for (int second = 0; second < 30; second++) {
            assertThat(renewal.isLost()).isFalse();
            assertThat(asked).hasValue(second / 5);
            pass(1);
        }
        answer = () -> false;
        assertThat(renewal.isLost()).isTrue();
    }

    @Test
    void whatCannotBeRenewedIsKeptUntilTheLeaseIsOver() {
        answer = this::isAway;
        pass(14);
        assertThat(renewal.isLost()).isFalse();
        answer = () -> true;
        pass(1);
        assertThat(renewal.isLost()).isFalse();

        answer = this::isAway;
        pass(14);
        assertThat(renewal.isLost()).isFalse();
        pass(1);
        assertThatExceptionOfType(DataAccessResourceFailureException.class).isThrownBy(renewal::isLost);
    }

    private boolean isAway() {
        throw new DataAccessResourceFailureException("away");
    }

    private void pass(int seconds) {
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }
}
