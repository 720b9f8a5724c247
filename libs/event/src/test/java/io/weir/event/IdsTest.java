package io.weir.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class IdsTest {

    @Test
    void anIdIsAUuidOfVersion7OfNow() {
        long before = System.currentTimeMillis();
        String text = Ids.uuid7();
        UUID id = UUID.fromString(text);
        assertThat(id).hasToString(text);
        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        // The other tests may have borrowed from the milliseconds to come.
        assertThat(id.getMostSignificantBits() >>> 16).isBetween(before, System.currentTimeMillis() + 60_000);
    }

    @Test
    void idsAreWrittenWhereTheyAreWanted() {
        byte[] line = "id=____________________________________;".getBytes(StandardCharsets.US_ASCII);
        Ids.uuid7(line, 3);
        assertThat(new String(line, StandardCharsets.US_ASCII))
                .matches("id=[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12};");
    }

    @Test
    void idsOfOneThreadAscendAlsoBeyondWhatTheCounterHoldsInAMillisecond() {
        String last = Ids.uuid7();
        for (int i = 0; i < 200_000; i++) {
            String next = Ids.uuid7();
            assertThat(next.compareTo(last)).isPositive();
            last = next;
        }
    }

    @Test
    void idsOfManyThreadsAreUniqueAndAscendInEach() throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<List<String>>> runs = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                runs.add(threads.submit(() -> {
                    List<String> ids = new ArrayList<>();
                    for (int i = 0; i < 20_000; i++) {
                        ids.add(Ids.uuid7());
                    }
                    return ids;
                }));
            }
            Set<String> all = new HashSet<>();
            for (Future<List<String>> run : runs) {
                List<String> ids = run.get();
                List<String> sorted = new ArrayList<>(ids);
                Collections.sort(sorted);
                assertThat(ids).isEqualTo(sorted);
                all.addAll(ids);
            }
            assertThat(all).hasSize(160_000);
        } finally {
            threads.shutdownNow();
        }
    }
}
