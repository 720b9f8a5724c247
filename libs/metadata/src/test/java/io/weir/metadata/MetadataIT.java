package io.weir.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.weir.metadata.ingest.IngestReceipts;
import io.weir.metadata.ingest.IngestReceipts.Receipt;
import io.weir.metadata.ingest.IngestUsage;
import io.weir.metadata.key.ApiKeyExistsException;
import io.weir.metadata.key.ApiKeyTerms;
import io.weir.metadata.key.ApiKeys;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcOperations;

class MetadataIT {

    @RegisterExtension
    static final MetadataContext METADATA = new MetadataContext();

    private final ApiKeys keys = METADATA.bean(ApiKeys.class);
    private final IngestReceipts receipts = METADATA.bean(IngestReceipts.class);
    private final IngestUsage usage = METADATA.bean(IngestUsage.class);

    @Test
    void aCreatedKeyIsFoundByItsHashAndStoredNowhere() {
        String key = keys.create("acme", "web", ApiKeyTerms.UNLIMITED);

        assertThat(key).startsWith("weir_").hasSize(48);
        assertThat(keys.find(ApiKeys.hash(key))).hasValueSatisfying(found -> {
            assertThat(found.tenant()).isEqualTo("acme");
            assertThat(found.isActive(Instant.now())).isTrue();
        });
        assertThat(keys.find(ApiKeys.hash(key + "x"))).isEmpty();
        String everything = METADATA.bean(JdbcOperations.class)
                .queryForObject("select string_agg(k::text, ' ') from api_key k", String.class);
        assertThat(everything).doesNotContain(key.substring(10));
    }

    @Test
    void aNameIsFreeAgainOnceItsKeyIsRevoked() {
        String first = keys.create("acme", "logs", ApiKeyTerms.UNLIMITED);
        assertThatExceptionOfType(ApiKeyExistsException.class)
                .isThrownBy(() -> keys.create("acme", "logs", ApiKeyTerms.UNLIMITED))
                .withMessageContaining("'logs'");

        assertThat(keys.revoke("acme", "logs")).isTrue();
        assertThat(keys.revoke("acme", "logs")).isFalse();
        String second = keys.create("acme", "logs", ApiKeyTerms.UNLIMITED);

        assertThat(keys.find(ApiKeys.hash(first)).orElseThrow().isActive(Instant.now()))
                .isFalse();
        assertThat(keys.find(ApiKeys.hash(second)).orElseThrow().isActive(Instant.now()))
                .isTrue();
    }

    @Test
    void aKeyOutsideTheRulesIsRefusedWithTheNameOfWhatIsWrong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.create("Acme Inc", "web", ApiKeyTerms.UNLIMITED))
                .withMessageContaining("tenant 'Acme Inc'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.create("acme", "", ApiKeyTerms.UNLIMITED))
                .withMessageContaining("name ''");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ApiKeyTerms(List.of("10.0.0.0/40"), null, null, null, null, null))
                .withMessageContaining("10.0.0.0/40");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ApiKeyTerms(List.of(), 0L, null, null, null, null))
                .withMessageContaining("events-per-second is 0");
    }

    @Test
    void theFirstReceptionIsRememberedForEveryRetry() {
        Instant first = Instant.parse("2026-01-01T00:00:00.123Z");
        Instant later = first.plusSeconds(5);
        byte[] a = ApiKeys.hash("a");
        byte[] b = ApiKeys.hash("b");

        assertThat(receipts.firstReceived(List.of(new Receipt("acme", a, first))))
                .containsExactly(first);
        assertThat(receipts.firstReceived(List.of(
                        new Receipt("acme", b, later),
                        new Receipt("acme", a, later),
                        new Receipt("other", a, later),
                        new Receipt("acme", a, later))))
                .containsExactly(later, first, later, first);
    }

    @Test
    void manyProcessesThatAskAtOnceGetOneAnswer() throws Exception {
        var pool = Executors.newFixedThreadPool(8);
        List<Callable<List<Instant>>> calls = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            Instant received = Instant.ofEpochMilli(1_800_000_000_000L + i);
            List<Receipt> batch = new ArrayList<>();
            for (int k = 0; k < 20; k++) {
                batch.add(new Receipt("racing", ApiKeys.hash("key-" + (k * 7 + i) % 20), received));
            }
            calls.add(() -> receipts.firstReceived(batch));
        }
        for (Future<List<Instant>> result : pool.invokeAll(calls)) {
            assertThat(result.get()).hasSize(20).doesNotContainNull();
        }
        pool.shutdown();
        assertThat(METADATA.bean(JdbcOperations.class)
                        .queryForObject("select count(*) from ingest_receipt where tenant = 'racing'", Long.class))
                .isEqualTo(20);
    }

    @Test
    void anOldReceptionIsForgotten() {
        Instant old = Instant.now().minus(Duration.ofHours(30));
        receipts.firstReceived(List.of(new Receipt("forgetful", ApiKeys.hash("x"), old)));

        assertThat(receipts.forget(Duration.ofHours(24), Instant.now())).isPositive();

        Instant now = Instant.parse("2026-03-01T00:00:00Z");
        assertThat(receipts.firstReceived(List.of(new Receipt("forgetful", ApiKeys.hash("x"), now))))
                .containsExactly(now);
    }

    @Test
    void usageAddsUpByKeyAndDay() {
        keys.create("acme", "usage", ApiKeyTerms.UNLIMITED);
        UUID id = keys.list().stream()
                .filter(key -> key.name().equals("usage"))
                .findFirst()
                .orElseThrow()
                .id();
        LocalDate day = LocalDate.of(2026, 1, 1);

        assertThat(usage.add(id, day, 0, 0)).isEqualTo(new IngestUsage.Total(0, 0));
        usage.add(id, day, 10, 1000);
        assertThat(usage.add(id, day, 5, 500)).isEqualTo(new IngestUsage.Total(15, 1500));
        assertThat(usage.add(id, day.plusDays(1), 1, 1)).isEqualTo(new IngestUsage.Total(1, 1));
    }
}
