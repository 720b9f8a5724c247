package io.weir.processor.enrich.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.testing.KafkaServer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Kills and pauses, of the processor and of Kafka, under load. */
class EnrichFaultIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static KafkaServer kafka;

    @BeforeAll
    static void startKafka() {
        kafka = KafkaServer.fresh();
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
    }

    @Test
    void aKilledProcessorLosesNothingAndRepeatsNothing() {
        Topics topics = new Topics(kafka, 4);
        SteadyLoad load = new SteadyLoad(topics);
        try (load) {
            for (int kill = 0; kill < 4; kill++) {
                int visible = topics.committed(topics.output).size();
                try (ProcessorProcess processor = ProcessorProcess.start(topics)) {
                    // In the middle of the work, whatever it is doing then.
                    await().atMost(PATIENCE)
                            .until(() -> topics.committed(topics.output).size() > visible);
                    assertThat(processor.isAlive()).isTrue();
                }
            }
        }
        try (ProcessorProcess processor = ProcessorProcess.start(topics)) {
            await().atMost(PATIENCE).until(() -> topics.lag() == 0);
        }

        Ingested.assertExactlyOnce(topics, load.written());
    }

    @Test
    void aTransactionThatKafkaGivesUpIsDoneAgain() {
        Topics topics = new Topics(kafka, 2);
        Map<String, String> options = Map.of(
                "spring.cloud.stream.kafka.binder.transaction.producer.configuration.transaction.timeout.ms", "1000",
                "spring.cloud.stream.kafka.binder.transaction.producer.configuration.max.block.ms", "5000");
        try (RunningProcessor processor = RunningProcessor.start(topics, options)) {
            SteadyLoad load = new SteadyLoad(topics);
            try (load) {
                await().atMost(PATIENCE)
                        .until(() -> !topics.committed(topics.output).isEmpty());
                for (int pause = 0; pause < 2; pause++) {
                    kafka.suspend();
                    await().atMost(PATIENCE).until(() -> processor.status("health/readiness") == 503);
                    kafka.resume();
                    await().atMost(PATIENCE).until(() -> processor.status("health/readiness") == 200);
                }
                kafka.kill();
                await().atMost(PATIENCE).until(() -> processor.status("health/readiness") == 503);
                assertThat(processor.status("health/liveness")).isEqualTo(200);
                kafka.start();
                await().atMost(PATIENCE).until(() -> processor.status("health/readiness") == 200);
            }
            await().atMost(PATIENCE).until(() -> topics.lag() == 0);

            Ingested.assertExactlyOnce(topics, load.written());
        }
    }
}
