package io.weir.task;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The moment at which all of a run is recorded and the process may end. */
final class ProcessEnd {

    private final CountDownLatch recorded = new CountDownLatch(1);

    void reached() {
        recorded.countDown();
    }

    boolean await(Duration patience) throws InterruptedException {
        return recorded.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
}
