package io.weir.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.metadata.alert.Alert;
import io.weir.metadata.alert.Evaluation;
import io.weir.metadata.alert.Evaluation.Sample;
import io.weir.metadata.alert.StateMachine;
import io.weir.metadata.label.Labels;
import io.weir.metadata.rule.Baseline;
import io.weir.metadata.rule.Condition.Anomaly;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Query.Measure;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which values an anomaly rule with the default sensitivity takes for unusual where a series hardly moves. */
class AnomalyTest {

    @ParameterizedTest
    @CsvSource({
        "COUNT, 1, false",
        "COUNT, 10, false",
        "COUNT, 11, true",
        "ERRORS, 1, false",
        "ERRORS, 11, true",
        "DISTINCT_USERS, 1, false",
        "DISTINCT_USERS, 11, true",
        "BYTES, 1000000, false",
        "BYTES, 1000001, true",
        "ERROR_RATE, 0.1, false",
        "ERROR_RATE, 0.11, true",
        "LATENCY_MAXIMUM, 10, false",
        "LATENCY_MAXIMUM, 11, true"
    })
    void whereZeroIsUsualAFewEventsAreNotUnusualAndManyAre(Measure measure, double value, boolean unusual) {
        assertThat(fires(measure, Anomaly.DEFAULT, always(0), value)).isEqualTo(unusual);
    }

    @ParameterizedTest
    @CsvSource({
        "COUNT, 2, 3, false",
        "COUNT, 2, 0, false",
        "COUNT, 20, 0, true",
        "COUNT, 1000, 1200, false",
        "COUNT, 1000, 1201, true",
        "LATENCY_AVERAGE, 2, 2.5, false",
        "LATENCY_AVERAGE, 2, 13, true",
        "MEASUREMENT_AVERAGE, 21.5, 21.6, false",
        "MEASUREMENT_AVERAGE, 21.5, 26, true"
    })
    void whatNeverChangesMayChangeALittle(Measure measure, double usual, double value, boolean unusual) {
        assertThat(fires(measure, Anomaly.DEFAULT, always(usual), value)).isEqualTo(unusual);
    }

    @ParameterizedTest
    @CsvSource({"0, 1000, false", "0.5, 5, false", "0.5, 5.1, true"})
    void aMeasurementThatIsAlwaysZeroIsJudgedOnlyByAFloorOfTheRule(double floor, double value, boolean unusual) {
        assertThat(fires(Measure.MEASUREMENT_SUM, floor(floor), always(0), value))
                .isEqualTo(unusual);
    }

    @ParameterizedTest
    @CsvSource({"0.1, 2, true", "0.1, 1, false", "5, 50, false", "5, 51, true"})
    void aFloorOfTheRuleTakesThePlaceOfTheMeasures(double floor, double value, boolean unusual) {
        assertThat(fires(Measure.COUNT, floor(floor), always(0), value)).isEqualTo(unusual);
    }

    private static Anomaly floor(double floor) {
        Anomaly usual = Anomaly.DEFAULT;
        return new Anomaly(usual.sensitivity(), usual.relativeFloor(), floor, usual.weeks(), usual.samples(), null);
    }

    private static Baseline always(double value) {
        return Baseline.of(DoubleStream.generate(() -> value).limit(48).toArray());
    }

    private static boolean fires(Measure measure, Anomaly anomaly, Baseline usual, double value) {
        Query query = new Query(
                measure,
                measure.ofMeasurement() ? "temperature" : null,
                null,
                List.of(),
                List.of(),
                Duration.ofMinutes(5));
        Rule rule = Rule.of("acme", "unusual", Severity.WARNING, query, anomaly);
        Evaluation evaluation = new Evaluation(
                rule.id(),
                Instant.parse("2026-01-02T10:00:00Z"),
                List.of(new Sample(Labels.NONE, value, Double.NaN, usual)),
                null);
        return StateMachine.step(rule, List.of(), evaluation).alerts().stream().anyMatch(Alert::isFiring);
    }
}
